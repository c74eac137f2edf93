"""Section 5 of the contract: states, risk and action of a name, and its drop window.

Nothing here looks like the program: the sentences of the contract as `if`, in their order.
"""

from dataclasses import dataclass, field, replace

import clock
from evidence import decides_from, look_into_rdap
from signs import day, read_signs
from servers import parking
from zones import look_into_zone

REPLACED = {"hold", "undelegated", "absent", "expiring", "active", "unknown"}
WINDOWED = {"pending_delete", "redemption", "absent", "grace", "hold", "expiring"}
FALLING = {"grace", "redemption", "pending_delete", "available"}


@dataclass(slots=True)
class Verdict:
    state: str
    risk: str
    action: str
    zone: object = None
    rdap: object = None
    drop: tuple = (None, None)
    reasons: set = field(default_factory=set)
    hijackable: list = field(default_factory=list)
    mail_causes: list = field(default_factory=list)
    raised: bool = False

    def copy(self):
        return replace(self, reasons=set(self.reasons))


# ---------------------------------------------------------------- the table of states


def judge(domain, options):
    zone, rdap = look_into_zone(domain, options), look_into_rdap(domain, options)
    signs = read_signs(domain, zone, rdap, options)
    if signs.conflict and rdap.listed is not None and zone.day > decides_from(rdap.main) + 1:  # the list says nothing
        rdap = look_into_rdap(domain, options, with_lists=False)
        signs = read_signs(domain, zone, rdap, options)
        signs.conflict = True
    if zone.only_below:
        verdict = Verdict("unknown", "unknown", "review" if rdap.split else "lookup")  # an answer for the upper name decides nothing
    else:
        verdict = Verdict(*state_of(domain, zone, rdap, signs, options))
    verdict.zone, verdict.rdap = zone, rdap
    verdict.reasons = reasons(zone, rdap, signs)
    if not zone.only_below:
        verdict.drop = drop_window(domain, verdict, signs, options)
    return verdict


def reasons(zone, rdap, signs):
    """Those that the contract names."""
    given = set()
    if signs.conflict or rdap.contradicted:
        given.add("evidence.conflict")
    if rdap.not_the_registry:
        given.add("rdap.not_the_registry")
    if rdap.unverified:
        given.add("rdap.unverified_source")
    if rdap.unknown_status and not zone.only_below:
        given.add("rdap.unknown_status")
    if signs.reserved and not zone.only_below:
        given.add("rdap.reserved")
    if zone.only_below:
        given.add("name.only_names_below")
    return given


def state_of(domain, zone, rdap, signs, options):
    line, has = domain.line, signs.statuses.__contains__
    as_of = options.as_of
    pending, redeemable = has("pendingdelete"), has("redemptionperiod")
    restoring = has("pendingrestore")
    words_mean_out = "restorable" in signs.phases
    began = first_sign(zone, rdap, signs)
    if began is not None and zone.last is not None:  # it was in service until then
        began = max(began, zone.last + 1)
    by_clock = clock.is_past_restoring(line, as_of, expiry_for_restoring(signs, line, zone.last, as_of), began)
    knows_clock = signs.has_day or zone.last is not None

    if rdap.split and not signs.absent and not (signs.present and zone.day > rdap.main.fetched + 1):
        return "unknown", "unknown", "review"
    if signs.reserved:  # the registry's own word, and no zone is newer by more than a day
        return "not_registrable", "low", "notify"
    if signs.deleted:  # by a list that no sign of life is newer than
        return ("available", "high", "review") if signs.conflict else ("available", "critical", "unverify")
    if signs.falls_on is not None:
        days = rdap.listed.final_days
        is_near = days is not None and day(signs.falls_on) - as_of <= days
        return ("pending_delete", "critical", "unverify") if is_near else ("redemption", "high", "unverify")

    # pending_delete
    is_final = line.is_final(signs.statuses)
    if is_final:
        return "pending_delete", "critical", "unverify"
    if "final" in signs.phases and not restoring:
        return "pending_delete", "critical", "unverify"
    past_and_out = signs.past and (signs.out or words_mean_out)
    restorable_status = (redeemable or pending) and not restoring
    if redeemable or words_mean_out:  # restorable on the day it was seen
        by_clock = line.restore_to is not None and as_of > day(rdap.main.fetched) + line.restore_to
    elif not (line.renews == "holder" or pending):
        by_clock = False
    if by_clock and not restoring:
        if (signs.was_past and signs.out) or past_and_out or restorable_status or words_mean_out:
            return "pending_delete", "critical", "unverify"
    offered = "available" in signs.phases  # deleted, in the registry's own word
    if offered:
        return ("available", "critical", "unverify") if signs.absent else ("available", "high", "review")
    # redemption
    if restorable_status:
        if pending and not redeemable and not knows_clock:
            return "redemption", "high", "review"
        return "redemption", "high", "unverify"
    if (past_and_out or words_mean_out) and not restoring:
        if line.renews == "holder" or words_mean_out:  # elsewhere a deletion is the registrar's act, and shown
            return "redemption", "high", "unverify"
    if signs.not_found and signs.absent:
        return "available", "critical", "unverify"
    if signs.not_found:
        return "available", "high", "review"
    # grace
    further = has("clienthold") or signs.absent or parking(zone.servers) == "expiry"
    if restoring or signs.past or (has("autorenewperiod") and further):
        is_out = signs.absent or signs.on_hold or "out" in signs.phases or (has("inactive") and not signs.present and signs.out)
        return ("grace", "high", "unverify") if is_out else ("grace", "medium", "notify")
    if signs.on_hold:
        return "hold", "medium", "notify"
    told_out = has("inactive") or "out" in signs.phases
    if (signs.registered and signs.absent) or (told_out and not signs.present):
        return "undelegated", "medium", "notify"
    if signs.absent and not signs.registered:
        return "absent", "critical" if is_long_out(line, zone) else "high", "lookup"
    if signs.near or signs.warned:
        return "expiring", "low", "notify"
    # active
    if signs.present:
        return "active", "none", "none"
    if rdap.unknown_status and rdap.listed is None:
        return "unknown", "unknown", "review"
    if signs.registered and not signs.overdue:
        return "active", "none", "none"
    return "unknown", "unknown", "lookup"


def expiry_for_restoring(signs, line, last, as_of):
    expiry = signs.paid_to
    if expiry is not None and last is not None and last > expiry + (line.out_to or 0):
        return None  # it was still in service later than the line has it
    return expiry if expiry is not None and expiry < as_of else None


def is_without_sign(rdap, signs):
    """Whether an answer was given after the name left the zone that shows no sign of it."""
    shown = signs.on_hold or {"out", "restorable", "final", "available"} & signs.phases
    return signs.found and not shown and not {"inactive", "pendingdelete", "redemptionperiod"} & signs.statuses


def first_sign(zone, rdap, signs):
    """s1: the first day with a sign that it is out of service."""
    dropped = zone.dropped if signs.absent else None
    if is_without_sign(rdap, signs):
        return dropped if dropped is not None and day(rdap.main.fetched) < dropped else None
    shown = {"restorable", "final"} & signs.phases or {"pendingdelete", "redemptionperiod"} & signs.statuses
    shown = shown or ("inactive" in signs.statuses and signs.was_past)
    return clock.least(dropped, day(rdap.main.fetched) if signs.found and shown else None)  # a mere hold has no end


def is_long_out(line, zone):
    """"Critical once out for `gone_from` days", as far as they are proved."""
    if line.gone_from is None or zone.dropped is None:
        return False
    return zone.proved_to - zone.dropped + 1 >= line.gone_from


# ---------------------------------------------------------------- drop windows


def drop_window(domain, verdict, signs, options):
    """The narrowest window that the six rules allow; a wider one holds the true day as well."""
    line, zone, rdap, as_of = domain.line, verdict.zone, verdict.rdap, options.as_of
    state = verdict.state
    answered = day(rdap.main.fetched) if signs.found else None
    if state == "available" and signs.deleted and rdap.answered is not None and not rdap.answered.found:
        return None  # it may have been free since that answer
    if state == "available" and signs.deleted and rdap.listed.release is not None:
        return day(rdap.listed.release), day(rdap.listed.until or rdap.listed.release)
    if state == "available":
        return day(rdap.main.fetched), day(rdap.main.fetched)
    if signs.falls_on is not None:
        return day(signs.falls_on), day(signs.falls_on)  # the day of a list replaces every window
    if signs.found and rdap.listed is not None and is_ahead(rdap, options) and state in WINDOWED:
        return day(rdap.listed.release), day(rdap.listed.release)
    if "pendingrestore" in signs.statuses:
        return None  # the contract does not say where a failed restore goes back to
    if state not in WINDOWED:
        return None, None
    falls = state in ("pending_delete", "redemption", "absent")
    is_old = not signs.present and zone.last is not None and (answered is None or zone.last >= answered)
    falls = falls or is_old or (answered is None and not signs.present) or (state == "grace" and (signs.out or zone.dropped is not None))
    if not falls or is_merely_held(signs):
        seen = clock.greatest(answered, zone.last)
        last = zone.last if signs.out or line.cancel_from is not None else None
        return clock.window_in_service(line, seen + 1 if signs.out else seen, signs.expiry, last, signs.out, signs.overdue_expiry)
    last_service = zone.last
    if is_without_sign(rdap, signs):
        last_service = clock.greatest(last_service, answered)
    seen = None if state == "absent" else clock.greatest(answered, zone.day if signs.absent else None)
    if seen is not None and ("redemptionperiod" in signs.statuses or "restorable" in signs.phases):
        seen += max(0, (line.gone_from or 0) - (line.restore_to or line.gone_from or 0))  # nobody can have it for the last days
    proves = state in ("pending_delete", "redemption")
    expiry = signs.expiry if signs.expiry is not None and signs.expiry <= as_of else None
    expiry = signs.paid_to if expiry is None and signs.was_past else expiry  # all phases have followed since
    earliest, latest = clock.window_out_of_service(
        line, seen, expiry, last_service, first_sign(zone, rdap, signs), proves,
        signs.overdue_expiry if signs.expiry is None else signs.expiry
    )
    if line.is_final(signs.statuses) and None not in (line.gone_to, line.restore_to):
        latest = clock.least(latest, answered + line.gone_to - line.restore_to)
    return earliest, latest


def is_ahead(rdap, options):
    """Whether a register tells the release of a name whose term ends, and that release is not past."""
    entry = rdap.listed
    ends = entry.expires is None or entry.expires - options.as_of <= options.lead_days
    return entry.release is not None and entry.release >= options.as_of and ends


def is_merely_held(signs):
    """On hold, and with no sign of a deletion: registered on the day of the answer."""
    deleted = {"pendingdelete", "redemptionperiod"} & signs.statuses or {"restorable", "final"} & signs.phases
    return signs.on_hold and signs.found and not deleted and not signs.past and not signs.was_past

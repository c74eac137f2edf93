"""Section 5 of the contract: what the evidence about a name says, in the words of the table of states."""

from dataclasses import dataclass

from clock import a_year_earlier
from evidence import decides_from, is_deleted


def day(moment):
    return None if moment is None else int(moment // 1)


@dataclass(slots=True)
class Signs:
    """What the evidence says, in the words of the table of states."""

    present: bool
    absent: bool
    found: bool
    not_found: bool
    registered: bool
    conflict: bool
    statuses: frozenset
    phases: frozenset
    falls_on: float = None  # the moment of its release, by a list
    deleted: bool = False  # its registration has ended, by a list
    reserved: bool = False
    warned: bool = False  # a register says that it expires soon
    on_hold: bool = False
    out: bool = False  # out of service, by whatever tells it
    past: bool = False
    has_day: bool = False  # some expiration is known
    was_past: bool = False  # when the answer was given, for no longer than a phase lasts
    overdue: bool = False  # longer past than any phase lasts
    paid_to: int = None  # the registry's own, or else the registrar's
    overdue_expiry: int = None  # the day that is, where the clock has no other to count from
    near: bool = False
    expiry: int = None  # the day from which the clock counts


def read_signs(domain, zone, rdap, options):
    present, absent = zone.presence is True, zone.presence is False
    found, not_found, registered = rdap.found, rdap.not_found, rdap.registered
    statuses, phases = rdap.statuses, rdap.phases
    expires, registrar_expires = rdap.expires, rdap.registrar_expires
    line = domain.line
    restoring = "pendingrestore" in statuses
    falling = rdap.listed is not None and found and rdap.listed.kind == "will_drop"
    last_phases = falling or found and not restoring and bool(
        {"pendingdelete", "redemptionperiod"} & statuses or {"restorable", "final", "available"} & phases
    )
    if last_phases and not falling and stays_in_zone(line, statuses, phases):
        last_phases = False
    deleted = not_found and is_deleted(rdap.listed)
    conflict = present and (not_found or last_phases)
    told = None if rdap.main is None else rdap.main.fetched if rdap.listed is None else decides_from(rdap.main)
    if conflict and deleted and zone.day <= told:
        conflict = present = False  # the list is newer than the last sign of life
    if conflict and zone.day > told + 1:
        # A zone newer by more than one day: presence decides. What that answer said is over.
        found = not_found = registered = falling = deleted = False
        statuses = phases = frozenset()
        expires = None
        registrar_expires = None
    if not_found:
        registrar_expires = None
    signs = Signs(present, absent, found, not_found, registered, conflict, statuses, phases)
    signs.falls_on = rdap.listed.release if falling else None
    signs.deleted = deleted
    signs.warned = found and rdap.listed is not None and rdap.listed.word == "WARN"
    signs.reserved = not_found and rdap.reserved
    signs.on_hold = "clienthold" in statuses or "serverhold" in statuses
    inactive = "inactive" in statuses
    signs.out = absent or signs.on_hold or "out" in phases or (not present and inactive)
    read_days(signs, domain.line, day(expires), day(registrar_expires),
              day(rdap.main.fetched) if found else None, options)
    return signs


def stays_in_zone(line, statuses, phases):
    """"Not where the TLD's line says that such names stay in the zone": the status pending delete alone."""
    if "redemptionperiod" in statuses or {"restorable", "final", "available"} & phases:
        return False
    return line.pending_delete == "restorable" and (line.out_to or 0) > 0


def read_days(signs, line, expires, registrar_expires, fetched, options):
    as_of = options.as_of
    days, own = [d for d in (expires,) if d is not None], [d for d in (registrar_expires,) if d is not None]
    then = as_of if fetched is None else fetched

    def is_past(expiry, late):
        return as_of - expiry > late and 1 <= as_of - expiry <= line.longest_past

    past = any(is_past(expiry, line.late) for expiry in days)
    by_registrar = any(is_past(expiry, 0) for expiry in own)
    further = signs.out or bool({"pendingdelete", "redemptionperiod"} & signs.statuses or "restorable" in signs.phases)
    past_alone = past and line.past_day_says_nothing and not further
    signs.past = (past and not past_alone) or by_registrar or "expired" in signs.phases
    signs.overdue = any(as_of - expiry > line.longest_past for expiry in days + own)
    signs.was_past = any(1 <= then - e <= line.longest_past for e in days)
    signs.has_day = bool(days + own)
    signs.near = any(0 <= expiry - as_of <= options.lead_days for expiry in days + own)
    # The day from which the clock counts.
    counts = lambda e, on: e - as_of <= options.lead_days and on - e <= line.longest_past
    counting = [e for e in days + own if counts(e, as_of)]
    signs.expiry = min(counting, default=expires)
    before = [] if line.past_day_says_nothing else [e for e in days if counts(e, then)]
    counted = [e for e in days or own if counts(e, as_of)] or before
    signs.paid_to = min(counted, default=None)
    if not counting and signs.overdue:
        signs.overdue_expiry, signs.expiry = signs.expiry, None  # rule 4: no sign any more; yet an end of the window
    if expires is not None and expires > as_of and line.printed == "moves":
        moved = a_year_earlier(expires)
        if "autorenewperiod" in signs.statuses and as_of - moved > line.longest_past:
            if not counting:
                signs.overdue_expiry, signs.expiry = moved, None
        elif "autorenewperiod" in signs.statuses or (
            not counting and {"redemptionperiod", "pendingdelete"} & signs.statuses and 0 <= as_of - moved <= line.longest_past
        ):
            signs.expiry = moved if signs.expiry in (expires, None) else min(signs.expiry, moved)
            signs.overdue_expiry = None

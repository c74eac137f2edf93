"""Section 4 of the contract: what zones and RDAP answers say about a name.

Days are integers (since 1970-01-01), moments are floats of days.

* `Zone`: a covering zone as it was delivered on several days.
* `Answer`: one RDAP answer.
* `Domain`: a name that is judged: how each delivery holds it, and its answers.
"""

from dataclasses import dataclass, field

from clock import Line, UNKNOWN, plain
from readings import other, question

DELEGATED, BELOW, GLUE = "delegated", "below", "glue"  # how a delivery holds a name; None: not at all


@dataclass
class Options:
    as_of: int
    lead_days: int = 30
    max_zone_age: int = 3
    max_rdap_age: int = 30


@dataclass(eq=False)
class Delivery:
    """A zone file: its day, whether its closing SOA is there, whether it is a plain list, how many names it has."""

    day: int
    closed: bool = True
    listed: bool = False
    names: int = 0
    shrunk: bool = False

    @property
    def is_whole(self):
        """Whether it can prove absence on its day."""
        return self.closed and not self.listed and not self.shrunk


@dataclass(eq=False)
class Zone:
    origin: str
    deliveries: list  # by day
    is_doubtful: bool = False  # whether it is shrunk hangs on a name more or less

    def settle(self):
        """`shrunk`: names fell by more than 10 % against the last complete snapshot."""
        last = None
        for delivery in self.deliveries:
            if not delivery.closed or delivery.listed:
                continue
            delivery.shrunk = last is not None and delivery.names < last * 0.9
            if last is not None and abs(delivery.names - last * 0.9) <= 3:  # whether the apex is counted decides
                self.is_doubtful = True
            if not delivery.shrunk:
                last = delivery.names

    def coverage(self, delivery, options):
        if not delivery.closed:
            return "unclosed"
        if delivery.listed:
            return "list"
        if delivery.shrunk:
            return "shrunk"
        return "stale" if options.as_of - delivery.day > options.max_zone_age else "complete"


@dataclass(eq=False, slots=True)
class Answer:
    source: str  # a URL, or None
    fetched: float
    standing: str = "registry"  # registry, given (taken as it is), other, redirector
    found: bool = True  # else not found, with a 404
    error: bool = False
    reserved: bool = False
    statuses: tuple = ()  # as the server writes them
    registered: float = None
    expires: float = None
    registrar_expires: float = None
    reinstantiated: float = None
    reregistered: float = None
    registrar: bool = False
    listed: object = None  # a list's entry: true, or the day on which the name drops


@dataclass(eq=False, slots=True)
class Domain:
    name: str
    zone: Zone = None
    held: tuple = ()  # for each delivery: how
    servers: tuple = ()
    answers: list = field(default_factory=list)
    line: Line = UNKNOWN


# ---------------------------------------------------------------- zones


@dataclass(slots=True)
class ZoneSays:
    presence: bool = None
    day: int = None
    coverage: str = "none"
    servers: tuple = ()
    first: int = None
    last: int = None
    dropped: int = None
    proved_to: int = None  # last day of the absence that still lasts
    gaps: list = field(default_factory=list)  # (last sighting, first absence, last absence, next sighting)
    only_below: bool = False


def look_into_zone(domain, options):
    says = ZoneSays()
    zone = domain.zone
    if zone is None:
        return says
    deliveries, held = zone.deliveries, domain.held
    absence, known = None, False
    newest = None  # the newest delivery that holds it and that no later whole one voids
    complete = None
    for i, delivery in enumerate(deliveries):
        if held[i] == DELEGATED:
            if absence is not None:
                says.gaps.append((says.last, absence[0], absence[1], delivery.day))
                absence = None
            if not known and i > 0:  # names of the first snapshot have no first date
                says.first = delivery.day
            known, says.last, newest = True, delivery.day, i
        elif delivery.is_whole:
            newest = None
            if known:
                absence = (absence[0] if absence else delivery.day, delivery.day)
        if delivery.is_whole and options.as_of - delivery.day <= options.max_zone_age:
            complete = i
    if absence:
        says.dropped, says.proved_to = absence
    if newest is not None and counts(deliveries[newest].day, domain.line, options):
        says.presence, says.day, says.servers = True, deliveries[newest].day, domain.servers
        says.coverage = zone.coverage(deliveries[newest], options)
    elif complete is not None and held[complete] != DELEGATED:
        says.day, says.coverage = deliveries[complete].day, "complete"
        says.only_below = held[complete] == BELOW
        says.presence = None if says.only_below else False
    else:
        says.coverage, says.day = zone.coverage(deliveries[-1], options), deliveries[-1].day
    return says


def counts(day, line, options):
    """"Presence counts for as long as the name could not have been dropped since": `cancel_from`."""
    age = options.as_of - day
    if age <= options.max_zone_age:
        return True
    if line.cancel_from is not None:
        return age < line.cancel_from
    return line.gone_from is not None and age <= line.gone_from  # counted from the day it left the zone, the next at least


def is_long(gap, line):
    """Section 4, a long gap. L: `gone_from`, not below `restore_to`; unknown or under a week: as for gTLDs."""
    last, first_absent, last_absent, following = gap
    length = None if line.gone_from is None else max(line.gone_from, line.restore_to or 0)
    if length is None or length < 7:
        length = 35
    if following - last < length:
        return False
    if first_absent - last <= 7 and following - last_absent <= 7:
        return True
    return last_absent - first_absent + 1 >= length - 7  # both days count


# ---------------------------------------------------------------- RDAP


@dataclass(slots=True)
class RdapSays:
    main: Answer = None  # the answer that counts
    usable: bool = False
    found: bool = False
    not_found: bool = False
    reserved: bool = False
    registered: bool = False
    statuses: frozenset = frozenset()  # plain
    phases: frozenset = frozenset()  # of words of this registry
    unknown_status: bool = False
    expires: float = None
    registrar_expires: float = None
    counting: list = field(default_factory=list)  # newest per source, those that count
    not_the_registry: bool = False
    unverified: bool = False
    split: bool = False  # two sources without standing disagree


EPP = """add period, auto renew period, client delete prohibited, client hold, client renew prohibited,
client transfer prohibited, client update prohibited, pending delete, pending renew, pending restore,
pending transfer, pending update, redemption period, renew period, server delete prohibited, server hold,
server renew prohibited, server transfer prohibited, server update prohibited, transfer period, active, ok, inactive"""
RFC_9083 = """validated, renew prohibited, update prohibited, transfer prohibited, delete prohibited, proxy, private,
removed, obscured, associated, active, inactive, locked, pending create, linked, ok, administrative, reserved,
transfer hold"""
SIGNS = frozenset(plain(word) for word in EPP.split(","))
KNOWN = SIGNS | frozenset(plain(word) for word in RFC_9083.split(","))


def look_into_rdap(domain, options):
    says = RdapSays()
    as_of = options.as_of
    newest = {}
    for answer in domain.answers:
        if answer.fetched > as_of or answer.error:
            continue
        before = newest.get(answer.source)
        if before is None or answer.fetched > before.fetched:
            newest[answer.source] = answer
    says.counting = [a for a in newest.values() if a.standing in ("registry", "given")]
    others = [a for a in newest.values() if a.standing not in ("registry", "given")]
    says.not_the_registry = any(
        a.standing == "redirector" or not a.found or other("told_of_found_elsewhere") for a in others
    ) and not (says.counting and other("not_told_beside_registry"))
    fresh = lambda answer: as_of - answer.fetched <= options.max_rdap_age
    if says.counting:
        main = says.main = max(says.counting, key=lambda a: a.fetched)
        says.usable = fresh(main)
        says.unverified = main.standing == "given"
        says.split = main.standing == "given" and any(
            a.standing == "given" and abs(a.fetched - main.fetched) <= 1 and disagree(a, main, domain.line, as_of)
            for a in says.counting
        )
    if says.split:
        says.usable = False
    if says.usable:
        says.found, says.not_found = main.found, not main.found
        says.reserved = says.not_found and main.reserved
    if says.found:
        says.statuses = frozenset(map(plain, main.statuses))
        phases = {status: domain.line.phase_of(status) for status in says.statuses}
        says.phases = frozenset(filter(None, phases.values()))
        says.unknown_status = any(phase is None and status not in KNOWN for status, phase in phases.items())
        says.expires, says.registrar_expires = main.expires, main.registrar_expires
        says.registered = is_registered(main, says, as_of)
    if not says.split:  # any source adds a registrar's expiration
        for answer in sorted(newest.values(), key=lambda a: -a.fetched):
            if answer is not says.main and answer.found and answer.standing != "redirector" and fresh(answer) and says.registrar_expires is None:
                says.registrar_expires = answer.registrar_expires
    return says


def disagree(one, two, line, as_of):
    if one.found != two.found:
        return True
    if not one.found or not other("split_by_phase"):
        return False

    def phase(answer):
        words = {plain(status) for status in answer.statuses} & {
            "pendingdelete", "redemptionperiod", "clienthold", "serverhold", "inactive", "pendingrestore", "autorenewperiod"
        }
        days = [int(at // 1) < as_of for at in (answer.expires, answer.registrar_expires) if at is not None]
        return words, {line.phase_of(plain(status)) for status in answer.statuses}, any(days)

    return phase(one) != phase(two)


def is_registered(answer, says, as_of):
    """"Only with a sign of a registration"."""
    if answer.registered is not None or answer.registrar or says.phases & {"registered", "out", "expired"}:
        return True
    if answer.expires is not None and int(answer.expires // 1) >= as_of:
        return True
    return not SIGNS.isdisjoint(says.statuses)


question("told_of_found_elsewhere", "`rdap.not_the_registry` is for a 404 from elsewhere and for redirectors",
         "for any answer from elsewhere")
question("not_told_beside_registry", "`rdap.not_the_registry` stands beside an answer that counts, too",
         "only where no answer counts")
question("split_by_phase", "sources disagree when one found the name and the other did not",
         "also when one says that it is past, held or on its way out and the other does not")

"""Section 4 of the contract: what zones and RDAP answers say about a name.

Days are integers (since 1970-01-01), moments are floats of days.

* `Zone`: a covering zone as it was delivered on several days.
* `Answer`: one RDAP answer.
* `Domain`: a name that is judged: how each delivery holds it, and its answers.
"""

from dataclasses import dataclass, field

from clock import Line, UNKNOWN, plain

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
    listed: object = None  # the Entry of a list that this stands for


@dataclass(eq=False, slots=True)
class Entry:
    """What a row of a registry's list says, whatever its kind; times in days, None where it says none."""

    kind: str
    release: float = None
    final_days: float = None  # so many days before the release nobody can restore it
    registered: float = None
    expires: float = None
    ended: float = None
    is_out: bool = False  # not delegated
    word: str = ""


@dataclass(eq=False, slots=True)
class Domain:
    name: str
    zone: Zone = None
    held: tuple = ()  # for each delivery: how
    servers: tuple = ()
    answers: list = field(default_factory=list)
    line: Line = UNKNOWN
    editions: list = ()  # of lists that speak of names like this one, oldest first


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
    listed: Entry = None  # where a list decides
    ended: list = field(default_factory=list)  # moments at which registrations ended, by lists


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
    says.not_the_registry = any(
        a.standing == "redirector" or (a.standing == "other" and not a.found) for a in newest.values()
    )
    fresh = lambda answer: as_of - answer.fetched <= options.max_rdap_age
    main = max(says.counting, key=lambda a: a.fetched, default=None)
    says.unverified = main is not None and main.standing == "given"
    says.split = says.unverified and any(
        a.standing == "given" and abs(a.fetched - main.fetched) <= 1 and a.found != main.found for a in says.counting
    )
    listed, says.ended = look_into_lists(domain, options)
    if listed is not None and fresh(listed):
        if main is None or listed.fetched >= main.fetched or is_no_sign_of_life(main, listed, domain.line, as_of):
            main, says.split, says.listed = listed, False, listed.listed
    says.main, says.usable = main, main is not None and fresh(main)
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
        if says.listed is not None:
            says.phases |= phases_of_row(says.listed)
        says.expires, says.registrar_expires = main.expires, main.registrar_expires
        says.registered = is_registered(main, domain.line, as_of)
    if not says.split:  # any source adds a registrar's expiration
        for answer in sorted(newest.values(), key=lambda a: -a.fetched):
            if answer is not says.main and answer.found and answer.standing != "redirector" and fresh(answer) and says.registrar_expires is None:
                says.registrar_expires = answer.registrar_expires
    return says


def is_registered(answer, line, as_of):
    """"Only with a sign of a registration"."""
    statuses = set(map(plain, answer.statuses))
    if answer.registered is not None or answer.registrar or answer.listed is not None:
        return True
    if {line.phase_of(status) for status in statuses} & {"registered", "out", "expired"}:
        return True
    if answer.expires is not None and int(answer.expires // 1) >= as_of:
        return True
    return not SIGNS.isdisjoint(statuses)


# ---------------------------------------------------------------- lists of registries


def look_into_lists(domain, options):
    """The newest word of lists, as an answer of the registry at their date; and the ends of registrations they tell."""
    newest, ended, before = None, [], {}
    for edition in domain.editions:
        if edition.at > options.as_of:
            continue
        rows = edition.rows.get(domain.name)
        if rows is None:
            said = answer_of_missing(edition, before.get(edition.form.file), options)
        else:
            before[edition.form.file] = edition, rows
            said = answer_of_rows(edition, rows, options)
            ended += [at for at in ends(edition, rows) if at <= options.as_of]
        if said is not None and said != "nothing" and (newest is None or said.fetched >= newest.fetched):
            newest = said
        elif said == "nothing" and newest is not None and newest.listed is not None and newest.listed.kind == "will_drop":
            newest = None  # renewed: what the edition before it said is over
    return newest, ended


def answer_of_rows(edition, rows, options):
    """A name that is in a list."""
    entry, at = rows[-1], edition.at
    if entry.kind in ("dropped", "in_release") or (entry.kind == "will_drop" and entry.release <= options.as_of):
        return Answer("list", at, found=False, listed=entry)
    if entry.kind == "registrations" and entry.ended is not None:  # no row without an end
        return Answer("list", at, found=False, listed=entry)
    statuses = {"DAKT": ("server hold",), "DEL": ("pending delete",)}.get(entry.word, ())
    return Answer("list", at, registered=entry.registered, expires=entry.expires, statuses=statuses, listed=entry)


def answer_of_missing(edition, before, options):
    """A name that is missing: where the list is complete and whole, it is not registered, or not about to be released."""
    if not edition.is_whole:
        return None
    if edition.form.kind in ("register", "registrations"):
        return Answer("list", edition.at, found=False, listed=Entry("missing"))
    if edition.form.kind == "will_drop" and before is not None and before[1][-1].release > edition.at:
        return "nothing"
    return None


def ends(edition, rows):
    """When a registration ended: a day that it tells; of deleted names, by the list's date."""
    if edition.form.kind == "dropped":
        return [edition.at]
    return [entry.ended for entry in rows if entry.ended is not None]


def is_deleted(entry):
    """Whether it says that the registration has ended, in the words of a list and not by the name missing from one."""
    return entry is not None and entry.kind in ("dropped", "in_release", "will_drop")


def is_no_sign_of_life(answer, listed, line, as_of):
    """Whether a newer answer leaves a list's word as it is."""
    if answer.found:
        return is_deleted(listed.listed) and not is_registered(answer, line, as_of)
    return not listed.found and is_deleted(listed.listed)


def phases_of_row(entry):
    """A row of a register says in what phase a name is, in the words of the column `words`."""
    phases = {"registered"}
    if entry.is_out and entry.kind == "register":
        phases.add("out")
    if entry.word == "EXP":
        phases.add("expired")
    return phases

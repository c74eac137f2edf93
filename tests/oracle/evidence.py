"""Section 4 of the contract: what RDAP answers and lists of registries say about a name.

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
    max_mx_age: int = 30


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
    until: float = None  # the last moment to apply for it
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
    contradicted: bool = False  # two sources without standing disagree, and a list may yet decide
    split: bool = False  # two sources without standing disagree
    answered: Answer = None  # the usable one that counts, lists apart
    listed: Entry = None  # where a list decides
    ended: list = field(default_factory=list)  # moments at which registrations ended, by lists
    row: Answer = None  # the newest row of a register


EPP = """add period, auto renew period, client delete prohibited, client hold, client renew prohibited,
client transfer prohibited, client update prohibited, pending delete, pending renew, pending restore,
pending transfer, pending update, redemption period, renew period, server delete prohibited, server hold,
server renew prohibited, server transfer prohibited, server update prohibited, transfer period, active, ok, inactive"""
RFC_9083 = """validated, renew prohibited, update prohibited, transfer prohibited, delete prohibited, proxy, private,
removed, obscured, associated, active, inactive, locked, pending create, linked, ok, administrative, reserved,
transfer hold"""
PHASES = {"pendingdelete", "redemptionperiod", "clienthold", "serverhold", "inactive", "pendingrestore"}
SIGNS = frozenset(plain(word) for word in EPP.split(","))
KNOWN = SIGNS | frozenset(plain(word) for word in RFC_9083.split(","))


def look_into_rdap(domain, options, with_lists=True):
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
        a.standing == "redirector" or (a.standing == "other" and not (a.found and says.counting)) for a in newest.values()
    )
    fresh = lambda answer: as_of - answer.fetched <= options.max_rdap_age
    main = max(says.counting, key=lambda a: a.fetched, default=None)
    says.unverified = main is not None and main.standing == "given"
    says.split = says.unverified and any(
        abs(a.fetched - main.fetched) <= 1 and disagree(a, main, domain.line, as_of)
        for a in says.counting
    )
    says.contradicted = says.split
    own = [a for a in says.counting if a.standing == "registry" and says.unverified and abs(a.fetched - main.fetched) <= 1]
    if own and not says.split:  # the registry's own word, hardly older, says the same
        main, says.unverified = max(own, key=lambda a: a.fetched), False
    says.answered = main if not says.split and main is not None and fresh(main) else None
    listed, says.ended, says.row = look_into_lists(domain, options)
    if listed is not None and fresh(listed) and with_lists:
        if main is None or says.split or not fresh(main) or decides_from(listed) >= main.fetched or is_no_sign_of_life(main, listed, domain.line, as_of):
            main, says.split, says.listed = listed, False, listed.listed
    says.main, says.usable = main, main is not None and fresh(main)
    if says.split:
        says.usable = False
    if says.usable:
        says.found, says.not_found = main.found, not main.found
        says.reserved = says.not_found and main.reserved
    answered = says.answered if says.answered is not None and says.answered.found else None
    replaced = says.listed is not None and not (main.found and says.listed.kind == "will_drop")
    if answered is not None and not says.contradicted and not replaced:
        words = set(map(plain, answered.statuses))
        says.unknown_status = any(domain.line.phase_of(word) is None and word not in KNOWN for word in words)
    if says.found:
        says.statuses = frozenset(map(plain, main.statuses))
        phases = {status: domain.line.phase_of(status) for status in says.statuses}
        says.phases = frozenset(filter(None, phases.values()))
        if says.listed is not None:
            says.phases |= phases_of_row(says.listed)
        says.expires, says.registrar_expires = main.expires, main.registrar_expires
        says.registered = is_registered(main, domain.line, as_of)
    if not says.split:  # any source adds a registrar's expiration
        for answer in sorted(newest.values(), key=lambda a: a.fetched):
            if answer.found and answer.registrar_expires is not None and answer.standing != "redirector" and fresh(answer):
                if says.contradicted and answer.standing != "other":
                    continue
                says.registrar_expires = answer.registrar_expires  # the newest
    return says


def disagree(one, two, line, as_of):
    """Whether one found the name and the other did not, or one says that it is past, held or falling and the other does not."""
    if not (one.found and two.found):
        return (one.found, one.reserved) != (two.found, two.reserved)

    def phase(answer):
        words = {plain(status) for status in answer.statuses}
        past = answer.expires is not None and int(answer.expires // 1) < as_of
        return words & PHASES, {line.phase_of(status) for status in words} - {None}, words - KNOWN, past  # it may mean anything

    return phase(one) != phase(two)


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
    """The newest word of lists, as an answer of the registry at their date; the ends of registrations; the newest row."""
    newest, row, ended, before = None, None, [], {}
    for edition in domain.editions:
        if edition.at > options.as_of:
            continue
        rows, last = edition.rows.get(domain.name), before.get(edition.form.file)
        if rows is None:
            said = answer_of_missing(edition, last, options)
        else:
            before[edition.form.file] = edition, rows
            said = answer_of_rows(edition, rows, options)
        if said is None:
            continue
        if newest is None or said.fetched >= newest.fetched:
            newest = said
        if rows is not None:
            ended += ends(edition, rows)
            row = said if said.registered is not None else row
    return newest, [at for at in ended if at <= options.as_of], row


def answer_of_rows(edition, rows, options):
    """A name that is in a list."""
    entry, at = rows[-1], edition.at
    if entry.kind == "withheld":  # deleted, and kept by the registry
        return Answer("list", at, found=False, reserved=True, listed=entry)
    if entry.kind in ("dropped", "in_release") or (entry.kind == "will_drop" and entry.release <= options.as_of):
        return Answer("list", at, found=False, listed=entry)
    if entry.kind == "registrations" and entry.ended is not None:  # no row without an end
        return Answer("list", at, found=False, listed=entry)
    statuses = ("server hold",) if entry.word == "DAKT" else ("inactive",) if entry.is_out and entry.kind == "register" else ()
    registered = entry.registered
    if registered is not None and not edition.form.by_moment:  # it tells a day
        registered = registered // 1 * 1.0
    return Answer("list", at, registered=registered, expires=entry.expires, statuses=statuses, listed=entry)


def answer_of_missing(edition, before, options):
    """A name that is missing: where the list is complete and whole, it is not registered, or not about to be released."""
    if not edition.is_whole:
        return None
    if edition.form.kind in ("register", "registrations"):
        return Answer("list", edition.at, found=False, listed=Entry("missing"))
    if edition.form.lists_all and before is not None and before[1][-1].release > edition.at:
        return Answer("list", edition.at, listed=Entry("renewed"))
    return None


def ends(edition, rows):
    """When a registration ended: a day that it tells; of deleted names, by the list's date."""
    if edition.form.kind == "dropped":
        return [edition.at]
    if edition.form.kind == "will_drop":  # surely, if nobody could restore it when the list was made
        return [rows[-1].release] if is_final(rows[-1], edition.at) else []
    return [entry.ended for entry in rows if entry.ended is not None]


def is_deleted(entry):
    """Whether it says that the registration has ended, in the words of a list and not by the name missing from one."""
    return entry is not None and entry.kind in ("dropped", "in_release", "will_drop")


def decides_from(listed):
    """The moment after which a sign of life speaks against a list: its date, or the release that it tells as past."""
    entry = listed.listed
    if entry.release is None or entry.kind != "will_drop" or listed.found:
        return listed.fetched
    return entry.release if is_final(entry, listed.fetched) else min(listed.fetched, entry.release)


def is_final(entry, at):
    """Whether nobody could restore it any more when the list was made."""
    return entry.final_days is not None and entry.release // 1 - at // 1 <= entry.final_days


def is_no_sign_of_life(answer, listed, line, as_of):
    """Whether a newer answer leaves a list's word as it is."""
    if not is_deleted(listed.listed):
        return False
    if not answer.found:
        return not (answer.reserved and listed.found)
    offered = "available" in {line.phase_of(plain(status)) for status in answer.statuses}
    only_inactive = set(map(plain, answer.statuses)) == {"inactive"} and answer.registered is None
    registered = is_registered(answer, line, as_of) and not offered and not (only_inactive and not answer.registrar and (answer.expires is None or answer.expires < as_of))
    if listed.listed.kind == "will_drop" and answer.fetched < listed.listed.release:
        return not (registered and shows_renewal(answer, line, as_of))
    return not registered


def shows_renewal(answer, line, as_of):
    """Whether nothing in it agrees with a list that tells its release."""
    statuses = set(map(plain, answer.statuses))
    falling = {"pendingdelete", "redemptionperiod", "inactive"} & statuses
    falling |= {word for word in statuses if line.phase_of(word) is None and word not in KNOWN}  # it may mean that, too
    falling |= {"out", "restorable", "final", "available", "expired"} & {line.phase_of(status) for status in statuses}
    day = None if answer.expires is None else int(answer.expires // 1)
    by_registrar = None if answer.registrar_expires is None else as_of - int(answer.registrar_expires // 1)
    past = day is not None and day < as_of or by_registrar is not None and 0 < by_registrar <= line.longest_past
    return not falling and not past


def phases_of_row(entry):
    """A row of a register says in what phase a name is, in the words of the column `words`."""
    phases = {"restorable"} if entry.word in ("DEL", "Grace Period") else {"registered"}
    if entry.word in ("EXP", "Validity Expired"):
        phases.add("expired")
    return phases

"""The judgement a second time, slowly, from the contract's words alone: sections 4 (evidence) and 5 (states).

Nothing here looks like the program: no table of rules, no snapshots, only the dated zones a name was in, the answers
given for it, and sentences of the contract turned into `if`, in their order. Days are integers (days since
1970-01-01), moments are floats of days. What a world is made of:

* `Zone`: a covering zone as it was delivered on several days.
* `Answer`: one RDAP answer.
* `Domain`: a registrable domain: in which deliveries it was, with which name servers, and its answers.
"""

from dataclasses import dataclass, field

LEAD_DAYS, MAX_ZONE_AGE, MAX_RDAP_AGE = 30, 3, 30
RISKS = ["none", "unknown", "low", "medium", "high", "critical"]
ACTIONS = ["none", "notify", "lookup", "review", "unverify"]


@dataclass(eq=False)
class Delivery:
    """A zone file: its day, whether its closing SOA is there, whether it is a plain list, how many names it has."""

    day: int
    closed: bool = True
    listed: bool = False
    names: int = 0
    shrunk: bool = False


@dataclass(eq=False)
class Zone:
    origin: str
    deliveries: list  # by day

    def settle(self):
        """Section 4, zone: `shrunk` when names fell by more than 10 % against the last complete snapshot."""
        last = None
        for delivery in self.deliveries:
            if not delivery.closed or delivery.listed:
                continue
            delivery.shrunk = last is not None and delivery.names < last * 0.9
            if not delivery.shrunk:
                last = delivery.names

    def proves(self, delivery):
        """Whether this delivery can prove absence on its day."""
        return delivery.closed and not delivery.listed and not delivery.shrunk

    def coverage(self, delivery, as_of):
        if not delivery.closed:
            return "unclosed"
        if delivery.listed:
            return "list"
        if delivery.shrunk:
            return "shrunk"
        return "stale" if as_of - delivery.day > MAX_ZONE_AGE else "complete"


@dataclass(eq=False)
class Answer:
    source: str
    fetched: float
    found: bool = True  # else not found, with a 404
    error: bool = False
    statuses: frozenset = frozenset()
    registered: float = None
    expires: float = None
    registrar_expires: float = None
    reinstantiated: float = None
    reregistered: float = None


@dataclass(eq=False)
class Domain:
    name: str
    zone: Zone = None
    held: list = field(default_factory=list)  # for each delivery: its name servers, or None
    answers: list = field(default_factory=list)
    lifecycle: tuple = (45, 30, 5, 0, 0)
    state: str = None
    risk: str = None
    action: str = None


def after_deletion(life):
    """Days a name is out of the zone before anyone can have it."""
    return life[1] + life[2] + life[3]


def lapse_gap(life):
    """Section 5: 35 days or more; issue: by the table; a registry that frees names at once leaves no such mark."""
    return after_deletion(life) or 35


# ---------------------------------------------------------------- section 4: what the zone says


def look_into_zone(domain, as_of):
    """Presence (True, False, None), the day and the delivery that decides, name servers then, history."""
    seen = dict(presence=None, day=None, coverage="none", servers=None, first=None, last=None, gaps=[], dropped=None)
    zone = domain.zone
    if zone is None or not zone.deliveries:
        return seen
    deliveries = zone.deliveries
    proofs = [zone.proves(d) for d in deliveries]
    # History: the first snapshot gives no first date; absences only by what proves them.
    run = None
    known = False
    for i, delivery in enumerate(deliveries):
        if domain.held[i] is not None:
            if run is not None:
                seen["gaps"].append((run[0], run[1]))
                run = None
                seen["dropped"] = None
            if not known and i > 0:
                seen["first"] = delivery.day
            known = True
            seen["last"] = delivery.day
        elif proofs[i] and known:
            run = (run[0] if run else delivery.day, delivery.day)
            seen["dropped"] = run[0]
    seen["open"] = run
    # "the latest one and the latest one of 35 days or more"; the one that still lasts is one of them.
    absences = seen["gaps"] + ([run] if run else [])
    long = [gap for gap in absences if gap[1] - gap[0] + 1 >= 35]
    remembered = absences[-1:] + long[-1:]
    seen["gaps"] = [gap for gap in seen["gaps"] if gap in remembered]
    # The newest complete one tells absence, the newest of any kind presence; the newer of the two decides.
    holds = [i for i in range(len(deliveries)) if domain.held[i] is not None]
    newest_hold = holds[-1] if holds else None
    # a newer whole one without it voids the older presence
    if newest_hold is not None and any(proofs[newest_hold + 1 :]):
        newest_hold = None
    days = max(domain.lifecycle[1] + domain.lifecycle[2], MAX_ZONE_AGE)
    complete = [i for i in range(len(deliveries)) if zone.coverage(deliveries[i], as_of) == "complete"]
    if newest_hold is not None and as_of - deliveries[newest_hold].day <= days:
        i = newest_hold
        seen.update(presence=True, day=deliveries[i].day, servers=domain.held[i])
        seen["coverage"] = zone.coverage(deliveries[i], as_of)
    elif complete and domain.held[complete[-1]] is None:
        i = complete[-1]
        seen.update(presence=False, day=deliveries[i].day)
        seen["coverage"] = "complete"
    else:
        seen["coverage"] = zone.coverage(deliveries[-1], as_of)
        seen["day"] = deliveries[-1].day
    if seen["presence"] is not True:
        seen["servers"] = None
    return seen


# ---------------------------------------------------------------- section 4: what RDAP says


def look_into_rdap(domain, as_of):
    """The answer that gives the statuses (or None), whether it is usable, and a registrar's expiration."""
    counted = [a for a in domain.answers if a.fetched <= as_of and not a.error]
    newest = {}
    for answer in counted:  # newest per name and source
        if answer.source not in newest or answer.fetched > newest[answer.source].fetched:
            newest[answer.source] = answer
    if not newest:
        return None, False, None, []
    main = max(newest.values(), key=lambda a: a.fetched)
    usable = as_of - main.fetched <= MAX_RDAP_AGE
    expiration = main.registrar_expires if main.found else None
    if expiration is None:
        for other in newest.values():
            if other is not main and other.found and as_of - other.fetched <= MAX_RDAP_AGE:
                expiration = expiration or other.registrar_expires
    return main, usable, expiration, list(newest.values())


# ---------------------------------------------------------------- section 5: states


def judge(domain, as_of):
    """State, risk and action of the default policy, before raises; drop dates; all the evidence with them."""
    zone = look_into_zone(domain, as_of)
    answer, usable, registrar_expires, answers = look_into_rdap(domain, as_of)
    found = usable and answer.found
    not_found = usable and not answer.found
    statuses = answer.statuses if found else frozenset()
    expires = answer.expires if found else None
    if not found:
        registrar_expires = None
    present, absent = zone["presence"] is True, zone["presence"] is False
    # A name in pending restore is in the zone as it should be (facts of the lifecycle): no conflict.
    last_phases = found and bool({"pending delete", "redemption period"} & statuses)
    last_phases = last_phases and "pending restore" not in statuses
    conflict = present and (not_found or last_phases)
    if conflict and zone["day"] > answer.fetched + 1:  # a zone newer by more than one day: presence decides
        # The contract does not say what becomes of the rest of that answer. A name that is back was restored or
        # registered anew: its old expirations and statuses speak of what is over.
        found = not_found = False
        statuses, expires, registrar_expires = frozenset(), None, None
    has = statuses.__contains__
    ages = [int(as_of) - int(e // 1) for e in (expires, registrar_expires) if e is not None]
    past = any(1 <= age <= 80 for age in ages)
    near = any(-LEAD_DAYS <= age <= 0 for age in ages)
    on_hold = has("client hold") or has("server hold")
    long_absence = (
        absent and zone["open"] is not None and zone["open"][1] - zone["open"][0] + 1 >= lapse_gap(domain.lifecycle)
    )

    def verdict():
        if has("pending delete") and not has("redemption period") and not has("pending restore"):
            return "pending_delete", "critical", "unverify"
        if has("redemption period") and not has("pending restore"):
            return "redemption", "high", "unverify"
        if not_found and absent:
            return "available", "critical", "unverify"
        if not_found:  # no presence nor absence; or a conflict in which RDAP decides
            return "available", "high", "review"
        further = has("client hold") or absent or parking(zone["servers"]) == "expiry"
        if has("pending restore") or past or (has("auto renew period") and further):
            return ("grace", "high", "unverify") if absent or on_hold else ("grace", "medium", "notify")
        if on_hold:
            return "hold", "medium", "notify"
        if found and (absent or (has("inactive") and not present)):
            return "undelegated", "medium", "notify"
        if absent:
            return "absent", "critical" if long_absence else "high", "lookup"
        if near:
            return "expiring", "low", "notify"
        if present or found:
            return "active", "none", "none"
        return "unknown", "unknown", "lookup"

    domain.state, domain.risk, domain.action = verdict()
    domain.zone_says, domain.rdap_says = zone, (answer, usable, found, not_found, answers)
    domain.is_not_found = not_found
    domain.drop = drop_dates(domain, as_of, expires, registrar_expires)
    return domain


def drop_dates(domain, as_of, expires, registrar_expires):
    """Section 5, drop dates, from the day t the evidence was seen."""
    auto, redemption, pending, quarantine, early = domain.lifecycle
    out, answer = after_deletion(domain.lifecycle), domain.rdap_says[0]
    t = int(answer.fetched // 1) if answer else None
    state = domain.state
    ages = [(int(e // 1)) for e in (expires, registrar_expires) if e is not None]
    counting = [e for e in ages if -LEAD_DAYS <= int(as_of) - e <= 80]
    expiry = min(counting) if counting else (int(expires // 1) if expires is not None else None)
    if expiry is not None and not counting and "auto renew period" in answer.statuses and expiry > as_of:
        expiry = year_earlier(expiry)
    if state == "available":
        return int(as_of), int(as_of)
    if state == "pending_delete":
        return t, t + pending + quarantine
    if state == "redemption":
        return t + pending + quarantine, t + out
    if state in ("grace", "hold"):
        last = None if expiry is None else max(expiry + auto + out, t + out)
        return t + out, last
    if state == "expiring":
        return expiry + out - early, max(expiry + auto + out, expiry + out - early)
    if state == "absent":
        dropped = domain.zone_says["dropped"]
        return (None if dropped is None else dropped + out), None
    return None, None


def tokens(domain):
    """Section 5, tokens, in increasing precedence."""
    zone = domain.zone_says["presence"]
    if domain.state == "available":
        return "undelegated inactive"
    if domain.state == "absent":
        return "undelegated"
    if domain.state == "unknown":
        return "unknown"
    words = (["undelegated"] if zone is False else []) + ["active"]
    words += {"redemption": ["expiring"], "pending_delete": ["deleting"]}.get(domain.state, [])
    if parking(domain.zone_says["servers"]):
        words.append("parked")
    return " ".join(sorted(words, key=["undelegated", "active", "parked", "expiring", "deleting"].index))


PARKING = {"pendingrenewaldeletion.com": "expiry", "sedoparking.com": "parking"}


def parking(servers):
    """What all of these servers are listed as in `data/` (these worlds know two of that list)."""
    kinds = {PARKING.get(host.split(".", 1)[1]) for host in servers or []}
    return kinds.pop() if len(kinds) == 1 else None


def year_earlier(day):
    import datetime

    date = datetime.date(1970, 1, 1) + datetime.timedelta(days=day)
    try:
        date = date.replace(year=date.year - 1)
    except ValueError:  # 29 February
        date = date.replace(year=date.year - 1, day=28)
    return (date - datetime.date(1970, 1, 1)).days


# ---------------------------------------------------------------- section 5: raises by name servers


def raise_by_servers(domain, lookup):
    """`lookup(host)` gives the judged domain of a target, or None where nothing covers it. Walks the chain anew for
    every domain: which registrable domains, taken over, take this one with them?"""

    def takable(target, path):
        """none, some, every: how much of it others can take; and which domain they register for it."""
        if target is None:
            return "none", set(), False
        if target.state in ("available", "absent"):
            return "every", {target}, False
        if target.name in path:
            return "none", set(), False
        shares, causes = [], set()
        soon = target.state in ("redemption", "pending_delete")
        for host in servers_of(target):
            share, through, later = takable(lookup(host), path | {target.name})
            shares.append(share)
            causes |= through
            soon |= later
        own = len(target.zone_says["servers"] or []) > len(shares)  # some server is its own
        if shares and not own and all(share == "every" for share in shares):
            return "every", causes, soon
        return ("some" if any(s != "none" for s in shares) else "none"), causes, soon

    def servers_of(of):
        hosts = of.zone_says["servers"] or []
        return [h for h in hosts if not (h == of.name or h.endswith("." + of.name))]  # glue: no risk by themselves

    outside = servers_of(domain)
    inside = len(domain.zone_says["servers"] or []) > len(outside)
    results = [takable(lookup(host), {domain.name}) for host in outside]
    causes = set().union(*(through for _, through, _ in results)) if results else set()
    risk, action = domain.risk, domain.action
    if results and any(share != "none" for share, _, _ in results):
        every = not inside and all(share == "every" for share, _, _ in results)
        risk = higher(risk, "critical" if every else "high", RISKS)
        gone = any(cause.is_not_found for cause in causes)
        action = higher(action, "unverify" if gone else "lookup", ACTIONS)
    if any(soon for _, _, soon in results):
        risk, action = higher(risk, "high", RISKS), higher(action, "review", ACTIONS)
    domain.hijackable = sorted(host for host, (share, _, soon) in zip(outside, results) if soon or share != "none")
    return risk, action


def higher(one, other, order):
    return max(one, other, key=order.index)


# ---------------------------------------------------------------- section 5: one account


def for_account(domain, verified, first_verified, as_of):
    """State, risk, action of one account; `domain` is judged and raised."""
    state, risk, action = domain.state, domain.risk, domain.action
    earliest = min((v for v in (verified, first_verified) if v is not None), default=None)
    replaced = state in ("hold", "undelegated", "absent", "expiring", "active", "unknown")
    if earliest is None or not replaced:
        return state, risk, action
    zone, (answer, usable, found, not_found, answers) = domain.zone_says, domain.rdap_says
    # An older found answer still gives its dates of registration, reinstantiation and reregistration.
    given = [a for a in answers if a.found]
    dates = answer if answer is not None and answer.found else max(given, key=lambda a: a.fetched, default=None)
    def happened(at):
        return at is not None and at <= as_of and at > earliest
    signs = []
    if dates is not None:
        for at in (dates.registered, dates.reinstantiated):
            if happened(at):
                signs.append(("unverify", at))
        if happened(dates.reregistered):
            signs.append(("review", dates.reregistered))
    def void(sign, began):
        return any(
            a.found and a.fetched > sign and a.registered is not None and a.registered < began
            and (a.reinstantiated is None or a.reinstantiated < began)
            for a in domain.answers
            if a.fetched <= as_of and not a.error and a in answers
        )
    ended = [g for g in zone["gaps"] if g[1] - g[0] + 1 >= lapse_gap(domain.lifecycle)]
    if ended:
        gap = ended[-1]
        end = gap[1] + 1
        if end > earliest and not void(end, gap[0]):
            signs.append(("review", end))
    if usable and zone["presence"] is True and zone["day"] > answer.fetched + 1:
        final = answer.found and "pending delete" in answer.statuses
        final = final and not {"redemption period", "pending restore"} & answer.statuses
        if (not answer.found or final) and answer.fetched > earliest and not void(answer.fetched, answer.fetched):
            signs.append(("review", answer.fetched))
    if not signs:
        return state, risk, action
    # "A verification renewed after such a sign": the hijacker, too, can click a link.
    again = [verified] if verified is not None else []
    strong = "unverify" if any(s[0] == "unverify" for s in signs) else "review"
    if strong == "unverify" and again and max(again) > max(at for kind, at in signs if kind == "unverify"):
        strong = "review"
    return "reregistered", "critical", higher(strong, action if raised(domain) else "none", ACTIONS)


def raised(domain):
    return getattr(domain, "is_raised", False)

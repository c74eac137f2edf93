"""Section 5 of the contract, raises: name servers and mail servers whose own domains others can register; and parking
name servers."""

RISKS = ["none", "unknown", "low", "medium", "high", "critical"]
ACTIONS = ["none", "notify", "lookup", "review", "unverify"]


def higher(one, two, order):
    return max(one, two, key=order.index)


PARKING = {"pendingrenewaldeletion.com": "expiry", "sedoparking.com": "parking"}


def parking(servers):
    """What all of these servers are listed as in `data/` (generated worlds know two of that list)."""
    kinds = {PARKING.get(host.split(".", 1)[1]) for host in servers or ()}
    return kinds.pop() if len(kinds) == 1 else None


def is_within(host, name):
    return host == name or host.endswith("." + name)


def takable(target, path, lookup, verdict_of):
    """none, some, every: how much of it others can take; through which domains; and whether soon. Walks the chain of
    name servers anew for every domain: which registrable domains, taken over, take this one with them?"""
    if target is None:
        return "none", set(), False
    said = verdict_of(target)
    if said.state in ("available", "absent"):
        return "every", {target}, False
    if target.name in path:
        return "none", set(), False
    shares, causes = [], set()
    soon = said.state in ("redemption", "pending_delete")
    outside = [host for host in said.zone.servers if not is_within(host, target.name)]  # glue: no risk by themselves
    for host in outside:
        share, through, later = takable(lookup(host), path | {target.name}, lookup, verdict_of)
        shares.append(share)
        causes |= through
        soon |= later
    own = len(said.zone.servers) > len(outside)  # some server is its own
    if shares and not own and all(share == "every" for share in shares):
        return "every", causes, soon
    return ("some" if any(s != "none" for s in shares) else "none"), causes, soon


def findings(hosts, names, lookup, verdict_of):
    """Host → what `takable` says of it. `names`: those of the domain that hangs on them; in itself is no risk."""
    found = {}
    for host in hosts:
        target = lookup(host)
        is_own = target is not None and target.name in names
        found[host] = ("none", set(), False) if is_own else takable(target, set(names), lookup, verdict_of)
    return found


def raise_by(kind, found, is_every, verdict, verdict_of):
    """Raises `verdict` by what was found of each host. `kind`: ns or mx. Returns the hosts that give cause."""
    before = verdict.risk, verdict.action
    if any(share != "none" for share, _, _ in found.values()):
        # "Not found": by a 404, a list, or the registry's word that it offers the name.
        gone = any(verdict_of(cause).state == "available" for _, causes, _ in found.values() for cause in causes)
        verdict.risk = higher(verdict.risk, "critical" if is_every else "high", RISKS)
        verdict.action = higher(verdict.action, "unverify" if gone else "lookup", ACTIONS)
        verdict.reasons.add(f"{kind}.hijackable")
    if any(soon for _, _, soon in found.values()):
        verdict.risk = higher(verdict.risk, "high", RISKS)
        verdict.action = higher(verdict.action, "review", ACTIONS)
        verdict.reasons.add(f"{kind}.soon_hijackable")
    verdict.raised |= before != (verdict.risk, verdict.action)
    return sorted(host for host, (share, _, soon) in found.items() if soon or share != "none")


def raise_by_name_servers(domain, verdict, lookup, verdict_of):
    found = findings(verdict.zone.servers, [domain.name], lookup, verdict_of)
    is_every = bool(found) and all(share == "every" for share, _, _ in found.values())
    verdict.hijackable = raise_by("ns", found, is_every, verdict, verdict_of)


def raise_by_mail_servers(says, names, verdict, lookup, verdict_of):
    """Raises the verdict of a mail domain that may be registered under these `names`; the hosts that give cause. Data
    that are old or have no date give reasons only."""
    found = findings(says.hosts, names, lookup, verdict_of)
    is_every = bool(found) and all(found[host][0] == "every" for host in says.deciding)
    risk, action, raised = verdict.risk, verdict.action, verdict.raised
    causes = raise_by("mx", found, is_every, verdict, verdict_of)
    if says.is_none:
        verdict.reasons.add("mx.none")
    if says.seen is None or says.is_stale:
        verdict.risk, verdict.action, verdict.raised = risk, action, raised
        if causes or says.is_none:
            verdict.reasons.add("mx.undated" if says.seen is None else "mx.stale")
    return causes

"""Section 5 of the contract, raises: name servers whose own domains others can register; and parking name servers."""

RISKS = ["none", "unknown", "low", "medium", "high", "critical"]
ACTIONS = ["none", "notify", "lookup", "review", "unverify"]


def higher(one, two, order):
    return max(one, two, key=order.index)


PARKING = {"pendingrenewaldeletion.com": "expiry", "sedoparking.com": "parking"}


def parking(servers):
    """What all of these servers are listed as in `data/` (generated worlds know two of that list)."""
    kinds = {PARKING.get(host.split(".", 1)[1]) for host in servers or ()}
    return kinds.pop() if len(kinds) == 1 else None


def raise_by_servers(domain, verdict, lookup, verdict_of):
    """Raises `verdict`. `lookup(host)` gives the domain of a target, or None where nothing covers it; `verdict_of` its
    verdict without raises. Walks the chain anew for every domain: which registrable domains, taken over, take this
    one with them?"""

    def servers_of(name, of):
        hosts = of.zone.servers
        return [h for h in hosts if not (h == name or h.endswith("." + name))]  # glue: no risk by themselves

    def takable(target, path):
        """none, some, every: how much of it others can take; through which domains; and whether soon."""
        if target is None:
            return "none", set(), False
        said = verdict_of(target)
        if said.state in ("available", "absent"):
            return "every", {target}, False
        if target.name in path:
            return "none", set(), False
        shares, causes = [], set()
        soon = said.state in ("redemption", "pending_delete")
        outside = servers_of(target.name, said)
        for host in outside:
            share, through, later = takable(lookup(host), path | {target.name})
            shares.append(share)
            causes |= through
            soon |= later
        own = len(said.zone.servers) > len(outside)  # some server is its own
        if shares and not own and all(share == "every" for share in shares):
            return "every", causes, soon
        return ("some" if any(s != "none" for s in shares) else "none"), causes, soon

    outside = servers_of(domain.name, verdict)
    if not outside:
        return
    inside = len(verdict.zone.servers) > len(outside)
    results = [takable(lookup(host), {domain.name}) for host in outside]
    before = verdict.risk, verdict.action
    if any(share != "none" for share, _, _ in results):
        every = not inside and all(share == "every" for share, _, _ in results)
        gone = any(verdict_of(cause).not_found for _, causes, _ in results for cause in causes)
        verdict.risk = higher(verdict.risk, "critical" if every else "high", RISKS)
        verdict.action = higher(verdict.action, "unverify" if gone else "lookup", ACTIONS)
        verdict.reasons.add("ns.hijackable")
    if any(soon for _, _, soon in results):
        verdict.risk = higher(verdict.risk, "high", RISKS)
        verdict.action = higher(verdict.action, "review", ACTIONS)
        verdict.reasons.add("ns.soon_hijackable")
    verdict.raised = before != (verdict.risk, verdict.action)
    verdict.hijackable = sorted(h for h, (share, _, soon) in zip(outside, results) if soon or share != "none")

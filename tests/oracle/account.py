"""Section 5 of the contract, "for one account": did the domain change hands after the address was verified?"""

from clock import plain
from judge import FALLING, REPLACED
from servers import ACTIONS, RISKS, higher
from zones import is_long


def signs_of(domain, verdict, as_of):
    """What shows that somebody else has had the domain since that moment: (action, moment)."""
    zone, rdap = verdict.zone, verdict.rdap
    given = [a for a in rdap.counting if a.found and not rdap.contradicted]

    def happened(at):
        return at is not None and at <= as_of

    dates = max(given, key=lambda a: a.fetched, default=None)
    dated = [a for a in (*given, rdap.row) if a is not None and happened(a.registered)]

    def is_void(sign, began):
        """A found answer fetched later shows a registration older than that sign and no later reinstantiation."""
        return any(
            a.fetched > sign and a.registered is not None and a.registered < began
            and (a.reinstantiated is None or a.reinstantiated < began)
            for a in given
        )

    signs = []
    if dated:
        newest = max(dated, key=lambda a: a.fetched)
        at = newest.registered
        if newest is rdap.row:  # a list tells a day, an answer of whatever age its time
            at = max(a.registered for a in dated if a.registered // 1 == at // 1)
        signs.append(("unverify", at))
    if dates is not None:
        signs += [("unverify", dates.reinstantiated)] if happened(dates.reinstantiated) else []
        signs += [("review", dates.reregistered)] if happened(dates.reregistered) else []
    long = [gap for gap in zone.gaps if is_long(gap, domain.line)]
    if long:
        _, first_absent, last_absent, _ = long[-1]
        end = last_absent + 1
        if not is_void(end, first_absent):
            signs.append(("review", end))
    signs += [("unverify", at) for at in rdap.ended]
    answered = rdap.answered
    if answered is not None and zone.presence is True and zone.day > answered.fetched + 1:
        final = answered.found and domain.line.is_final({plain(status) for status in answered.statuses})
        at = answered.fetched
        if (not answered.found or final) and not is_void(at, at):
            signs.append(("review", at))
    return signs


def for_account(verdict, every_sign, verified, first_verified):
    """State, risk, action of one account; `verdict` is raised, `every_sign` what `signs_of` tells of the domain."""
    state, risk, action = verdict.state, verdict.risk, verdict.action
    earliest = min((v for v in (verified, first_verified) if v is not None), default=None)
    if earliest is None or verdict.zone.only_below or not (state in REPLACED or state in FALLING):
        return state, risk, action
    signs = [sign for sign in every_sign if sign[1] > earliest]
    if not signs:
        return state, risk, action
    unverify = [at for kind, at in signs if kind == "unverify"]
    strong = "unverify" if unverify else "review"
    # "A verification renewed after such a sign": the hijacker, too, can click a link.
    if unverify and verified is not None and verified > max(unverify):
        strong = "review"
    if state in FALLING:
        return state, higher(risk, "critical", RISKS), higher(strong, action, ACTIONS)
    return "reregistered", "critical", higher(strong, action if verdict.raised else "none", ACTIONS)



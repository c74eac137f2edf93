"""Decisions of people (`--overrides`): what they change in a verdict, and those of a generated world.

A decision is about a judged domain, or about the domain that it is registered under. It holds through its last day, and
sets the action of the domain and of every account at it, whatever else was found; state and risk stay as the evidence has
them. One whose time is over only leaves a word.
"""

from dataclasses import dataclass

ACTIONS = ["none", "none", "lookup", "notify", "review", "unverify"]
SHARE = 0.5  # of the worlds have decisions
APPLIED, EXPIRED = "override.applied", "override.expired"


@dataclass(slots=True)
class Decision:
    action: str
    until: int  # its last day


def about(world, domain):
    """The decision about a domain; None if there is none."""
    return world.decisions.get(domain.name) or world.decisions.get(world.registered_under.get(domain.name))


def decide(world, domain, verdict):
    """The verdict on a domain, or on a mail domain judged by it, as a person left it."""
    decision = about(world, domain)
    if decision is None:
        return verdict
    decided = verdict.copy()
    is_over = decision.until < world.options.as_of
    decided.reasons.add(EXPIRED if is_over else APPLIED)
    if not is_over:
        decided.action = decision.action
    return decided


def action_of(world, domain, action):
    """The action for an account at a domain."""
    decision = about(world, domain)
    return action if decision is None or decision.until < world.options.as_of else decision.action


# ---------------------------------------------------------------- the decisions of a world


def plant(world, r):
    """Decisions about some names; never about one below another that is decided, of which the contract says nothing."""
    decided = {}
    for name in world.domains:
        if r.random() < 0.04 and world.registered_under.get(name) not in decided:
            decided[name] = Decision(r.choice(ACTIONS), world.options.as_of + r.choice([-30, -1, 0, 1, 90]))
    for name, upper in world.registered_under.items():
        if upper in decided:
            decided.pop(name, None)
    return decided


def write(world, path, date):
    lines = []
    for i, (name, decision) in enumerate(world.decisions.items()):
        name = (name, name.upper(), f"{name}.")[i % 3]
        lines.append(f"{decision.action},{name},because {i},{date(decision.until)}\n")
    path.write_text("action,domain,note,until\n" + "".join(lines))
    return path

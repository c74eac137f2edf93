"""Generated worlds, judged by the program and by this oracle, and every difference told.

    compare.py PROGRAM [--cases N] [--seconds N] [--seed S] [--names N] [--accounts N] [--table FILE]

A case is one account. A verdict that agrees only with the other reading of a sentence (`readings.py`) is counted by
its question. Exit status 1 on any other difference.
"""

import argparse
import collections
import pathlib
import sys
import tempfile
import time

import pyarrow.parquet as parquet

import account
import clock
import files
import judge
import readings
import servers
from readings import Otherwise, other, question
from registries import DATA, read_registries
from world import AS_OF, ORIGINS, World

NAMED = {
    "evidence.conflict", "rdap.not_the_registry", "rdap.unverified_source", "rdap.unknown_status", "rdap.reserved",
    "name.only_names_below", "name.private_uncovered", "ns.hijackable", "ns.soon_hijackable",
}
COLUMNS = [
    "judged_domain", "state", "risk", "action", "rule", "reasons", "zone_coverage", "present", "earliest_drop_on",
    "latest_drop_on", "first_seen", "last_seen", "dropped_on", "domainr_status", "hijackable_name_servers",
]

question("worse_by_domain", "of two candidates the worse verdict of that account stands",
         "the verdict on the worse domain")
question("worse_than_uncovered", "uncovered below a suffix open to others: unknown", "unless the verdict on the parent is worse")
question("covered_by_any_answer", "a private candidate is covered by any answer that counts",
         "only by a usable one")


class Court:
    """The oracle's verdicts on a world, for each set of readings once."""

    def __init__(self, world):
        self.world = world
        self.judged, self.raised = {}, {}

    def lookup(self, host):
        return self.world.domains.get(".".join(host.split(".")[-2:]))

    def kept(self, kept, domain, find):
        """What was found before under these readings, with the questions asked then."""
        key = readings.answered_otherwise, domain.name
        if key not in kept:
            before = set(readings.asked)
            readings.asked.clear()
            found = find()
            kept[key] = found, frozenset(readings.asked)
            readings.asked |= before
        found, asked = kept[key]
        readings.asked |= asked
        return found

    def judge(self, domain):
        return self.kept(self.judged, domain, lambda: judge.judge(domain, self.world.options))

    def verdict(self, domain):
        return self.kept(self.raised, domain, lambda: self.raise_verdict(domain))

    def raise_verdict(self, domain):
        verdict = self.judge(domain)
        raised = judge.Verdict(*[getattr(verdict, name) for name in judge.Verdict.__slots__])
        raised.reasons = set(verdict.reasons)
        servers.raise_by_servers(domain, raised, self.lookup, self.judge)
        if domain.name in self.world.open_names and not self.is_covered(domain):
            raised.reasons.add("name.private_uncovered")
        return raised

    def is_doubtful(self, domain):
        """Whether a zone of its own or of one of its name servers may or may not be shrunk."""
        zones = [domain.zone] + [target.zone for target in map(self.lookup, domain.servers) if target]
        return any(zone is not None and zone.is_doubtful for zone in zones)

    def is_covered(self, below):
        verdict = self.judge(below)
        if other("covered_by_any_answer"):
            return verdict.rdap.usable
        return bool(verdict.rdap.counting)

    def for_account(self, judged, verified, first):
        """State, risk and action of an account at a name, or at the worse of two."""
        if len(judged) == 1:
            return {account.for_account(judged[0], self.verdict(judged[0]), verified, first, AS_OF)}
        parent, below, is_open = judged
        is_covered = self.is_covered(below)
        if is_open and not is_covered:
            verdict = self.verdict(parent)
            if other("worse_than_uncovered") and servers.RISKS.index(verdict.risk) > 1:
                return {account.for_account(parent, verdict, verified, first, AS_OF)}
            return {("unknown", "unknown", "lookup")}
        said = [account.for_account(parent, self.verdict(parent), verified, first, AS_OF)]
        if is_covered:
            said.append(account.for_account(below, self.verdict(below), verified, first, AS_OF))
        if is_covered and other("worse_by_domain"):
            pair = [self.verdict(parent), self.verdict(below)]
            ranks = [(servers.RISKS.index(v.risk), servers.ACTIONS.index(v.action)) for v in pair]
            said = [one for one, rank in zip(said, ranks) if rank == max(ranks)]
        rank = lambda verdict: (servers.RISKS.index(verdict[1]), servers.ACTIONS.index(verdict[2]))
        worst = max(map(rank, said))
        return {verdict for verdict in said if rank(verdict) == worst}


def tokens(verdict):
    """Section 5, tokens, in increasing precedence."""
    fixed = {
        "available": "undelegated inactive", "absent": "undelegated", "unknown": "unknown", "not_registrable": "reserved",
    }
    if verdict.state in fixed:
        return fixed[verdict.state]
    words = (["undelegated"] if verdict.zone.presence is False else []) + ["active"]
    words += {"redemption": ["expiring"], "pending_delete": ["deleting"]}.get(verdict.state, [])
    if servers.parking(verdict.zone.servers):
        words.append("parked")
    return " ".join(sorted(words, key=["undelegated", "active", "parked", "expiring", "deleting"].index))


def domain_fields(verdict):
    day = lambda at: None if at is None else files.date(at)
    zone = verdict.zone
    return dict(
        verdict=(verdict.state, verdict.risk, verdict.action), zone_coverage=zone.coverage, present=zone.presence,
        drop=verdict.drop and tuple(map(day, verdict.drop)), first_seen=day(zone.first), last_seen=day(zone.last),
        dropped_on=day(zone.dropped), domainr_status=tokens(verdict), hijackable=verdict.hijackable,
        reasons=frozenset(verdict.reasons & NAMED),
    )


def program_fields(row):
    window = row["earliest_drop_on"], row["latest_drop_on"]
    assert (None not in window and window[0] > window[1]) == ("drop.contradictory" in (row["reasons"] or ())), row
    return dict(
        verdict=(row["state"], row["risk"], row["action"]), zone_coverage=row["zone_coverage"], present=row["present"],
        drop=(row["earliest_drop_on"], row["latest_drop_on"]), first_seen=row["first_seen"],
        last_seen=row["last_seen"], dropped_on=row["dropped_on"], domainr_status=row["domainr_status"],
        hijackable=sorted(server["host"] for server in row["hijackable_name_servers"] or []),
        reasons=frozenset(row["reasons"] or ()) & NAMED,
    )


class Comparison:
    def __init__(self, skip):
        self.skip = skip
        self.tally, self.differences = collections.Counter(), collections.defaultdict(list)
        self.by_question = collections.defaultdict(list)
        self.names = 0

    def explain(self, ours_of, theirs, agrees):
        """The fewest questions that, answered the other way, make the verdicts agree; None if none do."""
        def asks(names):
            readings.asked.clear()
            with Otherwise(names):
                return agrees(ours_of(), theirs), set(readings.asked)

        tried = {(): asks(())}
        for count in range(3):  # a question may be asked only after another is answered otherwise
            for names in [names for names in tried if len(names) == count]:
                for name in sorted(tried[names][1] - set(names)):
                    more = tuple(sorted((*names, name)))
                    if more not in tried:
                        tried[more] = asks(more)
                        if tried[more][0]:
                            return more
        return None

    def meet(self, what, ours_of, theirs, agrees, tell, state=None):
        names = self.explain(ours_of, theirs, agrees)
        if not names:
            ours = ours_of()
            if what == "domains.drop":
                ours, theirs = f"{state} {pattern(ours, theirs)}", "other"
            key = what, str(sorted(ours) if isinstance(ours, (set, frozenset)) else ours), str(theirs)
            self.differences[key].append(tell)
        else:
            self.by_question[what, names].append((str(ours_of()), str(theirs), tell))

    def world(self, program, seed, names, per_name, table, registries, origins):
        world = World(seed, names, table, registries, origins)
        accounts = world.accounts(per_name)
        with tempfile.TemporaryDirectory() as temporary:
            report = files.audit(program, world, accounts, pathlib.Path(temporary))
            rows = parquet.read_table(report / "accounts.parquet", columns=["state", "risk", "action"]).to_pydict()
            judged = {row["judged_domain"]: row for row in parquet.read_table(report / "domains.parquet", columns=COLUMNS).to_pylist()}
        court = Court(world)
        assert len(rows["state"]) == len(accounts), (len(rows["state"]), len(accounts))
        self.names += len(judged)
        for domain in world.domains.values():
            row = judged.get(domain.name)
            if row is None or court.is_doubtful(domain):
                continue
            theirs = program_fields(row)
            ours = domain_fields(court.verdict(domain))
            for field, value in theirs.items():
                if not agrees_in(field)(ours[field], value) and field not in self.skip:
                    self.meet(
                        f"domains.{field}", lambda: domain_fields(court.verdict(domain))[field], value,
                        agrees_in(field), lambda domain=domain, row=row: (seed, domain, row), row["state"],
                    )
                    if field in ("present", "zone_coverage", "verdict"):
                        break
        for (mail, at, verified, first), *theirs in zip(accounts, rows["state"], rows["risk"], rows["action"]):
            if any(map(court.is_doubtful, at[:2])):
                continue
            theirs = tuple(theirs)
            ours = court.for_account(at, verified, first)
            self.tally[theirs] += 1
            if theirs not in ours:
                self.meet(
                    "accounts", lambda: court.for_account(at, verified, first), theirs, lambda a, b: b in a,
                    lambda at=at, more=(mail, verified, first): (seed, at, more),
                )


def agrees_in(field):
    """A drop window may be wider than ours: it holds the true day as well."""
    if field == "drop":
        return lambda ours, theirs: clock.holds(ours, theirs)
    return lambda ours, theirs: ours == theirs


def pattern(ours, theirs):
    """How two drop windows differ."""
    words = []
    for name, one, two in zip(("earliest", "latest"), ours, theirs):
        if one != two:
            how = "ours only" if two is None else "theirs only" if one is None else "ours earlier" if one < two else "ours later"
            words.append(f"{name} {how}")
    return ", ".join(words)


def tell(domain):
    days = lambda at: None if at is None else round(at - AS_OF, 2)
    line = domain.line
    lines = [f"   {domain.name} {line.renews} {line.printed} " + " ".join(
        f"{name}={getattr(line, name)}" for name in (*clock.FIGURES, "pending_delete") if getattr(line, name) is not None)]
    if domain.zone:
        kinds = []
        for delivery, held in zip(domain.zone.deliveries, domain.held):
            what = [w for w, on in [("unclosed", not delivery.closed), ("list", delivery.listed), ("shrunk", delivery.shrunk)] if on]
            kinds.append(f"{days(delivery.day)}{'/' + what[0] if what else ''}:{held or '-'}")
        lines.append(f"   zone {domain.zone.origin} {' '.join(kinds)}; {' '.join(domain.servers)}")
    names = ("registered", "expires", "registrar_expires", "reinstantiated", "reregistered")
    for a in domain.answers:
        kind = "found" if a.found else "error" if a.error else "reserved" if a.reserved else "not found"
        times = {k: days(getattr(a, k)) for k in names if getattr(a, k) is not None}
        lines.append(f"   rdap {days(a.fetched)} {a.source} ({a.standing}) {kind} {list(a.statuses)} {times}{' registrar' if a.registrar else ''}")
    for edition in domain.editions:
        rows = edition.rows.get(domain.name)
        said = "missing" if rows is None else "; ".join(row_of(entry, days) for entry in rows)
        lines.append(f"   list {days(edition.at)} {edition.form.file} {edition.wholeness}{' proves' if edition.is_whole else ''}: {said}")
    return "\n".join(lines)


def row_of(entry, days):
    times = {k: days(getattr(entry, k)) for k in ("release", "registered", "expires", "ended") if getattr(entry, k) is not None}
    return f"{entry.kind} {times}{' out' if entry.is_out else ''} {entry.word}"


def report(comparison, show):
    for (what, names), examples in sorted(comparison.by_question.items(), key=lambda e: -len(e[1])):
        print(f"{len(examples):9} {what} agree only if: " + "; ".join(f"{n} ({readings.QUESTIONS[n][1]})" for n in names))
        ours, theirs, example = examples[0]
        print(f"   contract {ours}, program {theirs}")
        show_case(*example())
    total = sum(map(len, comparison.differences.values()))
    for (what, ours, theirs), examples in sorted(comparison.differences.items(), key=lambda e: -len(e[1]))[:show]:
        seed, at, more = min((example() for example in examples[:50]), key=lambda e: len(tell(e[1] if not isinstance(e[1], tuple) else e[1][-1] if len(e[1]) == 1 else e[1][1])))
        print(f"\n{len(examples)} x {what}: contract {ours}, program {theirs}; world {seed}")
        show_case(seed, at, more)
    return total


def show_case(seed, at, more):
    """One case with its evidence."""
    for domain in at[:2] if isinstance(at, tuple) else [at]:
        print(tell(domain))
    if isinstance(more, dict):
        print("  ", more["rule"], more["reasons"], more["state"], more["zone_coverage"], more["present"], *(None if more[c] is None else (more[c] - files.date(AS_OF)).days for c in ("earliest_drop_on", "latest_drop_on")))
    else:
        print("   mail domain, verified, first:", more[0], *(None if v is None else v - AS_OF for v in more[1:3]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="start no world later than this")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--names", type=int, default=100, help="names a zone of a world has")
    parser.add_argument("--accounts", type=int, default=3, help="accounts at a name")
    parser.add_argument("--table", default=DATA / "lifecycle.csv", help="the table of the clock")
    parser.add_argument("--skip", action="append", default=[], help="a field of domains that is not compared")
    parser.add_argument("--show", type=int, default=25, help="kinds of differences that are told")
    parser.add_argument("--origins", nargs="*", default=ORIGINS)
    options = parser.parse_args()
    comparison, worlds = Comparison(options.skip), 0
    table, registries = clock.read_table(options.table), read_registries()
    start = time.monotonic()
    while sum(comparison.tally.values()) < options.cases and time.monotonic() - start < options.seconds:
        seed = options.seed * 1_000_003 + worlds
        comparison.world(options.program, seed, options.names, options.accounts, table, registries, options.origins)
        worlds += 1
    print(f"{sum(comparison.tally.values())} accounts at {comparison.names} names in {worlds} worlds")
    for verdict, count in sorted(comparison.tally.items()):
        print(f"{count:9} {' '.join(verdict)}")
    total = report(comparison, options.show)
    print(f"\n{total} differences")
    sys.exit(1 if total else 0)


if __name__ == "__main__":
    main()

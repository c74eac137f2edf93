"""Generated worlds, judged by the program and by this oracle, and every difference told.

    compare.py PROGRAM [--cases N] [--seconds N] [--seed S] [--names N] [--accounts N] [--jobs N]

A case is one account with its evidence. Exit status 1 if any verdict differs. A world of 300 names in each zone with ten
accounts at each has about 170,000 cases and needs 300 MB for each job. Ten million of them:

    nice -n 10 python3 tests/oracle/compare.py target/release/zonelapse \\
        --cases 10000000 --names 300 --accounts 10 --seed 2026 --jobs 2

A single world again: `--only SEED`, with the same `--names` and `--accounts`.
"""

import argparse
import collections
import multiprocessing
import pathlib
import sys
import tempfile
import time

import pyarrow.parquet as parquet

import account
import clock
import files
import judge
import servers
from registries import DATA, read_registries
from tell import kind_of, pattern, tell_account, tell_domain
from world import AS_OF, ORIGINS, World

NAMED = {
    "evidence.conflict", "rdap.not_the_registry", "rdap.unverified_source", "rdap.unknown_status", "rdap.reserved",
    "name.only_names_below", "name.private_uncovered", "ns.hijackable", "ns.soon_hijackable",
}
COLUMNS = [
    "judged_domain", "state", "risk", "action", "rule", "reasons", "zone_coverage", "present", "earliest_drop_on",
    "latest_drop_on", "first_seen", "last_seen", "dropped_on", "domainr_status", "hijackable_name_servers",
]


class Court:
    """The oracle's verdicts on a world, each once."""

    def __init__(self, world):
        self.world = world
        self.judged, self.raised, self.signed = {}, {}, {}

    def lookup(self, host):
        return self.world.domains.get(".".join(host.split(".")[-2:]))

    def judge(self, domain):
        if domain.name not in self.judged:
            self.judged[domain.name] = judge.judge(domain, self.world.options)
        return self.judged[domain.name]

    def verdict(self, domain):
        if domain.name not in self.raised:
            self.raised[domain.name] = self.raise_verdict(domain)
        return self.raised[domain.name]

    def raise_verdict(self, domain):
        verdict = self.judge(domain)
        raised = judge.Verdict(*[getattr(verdict, name) for name in judge.Verdict.__slots__])
        raised.reasons = set(verdict.reasons)
        servers.raise_by_servers(domain, raised, self.lookup, self.judge)
        if domain.name in self.world.open_names and not self.is_covered(domain):
            raised.reasons.add("name.private_uncovered")
        return raised

    def of_account(self, domain, verified, first):
        verdict = self.verdict(domain)
        return account.for_account(verdict, self.signs(domain, verdict), verified, first)

    def signs(self, domain, verdict):
        if domain.name not in self.signed:
            self.signed[domain.name] = account.signs_of(domain, verdict, AS_OF)
        return self.signed[domain.name]

    def is_doubtful(self, domain):
        """Whether a zone of its own or of one of its name servers may or may not be shrunk."""
        zones = [domain.zone] + [target.zone for target in map(self.lookup, domain.servers) if target]
        return any(zone is not None and zone.is_doubtful for zone in zones)

    def is_covered(self, below):
        verdict = self.judge(below)
        return bool(verdict.rdap.counting)

    def for_account(self, judged, verified, first):
        """State, risk and action of an account at a name, or at the worse of two."""
        if len(judged) == 1:
            return {self.of_account(judged[0], verified, first)}
        parent, below, is_open = judged
        is_covered = self.is_covered(below)
        if is_open and not is_covered:
            said = [("unknown", "unknown", "lookup"), self.of_account(parent, verified, first)]
            return {max(said, key=lambda v: (servers.RISKS.index(v[1]), servers.ACTIONS.index(v[2])))}
        said = [self.of_account(parent, verified, first)]
        if is_covered:
            said.append(self.of_account(below, verified, first))
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
    """What came out of some worlds. Differences are kept by kind: how many, and the shortest example in words."""

    def __init__(self):
        self.tally, self.combinations = collections.Counter(), collections.Counter()
        self.differences, self.examples = collections.Counter(), {}
        self.names = self.worlds = 0

    def meet(self, key, example):
        self.differences[key] += 1
        if self.differences[key] <= 20:
            self.keep(key, example())

    def keep(self, key, example):
        if key not in self.examples or len(example) < len(self.examples[key]):
            self.examples[key] = example

    def add(self, other):
        self.tally += other.tally
        self.combinations += other.combinations
        self.differences += other.differences
        self.names += other.names
        self.worlds += other.worlds
        for key, example in other.examples.items():
            self.keep(key, example)


def compare(program, seed, names, per_name, origins):
    """Judges one world twice."""
    table, registries = clock.read_table(DATA / "lifecycle.csv"), read_registries()
    world = World(seed, names, table, registries, origins)
    accounts = world.accounts(per_name)
    with tempfile.TemporaryDirectory() as temporary:
        report = files.audit(program, world, accounts, pathlib.Path(temporary))
        rows = parquet.read_table(report / "accounts.parquet", columns=["state", "risk", "action", "rule"]).to_pydict()
        judged = parquet.read_table(report / "domains.parquet", columns=COLUMNS).to_pylist()
    assert len(rows["state"]) == len(accounts), (len(rows["state"]), len(accounts))
    court, found = Court(world), Comparison()
    found.names, found.worlds = len(judged), 1
    for row in judged:
        domain = world.domains.get(row["judged_domain"])
        if domain is not None and not court.is_doubtful(domain):
            compare_domain(found, seed, domain, court.verdict(domain), row)
    doubtful = {name for name, domain in world.domains.items() if court.is_doubtful(domain)}
    for (mail, at, verified, first), *theirs in zip(accounts, *(rows[name] for name in ("state", "risk", "action", "rule"))):
        if any(domain.name in doubtful for domain in at[:2]):
            continue
        rule = theirs.pop()
        theirs = tuple(theirs)
        ours = court.for_account(at, verified, first)
        found.tally[theirs] += 1
        found.combinations[theirs[0], rule, kind_of(at)] += 1
        if theirs not in ours:
            key = "accounts", str(sorted(ours)), str(theirs)
            found.meet(key, lambda: tell_account(seed, at, mail, verified, first))
    return found


def compare_domain(found, seed, domain, verdict, row):
    ours, theirs = domain_fields(verdict), program_fields(row)
    for field, value in theirs.items():
        # A drop window may be wider than ours: it holds the true day as well.
        if clock.holds(ours[field], value) if field == "drop" else ours[field] == value:
            continue
        key = f"domains.{field}", str(ours[field]), str(value)
        if field == "drop":
            key = f"domains.{field}", verdict.state, pattern(ours[field], value)
        found.meet(key, lambda: tell_domain(seed, domain, row))
        if field in ("present", "zone_coverage", "verdict"):
            break


def tell(found, show):
    total = sum(found.tally.values())
    print(f"{total} accounts at {found.names} names in {found.worlds} worlds")
    for verdict, count in sorted(found.tally.items()):
        print(f"{count:9} {' '.join(verdict)}")
    print(f"{len(found.combinations)} combinations of state, rule and kind of top-level domain")
    for (what, ours, theirs), count in found.differences.most_common(show):
        print(f"\n{count} x {what}: contract {ours}, program {theirs}; {found.examples[what, ours, theirs]}")
    print(f"\n{sum(found.differences.values())} differences")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="start no world later than this")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="the seed of a single world, as a difference names it")
    parser.add_argument("--names", type=int, default=100, help="names a zone of a world has")
    parser.add_argument("--accounts", type=int, default=3, help="accounts at a name")
    parser.add_argument("--jobs", type=int, default=1, help="worlds at a time")
    parser.add_argument("--show", type=int, default=25, help="kinds of differences that are told")
    parser.add_argument("--origins", nargs="*", default=ORIGINS)
    options = parser.parse_args()
    found, start = Comparison(), time.monotonic()
    first = options.seed * 1_000_003
    seeds = iter([options.only]) if options.only is not None else iter(range(first, first + 1_000_003))
    with multiprocessing.Pool(options.jobs, maxtasksperchild=20) as pool:
        running = []
        while True:
            cases = sum(found.tally.values())
            # Of the worlds that run, each is taken to bring as many cases as those before did.
            likely = cases + len(running) * (cases // found.worlds if found.worlds else 1)
            is_open = likely < options.cases and time.monotonic() - start < options.seconds
            seed = next(seeds, None) if is_open and len(running) < options.jobs else None
            if seed is not None:
                running.append(pool.apply_async(compare, (options.program, seed, options.names, options.accounts, options.origins)))
            elif running:
                found.add(running.pop(0).get())
            else:
                break
    tell(found, options.show)
    sys.exit(1 if found.differences else 0)


if __name__ == "__main__":
    main()

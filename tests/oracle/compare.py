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

import clock
import decisions
import files
import servers
from court import Court
from registries import DATA, read_registries
from tell import kind_of, pattern, tell_account, tell_domain, tell_mail
from world import AS_OF, ORIGINS, World

NAMED = {
    "evidence.conflict", "rdap.not_the_registry", "rdap.unverified_source", "rdap.unknown_status", "rdap.reserved",
    "name.only_names_below", "name.private_uncovered", "ns.hijackable", "ns.soon_hijackable",
    "mx.hijackable", "mx.soon_hijackable", "mx.none", "mx.stale", "mx.undated", decisions.APPLIED, decisions.EXPIRED,
}
OF_MAIL = {reason for reason in NAMED if reason.startswith("mx.")}
COLUMNS = [
    "judged_domain", "state", "risk", "action", "rule", "reasons", "zone_coverage", "present", "earliest_drop_on",
    "latest_drop_on", "first_seen", "last_seen", "dropped_on", "domainr_status", "hijackable_name_servers",
    "accounts", "accounts_unverify", "accounts_review", "mail_servers", "hijackable_mail_servers",
]
OF_ACCOUNT = ["state", "risk", "action", "rule", "reasons", "judged_domain", "accounts"]


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
        rows = parquet.read_table(report / "accounts.parquet", columns=OF_ACCOUNT).to_pydict()
        judged = parquet.read_table(report / "domains.parquet", columns=COLUMNS).to_pylist()
    assert len(rows["state"]) == len(accounts), (len(rows["state"]), len(accounts))
    court, found = Court(world), Comparison()
    found.names, found.worlds = len(judged), 1
    mail_domains = dict.fromkeys(mail for mail, *_ in accounts)
    for row in judged:
        domain = world.domains.get(row["judged_domain"])
        if domain is None or court.is_doubtful(domain) or court.is_doubtful_mail(domain.name):
            continue
        own = court.verdict(domain)
        if domain.name in mail_domains:
            has_two = len(world.names_of(domain.name)) > 1  # it may be at the other one
            own = court.mail_verdict(domain.name, domain) if not has_two or OF_MAIL & set(row["reasons"] or ()) else own
        compare_domain(found, seed, domain, decisions.decide(world, domain, own), row)
    compare_mail(found, seed, court, mail_domains, judged)
    compare_counts(found, world, rows, judged)
    doubtful = {name for name, domain in world.domains.items() if court.is_doubtful(domain)}
    doubtful_mail = {mail for mail in mail_domains if court.is_doubtful_mail(mail)}
    for (mail, at, verified, first), *theirs in zip(accounts, *(rows[name] for name in OF_ACCOUNT[:5])):
        if mail in doubtful_mail or any(domain.name in doubtful for domain in at[:2]):
            continue
        *theirs, rule, reasons = theirs
        theirs = (*theirs, *sorted(set(reasons or ()) & OF_MAIL))
        ours = {(*verdict, *court.mail_reasons(mail)) for verdict in court.for_account(mail, at, verified, first)}
        found.tally[theirs[:3]] += 1
        found.combinations[theirs[0], rule, kind_of(at), theirs[3:]] += 1
        if theirs not in ours:
            key = "accounts", str(sorted(ours)), str(theirs)
            found.meet(key, lambda: tell_account(seed, court, at, mail, verified, first))
    return found


def compare_mail(found, seed, court, mail_domains, judged):
    """The servers of the mail domains at a name. (Which of two names a mail domain is at may differ by account.)"""
    at = {}
    for mail in mail_domains:
        names = court.world.names_of(mail)
        if len(names) == 1:
            at.setdefault(names[0].name, []).append(mail)
    for row in judged:
        mails = at.get(row["judged_domain"], ())
        if not mails or any(map(court.is_doubtful_mail, mails)):
            continue
        ours = court.servers_of(mails)
        theirs = row["mail_servers"] or [], sorted({one["host"] for one in row["hijackable_mail_servers"] or ()})
        if ours != theirs:
            found.meet(("mail servers", str(ours), str(theirs)), lambda: tell_mail(seed, court, mails))


def compare_counts(found, world, rows, judged):
    """How many accounts each row stands for, and the sums of them at each name."""
    sums = {}
    for number, (name, action, count) in enumerate(zip(rows["judged_domain"], rows["action"], rows["accounts"])):
        if count != files.count_of(world, number):
            found.meet(("counts", str(files.count_of(world, number)), str(count)), lambda: f"world {world.seed} row {number}")
        of_name = sums.setdefault(name, collections.Counter())
        of_name["accounts"] += count
        of_name[f"accounts_{action}"] += count
    for row in judged:
        for column in ("accounts", "accounts_unverify", "accounts_review"):
            ours = sums.get(row["judged_domain"], {}).get(column, 0)
            if row[column] != ours:
                found.meet((column, str(ours), str(row[column])), lambda: f"world {world.seed} {row['judged_domain']}")


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

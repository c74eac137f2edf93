"""Generated worlds, judged by the program and by `oracle.py`, and every difference told.

    compare.py PROGRAM [--cases N] [--seed S] [--names N]

A world is a few zones on several days (whole, without closing SOA, shrunk, a plain list, stale, none), RDAP answers
of every kind, contradictions among them, name servers whose own domains can be registered, and accounts verified
before, between and after all that. A case is one account. Exit status 1 on any difference.
"""

import argparse
import collections
import datetime
import json
import pathlib
import random
import subprocess
import sys
import tempfile

import pyarrow.parquet as parquet

import oracle
from oracle import Answer, Delivery, Domain, Zone

EPOCH = datetime.date(1970, 1, 1)
AS_OF = (datetime.date(2026, 6, 1) - EPOCH).days
DEFAULT = (45, 30, 5, 0, 0)
STATUSES = [
    (8, []), (8, ["active"]), (2, ["pending delete"]), (2, ["redemption period"]),
    (2, ["pending delete", "redemption period"]), (1, ["pending delete", "pending restore"]), (1, ["pending restore"]),
    (1, ["redemption period", "pending restore"]), (2, ["auto renew period"]), (2, ["auto renew period", "client hold"]),
    (1, ["auto renew period", "server hold"]), (2, ["client hold"]), (1, ["server hold"]), (2, ["inactive"]),
    (1, ["inactive", "client hold"]), (1, ["client transfer prohibited", "active"]),
]
WEIGHTS, CHOICES = zip(*STATUSES)


def lifecycles():
    """The figures by top-level domain; empty ones are those of gTLDs."""
    data = pathlib.Path(__file__).resolve().parents[2] / "data" / "lifecycle.csv"
    lines = [line for line in data.read_text().splitlines() if line and not line.startswith("#")][1:]
    table = {}
    for line in lines:
        tld, *figures = line.split(",")
        table[tld] = tuple(int(f) if f else default for f, default in zip(figures, DEFAULT))
    return table


def moment(at):
    """A moment in days as RFC 3339."""
    seconds = round(at * 86400)
    return (datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


class World:
    """One world; `kind` of a zone says what is wrong with its newest delivery."""

    def __init__(self, seed, names):
        self.random = random.Random(seed)
        self.table = lifecycles()
        self.domains = {}
        self.zones = {}
        for origin, kind in [
            ("com", "whole"), ("eu", "whole"), ("net", "stale"), ("org", "unclosed"), ("info", "list"),
            ("biz", "shrunk"), ("de", "whole"), ("ru", "whole"), ("dev", None), ("fi", None),
        ]:
            self.plant(origin, kind, names)
        self.hosts = {}

    def plant(self, origin, kind, names):
        r = self.random
        zone = None
        if kind:
            days = sorted({AS_OF - r.randrange(0, 3)} | {AS_OF - r.randrange(4, 140) for _ in range(r.randrange(1, 6))})
            if kind == "stale":
                days = [day - 10 for day in days]
            zone = Zone(origin, [Delivery(day) for day in days])
            last = zone.deliveries[-1]
            last.closed = kind != "unclosed"
            if kind == "list":
                for delivery in zone.deliveries:
                    delivery.listed = True
        self.zones[origin] = zone
        self.lost = r.choice([0.03, 0.1, 0.25, 0.6])  # share of its names that a shrunk delivery lacks
        providers = self.providers = ["gone", "back", "dying", "held", "sub", "loop"]
        for i in range(names):
            label = providers[i] if i < len(providers) else f"n{i}"
            domain = Domain(f"{label}.{origin}", zone, lifecycle=self.table.get(origin, DEFAULT))
            if zone:
                domain.held = self.history(domain, zone, kind)
            domain.answers = self.answers(domain)
            self.domains[domain.name] = domain
        if origin == "com":  # the parking companies' own domains are safe
            for name in oracle.PARKING:
                safe = Domain(name, zone, [["ns1.steady.example"]] * len(zone.deliveries))
                self.domains[name] = safe
        if zone:
            for i, delivery in enumerate(zone.deliveries):
                held = [d for d in self.domains.values() if d.zone is zone and d.held[i] is not None]
                delivery.names = len(held)
            zone.settle()

    def servers(self, domain):
        r = self.random
        pick = r.random()
        if pick < 0.06:
            listed = r.choice(list(oracle.PARKING))
            return [f"ns1.{listed}", f"ns2.{listed}"]
        if pick < 0.7:
            return ["ns1.steady.example", "ns2.steady.example"]
        if pick < 0.75:
            return ["ns1." + domain.name, "ns1.steady.example"]
        if pick < 0.78:
            return sorted({"ns1." + domain.name, f"ns1.{r.choice(self.labels())}.{r.choice(['com', 'de'])}"})
        origins = ["com", "com", "eu", "net", "org", "info", "dev", "de"]
        host = lambda: f"ns{r.randrange(1, 3)}.{r.choice(self.labels())}.{r.choice(origins)}"
        if pick < 0.88:
            return [host()]
        if pick < 0.95:
            return sorted({host(), host()})
        return [host(), "ns2.steady.example"]

    def labels(self):
        return ["gone", "back", "dying", "held", "sub", "loop"]

    def history(self, domain, zone, kind):
        r = self.random
        servers = self.servers(domain)
        if r.random() < 0.45:
            pattern = [True] * len(zone.deliveries)
        elif r.random() < 0.25:
            pattern = [False] * len(zone.deliveries)
        else:
            pattern = [r.random() < 0.6 for _ in zone.deliveries]
        if kind == "shrunk" and r.random() < self.lost:
            pattern[-1] = False
        if kind == "list":
            servers = []
        return [servers if held else None for held in pattern]

    def answers(self, domain):
        r = self.random
        count = r.choice([0, 0, 1, 1, 1, 2])
        answers, sources = [], r.sample(["https://rdap.registry.example/", "https://rdap.registrar.example/"], 2)
        for i in range(count):
            fetched = AS_OF - r.choice([r.random() * 5, r.random() * 30, r.random() * 100, -1.5 * r.random()])
            fetched = round(fetched * 86400) / 86400
            answer = Answer(sources[i % 2] if r.random() < 0.8 else sources[0], fetched)
            if any(a.fetched == fetched for a in answers):
                continue
            kind = r.random()
            if kind < 0.25:
                answer.found = False
            elif kind < 0.3:
                answer.error, answer.found = True, False
            else:
                answer.statuses = frozenset(r.choices(CHOICES, WEIGHTS)[0])
                day = lambda low, high: AS_OF + r.randrange(low, high) + 0.5
                answer.registered = r.choice([None, day(-3000, -400), day(-3000, -400), day(-200, 5)])
                answer.expires = r.choice([None, day(-120, 0), day(0, 40), day(40, 900), day(40, 900)])
                if r.random() < 0.2:
                    answer.registrar_expires = r.choice([day(-120, 0), day(0, 40), day(40, 900)])
                if r.random() < 0.1:
                    answer.reinstantiated = day(-300, 5)
                if r.random() < 0.1:
                    answer.reregistered = day(-300, 5)
            answers.append(answer)
        return answers

    # ------------------------------------------------------------ files

    def write(self, folder):
        paths = []
        for origin, zone in self.zones.items():
            if zone is None:
                continue
            domains = [d for d in self.domains.values() if d.zone is zone]
            for i, delivery in enumerate(zone.deliveries):
                date = EPOCH + datetime.timedelta(days=delivery.day)
                (folder / "zones").mkdir(exist_ok=True)
                if delivery.listed:
                    text = "".join(d.name + "\n" for d in domains if d.held[i] is not None)
                    path = folder / "zones" / f"{date:%Y%m%d}" / f"{origin}.list"
                else:
                    soa = f"{origin}.\t3600\tin\tsoa\tns.nic.example. h.nic.example. {date:%Y%m%d}01 1 1 1 1\n"
                    lines = [soa]
                    for d in domains:
                        for host in d.held[i] or ():
                            lines.append(f"{d.name}.\t3600\tin\tns\t{host}.\n")
                    if delivery.closed:
                        lines.append(soa)
                    text = "".join(lines)
                    path = folder / "zones" / f"{date:%Y%m%d}" / f"{origin}.txt"
                path.parent.mkdir(exist_ok=True)
                path.write_text(text)
                paths.append((delivery.day, delivery.listed, path))
        with open(folder / "rdap.ndjson", "w") as out:
            for domain in self.domains.values():
                for answer in domain.answers:
                    out.write(json.dumps(self.envelope(domain, answer)) + "\n")
        return sorted(paths, key=lambda entry: entry[0])

    def envelope(self, domain, answer):
        body, status = {"errorCode": 404, "title": "not found"}, 404
        if answer.error:
            body, status = {"errorCode": 500, "title": "broken"}, 500
        if answer.found:
            events = [
                ("registration", answer.registered), ("expiration", answer.expires),
                ("registrar expiration", answer.registrar_expires), ("reinstantiation", answer.reinstantiated),
                ("reregistration", answer.reregistered),
            ]
            body, status = {"objectClassName": "domain", "ldhName": domain.name.upper()}, 200
            body["status"] = sorted(answer.statuses)
            body["events"] = [{"eventAction": a, "eventDate": moment(at)} for a, at in events if at is not None]
        return {
            "domain": domain.name, "fetched_at": moment(answer.fetched), "source": answer.source,
            "http_status": status, "body": body,
        }

    def accounts(self, per_name):
        r = self.random
        accounts = []
        for domain in self.domains.values():
            for _ in range(per_name):
                first = None if r.random() < 0.6 else AS_OF - r.randrange(1, 250) + 0.25
                verified = None if r.random() < 0.15 else AS_OF - r.choice([r.randrange(0, 60), r.randrange(1, 400)]) - 0.25
                accounts.append((domain, verified, first))
        return accounts


def run(program, *arguments, allowed=(0, 1)):
    done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True)
    if done.returncode not in allowed:
        sys.exit(f"{arguments} ended with {done.returncode}:\n{done.stderr}")


def judge_world(program, seed, names, per_name, tally, differences):
    world = World(seed, names)
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        paths = world.write(folder)
        store = folder / "store"
        for day in sorted({day for day, _, _ in paths}):
            date = EPOCH + datetime.timedelta(days=day)
            of_day = [path for d, _, path in paths if d == day]
            run(program, "snapshot", "build", *of_day, "--store", store, "--date", date, "--quiet")
        accounts = world.accounts(per_name)
        with open(folder / "accounts.csv", "w") as out:
            out.write("id,email,verified_at,first_verified_at\n")
            for i, (domain, verified, first) in enumerate(accounts):
                times = ["" if at is None else moment(at) for at in (verified, first)]
                out.write(f"{i},u{i}@{domain.name},{times[0]},{times[1]}\n")
        run(
            program, "audit", folder / "accounts.csv", "--zones", store, "--rdap", folder / "rdap.ndjson",
            "--as-of", EPOCH + datetime.timedelta(days=AS_OF), "--max-flagged-share", "100", "--quiet", "-o", folder / "report",
        )
        rows = parquet.read_table(folder / "report/accounts.parquet").to_pylist()
        judged = {row["judged_domain"]: row for row in parquet.read_table(folder / "report/domains.parquet").to_pylist()}
    for domain in world.domains.values():
        oracle.judge(domain, AS_OF)

    def lookup(host):
        return world.domains.get(".".join(host.split(".")[-2:]))

    raises = {d.name: oracle.raise_by_servers(d, lookup) for d in world.domains.values()}
    for domain in world.domains.values():
        domain.is_raised = raises[domain.name] != (domain.risk, domain.action)
        domain.risk, domain.action = raises[domain.name]
    day = lambda at: None if at is None else EPOCH + datetime.timedelta(days=at)
    for domain in world.domains.values():
        row, zone = judged[domain.name], domain.zone_says
        ours = dict(
            state=domain.state, risk=domain.risk, action=domain.action, zone_coverage=zone["coverage"],
            present=zone["presence"], earliest_drop_on=day(domain.drop[0]), latest_drop_on=day(domain.drop[1]),
            last_seen=day(zone["last"]), first_seen=day(zone["first"]), dropped_on=day(zone["dropped"]),
            domainr_status=oracle.tokens(domain), hijackable_name_servers=domain.hijackable,
        )
        row["hijackable_name_servers"] = sorted(server["host"] for server in row["hijackable_name_servers"] or [])
        for field, value in ours.items():
            if row[field] != value:
                differences[f"domains.{field}", str(value), str(row[field])].append((seed, domain, row))
    assert len(rows) == len(accounts), (len(rows), len(accounts))
    for (domain, verified, first), row in zip(accounts, rows):
        ours = oracle.for_account(domain, verified, first, AS_OF)
        theirs = (row["state"], row["risk"], row["action"])
        tally[ours] += 1
        if ours != theirs:
            differences["accounts", str(ours), str(theirs)].append((seed, domain, (verified, first, row)))


def tell(domain):
    days = lambda at: None if at is None else round(at - AS_OF, 2)
    lines = [f"   {domain.name}"]
    if domain.zone:
        for delivery, held in zip(domain.zone.deliveries, domain.held):
            what = [w for w, on in [("unclosed", not delivery.closed), ("list", delivery.listed), ("shrunk", delivery.shrunk)] if on]
            lines.append(f"   zone {days(delivery.day)} {' '.join(what) or 'whole'}: {held}")
    for a in domain.answers:
        kind = "found" if a.found else "error" if a.error else "not found"
        times = {k: days(getattr(a, k)) for k in ("registered", "expires", "registrar_expires", "reinstantiated", "reregistered") if getattr(a, k) is not None}
        lines.append(f"   rdap {days(a.fetched)} {a.source} {kind} {sorted(a.statuses)} {times}")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--names", type=int, default=300, help="names a zone of a world has")
    parser.add_argument("--accounts", type=int, default=3, help="accounts at a name")
    options = parser.parse_args()
    tally, differences = collections.Counter(), collections.defaultdict(list)
    cases = worlds = 0
    while cases < options.cases:
        judge_world(options.program, options.seed * 1_000_003 + worlds, options.names, options.accounts, tally, differences)
        worlds += 1
        cases = sum(tally.values())
    print(f"{cases} accounts in {worlds} worlds")
    for verdict, count in sorted(tally.items()):
        print(f"{count:9} {' '.join(verdict)}")
    total = sum(map(len, differences.values()))
    for (what, ours, theirs), examples in sorted(differences.items(), key=lambda e: -len(e[1]))[:25]:
        seed, domain, row = examples[0]
        print(f"\n{len(examples)} x {what}: contract {ours}, program {theirs}; world {seed}\n{tell(domain)}")
        if what == "accounts":
            print("   verified", [None if v is None else v - AS_OF for v in row[:2]], row[2]["rule"], row[2]["reasons"])
        else:
            print("  ", row["rule"], row["reasons"], row["zone_coverage"], row["present"])
    print(f"\n{total} differences")
    sys.exit(1 if total else 0)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Whole-process comparison: `zonelapse audit` beside DuckDB, on data made here.

Makes a .com-like zone (.gz) and CSV files of accounts with the generator in tests/world, then measures two pairs:

* raw: an audit that reads the zone file, beside DuckDB loading the distinct owners of the zone and joining the
  accounts to them (exact match of the mail host: no public suffix list, no rules, no dates);
* store: an audit with the zone in a store, beside DuckDB converting the same CSV to Parquet, which is what reading
  the input and writing an output costs.

Each pair runs on two spreads of accounts: every domain as likely as any other, and one like real services (half of
the accounts at 50 providers, a long tail). The two sides of a pair run in turn, so that a slow moment of the machine
hits both. Prints seconds, CPU seconds, peak memory and the ratio of each pair of runs.

    pip install duckdb
    cargo build --release --locked
    python3 benches/audit.py [--names 5000000] [--accounts 10000000] [--domains 700000] [--runs 5] [--work DIR]
                             [--program PATH]
"""

import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
AS_OF = "2026-06-01"
SPREADS = ("uniform", "services")

JOIN = """
import duckdb, sys
zone, accounts, out = sys.argv[1:]
connection = duckdb.connect()
connection.execute('set enable_progress_bar = false')
connection.execute(f\"\"\"create table zone as select distinct rtrim(owner, '.') as name
    from read_csv('{zone}', delim='\\t', header=false, quote='', escape='',
        columns={{'owner': 'varchar', 'ttl': 'varchar', 'class': 'varchar', 'type': 'varchar', 'data': 'varchar'}})
    where type = 'ns'\"\"\")
connection.execute(f\"\"\"copy (select accounts.*, zone.name is not null as present
    from read_csv('{accounts}') accounts
    left join zone on zone.name = lower(split_part(accounts.email, '@', -1)))
    to '{out}' (format parquet)\"\"\")
"""

CONVERT = """
import duckdb, sys
accounts, out = sys.argv[1:]
connection = duckdb.connect()
connection.execute('set enable_progress_bar = false')
connection.execute(f"copy (from read_csv('{accounts}')) to '{out}' (format parquet)")
"""


def run(command):
    """Seconds of wall time, CPU seconds and peak resident memory in MiB of one command."""
    started = time.monotonic()
    process = subprocess.Popen([str(word) for word in command])
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - started
    if os.waitstatus_to_exitcode(status) != 0:
        sys.exit(f"failed: {' '.join(map(str, command))}")
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def world(directory, arguments, *more):
    """Makes a world, unless it is there."""
    if not (directory / "com.txt.gz").exists():
        make = ["cargo", "run", "--quiet", "--release", "--locked", "--example", "world", "--", "scale", directory,
                "--names", arguments.names, "--accounts", arguments.accounts, "--domains", arguments.domains, *more]
        subprocess.run([str(word) for word in make], cwd=ROOT, check=True)
        # the zone is read packed
        (directory / "com.txt").unlink()
    return directory


def compare(name, ours, theirs, runs):
    """Runs both sides in turn and prints the ratios of the pairs."""
    measured = {"zonelapse": [], "duckdb": []}
    for number in range(runs):
        for side, command in (("zonelapse", ours), ("duckdb", theirs)):
            seconds, cpu, memory = run(command)
            measured[side].append((seconds, cpu, memory))
            print(f"{name:16} run {number + 1} {side:10} {seconds:7.2f} s  {cpu:7.2f} CPU s  {memory:7.0f} MiB", flush=True)
    for side, values in measured.items():
        seconds, cpu, memory = (statistics.median(column) for column in zip(*values))
        print(f"{name:16} median {side:9} {seconds:7.2f} s  {cpu:7.2f} CPU s  {memory:7.0f} MiB")
    pairs = list(zip(measured["zonelapse"], measured["duckdb"]))
    for what, place in (("time", 0), ("CPU", 1)):
        ratios = [one[place] / other[place] for one, other in pairs]
        listed = ", ".join(f"{ratio:.2f}" for ratio in ratios)
        print(f"{name:16} {what} zonelapse / duckdb: {listed}; median {statistics.median(ratios):.2f}")
    print(flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--names", type=int, default=5_000_000)
    parser.add_argument("--accounts", type=int, default=10_000_000)
    parser.add_argument("--domains", type=int, default=700_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--work", type=pathlib.Path, help="where to keep the data; default a temporary directory")
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    parser.add_argument("--program", type=pathlib.Path, default=target / "release" / "zonelapse")
    arguments = parser.parse_args()
    work = arguments.work or pathlib.Path(tempfile.mkdtemp(prefix="zonelapse-bench-"))
    program, store, report = arguments.program, work / "store", work / "report"
    for spread in SPREADS:
        directory = world(work / spread, arguments, "--spread", spread)
        zone, accounts = directory / "com.txt.gz", directory / "accounts.csv"
        if not store.exists():
            # worlds of one size have the same names, so one store serves all
            subprocess.run([program, "snapshot", "build", zone, "--store", store, "--quiet"], check=True)
        audit = [program, "audit", accounts, "--as-of", AS_OF, "-o", report, "--quiet", "--zones"]
        parquet = work / "duckdb.parquet"
        compare(f"raw {spread}", [*audit, zone], [sys.executable, "-c", JOIN, zone, accounts, parquet], arguments.runs)
        compare(f"store {spread}", [*audit, store], [sys.executable, "-c", CONVERT, accounts, parquet], arguments.runs)
    if arguments.work is None:
        shutil.rmtree(work)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Whole-process comparison: `zonelapse audit` beside DuckDB, on data made here.

Makes a .com-like zone (.gz) and a CSV of accounts with the generator in tests/world, then runs, in turn and on
the same machine, `zonelapse audit` and DuckDB loading the distinct owners of the zone and joining the accounts to
them (exact match of the mail host: no public suffix list, no rules, no dates), each to Parquet. Prints seconds,
peak memory and ratios.

    pip install duckdb
    cargo build --release --locked
    python3 benches/audit.py [--names 5000000] [--accounts 10000000] [--domains 700000] [--runs 3] [--work DIR]
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

DUCKDB = """
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


def run(command):
    """Seconds of wall time and peak resident memory in MiB of one command."""
    started = time.monotonic()
    process = subprocess.Popen(command)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - started
    if os.waitstatus_to_exitcode(status) != 0:
        sys.exit(f"failed: {' '.join(map(str, command))}")
    return seconds, usage.ru_maxrss / 1024, usage.ru_utime + usage.ru_stime


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--names", type=int, default=5_000_000)
    parser.add_argument("--accounts", type=int, default=10_000_000)
    parser.add_argument("--domains", type=int, default=700_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--work", type=pathlib.Path, help="where to keep the data; default a temporary directory")
    arguments = parser.parse_args()
    work = arguments.work or pathlib.Path(tempfile.mkdtemp(prefix="zonelapse-bench-"))
    work.mkdir(parents=True, exist_ok=True)
    zone, accounts = work / "com.txt.gz", work / "accounts.csv"
    if not (zone.exists() and accounts.exists()):
        make = ["cargo", "run", "--quiet", "--release", "--locked", "--example", "world", "--", "scale", work]
        sizes = {"--names": arguments.names, "--accounts": arguments.accounts, "--domains": arguments.domains}
        options = [str(word) for pair in sizes.items() for word in pair]
        subprocess.run([*map(str, make), *options], cwd=ROOT, check=True)
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    program = target / "release" / "zonelapse"
    sides = {
        "zonelapse": lambda: [program, "audit", accounts, "--zones", zone, "--as-of", "2026-06-01",
                              "-o", work / "report", "--quiet"],
        "duckdb": lambda: [sys.executable, "-c", DUCKDB, zone, accounts, work / "duckdb.parquet"],
    }
    measured = {name: [] for name in sides}
    for number in range(arguments.runs):
        for name, command in sides.items():
            seconds, memory, cpu = run(command())
            measured[name].append((seconds, memory, cpu))
            print(f"run {number + 1} {name:10} {seconds:7.2f} s  {cpu:7.2f} CPU s  {memory:8.0f} MiB", flush=True)
    print()
    medians = {name: statistics.median(seconds for seconds, _, _ in runs) for name, runs in measured.items()}
    for name, runs in measured.items():
        peak = max(memory for _, memory, _ in runs)
        print(f"{name:10} median {medians[name]:7.2f} s, peak {peak:6.0f} MiB")
    pairs = [ours[0] / theirs[0] for ours, theirs in zip(measured["zonelapse"], measured["duckdb"])]
    print(f"ratio zonelapse / duckdb, run by run: {', '.join(f'{pair:.2f}' for pair in pairs)}; "
          f"median {statistics.median(pairs):.2f}")
    if arguments.work is None:
        shutil.rmtree(work)


if __name__ == "__main__":
    main()

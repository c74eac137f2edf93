#!/usr/bin/env python3
"""What an audit costs for each domain and for each account, on data made here.

Memory must grow with the distinct domains, and with nothing else. So this measures the peak memory of audits
of one account a domain, few and many, and prints the difference for each domain; then audits of the same domains
with ten times as many accounts, and prints how memory and time grow. Runs take turns, so that a slow
moment of the machine hits both sides.

    cargo build --release --locked
    python3 benches/memory.py [--domains 3000000] [--accounts 10000000] [--runs 3] [--work DIR]
"""

import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import tempfile

from audit import AS_OF, ROOT, run

#: The few domains are so many times fewer than the many.
FEW = 11


def world(directory, names, domains, accounts, spread):
    """Makes a zone and accounts, unless they are there."""
    if not (directory / "accounts.csv").exists():
        make = ["cargo", "run", "--quiet", "--release", "--locked", "--example", "world", "--", "scale", directory,
                "--names", names, "--domains", domains, "--accounts", accounts, "--spread", spread]
        subprocess.run([str(word) for word in make], cwd=ROOT, check=True)
    return directory / "accounts.csv"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--domains", type=int, default=3_000_000)
    parser.add_argument("--accounts", type=int, default=10_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--work", type=pathlib.Path, help="where to keep the data; default a temporary directory")
    arguments = parser.parse_args()
    work = arguments.work or pathlib.Path(tempfile.mkdtemp(prefix="zonelapse-bench-"))
    many, few = arguments.domains, arguments.domains // FEW
    accounts = arguments.accounts
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    program, store = target / "release" / "zonelapse", work / "store"
    # the zone of the first world serves all: worlds of one seed and size have the same names
    worlds = {
        "many domains": world(work / "many", many, many, many, "each"),
        "few domains": world(work / "few", many, few, few, "each"),
        "few accounts": world(work / "tenth", many, few, accounts // 10, "uniform"),
        "many accounts": world(work / "whole", many, few, accounts, "uniform"),
    }
    if not store.exists():
        subprocess.run([program, "snapshot", "build", work / "many" / "com.txt.gz", "--store", store], check=True)
    measured = {name: [] for name in worlds}
    for _ in range(arguments.runs):
        for name, path in worlds.items():
            command = [program, "audit", path, "--zones", store, "--as-of", AS_OF, "-o", work / "report", "--quiet"]
            measured[name].append(run(command))
    median = {name: [statistics.median(values) for values in zip(*runs)] for name, runs in measured.items()}
    for name, (seconds, cpu, memory) in median.items():
        print(f"{name:14} {seconds:7.2f} s  {cpu:7.2f} CPU s  {memory:7.0f} MiB")
    domain = (median["many domains"][2] - median["few domains"][2]) * 2**20 / (many - few)
    time_ratio, cpu_ratio, memory_ratio = (
        many / few for many, few in zip(median["many accounts"], median["few accounts"])
    )
    print(f"memory for each distinct domain: {domain:.0f} bytes")
    print(f"ten times the accounts: time ×{time_ratio:.2f}, CPU ×{cpu_ratio:.2f}, memory ×{memory_ratio:.3f}")
    if arguments.work is None:
        shutil.rmtree(work)


if __name__ == "__main__":
    main()

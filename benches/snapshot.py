#!/usr/bin/env python3
"""Whole-process comparison: `zonelapse snapshot build` beside its limit and DuckDB, on data made here.

Makes a zone like real ones, plain and .gz, with the generator in tests/world: many distinct hosts, DS at one name in
twenty, signatures and NSEC3 on a tenth of the lines. Then it runs in turn, on the same machine: flate2 (zlib-rs)
inflating the .gz to nowhere; `snapshot build` from the .gz, from the plain file, and of a second date on top of the
first; `snapshot diff` of the two; DuckDB loading the distinct owners of the .gz. Prints seconds, CPU seconds, memory
held (RssAnon) and resident (with mapped pages, which the kernel may drop) at their peaks, and the ratios to inflating of
each round: wall clock, and CPU for a machine that others use too.

    pip install duckdb
    cargo build --release --locked --bin zonelapse --example inflate --example probe --example world
    python3 benches/snapshot.py [--names 5000000] [--unsorted] [--runs 3] [--work DIR] [--no-duckdb]
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
connection = duckdb.connect()
connection.execute('set enable_progress_bar = false')
connection.execute(f\"\"\"create table zone as select distinct rtrim(owner, '.') as name
    from read_csv('{sys.argv[1]}', delim='\\t', header=false, quote='', escape='',
        columns={{'owner': 'varchar', 'ttl': 'varchar', 'class': 'varchar', 'type': 'varchar', 'data': 'varchar'}})
    where type = 'ns'\"\"\")
"""


def memory(process):
    """Anonymous and all resident memory of a running process, in MiB."""
    try:
        lines = pathlib.Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0, 0
    held = {line.split(":")[0]: int(line.split()[1]) // 1024 for line in lines if line.startswith(("RssAnon", "VmHWM"))}
    return held.get("RssAnon", 0), held.get("VmHWM", 0)


def run(command):
    """Wall seconds, CPU seconds, peak anonymous and peak resident MiB of one command."""
    started = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    anonymous = resident = 0
    while True:
        ended, status, usage = os.wait4(process.pid, os.WNOHANG)
        if ended:
            break
        now = memory(process.pid)
        anonymous, resident = max(anonymous, now[0]), max(resident, now[1])
        time.sleep(0.002)
    seconds = time.monotonic() - started
    if os.waitstatus_to_exitcode(status) != 0:
        sys.exit(f"failed: {' '.join(map(str, command))}")
    return seconds, usage.ru_utime + usage.ru_stime, anonymous, max(resident, usage.ru_maxrss // 1024)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--names", type=int, default=5_000_000)
    parser.add_argument("--unsorted", action="store_true")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--work", type=pathlib.Path, help="where to keep the data; default a temporary directory")
    parser.add_argument("--no-duckdb", action="store_true")
    arguments = parser.parse_args()
    work = arguments.work or pathlib.Path(tempfile.mkdtemp(prefix="zonelapse-bench-"))
    work.mkdir(parents=True, exist_ok=True)
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"
    plain, packed = work / "com.txt", work / "com.txt.gz"
    if not packed.exists():
        make = [target / "examples" / "world", "scale", work, "--names", str(arguments.names), "--zone-only"]
        subprocess.run(make + (["--unsorted"] if arguments.unsorted else []), check=True)
    print(f"{plain.stat().st_size / 1e6:.0f} MB of text, {packed.stat().st_size / 1e6:.0f} MB packed", flush=True)
    program, store = target / "zonelapse", work / "store"
    build = [program, "snapshot", "build", "--quiet", "--store", store]
    sides = {
        "inflate": [target / "examples" / "inflate", packed],
        "build .gz": [*build, "--date", "2026-05-31", packed],
        "next date": [*build, "--date", "2026-06-01", packed],
        "diff": [program, "snapshot", "diff", "--store", store, "com@2026-05-31", "com@2026-06-01"],
        "build plain": [*build, "--date", "2026-05-31", plain],
    }
    if not arguments.no_duckdb:
        sides["duckdb"] = [sys.executable, "-c", DUCKDB, packed]
    measured = {name: [] for name in sides}
    for _ in range(arguments.runs):
        for name, command in sides.items():
            if name in ("build .gz", "build plain"):
                shutil.rmtree(store, ignore_errors=True)
            measured[name].append(run(command))
            size = sum(path.stat().st_size for path in store.glob("com/2026-05-31.zls")) or 0
            seconds, cpu, anonymous, resident = measured[name][-1]
            print(f"{name:12} {seconds:8.2f} s  {cpu:8.2f} CPU s  {anonymous:6} MiB held  {resident:6} MiB resident",
                  flush=True)
            bytes_a_name = size / arguments.names if size else 0
    print(f"\n{bytes_a_name:.2f} bytes a name")
    for name, runs in measured.items():
        pairs = list(zip(runs, measured["inflate"]))
        ratios, cpu = ([own[kind] / limit[kind] for own, limit in pairs] for kind in (0, 1))
        print(f"{name:12} median {statistics.median(one[0] for one in runs):8.2f} s, "
              f"÷ inflate {statistics.median(ratios):5.2f} ({', '.join(f'{ratio:.2f}' for ratio in ratios)}), "
              f"CPU {statistics.median(cpu):5.2f}")
    if "duckdb" in sides:
        ratios = [own[0] / peer[0] for own, peer in zip(measured["build .gz"], measured["duckdb"])]
        print(f"build .gz ÷ duckdb {statistics.median(ratios):.2f}")
    print("0.7 million names, half of them there, looked up on one thread:", flush=True)
    subprocess.run([target / "examples" / "probe", store / "com" / "2026-05-31.zls"], check=True)
    if arguments.work is None:
        shutil.rmtree(work)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""What `zonelapse stream` costs by format, beside `zonelapse audit` of the same accounts, on data made here.

A zone of five million names and four million accounts (the generator in tests/world). Each format runs with one thread and with
two, and so does the audit, in turn, so that a slow moment of the machine hits all. Prints wall and CPU seconds, rows a second,
the peak of memory, the ratio of CPU seconds to the audit's, and how long a run without rows takes.

    pip install pyarrow
    cargo build --release --locked
    python3 benches/stream.py [--accounts 4000000] [--runs 3] [--work DIR] [--program PATH]
"""

import argparse
import csv
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

from audit import AS_OF, ROOT

#: Rows of a record batch.
BATCH_ROWS = 65536


def make(work, accounts):
    """Makes the zone, its store and the accounts in every format, unless they are there."""
    if not (work / "accounts.csv").exists():
        words = ["cargo", "run", "--quiet", "--release", "--locked", "--example", "world", "--", "scale", work,
                 "--accounts", accounts]
        subprocess.run([str(word) for word in words], cwd=ROOT, check=True)
    if not (work / "accounts.ndjson").exists():
        with open(work / "accounts.csv", newline="") as source, open(work / "accounts.tsv", "w") as tsv, \
                open(work / "accounts.ndjson", "w") as ndjson:
            rows = csv.reader(source)
            header = next(rows)
            tsv.write("\t".join(header) + "\n")
            for row in rows:
                tsv.write("\t".join(row) + "\n")
                ndjson.write(json.dumps(dict(zip(header, row)), separators=(",", ":")) + "\n")
    if not (work / "accounts.arrow").exists():
        import pyarrow
        import pyarrow.csv
        table = pyarrow.csv.read_csv(work / "accounts.csv")
        with pyarrow.ipc.new_stream(work / "accounts.arrow", table.schema) as sink:
            sink.write_table(table, max_chunksize=BATCH_ROWS)


def measure(command, source):
    """Wall and CPU seconds of a command, and the MiB that it takes at most."""
    started = time.monotonic()
    with open(source, "rb") as stdin:
        process = subprocess.Popen([str(word) for word in command], stdin=stdin, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        raise SystemExit(f"failed: {' '.join(map(str, command))}")
    return time.monotonic() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=4_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--work", type=pathlib.Path, help="where to keep the data; default a temporary directory")
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    parser.add_argument("--program", type=pathlib.Path, default=target / "release" / "zonelapse")
    arguments = parser.parse_args()
    work = arguments.work or pathlib.Path(tempfile.mkdtemp(prefix="zonelapse-bench-"))
    work.mkdir(exist_ok=True)
    make(work, arguments.accounts)
    store = work / "store"
    if not store.exists():
        build = [arguments.program, "snapshot", "build", work / "com.txt.gz", "--store", store, "--quiet"]
        subprocess.run([str(word) for word in build], check=True)
    with open(work / "accounts.csv", "rb") as source:
        rows = sum(1 for _ in source) - 1
    evidence = ["--zones", store, "--as-of", AS_OF]
    audit = [arguments.program, "audit", work / "accounts.csv", "-o", work / "report", "--quiet", *evidence]
    runs = {}
    for threads in ("1", "2"):
        runs["audit", threads] = ([*audit, "--threads", threads], os.devnull)
        for form in ("csv", "tsv", "ndjson", "arrow"):
            stream = [arguments.program, "stream", "--format", form, *evidence, "--threads", threads]
            runs[form, threads] = (stream, work / f"accounts.{form}")
    runs["no rows", "1"] = ([arguments.program, "stream", "--format", "ndjson", *evidence], os.devnull)
    best = {}
    for _ in range(arguments.runs):
        for name, (command, source) in runs.items():
            measured = measure(command, source)
            best[name] = [min(pair) for pair in zip(measured, best.get(name, measured))]
    print(f"{rows} rows; minima of {arguments.runs} runs")
    print(f"{'':8} threads  wall s   CPU s    rows/s  MiB  CPU / audit")
    for (name, threads), (wall, cpu, memory) in best.items():
        ratio = cpu / best["audit", threads][1]
        speed = rows / wall if name != "no rows" else 0
        print(f"{name:8} {threads:>7} {wall:7.2f} {cpu:7.2f} {speed:9.0f} {memory:4.0f} {ratio:12.2f}", flush=True)
    if arguments.work is None:
        shutil.rmtree(work)


if __name__ == "__main__":
    main()

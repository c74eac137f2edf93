#!/usr/bin/env python3
"""What Spark costs: the same accounts by `zonelapse audit`, by `zonelapse stream` alone, and by Spark with and without a child.

A .com-like zone in a store and accounts at it (the generator in tests/world). Each round measures, on two processors:

* audit, from CSV; stream, from and to CSV, NDJSON and Arrow (batches of as many rows as Spark makes), two threads;
* Spark (`local[2]`) reading the accounts from Parquet, written to nowhere: as they are; through Python; through an
  identity child (`cat`), which costs what the data's way to a child and back costs; and through `zonelapse stream`.

Prints seconds, CPU seconds of all processes, and both beside the audit of the same round.

    pip install 'pyspark==4.*' 'pandas<3' pyarrow      # and Java 17
    cargo build --release --locked
    python3 benches/spark.py [--names 5000000] [--accounts 10000000] [--domains 700000] [--batch 10000]
                             [--spread uniform] [--runs 3] [--work DIR] [--program PATH] [--stream-program PATH]
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
AS_OF = "2026-06-01"
sys.path.insert(0, str(ROOT / "data" / "spark"))


def make(work, arguments):
    """Makes the world and the accounts in all forms, unless they are there."""
    from pyarrow import csv, ipc, parquet
    if not (work / "accounts.csv").exists():
        words = ["cargo", "run", "--quiet", "--release", "--locked", "--example", "world", "--", "scale", work, "--names",
                 arguments.names, "--accounts", arguments.accounts, "--domains", arguments.domains,
                 "--spread", arguments.spread]
        subprocess.run([str(word) for word in words], cwd=ROOT, check=True)
    if not (work / "store").exists():
        build = [arguments.program, "snapshot", "build", work / "com.txt.gz", "--store", work / "store", "--quiet"]
        subprocess.run(build, check=True)
    arrow, ndjson = work / f"accounts-{arguments.batch}.arrows", work / "accounts.ndjson"
    if arrow.exists() and ndjson.exists():
        return
    table = csv.read_csv(work / "accounts.csv", convert_options=csv.ConvertOptions(
        column_types={"id": "string", "verified_at": "string"}))
    parquet.write_table(table, work / "accounts.parquet", row_group_size=250_000)
    with ipc.new_stream(arrow, table.schema) as stream:
        stream.write_table(table.combine_chunks(), max_chunksize=arguments.batch)
    with open(ndjson, "w") as file:
        for batch in table.to_batches(max_chunksize=10_000):
            file.writelines(json.dumps(row) + "\n" for row in batch.to_pylist())


def of_command(command, source=None):
    """Seconds and CPU seconds of a command."""
    started = time.monotonic()
    with open(source or os.devnull) as given:
        process = subprocess.Popen([str(word) for word in command], stdin=given, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        sys.exit(f"failed: {' '.join(map(str, command))}")
    return time.monotonic() - started, usage.ru_utime + usage.ru_stime


def cpu_of_all():
    """CPU seconds of this process, of those below it, and of those that these have waited for."""
    stats = {}
    for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        stats[int(path.parent.name)] = (int(fields[1]), sum(map(int, fields[11:15])))
    ours = {os.getpid()}
    while more := {pid for pid, (parent, _) in stats.items() if parent in ours} - ours:
        ours |= more
    return sum(stats[pid][1] for pid in ours if pid in stats) / os.sysconf("SC_CLK_TCK")


def of_job(frame):
    """Seconds and CPU seconds of a Spark job whose rows go nowhere."""
    started, before = time.monotonic(), cpu_of_all()
    frame.write.format("noop").mode("overwrite").save()
    return time.monotonic() - started, cpu_of_all() - before


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--names", type=int, default=5_000_000)
    parser.add_argument("--accounts", type=int, default=10_000_000)
    parser.add_argument("--domains", type=int, default=700_000)
    parser.add_argument("--batch", type=int, default=10_000, help="rows of an Arrow batch")
    parser.add_argument("--spread", default="uniform", help="uniform: any domain as likely as any other; services: as at these")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--work", type=pathlib.Path, help="where to keep the data; default a temporary directory")
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    parser.add_argument("--program", type=pathlib.Path, default=target / "release" / "zonelapse")
    parser.add_argument("--stream-program", type=pathlib.Path, help="another program for stream")
    arguments = parser.parse_args()
    work = arguments.work or pathlib.Path(tempfile.mkdtemp(prefix="zonelapse-bench-"))
    work.mkdir(exist_ok=True)
    make(work, arguments)

    os.environ |= {"PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}
    from pyspark.sql import SparkSession
    import zonelapse_spark
    spark = (SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
             .config("spark.sql.execution.arrow.maxRecordsPerBatch", arguments.batch)
             .config("spark.driver.memory", "2g").getOrCreate())
    spark.sparkContext.setLogLevel("ERROR")
    spark.sparkContext.addPyFile(zonelapse_spark.__file__)
    frame = spark.read.parquet(str(work / "accounts.parquet"))

    arrow = f"accounts-{arguments.batch}.arrows"
    evidence = ["--zones", str(work / "store"), "--as-of", AS_OF]
    audit = [arguments.program, "audit", work / "accounts.csv", *evidence, "-o", work / "report", "--quiet"]
    stream = [str(arguments.stream_program or arguments.program), "stream", *evidence]
    judged = zonelapse_spark.judge(frame, [*stream, "--threads", "1"])
    through_cat = frame.mapInArrow(lambda batches: zonelapse_spark.talk(batches, ["cat"]), frame.schema)
    measures = {"audit": lambda: of_command([*audit, "--threads", "2"])}
    for form, file in (("csv", "accounts.csv"), ("ndjson", "accounts.ndjson"), ("arrow", arrow)):
        words = [*stream, "--format", form, "--threads", "2"]
        measures[f"stream {form}"] = lambda words=words, file=file: of_command(words, work / file)
    one = [*stream, "--format", "arrow", "--threads", "1"]
    measures["stream arrow, 1 thread"] = lambda: of_command(one, work / arrow)
    measures["Spark alone"] = lambda: of_job(frame)
    measures["Spark, Python"] = lambda: of_job(frame.mapInArrow(lambda batches: batches, frame.schema))
    measures["Spark, cat"] = lambda: of_job(through_cat)
    measures["Spark, zonelapse"] = lambda: of_job(judged)

    # the first jobs of a JVM are slow
    of_job(through_cat.limit(100_000))
    rows = frame.count()
    for number in range(arguments.runs):
        for name, measure in measures.items():
            seconds, cpu = measure()
            if name == "audit":
                audited = (seconds, cpu)
            print(f"run {number + 1} {name:24} {seconds:7.2f} s {cpu:7.2f} CPU s {rows / cpu:10,.0f} rows/CPU s, "
                  f"/ audit {seconds / audited[0]:.2f}, {cpu / audited[1]:.2f}", flush=True)
    spark.stop()
    if arguments.work is None:
        shutil.rmtree(work)


if __name__ == "__main__":
    main()

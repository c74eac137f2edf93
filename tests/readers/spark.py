"""Runs `stream` under a real Spark, with children and workers that fail in every way; all rows are counted.

usage: spark.py MASTER PROGRAM DIRECTORY [FULL]

DIRECTORY has a store, accounts.csv and verdicts.csv (what `zonelapse stream` says of these accounts); in one process also
guide.py, which is the README's, and nights/ for night.py; for two workers copies/ with a damaged store and a sound one.
FULL is a file system too small for anything. With `local-cluster` there are two workers, at any time: Spark may replace one that
it has given up. So the bad one of two is not told by its number: it is the first that runs a task.
"""

import collections
import csv
import os
import pathlib
import shutil
import sys
import threading
import time

HERE = pathlib.Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "data" / "spark")]

from pyspark.sql import SparkSession  # noqa: E402

import night  # noqa: E402
import zonelapse_spark  # noqa: E402

master, program, directory, *full = sys.argv[1:]
directory, started = pathlib.Path(directory), time.monotonic()
spark = (SparkSession.builder.master(master).config("spark.ui.enabled", "false")
         .config("spark.sql.execution.arrow.maxRecordsPerBatch", "37").config("spark.sql.session.timeZone", "UTC")
         # small jobs, so nothing is worth being compiled well
         .config("spark.sql.shuffle.partitions", "1").config("spark.sql.codegen.wholeStage", "false")
         .config("spark.driver.extraJavaOptions", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
         .config("spark.executor.extraJavaOptions", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
         .config("spark.driver.memory", "700m")
         # a task that failed is tried once more, at the other worker; one that no worker may try fails soon
         .config("spark.scheduler.excludeOnFailure.unschedulableTaskSetTimeout", "1s")
         .config("spark.task.maxFailures", "3").config("spark.excludeOnFailure.enabled", "true")
         .config("spark.excludeOnFailure.stage.maxFailedTasksPerExecutor", "100")
         .config("spark.excludeOnFailure.application.maxFailedTasksPerExecutor", "100").getOrCreate())
spark.sparkContext.setLogLevel("OFF")
spark.sparkContext.addPyFile(zonelapse_spark.__file__)
stream = [program, "stream", "--as-of", "2026-06-01", "--threads", "1"]
command = [*stream, "--zones", str(directory / "store")]

frame = spark.read.csv(str(directory / "accounts.csv"), header=True).repartition(4)
with open(directory / "verdicts.csv", newline="") as file:
    expected = collections.Counter((row["id"], row["state"], row["risk"], row["action"] or None)
                                   for row in csv.DictReader(file))


def passed(how):
    print(f"passed {how}, {time.monotonic() - started:.1f} s", flush=True)


def check(judged, how):
    """Every row is there once, with its verdict."""
    found = collections.Counter((row.id, row.state, row.risk, row.action) for row in judged.collect())
    assert found == expected, f"{how}: {(found - expected).most_common(3)} {(expected - found).most_common(3)}"
    passed(how)


def fails(job, how, *told):
    """The job fails, and tells this."""
    try:
        job()
    except Exception as error:
        missing = [part for part in told if part not in str(error)]
        assert not missing, f"{how}: {missing} not in {error}"
        passed(how)
        return
    raise AssertionError(f"{how}: the job did not fail")


def judged_by(script, *arguments):
    """The frame judged by children that a shell script starts; `$@` is the program without its store."""
    child = ["sh", "-c", script, *map(str, arguments or ["sh"]), *stream, "--format", "arrow"]
    return frame.mapInArrow(lambda batches: zonelapse_spark.talk(batches, child), judged.schema)


judged = zonelapse_spark.judge(frame, command)
check(judged, "mapInArrow")
WHOLE = f'"$@" --zones {directory}/store'
# real answers, cut off in the middle
KILLED = f"{WHOLE} | head -c 12000; kill -9 $$"
# the first worker that comes here is the bad one; the directory of a worker has its number
IS_BAD = 'ln -s "${PWD##*/}" "$0/bad" 2>/dev/null; [ "$(readlink "$0/bad")" = "${PWD##*/}" ]'


def in_one_process():
    with_prefix = zonelapse_spark.judge(frame, [*command, "--prefix", "zl_"]).columns
    assert with_prefix == frame.columns + [f"zl_{name}" for name in judged.columns[len(frame.columns):]], with_prefix
    few = frame.limit(3).repartition(8)
    assert zonelapse_spark.judge(few, command).count() == 3, "empty partitions"
    frame.write.parquet("accounts.parquet")
    guide = {"spark": spark}
    exec((directory / "guide.py").read_text().replace("/srv/2026-06-01", str(directory / "store")), guide)
    check(spark.read.parquet("verdicts.parquet"), "the README's mapInArrow")
    check(spark.read.parquet("texts.parquet"), "the README's TRANSFORM")
    bad = f"SELECT TRANSFORM (id) USING '{program} stream --zones /missing' AS (id STRING) FROM accounts"
    fails(lambda: spark.sql(bad).collect(), "TRANSFORM without a store", "status 2")
    fails(lambda: zonelapse_spark.judge(frame, [*stream, "--zones", "/missing"]), "no store", "/missing`: no such file")
    fails(lambda: zonelapse_spark.judge(frame, ["/missing"]), "no program", "'/missing'")
    fails(lambda: judged_by("exit 1").collect(), "a child that fails", "status 1")
    fails(lambda: judged_by("exit 0").collect(), "a child that says nothing", "status 0")
    fails(lambda: judged_by(KILLED).collect(), "a child that is killed", "status -9")
    # rows that fail before they reach the child
    broken = frame.selectExpr("*", "if(id = 'user-000300', raise_error('a bad row'), 1) as more")
    fails(lambda: zonelapse_spark.judge(broken, command).collect(), "a bad row before", "a bad row")
    night.check(directory / "nights", Sql())
    passed("the queries of the README")


class Sql:
    def run(self, statement):
        return [tuple(row) for row in spark.sql(statement).collect()]

    def load(self, name, file):
        spark.read.json(str(file)).createOrReplaceTempView(name)

    def keep(self, name, query):
        file = str(directory / f"kept-{time.monotonic_ns()}")
        spark.sql(query).write.parquet(file)
        spark.read.parquet(file).createOrReplaceTempView(name)


def children():
    """The processes whose command names our store."""
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
        except OSError:
            continue
        if str(directory / "store").encode() in words and b"--format" in words:
            found.append(path.parent.name)
    return found


def on_two_workers():
    once = directory / "once"
    check(judged_by(f'if mkdir "$0"; then {KILLED}; else exec {WHOLE}; fi', once), "a child that is killed once")
    assert once.exists()
    fails(lambda: judged_by(KILLED).collect(), "children that are killed each time", "status -9")

    # the store of one worker is damaged
    copies = directory / "copies"
    script = f'{IS_BAD} && copy=damaged || copy=sound; "$@" --zones "$0/$copy"'
    script += ' || { status=$?; touch "$0/failed-$copy"; exit $status; }'
    check(judged_by(script, copies), "a damaged store at one worker")
    assert (copies / "failed-damaged").exists() and not (copies / "failed-sound").exists(), list(copies.iterdir())
    (copies / "sound" / "com" / "2026-05-31.zls").write_bytes(b"nothing")
    fails(lambda: judged_by(script, copies).collect(), "a damaged store at both workers", "2026-05-31.zls: ")

    archive = shutil.make_archive(str(directory / "archive"), "zip", directory / "store")
    spark.sparkContext.addArchive(f"{archive}#snapshots")
    check(zonelapse_spark.judge(frame, [*stream, "--store", "snapshots"]), "a store that Spark copies")

    if full:
        # a child that copies the store to its own disk first, which is full at one worker
        disks = directory / "disks"
        disks.mkdir()
        script = f"""{IS_BAD} && copy={full[0]} || copy="$0/$$"; said="$0/said-$$"
            mkdir -p "$copy" && cp -r {directory}/store "$copy" 2>"$said" || {{ cat "$said" >&2; exit 1; }}
            exec "$@" --zones "$copy/store" """
        check(judged_by(script, disks), "a full disk at one worker")
        assert any("No space left" in said.read_text() for said in disks.glob("said-*"))
        output = pathlib.Path(full[0]) / "judged"
        fails(lambda: judged.write.parquet(str(output)), "a full disk for what is written", "No space left")
        assert not (output / "_SUCCESS").exists()
        judged.write.mode("overwrite").parquet(str(directory / "judged"))
        check(spark.read.parquet(str(directory / "judged")), "written again elsewhere")

    # a job that is cancelled leaves no child behind
    def slowly(batches):
        for batch in batches:
            time.sleep(2)
            yield batch

    wait(lambda: not children(), "no child of the jobs before")
    slow = zonelapse_spark.judge(frame.mapInArrow(slowly, frame.schema), command)
    spark.sparkContext.setJobGroup("slow", "cancelled", interruptOnCancel=True)
    job = threading.Thread(target=lambda: fails(slow.collect, "a cancelled job", "cancelled"))
    job.start()
    wait(children, "a child")
    spark.sparkContext.cancelAllJobs()
    job.join()
    wait(lambda: not children(), "no child")
    passed("no orphans")


def wait(condition, what):
    until = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < until, f"there is not {what}"
        time.sleep(0.1)


os.chdir(directory)
(on_two_workers if master.startswith("local-cluster") else in_one_process)()

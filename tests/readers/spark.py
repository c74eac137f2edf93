"""Runs `stream` under a real Spark: mapInArrow and TRANSFORM, one child that fails, rows counted.

usage: spark.py MASTER PROGRAM STORE ACCOUNTS.csv VERDICTS.csv

VERDICTS.csv is what `zonelapse stream` itself says of these accounts.
"""

import collections
import csv
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "data" / "spark"))

from pyspark.sql import SparkSession  # noqa: E402

import zonelapse_spark  # noqa: E402

master, program, store, accounts, verdicts = sys.argv[1:]
spark = (SparkSession.builder.master(master).config("spark.ui.enabled", "false")
         .config("spark.sql.execution.arrow.maxRecordsPerBatch", "37").config("spark.sql.session.timeZone", "UTC")
         .config("spark.sql.shuffle.partitions", "2").config("spark.task.maxFailures", "2")
         .config("spark.driver.memory", "700m").getOrCreate())
spark.sparkContext.setLogLevel("OFF")
spark.sparkContext.addPyFile(zonelapse_spark.__file__)
command = [program, "stream", "--zones", store, "--as-of", "2026-06-01", "--threads", "1"]

with open(verdicts, newline="") as file:
    expected = collections.Counter((row["id"], row["state"], row["risk"], row["action"] or None)
                                   for row in csv.DictReader(file))
frame = spark.read.csv(accounts, header=True).repartition(4)
rows = frame.count()


def check(judged, how):
    found = collections.Counter((row.id, row.state, row.risk, row.action) for row in judged.collect())
    assert sum(found.values()) == rows, f"{how}: {sum(found.values())} rows of {rows}"
    assert found == expected, f"{how}: {(found - expected).most_common(3)} {(expected - found).most_common(3)}"


check(zonelapse_spark.judge(frame, command), "mapInArrow")
frame.createOrReplaceTempView("accounts")
names = [f"{name} STRING" for name in [*frame.columns, *zonelapse_spark.ADDED.names]]
line = " ".join([*command, "--format tsv --no-header --id-column 1 --email-column 2 --verified-at-column 3"])
check(spark.sql(f"""SELECT TRANSFORM(*)
    ROW FORMAT DELIMITED FIELDS TERMINATED BY '\t' NULL DEFINED AS '\\\\N' USING '{line}' AS ({', '.join(names)})
    ROW FORMAT DELIMITED FIELDS TERMINATED BY '\t' NULL DEFINED AS '\\\\N' FROM accounts"""), "TRANSFORM")

for broken in (["sh", "-c", "head -c 1000 >/dev/null; kill -9 $$"], ["false"], ["true"],
               [program, "stream", "--zones", "/missing"]):
    try:
        zonelapse_spark.judge(frame, broken).collect()
    except Exception:
        continue
    raise AssertionError(f"{broken}: the job did not fail")
print(f"{rows} rows")

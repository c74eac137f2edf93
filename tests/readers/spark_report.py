"""Reads every table of a report with Spark: types, comments, rows, and what becomes of a report that is read as a whole.

usage: spark_report.py REPORT SCHEMA

REPORT is a report directory, SCHEMA the output of `zonelapse schema --json`.
"""

import json
import pathlib
import sys

import pyarrow.parquet
from pyspark.sql import SparkSession

TYPES = {
    "text": "string",
    "list of text": "array<string>",
    "int64": "bigint",
    "boolean": "boolean",
    "date": "date",
    "timestamp (UTC)": "timestamp",
    "list of struct": "array<struct<host:string,domain:string,state:string,source:string>>",
}

report, schema = pathlib.Path(sys.argv[1]), json.loads(pathlib.Path(sys.argv[2]).read_text())
spark = (SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
         .config("spark.sql.shuffle.partitions", "2").config("spark.driver.memory", "700m").getOrCreate())
spark.sparkContext.setLogLevel("OFF")

rows = {}
for table in schema["tables"]:
    path = report / f"{table['name']}.parquet"
    if not path.exists():
        continue
    rows[path.name] = pyarrow.parquet.read_metadata(path).num_rows
    frame = spark.read.parquet(str(path))
    found = len(frame.collect())
    assert found == rows[path.name], f"{path.name}: {found} rows of {rows[path.name]}"
    for column, field in zip(table["columns"], frame.schema.fields):
        found = field.name, field.dataType.simpleString(), field.metadata.get("comment")
        expected = column["name"], TYPES[column["type"]], column["about"]
        assert found == expected, f"{path.name}: {found}, expected {expected}"
    frame.createOrReplaceTempView("described")
    told = [row["comment"] for row in spark.sql("describe described").collect()]
    assert told[: len(table["columns"])] == [column["about"] for column in table["columns"]], told

every = spark.read.option("mergeSchema", True).parquet(f"{report}/*.parquet")
counts = {row["file"]: row["count"] for row in every.groupBy("_metadata.file_name").count().toDF("file", "count").collect()}
assert counts == {name: count for name, count in rows.items() if count}, counts
# as the README says: not refused, so not to be done
assert spark.read.parquet(f"{report}/*.parquet").count() == sum(rows.values())
try:
    count = spark.read.parquet(str(report)).count()
except Exception as error:
    assert "FAILED_READ_FILE" in str(error), error
else:
    raise AssertionError(f"the directory was read: {count} rows")
print(f"{len(rows)} tables")

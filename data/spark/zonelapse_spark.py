"""Judges the rows of a Spark data frame with `zonelapse stream`; needs pyspark 4, pandas and pyarrow.

    judged = judge(frame, ["zonelapse", "stream", "--store", "/srv/snapshots", "--as-of", "2026-06-01"])

Each task starts one child. If the child fails, the task fails with what it said, and Spark tries the task again.
"""

import os
import subprocess
import tempfile
import threading

import pyarrow as pa
from pyspark.sql.pandas.types import from_arrow_schema
from pyspark.sql.types import StructType

ADDED = pa.schema([(name, pa.string()) for name in ("mail_domain", "registrable_domain", "judged_domain", "tld", "mail_class",
                                                    "state", "risk")]
                  + [("risk_rank", pa.int64()), ("action", pa.string()), ("rule", pa.string()),
                     ("reasons", pa.list_(pa.string())), ("earliest_drop_on", pa.date32()),
                     ("latest_drop_on", pa.date32()), ("days_to_drop", pa.int64()),
                     ("hands_changed_at", pa.timestamp("us", "UTC")), ("as_of", pa.timestamp("us", "UTC"))])


def judge(frame, command):
    """The frame with the columns of the verdict."""
    schema = StructType(frame.schema.fields + from_arrow_schema(ADDED).fields)
    return frame.mapInArrow(lambda batches: stream(batches, [*command, "--format", "arrow"]), schema)


def stream(batches, command):
    """Feeds a child with record batches, and gives back those that it writes."""
    first = next(batches, None)
    if first is None:
        return
    with tempfile.TemporaryFile() as said:
        child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said)
        failed = []

        def feed():
            try:
                with pa.ipc.new_stream(child.stdin, first.schema) as sink:
                    sink.write_batch(first)
                    rows[0] += first.num_rows
                    for batch in batches:
                        sink.write_batch(batch)
                        rows[0] += batch.num_rows
                child.stdin.close()
            except Exception as error:  # told below, with what the child said
                failed.append(error)
                child.kill()

        rows = [0, 0]
        feeder = threading.Thread(target=feed, daemon=True)
        feeder.start()
        try:
            for batch in pa.ipc.open_stream(child.stdout):
                rows[1] += batch.num_rows
                yield batch
        except pa.ArrowInvalid as error:
            failed.append(error)
        feeder.join()
        status = child.wait()
        if status or failed or rows[0] != rows[1]:
            said.seek(0)
            told = said.read().decode(errors="replace").strip()
            raise RuntimeError(f"zonelapse ended with status {status}, {rows[1]} of {rows[0]} rows: {told} {failed}")

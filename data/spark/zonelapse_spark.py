"""Judges the rows of a Spark data frame with `zonelapse stream`; needs pyspark 4, pandas and pyarrow.

    judged = judge(frame, ["zonelapse", "stream", "--store", "/srv/snapshots", "--as-of", "2026-06-01"])

Each task runs one child. If the child fails or loses a row, the task fails with what it said, and Spark tries again.
"""
import itertools, subprocess, tempfile
from concurrent.futures import ThreadPoolExecutor
import pyarrow as pa
from pyspark.sql.pandas.types import from_arrow_schema, to_arrow_schema

def judge(frame, command):
    """The frame with the columns of the verdict. A child on a worker is asked first which these are."""
    command, nothing = [*command, "--format", "arrow"], pa.RecordBatch.from_pylist([], to_arrow_schema(frame.schema))
    def ask(rows):
        [answer] = talk(iter([nothing]), command)
        yield from (pa.record_batch({"schema": [answer.schema.serialize().to_pybytes()]}) for _ in rows)
    told = frame.sparkSession.range(0, 1, 1, 1).mapInArrow(ask, "schema binary").first().schema
    added = from_arrow_schema(pa.ipc.read_schema(pa.py_buffer(told)))[len(frame.columns):]
    return frame.mapInArrow(lambda batches: talk(batches, command), type(added)([*frame.schema, *added]))

def talk(batches, command):
    """What a child answers to record batches; none is started where there are none."""
    for first in batches:
        with tempfile.TemporaryFile() as said, ThreadPoolExecutor(1) as feeder:
            child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said)
            try:
                fed, rows = feeder.submit(feed, itertools.chain([first], batches), first.schema, child.stdin), 0
                for batch in pa.ipc.open_stream(child.stdout):
                    rows += batch.num_rows
                    yield batch
                if child.wait() or fed.result() != rows:
                    raise EOFError(f"{rows} rows came back")
            except Exception as error:
                child.kill()
                said.seek(0)
                raise RuntimeError(f"{command}: status {child.wait()}: {said.read().decode(errors='replace')}") from error
            finally:
                child.kill()

def feed(batches, schema, to):
    """Writes record batches and the mark of the end, and returns how many rows they have."""
    with to, pa.ipc.new_stream(to, schema) as stream:
        return sum(batch.num_rows for batch in batches if stream.write_batch(batch) is None)

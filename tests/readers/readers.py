"""Reads every table of a report with DuckDB, with pandas through pyarrow, and with Polars for Python.

usage: readers.py REPORT SCHEMA

REPORT is a report directory, SCHEMA the output of `zonelapse schema --json`. Checked are the types of all
columns in each reader, their comments in pyarrow, the numbers of rows against the manifest, filters on text and on time, lists and
structs, the dictionary encoding, the checksums of pages, and the version in the footers; and what becomes of a report that is
read as a whole. Exit status 1 and a list of what differs if anything does.
"""

import datetime
import json
import pathlib
import sys
import tempfile

import duckdb
import polars
import pyarrow
import pyarrow.dataset
import pyarrow.parquet

TEXT = pyarrow.string()
HOSTS = pyarrow.struct([(name, TEXT) for name in ("host", "domain", "state", "source")])
ARROW = {
    "text": TEXT,
    "list of text": pyarrow.list_(TEXT),
    "int64": pyarrow.int64(),
    "boolean": pyarrow.bool_(),
    "date": pyarrow.date32(),
    "timestamp (UTC)": pyarrow.timestamp("us", tz="UTC"),
    "list of struct": pyarrow.list_(HOSTS),
}
DUCKDB = {
    "text": "VARCHAR",
    "list of text": "VARCHAR[]",
    "int64": "BIGINT",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp (UTC)": "TIMESTAMP WITH TIME ZONE",
    "list of struct": "STRUCT(host VARCHAR, domain VARCHAR, state VARCHAR, source VARCHAR)[]",
}
POLARS = {
    "text": polars.String,
    "list of text": polars.List(polars.String),
    "int64": polars.Int64,
    "boolean": polars.Boolean,
    "date": polars.Date,
    "timestamp (UTC)": polars.Datetime("us", "UTC"),
    "list of struct": polars.List(
        polars.Struct({name: polars.String for name in ("host", "domain", "state", "source")})
    ),
}
# what repeats much, and so must be dictionary-encoded
REPEATING = ("state", "risk", "action", "rule", "reason", "source", "tld", "zone_coverage", "rdap_outcome")
DICTIONARY = {"RLE_DICTIONARY", "PLAIN_DICTIONARY"}
SINCE = datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone.utc)

faults = []


def expect(what, expected, found):
    if expected != found:
        faults.append(f"{what}: expected {expected}, found {found}")


def single(sql):
    """The one value of a query."""
    ((value,),) = duckdb.sql(sql).fetchall()
    return value


def plain(kind):
    """The type without the difference between large and small offsets, which means nothing to a reader."""
    if pyarrow.types.is_large_string(kind) or pyarrow.types.is_string(kind):
        return TEXT
    if pyarrow.types.is_list(kind) or pyarrow.types.is_large_list(kind):
        return pyarrow.list_(plain(kind.value_type))
    if pyarrow.types.is_struct(kind):
        return pyarrow.struct([(field.name, plain(field.type)) for field in kind])
    return kind


def declared(table, found, schema):
    """Type and comment of every column: those of the schema, in its order, then the optional ones."""
    fixed = {column["name"]: column for column in table["columns"]}
    expect(f"{table['name']}: columns", list(fixed), found[: len(fixed)])
    optional = {column["name"]: column for column in schema["optional_account_columns"]}
    carried = {"type": "text", "about": "carried from the input"}
    columns = fixed | {name: optional.get(name, carried) for name in found[len(fixed) :]}
    return {name: column["type"] for name, column in columns.items()}, {
        name: column["about"] for name, column in columns.items()
    }


def check_pyarrow(name, path, columns, comments, version):
    dataset = pyarrow.dataset.dataset(path)
    for field in dataset.schema:
        expect(f"pyarrow: {name}.{field.name}", str(ARROW[columns[field.name]]), str(plain(field.type)))
        comment = (field.metadata or {}).get(b"comment", b"").decode()
        expect(f"pyarrow: comment of {name}.{field.name}", comments[field.name], comment)
    file = pyarrow.parquet.ParquetFile(path)
    expect(f"{name}: footer", version, (file.metadata.metadata or {}).get(b"zonelapse.schema", b"").decode())
    for group in range(file.metadata.num_row_groups):
        if name == "servers":
            order = [file.schema.column(it.column_index).path for it in file.metadata.row_group(group).sorting_columns]
            expect("servers: sorted by", ["accounts_exposed", "accounts", "kind", "domain"], order)
        for index in range(file.metadata.num_columns):
            chunk = file.metadata.row_group(group).column(index)
            if chunk.path_in_schema in REPEATING and chunk.num_values >= 100:
                encoded = bool(DICTIONARY & set(chunk.encodings))
                expect(f"{name}.{chunk.path_in_schema}: dictionary ({chunk.encodings})", True, encoded)
    return dataset


def check_checksums(name, path):
    """Every page has a checksum that pyarrow verifies; a flipped bit is found."""
    read = lambda path: pyarrow.parquet.ParquetFile(path, page_checksum_verification=True).read()
    read(path)
    metadata = pyarrow.parquet.read_metadata(path)
    for column in range(metadata.num_columns if metadata.num_row_groups else 0):
        chunk = metadata.row_group(0).column(column)
        start = chunk.dictionary_page_offset or chunk.data_page_offset
        damaged = bytearray(pathlib.Path(path).read_bytes())
        damaged[start + chunk.total_compressed_size - 1] ^= 0x10
        with tempfile.NamedTemporaryFile(suffix=".parquet") as file:
            file.write(damaged)
            file.flush()
            try:
                read(file.name)
                expect(f"{name}.{chunk.path_in_schema}: a flipped bit", "an error", "nothing")
            except OSError as error:
                expect(f"{name}.{chunk.path_in_schema}: {error}", True, "CRC" in str(error))


def check_filters(name, dataset, path, columns):
    """The same rows by three readers, for a filter on text and one on time."""
    filters = []
    if "state" in columns:
        filters.append(("state", pyarrow.dataset.field("state") == "available", "= 'available'",
                        polars.col("state") == "available"))
    for column in (column for column, kind in columns.items() if kind == "timestamp (UTC)"):
        filters.append((column, pyarrow.dataset.field(column) >= pyarrow.scalar(SINCE), f">= '{SINCE}'",
                        polars.col(column) >= SINCE))
    for column, by_arrow, by_duckdb, by_polars in filters:
        pandas = dataset.to_table(filter=by_arrow).to_pandas()
        sql = f"select count(*) from '{path}' where \"{column}\" {by_duckdb}"
        count = single(sql)
        expect(f"{name}: rows by {column}, pandas and DuckDB", count, len(pandas))
        expect(f"{name}: rows by {column}, Polars", count, polars.scan_parquet(path).filter(by_polars).collect().height)
        # a filtered data frame tells times as times
        if column != "state" and len(pandas):
            expect(f"pandas: {name}.{column}", "UTC", str(pandas[column].dt.tz))


def check_nested(name, dataset, path, columns):
    """Lists and structs: as many items by three readers."""
    frame = polars.read_parquet(path)
    pandas = dataset.to_table().to_pandas()
    for column in (column for column, kind in columns.items() if kind in ("list of text", "list of struct")):
        sql = f"select coalesce(sum(len(\"{column}\")), 0)::bigint from '{path}'"
        items = single(sql)
        by_pandas = sum(len(items) for items in pandas[column] if items is not None)
        expect(f"{name}.{column}: items, pandas", items, by_pandas)
        expect(f"{name}.{column}: items, Polars", items, frame[column].list.len().sum() or 0)
        if columns[column] == "list of struct":
            duckdb.sql(f"select unnest(\"{column}\").host from '{path}'").fetchall()


def check_table(report, table, schema, manifest):
    name = table["name"]
    path = str(report / f"{name}.parquet")
    columns, comments = declared(table, pyarrow.parquet.read_schema(path).names, schema)
    dataset = check_pyarrow(name, path, columns, comments, schema["version"])
    check_checksums(name, path)
    for column, kind, *_ in duckdb.sql(f"describe select * from '{path}'").fetchall():
        expect(f"DuckDB: {name}.{column}", DUCKDB[columns[column]], kind.replace('"', ""))
    for column, kind in polars.read_parquet_schema(path).items():
        expect(f"Polars: {name}.{column}", POLARS[columns[column]], kind)
    counts = manifest["counts"]
    rows = single(f"select count(*) from '{path}'")
    expected = {"accounts": counts["accepted"], "domains": counts["domains"], "rejected": counts["rejected"]}
    for reader, found in (
        ("DuckDB", rows),
        ("pandas", len(dataset.to_table().to_pandas())),
        ("Polars", polars.read_parquet(path).height),
    ):
        expect(f"{reader}: rows of {name}", expected.get(name, rows), found)
    check_filters(name, dataset, path, columns)
    check_nested(name, dataset, path, columns)


def check_sums(report, manifest):
    """The tables and the manifest tell the same."""
    counts = manifest["counts"]
    for table, column, key in (
        ("accounts", "state", "accounts_by_state"),
        ("accounts", "risk", "accounts_by_risk"),
        ("accounts", "action", "accounts_by_action"),
        ("domains", "state", "domains_by_state"),
        ("rejected", "reason", "rejected_by_reason"),
    ):
        sql = f"select {column}, count(*) from '{report / table}.parquet' group by 1"
        expect(f"{table} by {column}", counts[key], dict(duckdb.sql(sql).fetchall()))
    for table in ("domains", "tlds"):
        sql = f"select coalesce(sum(accounts), 0)::bigint from '{report / table}.parquet'"
        expect(f"accounts in {table}", counts["accepted"], single(sql))


def refused(what, error, read):
    """Reading a report as one table fails, rather than take all rows for accounts."""
    try:
        rows = len(read())
    except error:
        return
    expect(what, error.__name__, f"{rows} rows")


def check_whole(report):
    """Columns of one name have one type, so all tables can be read as one; nobody does so unasked."""
    files = sorted(str(path) for path in report.glob("*.parquet"))
    schemas = [pyarrow.parquet.read_schema(file) for file in files]
    rows = {file: pyarrow.parquet.read_metadata(file).num_rows for file in files}
    rows = {file: count for file, count in rows.items() if count}
    table = pyarrow.dataset.dataset(files, schema=pyarrow.unify_schemas(schemas)).to_table(columns=["__filename", "as_of"])
    counts = table.group_by("__filename").aggregate([([], "count_all")]).to_pydict()
    expect("pyarrow: rows of all tables", rows, dict(zip(counts["__filename"], counts["count_all"])))
    union = f"read_parquet('{report}/*.parquet', union_by_name = true)"
    expect("DuckDB: rows of all tables", rows, dict(duckdb.sql(f"select filename, count(*) from {union} group by 1").fetchall()))
    names = {name for schema in schemas for name in schema.names}
    expect("DuckDB: columns of all tables", names, set(duckdb.sql(f"select * from {union} limit 0").columns))
    frames = [polars.scan_parquet(file, include_file_paths="file") for file in files]
    counts = polars.concat(frames, how="diagonal").group_by("file").len().collect()
    expect("Polars: rows of all tables", rows, dict(counts.iter_rows()))
    refused("pyarrow: the directory", pyarrow.ArrowInvalid, lambda: pyarrow.dataset.dataset(report).to_table())
    refused("Polars: the directory", polars.exceptions.InvalidOperationError,
            lambda: polars.scan_parquet(report).collect())
    refused("Polars: its tables", polars.exceptions.SchemaError,
            lambda: polars.scan_parquet(f"{report}/*.parquet").collect())
    refused("DuckDB: its tables", duckdb.InvalidInputException,
            lambda: duckdb.sql(f"select account_id from '{report}/*.parquet'").fetchall())


def check_nights(reports):
    """One table of all reports in a directory, of which some have more columns."""
    files = [str(path) for path in reports.glob("*/accounts.parquet")]
    rows = sum(pyarrow.parquet.read_metadata(file).num_rows for file in files)
    expect("pyarrow: rows of all reports", rows, pyarrow.dataset.dataset(files).count_rows())
    pattern = f"{reports}/*/accounts.parquet"
    expect("DuckDB: rows of all reports", rows, len(duckdb.sql(f"select action, as_of from '{pattern}'").fetchall()))
    frame = polars.scan_parquet(pattern, missing_columns="insert", extra_columns="ignore").collect()
    expect("Polars: rows of all reports", rows, frame.height)


def main():
    report, schema = pathlib.Path(sys.argv[1]), json.loads(pathlib.Path(sys.argv[2]).read_text())
    manifest = json.loads((report / "manifest.json").read_text())
    expect("manifest: schema", schema["version"], manifest["schema"])
    for table in schema["tables"]:
        if table["name"] == "changes" and manifest["previous"] is None:
            continue
        # tables by themselves are looked at if someone put them here
        if table["name"] in ("answers", "registry", "names", "changed_names") and not (report / f"{table['name']}.parquet").exists():
            continue
        check_table(report, table, schema, manifest)
    check_sums(report, manifest)
    check_whole(report)
    check_nights(report.parent)
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

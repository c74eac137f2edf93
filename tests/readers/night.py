"""Runs the README's queries over what `stream` wrote in two nights, and compares with what `audit` says of the same rows.

usage: night.py DIRECTORY       with DuckDB; spark.py runs the same with Spark

DIRECTORY has queries.sql, and for each night the rows of `stream` (first.ndjson, second.ndjson) and the audit's report.
"""

import collections
import json
import pathlib
import sys

import pyarrow.parquet


def check(directory, engine):
    """`engine` has `run(statement)`, which gives rows, `load(name, file)` of NDJSON, and `keep(name, query)`."""
    directory = pathlib.Path(directory)
    queries = [query for query in (directory / "queries.sql").read_text().split(";") if query.strip()]
    for night, report in (("first", directory / "first"), ("second", directory / "second")):
        engine.load("today", directory / f"{night}.ndjson")
        if night == "first":
            engine.keep("yesterday", "select *, action as final_action from today where 1 = 0")
        for query in queries:
            engine.run(query)
        compare(engine, report, night)
        engine.keep("yesterday", "select * from verdicts")


def compare(engine, report, night):
    """What the views say, beside the tables and the manifest of the audit."""
    manifest = json.loads((report / "manifest.json").read_text())
    counts = manifest["counts"]

    def same(what, query, expected):
        found = collections.Counter(map(tuple, engine.run(query)))
        expected = collections.Counter(expected)
        assert found == expected, f"{night}, {what}: {(found - expected).most_common(3)} {(expected - found).most_common(3)}"
        return len(expected)

    def rows(table, columns, keep=lambda row: True):
        rows = pyarrow.parquet.read_table(report / f"{table}.parquet").to_pylist()
        return [tuple(row[column] for column in columns) for row in rows if keep(row)]

    columns = ("account_id", "mail_domain", "state", "risk", "action", "action_before_breaker")
    same("verdicts", """select id, mail_domain, state, risk, final_action, case when action <> final_action then action end
        from verdicts where state <> 'rejected'""", rows("accounts", columns))
    expected = [("state", state, count) for state, count in counts["accounts_by_state"].items()]
    expected += [("state", "rejected", counts["rejected"])] if counts["rejected"] else []
    expected += [("risk", *pair) for pair in counts["accounts_by_risk"].items()]
    expected += [("action", *pair) for pair in counts["accounts_by_action"].items()]
    same("counts", "select * from counts where what <> 'domain'", expected)
    # a domain all of whose accounts were verified before it changed hands does not show its own state
    shown = {row[0] for row in rows("accounts", ("judged_domain",), lambda row: row["state"] != "reregistered")}
    states = [state for domain, state in rows("domains", ("judged_domain", "state")) if domain in shown]
    hidden = counts["domains"] - len(states)
    expected = [*collections.Counter(states).items(), *([("reregistered", hidden)] if hidden else [])]
    same("domains", "select value, rows from counts where what = 'domain'", expected)
    breakers = [(breaker["tld"], breaker["domains"], breaker["flagged"]) for breaker in manifest["breaker"]]
    same("breakers", "select tld, domains, flagged from breakers", breakers)
    # what nothing depends on is in the table alone
    columns = ("kind", "domain", "state", "risk", "rule", "hosts", "domains", "accounts", "weight", "domains_exposed",
               "accounts_exposed", "weight_exposed", "earliest_drop_on", "latest_drop_on")
    servers = rows("servers", columns, lambda row: row["domains"] or row["domains_exposed"])
    exposing = [server for server in servers if server[9]]
    assert {server[0] for server in exposing} == {"ns", "mx"} and len(servers) > 2 * len(exposing) > 8, exposing
    days = [f"cast({column} as string) as {column}" for column in columns[-2:]]
    same("servers", f"""select {', '.join([*columns[:-2], *days])} from servers where domains > 0 or domains_exposed > 0""",
         [(*server[:-2], *(day and str(day) for day in server[-2:])) for server in servers])
    if night == "second":
        assert len(breakers) == 1, breakers
        columns = ("account_id", "mail_domain", "judged_domain", "change", "state_before", "risk_before", "action_before",
                   "state", "risk", "action")
        changes = rows("changes", columns, lambda row: row["kind"] == "account")
        kinds = {change[3] for change in changes}
        assert kinds == {"newly_at_risk", "worse", "better", "no_longer_judged", "recovered", "gone"}, kinds
        same("changes", """select id, mail_domain, judged_domain, change, state_before, risk_before, action_before, state,
            risk, action from changes""", changes)


class DuckDb:
    def __init__(self):
        import duckdb
        self.connection = duckdb.connect()
        self.run("create macro explode(list) as unnest(list)")

    def run(self, statement):
        return self.connection.execute(statement).fetchall()

    def load(self, name, file):
        self.run(f"create or replace view {name} as from read_ndjson('{file}')")

    def keep(self, name, query):
        # it may be asked by the query
        self.run(f"create or replace table kept as {query}")
        self.run(f"create or replace table {name} as from kept")


if __name__ == "__main__":
    check(sys.argv[1], DuckDb())

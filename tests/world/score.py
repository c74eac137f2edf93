"""Precision and recall of `unverify` over a world of `world fates`.

    score.py WORLD REPORT

An account is endangered if somebody else can receive its mail now (`free`), does so already (`taken`), or its domain is
out of service and falls to others unless the old holder acts (`falling`). Recall is given over all accounts, and over
those that the program could judge at all; and how many drop windows hold the true day.
"""

import collections
import csv
import pathlib
import sys

import pyarrow.parquet as parquet

AS_OF = 20605  # 2026-06-01
GENERIC = {"com", "net", "org", "dev", "xyz"}


def days(date):
    import datetime

    return None if date is None else (date - datetime.date(1970, 1, 1)).days - AS_OF


def share(part, whole):
    return f"{part / whole:.4f}" if whole else "-"


def main(world, report):
    with open(pathlib.Path(world) / "truth.csv", newline="") as source:
        truth = list(csv.DictReader(source))
    columns = ["state", "action", "earliest_drop_on", "latest_drop_on"]
    rows = parquet.read_table(pathlib.Path(report) / "accounts.parquet", columns=columns).to_pylist()
    assert len(rows) == len(truth), (len(rows), len(truth))
    counts = collections.defaultdict(collections.Counter)
    missed, wrong = collections.Counter(), collections.Counter()
    windows = collections.Counter()
    for real, row in zip(truth, rows):
        endangered, flagged = real["fate"] != "safe", row["action"] == "unverify"
        kind = "gTLD" if real["suffix"] in GENERIC else "ccTLD"
        for name in ("all", kind, real["suffix"]):
            count = counts[name]
            count["accounts"] += 1
            count["endangered"] += endangered
            count["flagged"] += flagged
            count["right"] += endangered and flagged
            count["judged"] += endangered and row["state"] not in ("unknown", "absent")
            count["acted on"] += endangered and row["action"] in ("unverify", "review", "lookup")
        if endangered and not flagged:
            missed[real["fate"], row["state"], row["action"], real["suffix"]] += 1
        if flagged and not endangered:
            wrong[row["state"], real["suffix"]] += 1
        if real["fate"] == "falling" and real["free_in_days"] and row["action"] == "unverify":
            earliest, latest, day = days(row["earliest_drop_on"]), days(row["latest_drop_on"]), int(real["free_in_days"])
            windows["in all"] += 1
            windows["too late"] += earliest is not None and earliest > day
            windows["too early"] += latest is not None and latest < day
    print("domains      accounts endangered flagged  precision recall  of judged  unverify, review or lookup")
    order = lambda entry: (entry[0] not in ("all", "gTLD", "ccTLD"), -entry[1]["accounts"])
    for name, count in sorted(counts.items(), key=order):
        print(
            f"{name:10} {count['accounts']:10} {count['endangered']:10} {count['flagged']:7}  "
            f"{share(count['right'], count['flagged']):9} {share(count['right'], count['endangered']):7} "
            f"{share(count['right'], count['judged']):10} {share(count['acted on'], count['endangered'])}"
        )
    print(f"drop windows of falling domains: {dict(windows)}")
    for title, counter in (("endangered, not unverified", missed), ("unverified, not endangered", wrong)):
        print(title)
        for key, count in counter.most_common(20):
            print(f"{count:8} {' '.join(key)}")


if __name__ == "__main__":
    main(*sys.argv[1:])

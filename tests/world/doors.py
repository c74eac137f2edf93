"""Precision and recall of hijackable name servers and mail servers over a world of `world doors`.

    doors.py WORLD REPORT

Every account is held against the truth: each of the four reasons, and the risk. Exits with 1 unless all are right.
"""

import csv
import pathlib
import sys

import pyarrow.parquet as parquet

REASONS = ["ns.hijackable", "ns.soon_hijackable", "mx.hijackable", "mx.soon_hijackable"]


def expected(real):
    """The reasons and the risk of a mail domain."""
    old = real["mx_old"] == "1"
    reasons = {
        "ns.hijackable": real["ns"] != "no",
        "ns.soon_hijackable": real["ns_soon"] == "1",
        "mx.hijackable": real["mx"] != "no",
        "mx.soon_hijackable": real["mx_soon"] == "1",
    }
    # old records are told and raise nothing
    doors = [(real["ns"], real["ns_soon"])] + ([] if old else [(real["mx"], real["mx_soon"])])
    if any(now == "every" for now, _ in doors):
        return reasons, "critical"
    return reasons, "high" if any(now == "some" or soon == "1" for now, soon in doors) else "none"


def main(world, report):
    with open(pathlib.Path(world) / "truth.csv", newline="") as source:
        truth = list(csv.DictReader(source))
    columns = ["mail_domain", "risk", "reasons"]
    rows = parquet.read_table(pathlib.Path(report) / "accounts.parquet", columns=columns).to_pylist()
    assert len(rows) == len(truth), (len(rows), len(truth))
    kinds = REASONS + ["risk critical", "risk high"]
    counts = {kind: [0, 0, 0] for kind in kinds}
    wrong = []
    for real, row in zip(truth, rows):
        assert real["mail_domain"] == row["mail_domain"], (real, row)
        reasons, risk = expected(real)
        is_real = [reasons[reason] for reason in REASONS] + [risk == "critical", risk == "high"]
        is_found = [reason in row["reasons"] for reason in REASONS]
        is_found += [row["risk"] == "critical", row["risk"] == "high"]
        for kind, planted, found in zip(kinds, is_real, is_found):
            count = counts[kind]
            count[0] += planted
            count[1] += found
            count[2] += planted and found
        if is_real != is_found or row["risk"] != risk:
            wrong.append((real, row))
    print(f"{'':<20}{'planted':>9}{'found':>9}{'precision':>11}{'recall':>8}")
    for kind, (planted, found, right) in counts.items():
        share = [f"{right / whole:.4f}" if whole else "-" for whole in (found, planted)]
        print(f"{kind:<20}{planted:>9}{found:>9}{share[0]:>11}{share[1]:>8}")
    print(f"{len(wrong)} of {len(rows)} mail domains judged otherwise than planted")
    for real, row in wrong[:5]:
        print(dict(real), row)
    return 1 if wrong or not all(planted for planted, _, _ in counts.values()) else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

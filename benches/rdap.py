#!/usr/bin/env python3
"""Whole-process comparison: `zonelapse rdap import` beside DuckDB, the rdap_client crate and inflating, on data made here.

Makes NDJSON of RDAP answers in envelopes, about 2.8 kB each, of the shapes that large registries send, plain and .gz.
Then in turn, on the same machine: `rdap import` from both, on one thread and on all; DuckDB reading name, status and
the dates of registration and expiration of the same file with `read_json`, their types told, and found by itself; flate2 (zlib-rs) inflating the .gz to nowhere;
and, from memory on one thread, our parser and that of the rdap_client crate. Prints medians of seconds, documents and
megabytes (of text) a second, peak resident memory, and ratios.

    pip install duckdb
    cargo build --release --locked --features fetch --bin zonelapse --example inflate --example parse
    python3 benches/rdap.py [--answers 300000] [--runs 3] [--work DIR] [--no-duckdb]
"""

import argparse
import datetime
import gzip
import json
import os
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile

from snapshot import ROOT, run

DUCKDB = """
import duckdb, sys
connection = duckdb.connect()
connection.execute('set enable_progress_bar = false')
columns = \"\"\", columns={'domain': 'varchar',
    'body': 'struct(status varchar[], events struct(eventAction varchar, eventDate varchar)[])'}\"\"\" if sys.argv[2:] else ''
connection.execute(f\"\"\"create table answers as
    select domain, body.status as status,
        list_filter(body.events, lambda event: event.eventAction = 'registration')[1].eventDate as registered_at,
        list_filter(body.events, lambda event: event.eventAction = 'expiration')[1].eventDate as expires_at
    from read_json('{sys.argv[1]}', format='newline_delimited'{columns})\"\"\")
"""

STATUSES = [
    ["active"],
    ["client transfer prohibited"],
    ["client delete prohibited", "client transfer prohibited", "client update prohibited"],
    ["client hold", "client transfer prohibited"],
    ["auto renew period"],
    ["redemption period"],
    ["pending delete"],
]
NOTICES = [
    {
        "title": "Terms of Use",
        "description": ["Service subject to Terms of Use."],
        "links": [{"href": "https://registry.example/domain-names/registration-data-access-protocol/terms-service/index.xhtml", "type": "text/html"}],
    },
    {
        "title": "Status Codes",
        "description": ["For more information on domain status codes, please visit https://icann.org/epp"],
        "links": [{"href": "https://icann.org/epp", "type": "text/html"}],
    },
    {
        "title": "RDDS Inaccuracy Complaint Form",
        "description": ["URL of the ICANN RDDS Inaccuracy Complaint Form: https://icann.org/wicf"],
        "links": [{"href": "https://icann.org/wicf", "type": "text/html"}],
    },
]


def answer(chance, number):
    """One answer in its envelope."""
    tld, host = chance.choice([("com", "rdap.registry.example"), ("org", "rdap.other.example"), ("dev", "rdap.third.example")])
    name = f"{chance.getrandbits(40):x}-{number}.{tld}"
    day = lambda low, high: (datetime.datetime(2026, 6, 1) + datetime.timedelta(seconds=chance.randrange(low, high) * 86400 // 100)).strftime("%Y-%m-%dT%H:%M:%SZ")
    event = lambda action, date: {"eventAction": action, "eventDate": date}
    link = lambda relation, url: {"value": url, "rel": relation, "href": url, "type": "application/rdap+json"}
    url = f"https://{host}/v1/domain/{name.upper()}"
    empty = ["tel", {"type": "voice"}, "uri", ""]
    contact = {
        "objectClassName": "entity",
        "roles": ["registrant"],
        "vcardArray": ["vcard", [["version", {}, "text", "4.0"], ["fn", {}, "text", ""], ["org", {}, "text", "Privacy Service"], ["adr", {"cc": "US"}, "text", ["", "", "", "", "AZ", "", ""]], empty]],
        "remarks": [{"title": "REDACTED FOR PRIVACY", "type": "object redacted due to authorization", "description": ["Some of the data in this object has been removed."]}],
    }
    registrar = chance.randrange(2000)
    body = {
        "objectClassName": "domain",
        "handle": f"{chance.getrandbits(36)}_DOMAIN_{tld.upper()}-VRSN",
        "ldhName": name.upper() if tld == "com" else name,
        "links": [link("self", url), link("related", f"https://rdap.registrar-{registrar}.example/rdap/domain/{name}")],
        "status": chance.choice(STATUSES),
        "entities": [
            {
                "objectClassName": "entity",
                "handle": str(registrar),
                "roles": ["registrar"],
                "publicIds": [{"type": "IANA Registrar ID", "identifier": str(registrar)}],
                "vcardArray": ["vcard", [["version", {}, "text", "4.0"], ["fn", {}, "text", f"Registrar {registrar}, Inc."]]],
                "entities": [{"objectClassName": "entity", "roles": ["abuse"], "vcardArray": ["vcard", [["version", {}, "text", "4.0"], ["fn", {}, "text", ""], ["tel", {"type": "voice"}, "uri", "tel:+1.5550100"], ["email", {}, "text", f"abuse@registrar-{registrar}.example"]]]}],
            },
            *([] if tld == "com" else [contact]),
        ],
        "events": [event("registration", day(-900000, -100000)), event("expiration", day(-6000, 90000)), event("last changed", day(-90000, -100)), event("last update of RDAP database", "2026-06-01T00:00:12Z")],
        "secureDNS": {"delegationSigned": False},
        "nameservers": [{"objectClassName": "nameserver", "ldhName": f"NS{n}.HOST-{registrar}.EXAMPLE"} for n in (1, 2)],
        "rdapConformance": ["rdap_level_0", "icann_rdap_technical_implementation_guide_0", "icann_rdap_response_profile_0"],
        "notices": NOTICES,
    }
    return {"domain": name, "fetched_at": day(-30, 0), "source": url, "http_status": 200, "body": body}


def make(path, answers):
    """Writes the data; twelve answers of every hundred are asked a second time."""
    chance = random.Random(7)
    with open(path, "w") as plain:
        for number in range(answers):
            text = json.dumps(answer(chance, number), separators=(",", ":"))
            plain.write(text + "\n")
            if chance.random() < 0.12:
                plain.write(text + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--answers", type=int, default=300_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--work", type=pathlib.Path, help="where to keep the data; default a temporary directory")
    parser.add_argument("--no-duckdb", action="store_true")
    arguments = parser.parse_args()
    work = arguments.work or pathlib.Path(tempfile.mkdtemp(prefix="zonelapse-bench-"))
    work.mkdir(parents=True, exist_ok=True)
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"
    plain, packed = work / f"answers-{arguments.answers}.ndjson", work / f"answers-{arguments.answers}.ndjson.gz"
    if not packed.exists():
        make(plain, arguments.answers)
        with open(plain, "rb") as text, gzip.open(packed, "wb", compresslevel=6) as file:
            while block := text.read(1 << 24):
                file.write(block)
    with open(plain, "rb") as text:
        documents = sum(block.count(b"\n") for block in iter(lambda: text.read(1 << 24), b""))
    size = plain.stat().st_size
    print(f"{documents} answers, {size / 1e6:.0f} MB, gz {packed.stat().st_size / 1e6:.0f} MB")
    command = [target / "zonelapse", "rdap", "import", "--quiet", "-o", work / "rdap.parquet"]
    sides = {
        "import, plain": [*command, plain],
        "import, plain, one thread": [*command, plain, "--threads", "1"],
        "import, gz": [*command, packed],
        "import, gz, one thread": [*command, packed, "--threads", "1"],
        "inflate": [target / "examples" / "inflate", packed],
    }
    if not arguments.no_duckdb:
        sides["DuckDB, types told, plain"] = [sys.executable, "-c", DUCKDB, plain, "told"]
        sides["DuckDB, types told, gz"] = [sys.executable, "-c", DUCKDB, packed, "told"]
        sides["DuckDB, types found, plain"] = [sys.executable, "-c", DUCKDB, plain]
    measured = {side: [] for side in sides}
    for _ in range(arguments.runs):
        for side, words in sides.items():
            measured[side].append(run(words))
    seconds = {side: statistics.median(figures[0] for figures in runs) for side, runs in measured.items()}
    print(f"{'':<28}{'seconds':>9}{'CPU':>8}{'docs/s':>11}{'MB/s':>8}{'MiB':>7}")
    for side, runs in measured.items():
        cpu, resident = (statistics.median(figures[place] for figures in runs) for place in (1, 3))
        took = seconds[side]
        print(f"{side:<28}{took:>9.2f}{cpu:>8.2f}{documents / took:>11.0f}{size / took / 1e6:>8.0f}{resident:>7.0f}")
    print(f"import, gz ÷ inflate                 {seconds['import, gz'] / seconds['inflate']:.2f}")
    if not arguments.no_duckdb:
        for kind in ("types told, plain", "types told, gz", "types found, plain"):
            ours = seconds["import, gz" if kind.endswith("gz") else "import, plain"]
            print(f"DuckDB, {kind + ' ÷ import':<29}{seconds['DuckDB, ' + kind] / ours:.2f}")
    print("parsed from memory on one thread:", flush=True)
    subprocess.run([target / "examples" / "parse", plain], check=True)


if __name__ == "__main__":
    main()

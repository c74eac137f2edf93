#!/usr/bin/env python3
"""What mail servers cost: `zonelapse audit` with and without `--mx`, on data made here.

A zone of a million names with accounts at them (the generator in tests/world), and three MX records a name: seven in ten
names share some providers, one of which nobody holds; the others have servers of their own, below the name. Audits without
MX data, with a table of them, with zdns' output and with a sorted Parquet table run in turn, so that a slow moment of the
machine hits all. Prints CPU seconds, the ratio of each run to the one without, that of the shortest runs, and the most memory.

Two worlds tell what MX data cost. With one account a name nothing else hides it; a service has more:

    pip install duckdb
    cargo build --release --locked
    python3 benches/mail.py [--names 1000000] [--providers 50] [--runs 5] [--work DIR] [--program PATH]
    python3 benches/mail.py --accounts 10000000 --providers 3000

The option `--threads 1` is handed on, `--forms mx.csv` measures some of the forms only.
"""

import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
AS_OF = "2026-06-01"

ZDNS = """
'{"name":"' || domain || '","results":{"MX":{"data":{"answers":['
|| string_agg('{"answer":"' || mx || '.","class":"IN","name":"' || domain || '","preference":' || preference
              || ',"ttl":300,"type":"MX"}', ',' order by preference)
|| '],"protocol":"udp","resolver":"192.0.2.1:53"},"duration":0.03,"status":"NOERROR","timestamp":"2026-05-31T01:00:00Z"}}}'
"""

FORMS = {
    "mx.csv": "select domain, mx, preference, date '2026-05-31' as date from mx order by hash(domain), preference",
    "mx.ndjson": f"select {ZDNS} from mx group by domain order by hash(domain)",
    "mx.parquet": "select domain || '.' as query_name, 'MX' as response_type, mx || '.' as mx_address, "
                  "preference::integer as mx_preference, 1780185600000 as timestamp, 0 as status_code from mx order by domain",
}


def cpu_seconds(command):
    """CPU seconds of one command, and the most memory that it had, in MiB."""
    process = subprocess.Popen([str(word) for word in command])
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        sys.exit(f"failed: {' '.join(map(str, command))}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss >> 10


def make(work, names, accounts, providers, forms):
    """Makes the world and the MX data, unless they are there."""
    import duckdb
    if not (work / "accounts.csv").exists():
        words = ["cargo", "run", "--quiet", "--release", "--locked", "--example", "world", "--", "scale", work,
                 "--names", names, "--accounts", accounts, "--domains", names,
                 "--spread", "each" if accounts == names else "mixed"]
        subprocess.run([str(word) for word in words], cwd=ROOT, check=True)
    connection = duckdb.connect()
    connection.execute(f"""create table names as
        select distinct lower(split_part(email, '@', -1)) as domain from read_csv('{work}/accounts.csv')""")
    connection.execute(f"""create table providers as
        select row_number() over (order by domain) as number, domain as provider
        from (select domain from names order by domain limit {providers - 1}) union all select 0, 'provider-without-holder.com'""")
    connection.execute(f"""create table mx as
        select domain, 'mx' || k || '.' || case when hash(domain) % 10 < 7 then provider else domain end as mx,
               10 * k as preference
        from names join providers on number = hash(domain) // 10 % {providers}, range(1, 4) t(k)""")
    for name, query in forms.items():
        if not (work / name).exists():
            how = "format parquet" if name.endswith("parquet") else "format csv, header false, quote '', delimiter '\\x01'"
            how = "format csv, header" if name.endswith("csv") else how
            connection.execute(f"copy ({query}) to '{work / name}' ({how})")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--names", type=int, default=1_000_000)
    parser.add_argument("--accounts", type=int, help="default: one at each name")
    parser.add_argument("--providers", type=int, default=50)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--threads", type=int, help="default: those of the machine")
    parser.add_argument("--forms", nargs="+", choices=list(FORMS), default=list(FORMS))
    parser.add_argument("--work", type=pathlib.Path, help="where to keep the data; default a temporary directory")
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    parser.add_argument("--program", type=pathlib.Path, default=target / "release" / "zonelapse")
    arguments = parser.parse_args()
    work = arguments.work or pathlib.Path(tempfile.mkdtemp(prefix="zonelapse-bench-"))
    work.mkdir(exist_ok=True)
    forms = {name: FORMS[name] for name in arguments.forms}
    make(work, arguments.names, arguments.accounts or arguments.names, arguments.providers, forms)
    store, report = work / "store", work / "report"
    if not store.exists():
        subprocess.run([arguments.program, "snapshot", "build", work / "com.txt.gz", "--store", store, "--quiet"], check=True)
    audit = [arguments.program, "audit", work / "accounts.csv", "--zones", store, "--as-of", AS_OF, "-o", report, "--quiet"]
    audit += ["--threads", arguments.threads] if arguments.threads else []
    commands = {"without": audit} | {name: [*audit, "--mx", work / name] for name in forms}
    measured = {name: [] for name in commands}
    for number in range(arguments.runs):
        for name, command in commands.items():
            measured[name].append(cpu_seconds(command))
            seconds, memory = measured[name][-1]
            print(f"run {number + 1} {name:12} {seconds:7.2f} CPU s {memory:6} MiB", flush=True)
    seconds = {name: [seconds for seconds, _ in runs] for name, runs in measured.items()}
    for name in forms:
        ratios = [one / other for one, other in zip(seconds[name], seconds["without"])]
        print(f"{name:12} / without: {', '.join(f'{ratio:.2f}' for ratio in ratios)}; median {statistics.median(ratios):.2f}; "
              f"shortest {min(seconds[name]) / min(seconds['without']):.2f}")
    if arguments.work is None:
        shutil.rmtree(work)


if __name__ == "__main__":
    main()

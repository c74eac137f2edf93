#!/usr/bin/env python3
"""`zonelapse rdap fetch` against many servers on loopback: is any limit exceeded, is anything lost?

Starts servers (asyncio) that note when each question arrives, asks about names spread over them, kills the program at
random moments (SIGKILL) and starts it again, then lets it finish. Prints questions sent, the shortest time between two at any
server beside the limit, the most in any second, names answered, answers lost, questions asked twice.

    cargo build --release --locked --features fetch --bin zonelapse
    python3 benches/fetch.py [--names 5000] [--servers 20] [--rate 20] [--kills 20]
"""

import argparse
import asyncio
import collections
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent


class Servers:
    """Registries on loopback; one name in seven is not registered."""

    def __init__(self, count):
        self.arrivals = collections.defaultdict(list)
        self.ports = []
        ready = threading.Event()
        threading.Thread(target=lambda: asyncio.run(self.run(count, ready)), daemon=True).start()
        ready.wait()

    async def run(self, count, ready):
        servers = [await asyncio.start_server(self.serve, "127.0.0.1", 0) for _ in range(count)]
        self.ports = [server.sockets[0].getsockname()[1] for server in servers]
        ready.set()
        await asyncio.gather(*(server.serve_forever() for server in servers))

    async def serve(self, reader, writer):
        port = writer.get_extra_info("sockname")[1]
        try:
            while line := await reader.readline():
                self.arrivals[port].append(time.monotonic())
                name = line.split()[1].decode().rsplit("/", 1)[1]
                while (await reader.readline()).strip():
                    pass
                if hash(name.split(".")[0][1:]) % 7 == 0:
                    status, body = 404, {"errorCode": 404, "title": "Not Found"}
                else:
                    events = [{"eventAction": "registration", "eventDate": "2015-01-01T00:00:00Z"}]
                    status, body = 200, {"objectClassName": "domain", "ldhName": name, "status": ["active"], "events": events, "entities": []}
                text = json.dumps(body, indent=1).encode()
                writer.write(b"HTTP/1.1 %d X\r\nContent-Type: application/rdap+json\r\nContent-Length: %d\r\n\r\n%s" % (status, len(text), text))
                await writer.drain()
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--names", type=int, default=5000)
    parser.add_argument("--servers", type=int, default=20)
    parser.add_argument("--rate", type=float, default=20)
    parser.add_argument("--kills", type=int, default=20)
    arguments = parser.parse_args()
    work = pathlib.Path(tempfile.mkdtemp(prefix="zonelapse-fetch-"))
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"
    servers = Servers(arguments.servers)
    services = [[[f"t{place}"], [f"http://127.0.0.1:{port}/"]] for place, port in enumerate(servers.ports)]
    (work / "dns.json").write_text(json.dumps({"services": services}))
    names = [f"n{number}.t{number % arguments.servers}" for number in range(arguments.names)]
    (work / "names.txt").write_text("\n".join(names) + "\n")
    answers = work / "answers.ndjson"
    command = [target / "zonelapse", "rdap", "fetch", work / "names.txt", "-o", answers, "--bootstrap", work / "dns.json"]
    command += ["--insecure-http", "127.0.0.1", "--rate", str(arguments.rate), "--servers", str(arguments.servers)]
    chance, started, before, lost = random.Random(11), time.monotonic(), b"", 0
    least = arguments.names / arguments.servers / arguments.rate
    for _ in range(arguments.kills):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(0.05, 1.6 * least / (arguments.kills + 1)))
        process.kill()
        process.wait()
        # whatever stood there whole stands there still
        now = answers.read_bytes() if answers.exists() else b""
        whole = before[: before.rfind(b"\n") + 1]
        lost += 0 if now.startswith(whole) else 1
        before = now
    between = time.monotonic() - started
    said = subprocess.run(command, capture_output=True, text=True)
    if said.returncode != 0:
        sys.exit(f"failed with {said.returncode}:\n{said.stdout}{said.stderr}")
    took = time.monotonic() - started
    lines = [json.loads(line) for line in answers.read_text().splitlines()]
    asked = sum(map(len, servers.arrivals.values()))
    gaps = [later - sooner for times in servers.arrivals.values() for sooner, later in zip(times, times[1:])]
    busiest = 0
    for times in servers.arrivals.values():
        first = 0
        for last, at in enumerate(times):
            while at - times[first] >= 1:
                first += 1
            busiest = max(busiest, last - first + 1)
    count = collections.Counter(line["domain"] for line in lines)
    print(f"{arguments.names} names at {arguments.servers} servers, {arguments.rate} questions a second each, {arguments.kills} kills")
    print(f"took {took:.1f} s ({between:.1f} s of it with kills); at the limit it is {least:.1f} s")
    print(f"questions that arrived      {asked}, {asked - arguments.names} more than names (at most one a server and kill)")
    print(f"shortest gap at a server    {min(gaps) * 1000:.1f} ms; the limit is {1000 / arguments.rate:.1f} ms")
    print(f"most in any second          {busiest}; the limit is {arguments.rate:.0f}")
    print(f"names answered              {len(count)} of {arguments.names}; by status {dict(collections.Counter(line['http_status'] for line in lines))}")
    print(f"answers lost over kills     {lost}; names answered twice {sum(times > 1 for times in count.values())}")
    # a program that is killed cannot remember when it asked last: gaps below the limit are across kills only
    print(f"gaps below the limit        {sum(gap < 0.999 / arguments.rate for gap in gaps)}")


if __name__ == "__main__":
    main()

"""A generated world as files, and the program's runs over them."""

import datetime
import functools
import json
import os
import subprocess
import sys

import decisions
import lists
import mail
from clock import EPOCH
from evidence import DELEGATED
from world import AS_OF, RESERVED


def date(day):
    return EPOCH + datetime.timedelta(days=day)


@functools.lru_cache(1 << 16)
def moment(at):
    """A moment in days as RFC 3339."""
    return (datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=round(at * 86400))).strftime("%Y-%m-%dT%H:%M:%SZ")


def write_zones(world, folder):
    """Writes a file for each delivery. Lists have no serial: the time of their file dates them."""
    by_zone = {}
    for domain in world.domains.values():
        if domain.zone is not None:
            by_zone.setdefault(domain.zone, []).append(domain)
    for zone, domains in by_zone.items():
        for i, delivery in enumerate(zone.deliveries):
            held = [domain for domain in domains if domain.held[i] == DELEGATED]
            day = date(delivery.day)
            path = folder / "whole" / f"{zone.origin}.{day:%Y%m%d}.txt"
            if delivery.listed:  # its name is its origin
                path = folder / f"{day:%Y%m%d}" / f"{zone.origin}.list"
            if delivery.listed:
                text = "".join(domain.name + "\n" for domain in held)
            else:
                soa = f"{zone.origin}.\t3600\tin\tsoa\tns.nic.example. h.nic.example. {day:%Y%m%d}01 1 1 1 1\n"
                records = [f"{domain.name}.\t3600\tin\tns\t{host}.\n" for domain in held for host in domain.servers]
                text = soa + "".join(records) + (soa if delivery.closed else "")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            if delivery.listed:
                os.utime(path, (delivery.day * 86400,) * 2)


def envelope(domain, answer, number):
    body, status = {"errorCode": 404, "title": "not found"}, 404
    if answer.reserved:
        body["description"] = [RESERVED[number % len(RESERVED)]]
    if answer.error:
        body, status = {"errorCode": 500, "title": "broken"}, 500
    if answer.found:
        events = [
            ("registration", answer.registered), ("expiration", answer.expires),
            ("registrar expiration", answer.registrar_expires), ("reinstantiation", answer.reinstantiated),
            ("reregistration", answer.reregistered),
        ]
        body, status = {"objectClassName": "domain", "ldhName": domain.name.upper()}, 200
        body["status"] = answer.statuses
        body["events"] = [{"eventAction": action, "eventDate": moment(at)} for action, at in events if at is not None]
        if answer.registrar:
            card = ["vcard", [["version", {}, "text", "4.0"], ["fn", {}, "text", "Plover Example Domains Ltd"]]]
            body["entities"] = [{"objectClassName": "entity", "roles": ["registrar"], "vcardArray": card}]
    said = {"domain": domain.name, "fetched_at": moment(answer.fetched), "http_status": status, "body": body}
    if answer.source is not None:
        said["source"] = f"{answer.source}domain/{domain.name}"
    return said


def write_answers(world, path):
    with open(path, "w") as out:
        number = 0
        for domain in world.domains.values():
            for answer in domain.answers:
                number += 1
                out.write(json.dumps(envelope(domain, answer, number)) + "\n")


SPELLED = {
    "address": lambda i, name: f"u{i}@{name}",
    "domain": lambda i, name: name if i % 3 else f"{name.upper()}.",
    "url": lambda i, name: (f"https://{name}/lib", f"git@{name}:u/lib.git", f"http://u:p@{name.upper()}:8080")[i % 3],
    # `sub.jp` is a private suffix itself
    "reverse-dns": lambda i, name: ".".join(reversed(name.split("."))) + (".lib" if i % 2 and name != "sub.jp" else ""),
}


def count_of(world, number):
    """How many accounts a row stands for: an address for one, and so does what says no number."""
    return 1 if world.subject == "address" or number % 3 == 0 else number % 7 + 1


def write_accounts(world, accounts, path):
    spell = SPELLED[world.subject]
    header = {"address": "email", "reverse-dns": "namespace"}.get(world.subject, world.subject)
    with open(path, "w") as out:
        out.write(f"id,{header},accounts,verified_at,first_verified_at\n")
        for i, (mail, _, verified, first) in enumerate(accounts):
            times = ["" if at is None else moment(at) for at in (verified, first)]
            count = "" if i % 3 == 0 else count_of(world, i)
            out.write(f"{i},{spell(i, mail)},{count},{times[0]},{times[1]}\n")


def run(program, *arguments, allowed=(0, 1)):
    done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True)
    if done.returncode not in allowed:
        sys.exit(f"{arguments} ended with {done.returncode}:\n{done.stderr}")


def import_lists(program, world, folder):
    """One import after the other, each into the table of the one before."""
    table = folder / "registry.parquet"
    for i, (given, path) in enumerate(lists.write(world, folder / "lists")):
        before = [table] if i else []
        run(program, "registry", "import", *before, path, "--date", moment(given), "-o", table, "--quiet")
    return table


def audit(program, world, accounts, folder):
    """Runs the program over the world; the report's directory."""
    write_zones(world, folder / "zones")
    write_answers(world, folder / "rdap.ndjson")
    write_accounts(world, accounts, folder / "accounts.csv")
    options = world.options
    zones = [word for directory in sorted((folder / "zones").iterdir()) for word in ("--zones", directory)]
    if world.lists:
        zones += ["--registry", import_lists(program, world, folder)]
    if world.mail:
        zones += [word for path in mail.write(world.mail, folder / "mx") for word in ("--mx", path)]
        zones += ["--max-mx-age-days", world.options.max_mx_age]
    if world.subject != "address":
        zones += ["--subject", world.subject]
    if world.decisions:
        zones += ["--overrides", decisions.write(world, folder / "decisions.csv", date)]
    more = [word for host in world.trusted for word in ("--trust-source", host)]
    run(
        program, "audit", folder / "accounts.csv", *zones, "--rdap", folder / "rdap.ndjson",
        "--as-of", date(AS_OF), "--max-flagged-share", "100", "--quiet", "--lead-days", options.lead_days,
        "--max-zone-age-days", options.max_zone_age, "--max-rdap-age-days", options.max_rdap_age, *more,
        "-o", folder / "report",
    )
    return folder / "report"

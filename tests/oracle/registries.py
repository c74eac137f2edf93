"""Section 4 of the contract, "which RDAP answer counts": who is the registry of a name, and what its source is then.

From IANA's bootstrap file and `data/rdap_servers.csv`; a source is told by its host.
"""

import csv
import json
import pathlib
from urllib.parse import urlsplit

DATA = pathlib.Path(__file__).resolve().parents[2] / "data"
REDIRECTOR = "https://rdap.org/"


def read_registries():
    """Suffix → its server, from both tables; the suffixes whose server is only a lead."""
    servers, leads = {}, set()
    with open(DATA / "rdap_servers.csv", newline="") as source:
        for row in csv.DictReader(line for line in source if not line.startswith("#")):
            servers[row["suffix"]] = row["url"]
            if "unverified" in [value for key, value in row.items() if key not in ("suffix", "url")]:
                leads.add(row["suffix"])
    for tlds, urls in json.loads((DATA / "bootstrap" / "dns.json").read_text())["services"]:
        for tld in tlds:
            servers[tld] = urls[0]
            leads.discard(tld)
    return servers, leads


def server_of(servers, name):
    """The server of the longest suffix of the name."""
    labels = name.split(".")[1:]
    while labels:
        if (server := servers.get(".".join(labels))) is not None:
            return server
        labels = labels[1:]
    return None


def standing(source, server, trusted):
    """What an answer of this source is for a name with this registry."""
    if source == REDIRECTOR:
        return "redirector"
    if source is None:
        return "given"
    host = urlsplit(source).hostname
    if host in trusted:
        return "registry"
    if server is None:
        return "given"
    return "registry" if host == urlsplit(server).hostname else "other"

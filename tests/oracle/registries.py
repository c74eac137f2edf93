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
    """Suffix → its server, from both tables; the suffixes whose server is only a lead (`unverified`)."""
    servers, leads = {}, set()
    with open(DATA / "rdap_servers.csv", newline="") as source:
        for row in csv.DictReader(line for line in source if not line.startswith("#")):
            servers[row["suffix"]] = row["url"]
            if row.get("standing") == "unverified":
                leads.add(row["suffix"])
    for tlds, urls in json.loads((DATA / "bootstrap" / "dns.json").read_text())["services"]:
        for tld in tlds:
            servers[tld] = urls[0]
            leads.discard(tld)
    return servers, leads


class Server:
    """Whose answers about a name are the registry's."""

    def __init__(self, url=None, is_lead=False):
        self.url, self.is_lead = url, is_lead
        self.host = urlsplit(url).hostname if url else None

    def standing(self, source, found, trusted):
        """What an answer of this source is."""
        if source == REDIRECTOR:
            return "redirector"
        if source is None:
            return "given"
        host = urlsplit(source).hostname
        if host in trusted:
            return "registry"
        if self.is_lead:  # a server that is the wrong one says 404, too
            return "other" if host == self.host and not found else "given"
        if self.url is None:
            return "given"
        return "registry" if host == self.host else "other"


def server_of(registries, name):
    """The server of the longest suffix of the name."""
    servers, leads = registries
    suffix = name
    while "." in suffix:
        suffix = suffix.partition(".")[2]
        if suffix in servers:
            return Server(servers[suffix], suffix in leads)
    return Server()

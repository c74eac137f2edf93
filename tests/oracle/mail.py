"""Section 4 of the contract, mail servers: what MX data say about a mail domain, and the MX data of a generated world.

The data are about mail domains, name by name: what is said of `n1.com` says nothing about `mail.n1.com`.
"""

import csv
import datetime
import json
from dataclasses import dataclass, field

from clock import EPOCH

NULL = "."


@dataclass(slots=True)
class Row:
    """A record as it was seen. `at`: a moment in days, None if nobody wrote it down; `by_day`: as a bare date."""

    mail: str
    host: str
    preference: int = None
    at: float = None
    by_day: bool = False


@dataclass(slots=True)
class MailSays:
    """The newest records of a mail domain: those of the newest day, and undated ones only where no others are."""

    seen: float = None
    records: dict = field(default_factory=dict)  # host: its preference
    is_stale: bool = False

    @property
    def is_none(self):
        """A null MX: it takes no mail (RFC 7505). Beside other records it is ignored."""
        return list(self.records) == [NULL]

    @property
    def hosts(self):
        return [host for host in self.records if host != NULL]

    @property
    def deciding(self):
        """The hosts of the lowest preference; all where a preference is missing."""
        known = [self.records[host] for host in self.hosts]
        if None in known:
            return self.hosts
        return [host for host in self.hosts if self.records[host] == min(known)]


def look_into_mail(rows, options):
    """What these rows, all of one mail domain, say; None if nothing."""
    rows = [row for row in rows if row.at is None or row.at <= options.as_of]
    days = [row.at // 1 for row in rows if row.at is not None]
    if days:
        rows = [row for row in rows if row.at is not None and row.at // 1 == max(days)]
    if not rows:
        return None
    says = MailSays()
    for row in rows:
        before = says.records.get(row.host)
        says.records[row.host] = row.preference if before is None else min(before, row.preference)
    if days:
        says.seen = max(row.at for row in rows)
        says.is_stale = options.as_of - says.seen > options.max_mx_age
    return says


# ---------------------------------------------------------------- the data of a world

# None of these is registrable by others: addresses, what is no host name, a single label, public suffixes, and hosts of
# which nothing is known or which are nobody's to register.
ODD = ["192.0.2.25", "2001:db8::25", "a..b.com", "localhost", "com", "co.uk", "mx.nowhere.museum", "mx.steady.example"]


def is_host(name):
    """Whether it is a host name at all, and not an address or nonsense."""
    return ":" not in name and ".." not in name and not name.replace(".", "").isdigit()


def plant(world, r):
    """Mail domain → its rows. Many share their servers."""
    names = [name for name in world.names_at if name not in world.uppers]
    hosts = [f"{r.choice(['mx1.', 'mx2.', '', 'in.mail.'])}{r.choice(names)}" for _ in range(60)]
    shared = [records(r, hosts) for _ in range(40)]
    rows = {}
    for mail in [*world.names_at, *world.below]:
        if r.random() < 0.4:
            continue
        for at, by_day in moments(r, world.options.as_of):
            seen = r.choice(shared) if r.random() < 0.7 or mail in world.uppers else own(r, mail, hosts)
            same_day = [at if at is None or by_day else at // 1 + at % 1 * r.random() for _ in seen]
            rows.setdefault(mail, []).extend(
                Row(mail, host, preference, moment, by_day) for (preference, host), moment in zip(seen, same_day)
            )
    return rows


def moments(r, as_of):
    """When they were seen: on different days. A bare date is the start of its day, so that nothing counts as younger
    than it is, and what was seen today is not later than now."""
    found = {}
    for _ in range(r.choice([1, 1, 1, 2, 3])):
        if r.random() < 0.12:
            found[None] = None, False
            continue
        day = as_of - r.choice([-1, 0, 1, 1, 2, 5, 7, 8, 15, 29, 30, 31, 60, 89, 90, 91, 200])
        by_day = r.random() < 0.5
        found[day] = (day * 1.0 if by_day else day + r.randrange(24) / 24), by_day
    return found.values()


def records(r, hosts):
    pick = r.random()
    if pick < 0.06:
        return [(0, NULL)]
    chosen = r.sample(hosts, r.choice([1, 1, 1, 2, 2, 3]))
    if pick < 0.3:
        chosen.append(r.choice(ODD))
    if pick > 0.96:
        chosen.append(NULL)
    if pick > 0.9:
        chosen.append(chosen[0])  # a host twice
    how = r.random()
    if how < 0.25:
        return [(None, host) for host in chosen]
    if how < 0.35 and len(set(chosen)) == len(chosen):
        return [(r.choice([None, 10]), host) for host in chosen]
    return [(r.choice([10, 10, 20, 65535]), host) for host in chosen]


def own(r, mail, hosts):
    """Servers of its own, with others beside them or not."""
    host = r.choice([mail, f"mail.{mail}"])
    if r.random() < 0.3:
        return [(10, host)]
    return [(r.choice([10, 20]), host), (r.choice([10, 20]), r.choice(hosts))]


# ---------------------------------------------------------------- as files


def text_of(row):
    if row.at is None:
        return ""
    at = datetime.datetime.combine(EPOCH, datetime.time()) + datetime.timedelta(seconds=round(row.at * 86400))
    return f"{at:%Y-%m-%d}" if row.by_day else f"{at:%Y-%m-%dT%H:%M:%SZ}"


def write(mail, folder):
    """Two tables and a file of JSON objects, each with a part of the rows; the paths."""
    folder.mkdir(parents=True)
    tables = [folder / "mx-a.csv", folder / "mx-b.csv"]
    objects = folder / "mx-c.ndjson"
    with open(tables[0], "w", newline="") as first, open(tables[1], "w", newline="") as second, open(objects, "w") as third:
        writers = [csv.writer(first), csv.writer(second)]
        for writer in writers:
            writer.writerow(["domain", "mx", "preference", "date"])
        for number, row in enumerate(row for rows in mail.values() for row in rows):
            host = row.host if number % 3 or ":" in row.host or row.host == NULL else f"{row.host.upper()}."
            domain = row.mail if number % 4 else f"{row.mail.upper()}."
            if number % 5 < 4:
                preference = "" if row.preference is None else row.preference
                writers[number % 2].writerow([domain, host, preference, text_of(row)])
            else:
                said = {"domain": domain, "mx": host, "preference": row.preference, "date": text_of(row)}
                third.write(json.dumps({key: value for key, value in said.items() if value not in (None, "")}) + "\n")
    return [*tables, objects]

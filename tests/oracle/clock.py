"""The clock of a top-level domain: its line of `data/lifecycle.csv`, and the six rules about drop windows.

Days are integers (since 1970-01-01). A figure that the table leaves empty is None, which means unknown.
"""

import csv
import datetime
import re
from dataclasses import dataclass, field

EPOCH = datetime.date(1970, 1, 1)
LONGEST_PHASE = 366  # "no end: 366"
FIGURES = (
    "out_from", "out_to", "drop_from", "drop_to", "gone_from", "gone_to", "cancel_from", "restore_to",
)


@dataclass(frozen=True)
class Line:
    renews: str = ""
    printed: str = ""
    out_from: int = None
    out_to: int = None
    drop_from: int = None
    drop_to: int = None
    gone_from: int = None
    gone_to: int = None
    cancel_from: int = None
    restore_to: int = None
    pending_delete: str = ""
    next: str = ""
    words: dict = field(default_factory=dict, hash=False)  # plain word: phase
    raw_words: tuple = ()

    @property
    def late(self):
        """Days for which paid names show a past day."""
        return int(self.printed[5:]) if self.printed.startswith("late:") else 0

    @property
    def past_day_says_nothing(self):
        """The registry renews by itself, and the printed day does not move, not even some days late."""
        return self.renews == "registry" and self.printed != "moves" and not self.late

    def is_final(self, statuses):
        """Whether pending delete among these statuses is final in this TLD."""
        if "pendingdelete" not in statuses or "pendingrestore" in statuses:
            return False
        if self.pending_delete == "final":
            return True
        return self.pending_delete == "with-redemption" and "redemptionperiod" not in statuses

    @property
    def longest_past(self):
        return LONGEST_PHASE if self.drop_to is None else self.drop_to


    def phase_of(self, status):
        """The phase that this registry's word for it names; a `*` at a word's end stands for any rest."""
        if status in self.words:
            return self.words[status]
        return next((p for word, p in self.words.items() if word.endswith("*") and status.startswith(word[:-1])), None)


UNKNOWN = Line()


def plain(word):
    """A status as it is compared: `pendingDelete`, `pending delete` and `Pending-Delete` are one."""
    return re.sub(r"[^a-z0-9*:]", "", word.lower())


def read_table(path):
    """TLD → line."""
    with open(path, newline="") as source:
        rows = csv.DictReader(line for line in source if not line.startswith("#"))
        table = {}
        for row in rows:
            figures = {name: int(row[name]) if row[name] else None for name in FIGURES}
            words, raw = {}, []
            for entry in filter(None, (row.get("words") or "").split(";")):
                word, _, phase = entry.rpartition("=")
                words[plain(word)] = phase.strip()
                raw.append(word.strip())
            line = Line(row["renews"], row["printed"], **figures, pending_delete=row["pending_delete"],
                        next=row["next"], words=words, raw_words=tuple(raw))
            table[row["tld"]] = line
        return table


def line_of(table, name):
    """The line of the longest suffix of a name. `*` is for gTLDs alone: a TLD of two letters without one is unknown."""
    suffix = name
    while "." in suffix:
        suffix = suffix.partition(".")[2]
        if suffix in table:
            return table[suffix]
    tld = suffix
    return UNKNOWN if len(tld) == 2 or tld.startswith("xn--") else table["*"]


def a_year_earlier(day):
    date = EPOCH + datetime.timedelta(days=day)
    try:
        date = date.replace(year=date.year - 1)
    except ValueError:  # 29 February
        date = date.replace(year=date.year - 1, day=28)
    return (date - EPOCH).days


def least(*days):
    return min((day for day in days if day is not None), default=None)


def greatest(*days):
    return max((day for day in days if day is not None), default=None)


def after(day, figure):
    return None if day is None or figure is None else day + figure


# ---------------------------------------------------------------- rules 1 and 2: the window


def window_out_of_service(line, seen, expiry, last_service, first_sign, proves_deletion, overdue=None):
    """Rule 1 and 2 for a name out of service: earliest and latest day on which someone else can have it.

    `seen`: the last day of the evidence. `last_service` is s0, `first_sign` is s1. A hold alone has no end, so
    `gone_to` counts only with a status or a date that proves a deletion.
    """
    by_absence = after(after(last_service, 1), least(line.gone_from, line.cancel_from))
    bound = greatest(after(expiry, line.drop_from), by_absence)  # no figure applies: no window
    earliest = None if bound is None else greatest(seen, bound)
    return earliest, least(after(expiry if overdue is None else overdue, line.drop_to), after(first_sign, line.gone_to) if proves_deletion else None)


def window_in_service(line, seen, expiry, last_service=None, is_held=False, overdue=None):
    """Rule 1 for a name in service: a deletion can come today, and a path of which no figure is known at any time."""
    by_expiry = after(expiry, line.drop_from)
    by_deletion = after(seen, least(line.gone_from, line.cancel_from) if is_held else line.cancel_from)
    by_deletion = seen if by_deletion is None else by_deletion
    if by_expiry is None and line.renews != "registry":
        by_expiry = greatest(seen, expiry) if line.gone_from is None else seen + line.gone_from
    by_absence = after(after(last_service, 1), least(line.gone_from, line.cancel_from))  # out of the zone since then at most
    return greatest(seen, by_absence, least(by_expiry, by_deletion)), after(expiry if overdue is None else overdue, line.drop_to)


def holds(narrow, wide):
    """Whether a window lies within another; an end that is not given is no bound."""
    if narrow is None:  # no opinion
        return True
    (earliest, latest), (earlier, later) = narrow, wide
    first = earlier is None or earliest is None or earlier <= earliest
    return first and (later is None or (latest is not None and later >= latest))


# ---------------------------------------------------------------- rule 3: can the holder still restore it?


def is_past_restoring(line, as_of, expiry, first_sign):
    """Whether the holder's last day is over for certain, by either clock that is known."""
    if line.restore_to is None:
        return False
    ends = []
    if first_sign is not None:
        ends.append(first_sign + line.restore_to)
    if expiry is not None and line.out_to is not None:
        ends.append(expiry + line.out_to + line.restore_to)
    return any(as_of > end for end in ends)



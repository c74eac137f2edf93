"""A case in words: the evidence about its names, and what was judged."""

import clock
import files
from world import AS_OF


def kind_of(at):
    """What kind of top-level domain the names of an account have."""
    if len(at) > 1:
        return "private, open" if at[2] else "private"
    line, name = at[0].line, at[0].name
    if line is clock.UNKNOWN:
        return "no line"
    if len(name.rpartition(".")[2]) > 2 and line.printed == "moves":
        return "gTLD"
    return f"ccTLD, {line.renews or 'nobody'} renews, {line.pending_delete or 'unknown'}"


def tell_domain(seed, domain, row):
    day = lambda at: None if at is None else (at - files.date(AS_OF)).days
    window = " ".join(f"{day(row[c])}" for c in ("earliest_drop_on", "latest_drop_on"))
    said = f"{row['state']} by {row['rule']} {row['reasons']} {row['zone_coverage']} {row['present']} {window}"
    return f"world {seed}\n{evidence(domain)}\n   {said}"


def tell_account(seed, court, at, mail, verified, first):
    names = "\n".join(evidence(domain) for domain in at[:2])
    days = [None if moment is None else moment - AS_OF for moment in (verified, first)]
    return f"{tell_mail(seed, court, [mail])}\n{names}\n   verified {days[0]}, first {days[1]}"


def tell_mail(seed, court, mail_domains):
    """The mail servers of these, and the state of the domain of each."""
    lines = [f"world {seed}, {court.world.subject}, data up to {court.world.options.max_mx_age} days"]
    for name in mail_domains:
        says = court.says.get(name)
        lines.append(f"   mail domain {name}" + ("" if says is None else f", seen {says.seen and says.seen - AS_OF}"))
        for host, preference in () if says is None else says.records.items():
            domain = court.lookup(host)
            state = "" if domain is None else f"{domain.name} {court.judge(domain).state}, {' '.join(domain.servers)}"
            lines.append(f"   mx {preference} {host}: {state}")
    return "\n".join(lines)


def pattern(ours, theirs):
    """How two drop windows differ."""
    words = []
    for name, one, two in zip(("earliest", "latest"), ours, theirs):
        if one != two:
            how = "ours only" if two is None else "theirs only" if one is None else "ours earlier" if one < two else "ours later"
            words.append(f"{name} {how}")
    return ", ".join(words)


def evidence(domain):
    days = lambda at: None if at is None else round(at - AS_OF, 2)
    line = domain.line
    lines = [f"   {domain.name} {line.renews} {line.printed} " + " ".join(
        f"{name}={getattr(line, name)}" for name in (*clock.FIGURES, "pending_delete") if getattr(line, name) is not None)]
    if domain.zone:
        kinds = []
        for delivery, held in zip(domain.zone.deliveries, domain.held):
            what = [w for w, on in [("unclosed", not delivery.closed), ("list", delivery.listed), ("shrunk", delivery.shrunk)] if on]
            kinds.append(f"{days(delivery.day)}{'/' + what[0] if what else ''}:{held or '-'}")
        lines.append(f"   zone {domain.zone.origin} {' '.join(kinds)}; {' '.join(domain.servers)}")
    names = ("registered", "expires", "registrar_expires", "reinstantiated", "reregistered")
    for a in domain.answers:
        kind = "found" if a.found else "error" if a.error else "reserved" if a.reserved else "not found"
        times = {k: days(getattr(a, k)) for k in names if getattr(a, k) is not None}
        lines.append(f"   rdap {days(a.fetched)} {a.source} ({a.standing}) {kind} {list(a.statuses)} {times}{' registrar' if a.registrar else ''}")
    for edition in domain.editions:
        rows = edition.rows.get(domain.name)
        said = "missing" if rows is None else "; ".join(row_of(entry, days) for entry in rows)
        lines.append(f"   list {days(edition.at)} {edition.form.file} {edition.wholeness}{' proves' if edition.is_whole else ''}: {said}")
    return "\n".join(lines)


def row_of(entry, days):
    times = {k: days(getattr(entry, k)) for k in ("release", "registered", "expires", "ended") if getattr(entry, k) is not None}
    return f"{entry.kind} {times}{' out' if entry.is_out else ''} {entry.word}"

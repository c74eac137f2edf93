"""Section 4 of the contract: what the deliveries of a zone say about a name."""

from dataclasses import dataclass, field

from evidence import BELOW, DELEGATED


@dataclass(slots=True)
class ZoneSays:
    presence: bool = None
    day: int = None
    coverage: str = "none"
    servers: tuple = ()
    first: int = None
    last: int = None
    dropped: int = None
    proved_to: int = None  # last day of the absence that still lasts
    gaps: list = field(default_factory=list)  # (last sighting, first absence, last absence, next sighting)
    only_below: bool = False


def look_into_zone(domain, options):
    says = ZoneSays()
    zone = domain.zone
    if zone is None:
        return says
    deliveries, held = zone.deliveries, domain.held
    absence, known = None, False
    newest = None  # the newest delivery that holds it and that no later whole one voids
    complete = None
    for i, delivery in enumerate(deliveries):
        if held[i] == DELEGATED:
            if absence is not None:
                says.gaps.append((says.last, absence[0], absence[1], delivery.day))
                absence = None
            if not known and i > 0:  # names of the first snapshot have no first date
                says.first = delivery.day
            known, says.last, newest = True, delivery.day, i
        elif delivery.is_whole:
            newest = None
            if known:
                absence = (absence[0] if absence else delivery.day, delivery.day)
        if delivery.is_whole and options.as_of - delivery.day <= options.max_zone_age:
            complete = i
    if absence:
        says.dropped, says.proved_to = absence
    if newest is not None and counts(deliveries[newest].day, domain.line, options):
        says.presence, says.day, says.servers = True, deliveries[newest].day, domain.servers
        says.coverage = zone.coverage(deliveries[newest], options)
    elif complete is not None and held[complete] != DELEGATED:
        says.day, says.coverage = deliveries[complete].day, "complete"
        says.only_below = held[complete] == BELOW
        says.presence = None if says.only_below else False
    else:
        says.coverage, says.day = zone.coverage(deliveries[-1], options), deliveries[-1].day
    return says


def counts(day, line, options):
    """"Presence counts for as long as the name could not have been dropped since": `cancel_from`."""
    age = options.as_of - day
    if age <= options.max_zone_age:
        return True
    if line.cancel_from is not None:
        return age < line.cancel_from
    return line.gone_from is not None and age <= line.gone_from  # counted from the day it left the zone, the next at least


def is_long(gap, line):
    """Section 4, a long gap. L: `gone_from`, not below `restore_to`; unknown or under a week: as for gTLDs."""
    last, first_absent, last_absent, following = gap
    length = None if line.gone_from is None else max(line.gone_from, line.restore_to or 0)
    if length is None or length < 7:
        length = 35
    if following - last < length:
        return False
    if first_absent - last <= 7 and following - last_absent <= 7:
        return True
    return last_absent - first_absent + 1 >= length - 7  # both days count

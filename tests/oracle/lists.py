"""Section 4 of the contract, registry lists: what their editions say about a name, and the lists of a generated world.

A world has up to two editions of each list, imported one after the other, with a day between them. Some are cut: such a
one proves only what is in it.
"""

import datetime
import gzip
import io
import json
import zipfile
from dataclasses import dataclass

from clock import EPOCH
from evidence import Entry

WHOLE, CUT, UNPROVED = "whole", "cut", "unproved"
FILLERS = [f"{letter}-filler" for letter in "abcdefghijklmnopqrstuvwxy"] + ["zz-filler"]


@dataclass
class Form:
    """A list as `registry-lists.md` has it. `final_days`: so many days before the release nobody can renew."""

    file: str  # a strftime pattern
    kind: str
    origins: tuple
    write: object
    wholeness: tuple = (WHOLE,)
    final_days: float = None
    ahead: tuple = (-6, 12)  # days from the edition to a release
    lists_all: bool = False  # every name that will be released: one that left it before its day is renewed
    by_moment: bool = False  # new registrations, each with its time of day


@dataclass
class Edition:
    form: Form
    at: float  # the moment of the list
    given: float  # the `--date` of its import
    wholeness: str
    rows: dict  # name: list of Entry
    is_whole: bool = False  # proves what is missing


def moment(at):
    return datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=round(at * 86400))


def date(at):
    return moment(at).date()


# ---------------------------------------------------------------- the forms


def as_gzip(text, edition):
    """Stored, so that a cut leaves every row but the last."""
    data = gzip.compress(text.encode(), 0)
    return data[:-30] if edition.wholeness == CUT else data


def write_uk(edition):
    text = "".join(f"{i}-UK,{name},{moment(e.release):%Y-%m-%dT%H:%M:%SZ}\n" for i, (name, e) in enumerate(rows(edition)))
    return as_gzip("roid,domain,drop_time\n" + text, edition)


def write_json(edition):
    text = json.dumps({"data": [{"name": name, "release_at": f"{date(e.release)}"} for name, e in rows(edition)]})
    return (text[:-20] if edition.wholeness == CUT else text).encode()


def write_nz(edition):
    names = [name for name, _ in rows(edition)]
    text = {"releaseDate": f"{moment(edition.at + 1):%Y-%m-%dT02:00:00Z}", "domainNames": names}
    text["numberOfDomainNames"] = len(names) + (edition.wholeness == CUT)
    return json.dumps(text).encode()


def write_au(edition):
    at = lambda e: moment(e.release - 0.5)  # twelve hours before the purge of 03:00 UTC, hence in the next cycle
    text = "".join(f"{at(e):%d/%m/%Y},{at(e):%H:%M:%S},{name}\n" for name, e in rows(edition))
    return ("Date,Eligible purge time,Domain name\n" + text).encode()


def write_names(edition):
    return "".join(f"{name}\n" for name, _ in rows(edition)).encode()


def write_pl(edition):
    made = moment(edition.at + 2 / 24)
    return f"{made:%Y-%m-%d %H:%M:%S} MEST\n\n".encode() + write_names(edition)


def write_cl(edition):
    return b"Nombre de dominio\n" + write_names(edition)


def write_mx(edition):
    """At six hours behind UTC, with a word for each name: whether others can have it."""
    made = moment(edition.at - 6 / 24)
    text = "".join(f"{name},{'false' if e.kind == 'withheld' else 'True'}\n" for name, e in rows(edition))
    return f"{made:%d/%m/%y %H:%M:%S} GMT-6\nDominio,Disponible\n{text}".encode()


def write_gov(edition):
    text = "".join(f"{name},County,Office of {name}\n" for name, _ in rows(edition))
    return ("Domain name,Domain type,Organization name\n" + text).encode()


def write_fi(edition):
    time = lambda at: None if at is None else f"{moment(at):%Y-%m-%dT%H:%M:%SZ}"
    row = lambda name, e: {"Name": name.removesuffix(".fi"), "State": e.word, "GrantDate": time(e.registered), "LastValidityDate": time(e.expires)}
    return json.dumps({"@odata.context": "all", "value": [row(name, entry) for name, entry in rows(edition)]}).encode()


def write_cl_new(edition):
    """At three hours behind UTC."""
    text = "".join(f"{name},{moment(e.registered - 3 / 24):%Y-%m-%d %H:%M:%S}\n" for name, e in rows(edition))
    return ("Nombre de dominio,Fecha de creacion\n" + text).encode()


def write_nz_results(edition):
    """Who got the names of the last session."""
    time = lambda at: f"{moment(at):%Y-%m-%dT%H:%M:%SZ}"
    named = [{"domainName": name, "registrarName": "R", "timestamp": time(e.registered)} for name, e in rows(edition)]
    head = {"releaseDate": time(edition.at), "numberOfDomainNames": len(named) + (edition.wholeness == CUT)}
    return json.dumps(head | {"domains": named}).encode()


def write_br(edition):
    made = moment(edition.at - 3 / 24)
    local = lambda at: f"{moment(at - 3 / 24):%Y-%m-%dT%H:%M:%S}-03:00"
    entry = next(iter(edition.rows.values()))[0]
    head = f"# Processo de liberacao no periodo de {local(entry.release)} a {local(entry.until)}\n"
    head += f"# Arquivo gerado em {made:%Y-%m-%dT%H:%M:%S}-03:00\n"
    return head.encode() + write_names(edition) + b"# Fim do arquivo\n"


def write_ee(edition):
    day = lambda at: f"{date(at)}T00:00:00Z"
    row = lambda name, e: {"domain_name": name, "starts_at": day(e.release), "ends_at": day(e.until), "auction_type": None, "id": name}
    return json.dumps([row(name, entry) for name, entry in rows(edition)]).encode()


def write_ru(edition):
    day = lambda at: "" if at is None else f"{date(at):%d.%m.%Y}"
    text = "".join(
        f"{name.upper()}\tREGRU-RU\t{day(e.registered)}\t{day(e.expires)}\t{day(e.release)}\t{int(not e.is_out)}\n"
        for name, e in rows(edition)
    )
    return as_gzip(text, edition)


def write_sk(edition):
    head = f"-- Vygenerovane {moment(edition.at + 2 / 24):%Y-%m-%d %H:%M:%S}\ndomena;ID reg;ID drzitela;stav;ns1;ns2;ns3;ns4\n"
    return (head + "".join(f"{name};R-1;H-1;{e.word};;;;\n" for name, e in rows(edition))).encode()


def write_fr(edition):
    day = lambda at: "" if at is None else f"{date(at):%d-%m-%Y}"
    head = ("Nom de domaine;Pays BE;Departement BE;Ville BE;Nom BE;Sous domaine;Type du titulaire;Pays titulaire;"
            "Departement titulaire;Domaine IDN;Date de création;Date de retrait du WHOIS\n")
    text = head + "".join(f"{name};FR;75;P;B;;;;;0;{day(e.registered)};{day(e.ended)}\n" for name, e in rows(edition))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("list.csv", text.encode("latin-1"))
    return packed.getvalue()


def rows(edition):
    return [(name, entry) for name in sorted(edition.rows) for entry in edition.rows[name]]


FORMS = [
    Form("bardate_domains.json", "will_drop", ("se",), write_json, (WHOLE, WHOLE, CUT), 7, (-10, 60), True),
    Form("bardate_domains_nu.json", "will_drop", ("nu",), write_json, (WHOLE, WHOLE, CUT), 7, (-10, 60), True),
    Form("uk.csv.gz", "will_drop", ("uk", "co.uk"), write_uk, (WHOLE, WHOLE, CUT), 5, (-5, 65), True),
    Form("au-deleted.csv", "will_drop", ("au", "com.au"), write_au, (UNPROVED,), None, (1, 2)),
    Form("%Y%m%d09.txt", "will_drop", ("it",), write_names, (UNPROVED,), 3),
    Form("nz-session.json", "will_drop", ("nz",), write_nz, (WHOLE, CUT), 1),
    Form("deleted_domains.txt", "dropped", ("pl",), write_pl, (UNPROVED,)),
    Form("eliminados.txt", "dropped", ("cl",), write_cl, (UNPROVED,)),
    Form("lista-processo-liberacao.txt", "in_release", ("br", "com.br"), write_br),
    Form("auctions.json", "in_release", ("ee",), write_ee),
    Form("RU_Domains_ru-tld.ru.gz", "register", ("ru",), write_ru, (WHOLE, WHOLE, CUT)),
    Form("SU_Domains_ru-tld.ru.gz", "register", ("su",), write_ru, (WHOLE, WHOLE, CUT)),
    Form("domains.txt", "register", ("sk",), write_sk, (UNPROVED,)),
    Form("current-full.csv", "register", ("gov",), write_gov, (UNPROVED,)),
    Form("fi-odata.json", "register", ("fi",), write_fi, (UNPROVED,)),
    Form("domain_deleted_list.csv", "dropped", ("mx",), write_mx, (UNPROVED,)),
    Form("cl-ultimos.csv", "registrations", ("cl",), write_cl_new, (UNPROVED,), by_moment=True),
    Form("lastsessionresults.json", "registrations", ("nz",), write_nz_results, (UNPROVED, CUT), by_moment=True),
    Form("%Y%m_OPENDATA_A.zip", "registrations", ("fr", "re"), write_fr),
]
BY_LENGTH = (write_sk, write_gov)  # a register without a mark is whole if one before it had about as many names


# ---------------------------------------------------------------- the lists of a world


def plant(world, r, as_of):
    """Gives the world its editions, oldest first."""
    second = as_of - r.choice([0.26, 0.76, 1.51, 3.26, 8.26, 20.26])
    first = second - r.choice([1, 2, 5, 12])
    for form in FORMS:
        names = [d.name for d in world.domains.values() if d.name.partition(".")[2] in form.origins and d.name not in world.cuts]
        if not names or r.random() < 0.2:
            continue
        single = form.write is write_au or r.random() < 0.3  # two of about one length would be taken for whole
        for given in [second] if single or form.write is write_fr else [first, second]:
            at = dated(form, given, as_of)
            if at is None:
                continue
            given = at if form.write is write_cl_new else given
            world.lists.append(Edition(form, at, given, r.choice(form.wholeness), {}))
        mine = [edition for edition in world.lists if edition.form is form]
        if mine:
            fill(world, r, form, names, mine, as_of)
        for i, edition in enumerate(mine):
            edition.is_whole = edition.wholeness == WHOLE or (form.write in BY_LENGTH and i > 0)
            fewer = 0.2 if form.lists_all else 0.05  # than the one before: cut, whatever its checksum says
            before = [one for one in mine[:i] if one.is_whole]
            if before and len(edition.rows) < (1 - fewer) * len(before[-1].rows):
                edition.is_whole = False
        mine.sort(key=lambda edition: edition.at)
        for name in names:
            world.domains[name].editions = sorted([*world.domains[name].editions, *mine], key=lambda edition: edition.at)


def dated(form, given, as_of):
    """The moment that an edition has, as the list tells it or as it is given."""
    midnight = int(given // 1)
    if form.write in (write_names, write_nz):  # the day before the release
        return midnight
    if form.write is write_nz_results:  # the session of that day
        return midnight + 2 / 24
    if form.write is write_cl_new:  # of no moment at which another list of the registry is made
        return given + 1 / 48
    if form.write is write_fr:  # the end of the month before
        first = date(midnight).replace(day=1)
        return (first - EPOCH).days - 1 / 86400
    return given


def fill(world, r, form, names, editions, as_of):
    share = 0.2 if form.by_moment else 0.7 if form.kind in ("register", "registrations") else 0.3
    for name in [*names, *(f"{label}.{form.origins[0]}" for label in FILLERS)]:
        if "-filler" in name:
            listed = [True] * len(editions)
        else:
            known = r.random() < share
            listed = [known if r.random() < 0.85 else not known for _ in editions]
            if form.write in (write_nz, write_names) and all(listed):  # a name is released once
                listed[0] = False
            if form.write in BY_LENGTH and len(set(listed)) > 1:  # editions of one length
                listed = [known] * len(editions)
        domain = world.domains.get(name)
        base = entry_of(form, r, editions[0], as_of)
        agree(base, domain, editions[0])
        for edition, is_in in zip(editions, listed):
            if is_in:
                fresh = base
                if form.kind != "will_drop" and r.random() < 0.2:
                    fresh = entry_of(form, r, edition, as_of)
                    agree(fresh, domain, edition)
                    if (fresh.registered or as_of) < (base.registered or 0):
                        fresh = base
                base = fresh
                edition.rows[name] = [e for e in entries(form, edition, fresh)]


def entry_of(form, r, edition, as_of):
    """What a list may say of a name: the parts that its kind has."""
    entry = Entry(form.kind)
    midnight = int(edition.at // 1)
    entry.final_days = form.final_days
    if form.kind == "will_drop":
        ahead = r.randrange(*form.ahead)
        entry.release = midnight + ahead + {write_json: 4, write_au: 3}.get(form.write, r.randrange(24)) / 24
    if form.write is write_ru:
        entry.registered = midnight - r.choice([r.randrange(1, 400), r.randrange(400, 3000)]) * 1.0
        entry.expires = as_of + r.choice([r.randrange(-40, 3), r.randrange(-20, 400)]) * 1.0
        entry.release = None if r.random() < 0.1 else entry.expires + 31
        entry.is_out = r.random() < 0.3
    if form.write is write_sk:
        entry.word = r.choice(["OK", "OK", "OK", "WARN", "EXP", "DAKT", "DEL"])
    if form.write is write_fi:
        entry.registered = midnight - r.choice([r.randrange(1, 400), r.randrange(400, 3000)]) * 1.0
        entry.expires = None if r.random() < 0.1 else as_of + r.choice([r.randrange(-40, 3), r.randrange(-20, 400)]) + 0.5
        entry.word = r.choice(["Registered", "Registered", "Registered", "Grace Period", "Validity Expired"])
    if form.write is write_cl_new:
        entry.registered = midnight - r.randrange(1, 30) * 1.0
    if form.write is write_nz_results:
        entry.registered = edition.at + r.randrange(3600) / 86400
    if form.write is write_mx and r.random() < 0.3:
        entry.kind = "withheld"
    if form.write is write_fr:
        end = midnight - r.randrange(5, 900)
        entry.ended = None if r.random() < 0.4 else end * 1.0
        entry.registered = None if r.random() < 0.1 else midnight - r.choice([r.randrange(1, 200), r.randrange(900, 3000)]) * 1.0
        entry.is_out = r.random() < 0.2  # ended, and not registered again
    return entry


def agree(entry, domain, edition):
    """A registry does not contradict itself about when a registration began: answers before the list know no later day."""
    if entry.registered is None or domain is None:
        return
    began = [a.registered for a in domain.answers if a.registered is not None and a.registered <= edition.at]
    if began:
        entry.registered, entry.is_out = max(began), entry.is_out and entry.kind == "register"
        if entry.ended is not None and entry.ended > entry.registered:
            entry.ended = None


def entries(form, edition, base):
    if form.write is write_nz:
        base = Entry(base.kind, release=int((edition.at + 1) // 1) + 2 / 24, final_days=1)
    elif form.write is write_names:
        base = Entry(base.kind, release=int(edition.given // 1) + 1 + 7 / 24, final_days=3)
    elif form.kind == "in_release":
        start = int(edition.at // 1) + (2 + 18 / 24 if form.write is write_br else 0)
        base = Entry(base.kind, release=start, until=start + (7 if form.write is write_br else 1))
    if form.write is not write_fr:
        return [base]
    past = [] if base.ended is None else [Entry("registrations", registered=base.ended - 365, ended=base.ended)]
    now = [] if past and base.is_out else [Entry("registrations", registered=base.registered)]
    return past + now


def write(world, folder):
    """Writes the editions, a directory for each `--date`; the directories with their dates, oldest first."""
    steps = {}
    for edition in world.lists:
        path = folder / f"{edition.given}"
        path.mkdir(parents=True, exist_ok=True)
        day = edition.given + 1 if edition.form.write is write_names else edition.at
        (path / f"{date(day).strftime(edition.form.file)}").write_bytes(edition.form.write(edition))
        steps[edition.given] = path
    return sorted(steps.items())

"""Section 4 of the contract, registry lists: what a list says about a name, as an answer of the registry at its date.

Generated worlds have lists whose date stands inside or in their name: deleted names of `.pl`, names of `.com.br` that
are in release, and names of `.it` that drop on a day.
"""

import datetime

from clock import EPOCH
from evidence import Answer

ROME = 2  # hours ahead of UTC, from April to October


def plant(world, r):
    """Puts a third of the names of these zones into a list each."""
    from world import AS_OF

    world.lists = {"pl": AS_OF - r.randrange(0, 20), "com.br": AS_OF - r.randrange(0, 20), "it": AS_OF + r.randrange(1, 3)}
    for origin, date in world.lists.items():
        for domain in world.domains.values():
            if not domain.name.endswith("." + origin) or domain.name.count(".") != origin.count(".") + 1:
                continue
            if r.random() < 0.33 and not domain.name.startswith("deep"):
                domain.answers.append(listed(origin, date))


def listed(origin, date):
    if origin == "it":  # the file of a day can be had the day before
        return Answer("list", date - 1.0, found=True, statuses=("pendingdelete/pendingdelete",), registrar=True, listed=date)
    hour = {"pl": 6.5, "com.br": 13.0}[origin]
    return Answer("list", date - 1 + hour / 24, found=False, listed=True)


def write(world, folder):
    """The lists as files; whether there are any."""
    names = {
        origin: sorted(d.name for d in world.domains.values() if d.name.endswith("." + origin) and any(a.listed for a in d.answers))
        for origin in world.lists
    }
    folder.mkdir()
    day = lambda origin, ahead=0: EPOCH + datetime.timedelta(days=world.lists[origin] + ahead)
    fillers = lambda origin: [f"{letter}-filler.{origin}" for letter in "abcdefghijklmnopqrstuvwxyz"]
    rows = {origin: "".join(f"{name}\n" for name in sorted(names[origin] + fillers(origin))) for origin in names}
    (folder / "deleted_domains.txt").write_text(f"{day('pl', -1)} 08:30:00 MEST\n\n{rows['pl']}")
    made = f"{day('com.br', -1)}T10:00:00-03:00"
    period = f"{day('com.br', 1)}T15:00:00-03:00 a {day('com.br', 8)}T15:00:00-03:00"
    (folder / "lista-processo-liberacao.txt").write_text(
        f"# Processo de liberacao no periodo de {period}\n# Arquivo gerado em {made}\n{rows['com.br']}# Fim do arquivo\n"
    )
    (folder / f"{day('it'):%Y%m%d}09.txt").write_text(rows["it"])

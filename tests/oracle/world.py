"""Generated worlds: zones on several days, RDAP answers of every kind, name servers whose own domains can be had,
names below private suffixes, names that exist only because of names below them, and accounts verified before, between
and after all that. `files.py` writes a world down for the program.
"""

import random

import decisions
import lists
import mail
from clock import line_of
from evidence import BELOW, DELEGATED, Answer, Delivery, Domain, Options, Zone
from registries import REDIRECTOR, Server, server_of
from servers import PARKING

AS_OF = 20605  # 2026-06-01
DEEPER = True  # whether there are names that exist only because of names below them
RESERVED_SHARE = 0.06  # of 404s
LISTS = True
TRUSTING = 0.3  # share of the worlds that trust a cache of their own
MAIL_SHARE = 0.6  # of the worlds have data about mail servers
SUBJECTS = ["address", "address", "address", "domain", "url", "reverse-dns"]
KINDS = ["whole", "whole", "whole", "stale", "unclosed", "list", "shrunk", None, None]
ORIGINS = """com net org info biz dev app xyz name uk co.uk se nu cz it de fr re br com.br ca au com.au pl ee fi jp
co.za ro nl us li ch ru su es at be eu lt sk hu ie ua nz tr ar cl kw pk gl io gov mx""".split()
STATUSES = [
    (9, ()), (9, ("active",)), (3, ("pending delete",)), (3, ("redemption period",)),
    (2, ("pendingDelete", "redemptionPeriod")), (1, ("pending delete", "pending restore")), (1, ("pending restore",)),
    (1, ("redemption period", "pending restore")), (2, ("auto renew period",)), (2, ("auto renew period", "client hold")),
    (1, ("autoRenewPeriod", "server hold")), (2, ("client hold",)), (1, ("serverHold",)), (2, ("inactive",)),
    (1, ("inactive", "clientHold")), (1, ("client transfer prohibited", "active")), (1, ("release process: waiting",)),
    (1, ("some phase", "active")), (1, ("client transfer prohibited",)), (1, ("inactive", "pending delete")),
]
WEIGHTS = [weight for weight, _ in STATUSES]
CHOICES = [statuses for _, statuses in STATUSES]
SECOND_LEVEL = ["co.uk", "com.br", "com.au", "co.za"]
PROVIDERS = ["gone", "back", "dying", "held", "sub", "loop"]
PRIVATE = [("uk.com", True), ("co.com", True), ("github.io", False), ("eu.com", True)]
RESERVED = [
    "The domain name is reserved", "Reserved by the registry", "This name is blocked by DPML",
]


class World:
    """`origins`: which zones' names it has; `names`: how many each."""

    def __init__(self, seed, names, table, registries, origins=ORIGINS):
        self.seed, self.random = seed, random.Random(seed)
        r = self.random
        self.table, self.registries = table, registries
        self.options = Options(
            AS_OF, r.choice([30, 30, 30, 7, 60]), r.choice([3, 3, 3, 2, 5]), r.choice([30, 30, 30, 14, 60]),
        )
        self.luck = random.Random(f"mail {seed}")  # of its own: the rest of a world does not hang on it
        self.options.max_mx_age = self.luck.choice([30, 30, 30, 7, 90])
        self.subject = self.luck.choice(SUBJECTS)
        self.trusted = ["cache.trusted.example"] if r.random() < TRUSTING else []
        self.domains, self.zones, self.shown_words = {}, {}, {}
        self.cuts = set()  # suffixes that the zone above delegates
        self.open_names = set()  # those below suffixes at which others than the parent's owner register
        self.private = []  # (parent, private domain or None, whether open to others)
        self.deeper = []  # a name that exists only because of the two others below it
        for origin in origins:
            self.plant(origin, "whole" if origin in ("com", "name") else r.choice(KINDS), names)
        for suffix, is_open in PRIVATE:
            if suffix.partition(".")[2] not in self.zones:
                continue
            self.plant_private(suffix, is_open, max(3, names // 4))
        self.lists = []
        if LISTS:
            lists.plant(self, r, AS_OF)
        self.names_at = self.names_of_mail_domains()
        self.uppers = {upper.name for upper, *_ in self.deeper}
        hosts = [name for name in self.names_at if name not in self.uppers]
        self.below = [f"mail.{name}" for name in hosts if self.luck.random() < 0.1]  # mail domains, too
        self.mail = mail.plant(self, self.luck) if self.luck.random() < MAIL_SHARE else {}
        # a name below a private suffix, or deeper than names are usually registered, is also under the upper name
        self.registered_under = {below.name: parent.name for parent, below, _ in self.private}
        self.registered_under |= {name.name: upper.name for upper, *lower in self.deeper for name in lower}
        luck = random.Random(f"decisions {seed}")
        self.decisions = decisions.plant(self, luck) if luck.random() < decisions.SHARE else {}

    def add(self, name, zone, held, servers=(), answers=None):
        line = line_of(self.table, name)
        domain = Domain(name, zone, held, servers, line=line)
        self.domains[name] = domain
        domain.answers = self.answers(domain) if answers is None else answers
        return domain

    def plant(self, origin, kind, names):
        r, zone, deliveries = self.random, None, []
        if kind:
            days = sorted({AS_OF - r.randrange(0, 3)} | {AS_OF - r.randrange(4, 140) for _ in range(r.randrange(1, 6))})
            if r.random() < 0.3:  # looked at every week
                days = list(range(AS_OF - 7 * r.randrange(3, 9) - 1, AS_OF, 7))
            if kind == "stale":
                days = [day - 10 for day in days]
            deliveries = [Delivery(day, listed=kind == "list") for day in days]
            deliveries[-1].closed = kind != "unclosed"
            zone = Zone(origin, deliveries)
        self.zones[origin] = zone
        lost = r.choice([0.03, 0.06, 0.25, 0.6]) if kind == "shrunk" else 0  # what a shrunk delivery lacks
        planted = []
        for i in range(names):
            label = PROVIDERS[i] if i < len(PROVIDERS) else f"n{i}"
            held = self.held(deliveries, lost)
            name = f"{label}.{origin}"
            planted.append(self.add(name, zone, held, () if kind == "list" else self.ns(name)))
        if kind and kind != "list":
            for i in range(max(2, names // 20) if DEEPER and origin not in ("fr", "re", "uk", "co.uk", "com.br", "com.au", "ru", "su", "sk", "se", "nu", "au", "it", "nz", "pl", "cl", "br", "ee", "gov", "fi", "mx") else 0):
                planted += self.plant_deeper(f"deep{i}.{origin}", zone)
        for suffix in SECOND_LEVEL:
            if kind and suffix.endswith(f".{origin}"):
                planted.append(self.add(suffix, zone, (DELEGATED,) * len(deliveries), ("ns1.steady.example",), []))
                self.cuts.add(suffix)
        if origin == "com":  # the parking companies' own domains are safe
            for name in PARKING:
                planted.append(self.add(name, zone, (DELEGATED,) * len(deliveries), ("ns1.steady.example",), []))
        for i, delivery in enumerate(deliveries):
            delivery.names = sum(domain.held[i] == DELEGATED for domain in planted)
        if zone:
            zone.settle()

    def plant_deeper(self, name, zone):
        """A name that exists only because of names below it."""
        count = len(zone.deliveries)
        upper = self.add(name, zone, (BELOW,) * count)
        steady = self.add(f"a.{name}", zone, (DELEGATED,) * count, ("ns1.steady.example",))
        other = self.add(f"b.{name}", zone, self.held(zone.deliveries, 0), ("ns1.steady.example",))
        self.deeper.append((upper, steady, other))
        return [steady, other]

    def mail_domains(self):
        """(mail domain, the name it is judged at) where the registered unit may lie deeper: where the zone is complete."""
        for upper, *lower in self.deeper:
            newest = [d for d in upper.zone.deliveries if d.is_whole]
            is_complete = newest and AS_OF - newest[-1].day <= self.options.max_zone_age
            yield upper.name, upper
            for name in lower:
                at = name if is_complete else upper
                yield name.name, at
                yield f"mail.{name.name}", at

    def plant_private(self, suffix, is_open, names):
        r, origin = self.random, suffix.partition(".")[2]
        zone = self.zones[origin]
        deliveries = zone.deliveries if zone else ()
        parent = self.add(suffix, zone, (DELEGATED,) * len(deliveries), ("ns1.steady.example",))
        for delivery in deliveries:
            delivery.names += 1
        if zone:
            zone.settle()
        if r.random() < 0.6:
            parent.answers = [Answer(server_of(self.registries, suffix).url, AS_OF - 1.5, registered=AS_OF - 9000.0,
                                     expires=AS_OF + 500.0, statuses=("client transfer prohibited",))]
        for i in range(names):
            below = Domain(f"p{i}.{suffix}")  # its registry is not the TLD's: no clock
            self.domains[below.name] = below
            below.answers = self.private_answers(below, suffix)
            self.private.append((parent, below, is_open))
            if is_open:
                self.open_names.add(below.name)

    def private_answers(self, below, suffix):
        """Where no table lists the suffix, its registry is unknown; but the parent's server surely is another's."""
        server = server_of(self.registries, below.name) if suffix in self.registries[0] else Server()
        answers = self.answers(below, server)
        if server.url is None and answers and self.random.random() < 0.15:
            answers[0].source = server_of(self.registries, suffix).url
            answers[0].standing = "other"
        for answer in answers:
            if answer.standing == "other":
                answer.registrar_expires = None
        return answers

    # ------------------------------------------------------------ evidence

    def held(self, deliveries, lost):
        r = self.random
        pick = r.random()
        if pick < 0.45:
            pattern = [DELEGATED] * len(deliveries)
        elif pick < 0.58:
            pattern = [None] * len(deliveries)
        elif pick < 0.8:
            pattern = [DELEGATED if r.random() < 0.6 else None for _ in deliveries]
        else:  # gone once, for a while
            first, last = sorted((r.randrange(len(deliveries) + 1), r.randrange(len(deliveries) + 1))) if deliveries else (0, 0)
            pattern = [None if first <= i < last else DELEGATED for i in range(len(deliveries))]
        if lost and pattern and r.random() < lost:
            pattern[-1] = None
        return tuple(pattern)

    def ns(self, name):
        r = self.random
        pick = r.random()
        if pick < 0.75:
            return ("ns1.steady.example", "ns2.steady.example")
        if pick < 0.79:
            listed = r.choice(list(PARKING))
            return (f"ns1.{listed}", f"ns2.{listed}")
        if pick < 0.83:
            return ("ns1." + name, "ns1.steady.example")
        host = lambda: f"ns{r.randrange(1, 3)}.{r.choice(PROVIDERS)}.{r.choice(['com', 'com', 'eu', 'net', 'org', 'de', 'se'])}"
        if pick < 0.86:
            return tuple(sorted({"ns1." + name, host()}))
        if pick < 0.91:
            return (host(),)
        if pick < 0.96:
            return tuple(sorted({host(), host()}))
        return tuple(sorted({host(), "ns2.steady.example"}))

    def source(self, server):
        pick = self.random.random()
        if server.url is None:
            return "https://rdap.one.example/" if pick < 0.6 else "https://rdap.two.example/" if pick < 0.9 else None
        if pick < 0.75:
            return server.url
        if pick < 0.85:
            return "https://rdap.registrar.example/"
        if pick < 0.9:
            return REDIRECTOR
        return "https://cache.trusted.example/" if pick < 0.95 else None

    def answers(self, domain, server=...):
        r = self.random
        count = (0, 0, 1, 1, 1, 1, 1, 2)[int(r.random() * 8)]
        if not count:
            return []
        if server is ...:
            server = server_of(self.registries, domain.name)
        answers = []
        for _ in range(count):
            age = (5, 5, 30, 100, -1.5)[int(r.random() * 5)] * r.random()
            fetched = round((AS_OF - age) * 86400) / 86400
            source = self.source(server)
            if any(a.fetched == fetched or (a.source is None) != (source is None) for a in answers):
                continue
            answers.append(self.answer(domain, source, fetched, server))
        return answers

    def answer(self, domain, source, fetched, server):
        r = self.random
        answer = Answer(source, fetched)
        kind = r.random()
        if kind < 0.25:
            answer.found = False
            answer.reserved = r.random() < RESERVED_SHARE
        elif kind < 0.29:
            answer.error, answer.found = True, False
        else:
            self.fill(answer, domain.line)
        answer.standing = server.standing(source, answer.found, self.trusted)
        return answer

    def fill(self, answer, line):
        r = self.random
        answer.statuses = r.choices(CHOICES, WEIGHTS)[0]
        if line.words and r.random() < 0.25:
            answer.statuses = (r.choice(self.words_of(line)),)
        pick = r.random()
        if pick < 0.6:
            answer.registered = AS_OF - r.randrange(400, 3000) + 0.5
        elif pick < 0.75:
            answer.registered = AS_OF + r.randrange(-200, 5) + 0.5
        answer.registrar = r.random() < 0.4
        answer.expires = self.expiry(0.3)
        if r.random() < 0.15:
            answer.registrar_expires = self.expiry(0)
        if answer.registered is not None and answer.fetched < answer.registered <= AS_OF:
            answer.registered = answer.fetched // 1  # an answer knows nothing of what comes after it
        if r.random() < 0.06:
            answer.reinstantiated = AS_OF + r.randrange(-300, 5) + 0.5
        if r.random() < 0.06:
            answer.reregistered = AS_OF + r.randrange(-300, 5) + 0.5

    def expiry(self, missing):
        r = self.random
        pick = r.random()
        if pick < missing:
            return None
        low, high = ((-130, 0), (-130, 0), (-500, 0), (0, 62), (40, 900), (40, 900))[int(r.random() * 6)]
        return AS_OF + r.randrange(low, high) + 0.5

    def words_of(self, line):
        return self.shown_words.setdefault(id(line), [word.replace("*", ": waiting") for word in line.raw_words])

    # ------------------------------------------------------------ accounts

    def accounts(self, per_name):
        """(mail domain, names it is judged at, verified, first verified); of two names the worse stands."""
        r, accounts = self.random, []

        def add(mail, judged):
            for _ in range(per_name):
                first = None if r.random() < 0.7 else AS_OF - r.randrange(1, 250) + 0.25
                age = r.randrange(0, 60) if r.random() < 0.5 else r.randrange(1, 400)
                verified = None if r.random() < 0.15 else AS_OF - age - 0.25
                accounts.append((mail, judged, verified, first))

        for mail, judged in self.names_at.items():
            if self.subject != "reverse-dns" or self.is_registrable(mail, judged):
                add(mail, judged)
        for mail in self.below if self.subject != "reverse-dns" else ():
            add(mail, self.names_of(mail))
        return accounts

    def is_registrable(self, mail, judged):
        """Whether it is what a reverse-DNS name means; what lies deeper by the zone alone is not kept there."""
        return mail == judged[-1 if len(judged) == 1 else 1].name and not any(mail.endswith(upper) for upper in self.uppers)

    def names_of_mail_domains(self):
        """Mail domain → the names it is judged at: one, or the parent and the one below a private suffix, and whether
        others than the parent's owner register there."""
        taken = {below.name for _, below, _ in self.private} | {parent.name for parent, _, _ in self.private}
        taken |= self.cuts
        taken |= {domain.name for domains in self.deeper for domain in domains}
        at = {name: (domain,) for name, domain in self.domains.items() if name not in taken}
        at |= {mail: (domain,) for mail, domain in self.mail_domains()}
        return at | {below.name: (parent, below, is_open) for parent, below, is_open in self.private}

    def names_of(self, host):
        """The same for any host; nothing for one that nobody registers or of which nothing is known."""
        parents = {parent.name: (parent,) for parent, _, _ in self.private}
        while "." in host and host not in self.cuts:
            if host in self.names_at or host in parents:
                return self.names_at.get(host) or parents[host]
            host = host.partition(".")[2]
        return ()

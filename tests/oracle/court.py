"""The oracle's verdicts on a generated world: on names, on mail domains and on accounts."""

import account
import decisions
import judge
import mail
import servers
from world import AS_OF


class Court:
    """The oracle's verdicts on a world, each once."""

    def __init__(self, world):
        self.world = world
        self.judged, self.raised, self.signed, self.looked, self.mailed = {}, {}, {}, {}, {}
        self.says = {name: mail.look_into_mail(rows, world.options) for name, rows in world.mail.items()}

    def lookup(self, host):
        """The domain that decides about a host; None if nobody can register one."""
        if host not in self.looked:
            names = self.world.names_of(host)
            domain = names[0] if names else None
            if len(names) > 1 and self.is_covered(names[1]) and self.risk(names[1]) >= self.risk(names[0]):
                domain = names[1]
            self.looked[host] = domain
        return self.looked[host]

    def risk(self, domain):
        return servers.RISKS.index(self.judge(domain).risk)

    def judge(self, domain):
        if domain.name not in self.judged:
            self.judged[domain.name] = judge.judge(domain, self.world.options)
        return self.judged[domain.name]

    def verdict(self, domain):
        """Raised by its name servers."""
        if domain.name not in self.raised:
            raised = self.judge(domain).copy()
            servers.raise_by_name_servers(domain, raised, self.lookup, self.judge)
            if domain.name in self.world.open_names and not self.is_covered(domain):
                raised.reasons.add("name.private_uncovered")
            self.raised[domain.name] = raised
        return self.raised[domain.name]

    def mail_verdict(self, mail_domain, domain):
        """Raised by the mail servers of a mail domain, too."""
        says = self.says.get(mail_domain)
        if says is None:
            return self.verdict(domain)
        if (mail_domain, domain.name) not in self.mailed:
            raised = self.verdict(domain).copy()
            names = [one.name for one in self.world.names_of(mail_domain)[:2]]
            raised.mail_causes = servers.raise_by_mail_servers(says, names, raised, self.lookup, self.judge)
            self.mailed[mail_domain, domain.name] = raised
        return self.mailed[mail_domain, domain.name]

    def mail_reasons(self, mail_domain):
        """Those about mail servers: the same for every name that it may be judged at."""
        names = self.world.names_of(mail_domain)
        return sorted(reason for reason in self.mail_verdict(mail_domain, names[0]).reasons if reason.startswith("mx."))

    def servers_of(self, mail_domains):
        """The hosts of these mail domains, and those of them that give cause; of null MX records and addresses none."""
        said = [(name, self.says[name]) for name in mail_domains if self.says.get(name) is not None]
        hosts = {host for _, says in said for host in says.hosts if mail.is_host(host)}
        causes = {host for name, _ in said for host in self.mail_verdict(name, self.world.names_of(name)[0]).mail_causes}
        return sorted(hosts), sorted(causes)

    def of_account(self, mail_domain, domain, verified, first):
        verdict = self.mail_verdict(mail_domain, domain)
        return account.for_account(verdict, self.signs(domain, verdict), verified, first)

    def signs(self, domain, verdict):
        if domain.name not in self.signed:
            self.signed[domain.name] = account.signs_of(domain, verdict, AS_OF)
        return self.signed[domain.name]

    def is_doubtful(self, domain):
        """Whether a zone of its own or of one of its name servers may or may not be shrunk."""
        zones = [domain.zone] + [target.zone for target in map(self.lookup, domain.servers) if target]
        return any(zone is not None and zone.is_doubtful for zone in zones)

    def is_doubtful_mail(self, mail_domain):
        says = self.says.get(mail_domain)
        return says is not None and any(map(self.is_doubtful, filter(None, map(self.lookup, says.hosts))))

    def is_covered(self, below):
        return bool(self.judge(below).rdap.counting)

    def for_account(self, mail_domain, judged, verified, first):
        """State, risk and action of an account at a name, or at the worse of two."""
        if len(judged) == 1:
            return {self.decided(judged[0], self.of_account(mail_domain, judged[0], verified, first))}
        parent, below, is_open = judged
        is_covered = self.is_covered(below)
        said = [(parent, self.of_account(mail_domain, parent, verified, first))]
        if is_covered:
            said.append((below, self.of_account(mail_domain, below, verified, first)))
        elif is_open:
            said.append((below, self.of_unknown(mail_domain, below)))
        rank = lambda verdict: (servers.RISKS.index(verdict[1]), servers.ACTIONS.index(verdict[2]))
        worst = max(rank(verdict) for _, verdict in said)
        return {self.decided(domain, verdict) for domain, verdict in said if rank(verdict) == worst}

    def decided(self, domain, verdict):
        """State, risk and action of an account at a domain, as a person left them."""
        state, risk, action = verdict
        return state, risk, decisions.action_of(self.world, domain, action)

    def of_unknown(self, mail_domain, below):
        """Nothing is known of a name at which others register."""
        return self.of_account(mail_domain, below, None, None)

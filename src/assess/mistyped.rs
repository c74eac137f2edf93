//! Mail domains that look like a mistyped name of a big provider.
//!
//! A name looks so if it is one typing mistake away from a provider's ([`Provider::mistyped`]), is rare beside it, and is
//! nobody's we know. *Rare*: in this run the provider has a hundred times as many accounts, or more. So a run with fewer
//! than a hundred accounts at a provider finds nothing: one account beside fifty is no sign. *Known*: a big provider, a
//! mail domain of the lists of classes (the user's too, whatever the class), a closed service, or below one of these.
//! The list of disposable mail domains has some mistyped names (`gmial.com`); there the class says more.
//!
//! Who runs such a domain reads mail that was meant for somebody else, but no evidence tells that they do: the risk
//! stays.

use hashbrown::HashMap;
use rayon::prelude::*;

use super::judge::Judgement;
use super::reason::Reason;
use crate::mail::{MailClasses, Provider, closed_on};
use crate::name::MailDomain;

/// How many accounts a provider has for one at a mistyped name, at least.
const ACCOUNTS_FOR_ONE: u64 = 100;

/// Names that look mistyped for a provider, and the accounts of that one.
type MistypedNames = HashMap<String, (Provider, u64), foldhash::fast::FixedState>;

impl Judgement<'_> {
    /// Notes the mail domains that look mistyped. `accounts` are those of each mail domain in this run.
    pub(crate) fn note_mistyped(
        &mut self,
        mail_domains: &[MailDomain],
        accounts: &[u64],
        classes: &MailClasses,
    ) {
        let found = mistyped(mail_domains, accounts, classes);
        for (number, provider) in found {
            let mail = &mut self.mail[number];
            mail.typo_of = Some(provider);
            mail.reasons.insert(Reason::LooksMistyped);
            let domain = &mut self.domains[mail.domain as usize];
            if *domain.name == *mail_domains[number].name {
                domain.typo_of = Some(provider);
                domain.verdict.reasons.insert(Reason::LooksMistyped);
            }
        }
    }
}

/// The mail domains that look mistyped, by their places, each with its provider.
fn mistyped(mail_domains: &[MailDomain], accounts: &[u64], classes: &MailClasses) -> Vec<(usize, Provider)> {
    let mistakes = mistakes(mail_domains, accounts);
    if mistakes.is_empty() {
        return Vec::new();
    }
    let looks_mistyped = |(place, (mail, accounts)): (usize, (&MailDomain, &u64))| {
        let (provider, of_provider) = mistakes.get(&*mail.name)?;
        let is_rare = accounts.saturating_mul(ACCOUNTS_FOR_ONE) <= *of_provider;
        (is_rare && !is_known(&mail.name, classes)).then_some((place, *provider))
    };
    mail_domains.par_iter().zip(accounts).enumerate().filter_map(looks_mistyped).collect()
}

/// The mistyped names of the providers that have enough accounts. One that two providers' names are a step away from
/// belongs to the one with more accounts.
fn mistakes(mail_domains: &[MailDomain], accounts: &[u64]) -> MistypedNames {
    let of_mail = mail_domains.iter().zip(accounts).map(|(mail, accounts)| (mail, *accounts));
    let large = of_mail.filter(|(_, accounts)| *accounts >= ACCOUNTS_FOR_ONE);
    let mut providers: Vec<(u64, Provider)> =
        large.filter_map(|(mail, accounts)| Some((accounts, Provider::of(&mail.name)?))).collect();
    providers.sort_unstable_by_key(|(accounts, provider)| (std::cmp::Reverse(*accounts), *provider));
    let mut mistakes = MistypedNames::default();
    for (accounts, provider) in providers {
        for name in provider.mistyped() {
            mistakes.entry(name).or_insert((provider, accounts));
        }
    }
    mistakes
}

/// Whether a name or one above it is a mail domain that we know.
fn is_known(name: &str, classes: &MailClasses) -> bool {
    let above = std::iter::successors(Some(name), |name| name.split_once('.').map(|(_, above)| above));
    classes.knows(name, "")
        || above.into_iter().any(|name| Provider::of(name).is_some() || closed_on(name).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Which of these names, each with its accounts, look mistyped for which provider.
    #[track_caller]
    fn finds(mail: &[(&str, u64)], expected: &[(&str, &str)]) {
        let domain = |(name, _): &(&str, u64)| MailDomain::normalize(name).expect("a mail domain");
        let domains: Vec<MailDomain> = mail.iter().map(domain).collect();
        let accounts: Vec<u64> = mail.iter().map(|(_, accounts)| *accounts).collect();
        let found = mistyped(&domains, &accounts, &MailClasses::built_in());
        let found: Vec<_> = found.iter().map(|(place, provider)| (mail[*place].0, provider.name())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn rare_beside_the_provider() {
        let gnail = [("gnail.com", "gmail.com")];
        finds(&[("gmail.com", 99), ("gnail.com", 1)], &[]);
        finds(&[("gmail.com", 100), ("gnail.com", 1)], &gnail);
        finds(&[("gmail.com", 100), ("gnail.com", 2)], &[]);
        finds(&[("gnail.com", 2), ("gmail.com", 200)], &gnail);
        finds(&[("yahoo.com", 5000), ("gnail.com", 1)], &[]);
    }

    #[test]
    fn nobodys_that_we_know() {
        // each is one step from gmail.com
        let mail = |name| [("gmail.com", 1_000_000), ("mail.com", 1000), (name, 1)];
        for (name, whose) in [
            ("ymail.com", "a provider"),
            ("email.com", "free"),
            ("tmail.com", "disposable"),
            ("g.mail.com", "below"),
        ] {
            finds(&mail(name), &[]);
            assert!(
                Provider::of("gmail.com").is_some_and(|gmail| gmail.mistyped().any(|typed| typed == name)),
                "{whose}"
            );
        }
        finds(&mail("hmail.com"), &[("hmail.com", "gmail.com")]);
        finds(&[("hotmail.com", 1000), ("hotmail.co", 1)], &[("hotmail.co", "hotmail.com")]);
        finds(&[("hotmail.de", 1000), ("hotmail.be", 1), ("hotmail.dk", 1)], &[]);
    }

    #[test]
    fn the_larger_of_two_providers() {
        let yahoo = |fr, it| [("yahoo.fr", fr), ("yahoo.it", it), ("yahoo.ft", 1)];
        finds(&yahoo(500, 400), &[("yahoo.ft", "yahoo.fr")]);
        finds(&yahoo(400, 500), &[("yahoo.ft", "yahoo.it")]);
    }
}

//! From the options to the verdicts: the sequence that every command follows that judges names.
//!
//! ```text
//! open          the lists are read; zones and answers are found
//! read_zones    zone files become snapshots; snapshots are opened
//! read_mail     reads the mail servers of the mail domains, and of no others
//! survey        finds every name to be judged, those of name servers included
//! read_answers  reads the RDAP answers about these names, and no others
//! judge         evidence → verdicts
//! ```
//!
//! Each step is one call, so that a command can do its own work in between and note how long each step took.

use std::path::Path;

use hashbrown::HashSet;

use crate::assess::Sources;
use crate::assess::judge::{Judgement, judge_all};
use crate::assess::listing::Listings;
use crate::assess::survey::{Survey, survey};
use crate::config::EvidenceConfig;
use crate::error::{Error, Result};
use crate::input::small::{SMALL_FILE_BYTES, read_small, read_text};
use crate::input::source::Source;
use crate::mail::{self, FoundMx, MailClasses, MailInputs, MailProbe, MailServers};
use crate::name::{MailDomain, SuffixList};
use crate::progress::Progress;
use crate::rdap::archive::{ProbedAnswers, files, load};
use crate::rdap::{RdapFile, RdapTable, RegistryServers};
use crate::registry::{self, FoundList, ListChoice, ListProbe};
use crate::report::sources::ListsInUse;
use crate::snapshot::zones::{ZoneOptions, ZonePaths, Zones};
use crate::table::probe::ProbeRoom;

/// The evidence that the options name: lists, and where zones and answers are.
#[derive(Debug)]
pub(crate) struct EvidenceInputs {
    config: EvidenceConfig,
    /// The Public Suffix List.
    pub(crate) suffixes: SuffixList,
    registries: RegistryServers,
    /// What kinds of services give addresses.
    pub(crate) mail_classes: MailClasses,
    zones: ZonePaths,
    answers: Vec<Source>,
    lists: Vec<FoundList>,
    mail: Vec<FoundMx>,
}

/// The RDAP answers that were kept, and the files that were read.
#[derive(Debug)]
pub(crate) struct Answers {
    /// The answers, by name.
    pub(crate) table: RdapTable,
    /// What is known of each file.
    pub(crate) files: Vec<RdapFile>,
    /// What lists of registries say.
    pub(crate) lists: Listings,
}

/// Tables of answers, lists and mail servers that are probed by name, and what they remember.
#[derive(Debug)]
pub(crate) struct ProbedTables {
    answers: ProbedAnswers,
    lists: ListProbe,
    mail: MailProbe,
}

impl ProbedTables {
    /// The mail servers of these mail domains.
    pub(crate) fn mail_servers(&mut self, mail_domains: &[MailDomain]) -> Result<MailServers> {
        self.mail.load(mail_domains)
    }

    /// What a person should know of the tables, once all names were asked for.
    pub(crate) fn notices(&self) -> Vec<String> {
        self.mail.notices()
    }
}

impl EvidenceInputs {
    /// Reads the lists and finds the rest.
    pub(crate) fn open(config: &EvidenceConfig) -> Result<Self> {
        Ok(Self {
            config: config.clone(),
            suffixes: config.psl.as_deref().map_or_else(SuffixList::built_in, read_suffixes)?,
            registries: read_registries(config)?,
            mail_classes: config
                .mail_classes
                .as_deref()
                .map_or_else(|| Ok(MailClasses::built_in()), MailClasses::read)?,
            zones: ZonePaths::find(&config.zones)?,
            answers: files::find(&config.rdap)?,
            lists: registry::find(&config.registry, &ListChoice::ByFile)?,
            mail: mail::find(&config.mx)?,
        })
    }

    /// The lists that registries are known by.
    pub(crate) fn lists(&self) -> ListsInUse<'_> {
        ListsInUse {
            suffixes: &self.suffixes,
            registries: &self.registries,
            has_built_in_bootstrap: self.config.bootstrap.is_none(),
            trusted: &self.config.trusted_sources,
        }
    }

    /// Bytes of the zone files.
    pub(crate) fn zone_bytes(&self) -> u64 {
        self.zones.bytes()
    }

    /// The first zone file that is no snapshot yet.
    pub(crate) fn first_zone_file(&self) -> Option<&Path> {
        self.zones.files.first().map(|zone| zone.source.path.as_path())
    }

    /// Bytes of the files of answers, as far as they are known.
    pub(crate) fn answer_bytes(&self) -> u64 {
        self.answers.iter().filter_map(|source| source.size).sum()
    }

    /// Makes snapshots of zone files and opens all snapshots. Temporary stores are made in `scratch`, if needed.
    pub(crate) fn read_zones(&self, scratch: &Path, progress: &Progress) -> Result<Zones> {
        let EvidenceConfig { intake, limits, store, .. } = &self.config;
        self.zones.read(ZoneOptions { intake, limits, store: store.as_deref() }, scratch, progress)
    }

    /// Reads the mail servers of these mail domains.
    pub(crate) fn read_mail(&self, mail_domains: &[MailDomain], progress: &Progress) -> Result<MailInputs> {
        let bytes = self.mail.iter().filter_map(|found| found.source.size).sum();
        progress.start("reading mail servers", bytes);
        mail::read(&self.mail, mail_domains, self.config.as_of, progress)
    }

    /// Finds every name to be judged, with what the zones say about it.
    pub(crate) fn survey<'a>(
        &self,
        mail_domains: &'a [MailDomain],
        zones: &'a Zones,
        mail_servers: &'a mut MailServers,
    ) -> Survey<'a> {
        // a fresh zone is believed in any top-level domain
        let presence_days = i32::try_from(self.config.limits.max_zone_age_days).unwrap_or(i32::MAX);
        survey(mail_domains, mail_servers, &self.suffixes, &zones.catalog, presence_days)
    }

    /// Reads the answers about the names of a survey.
    pub(crate) fn read_answers(&self, survey: &Survey<'_>, progress: &Progress) -> Result<Answers> {
        let names = match self.answers.is_empty() && self.lists.is_empty() {
            true => &[],
            false => survey.names.as_slice(),
        };
        let wanted: HashSet<&str, foldhash::fast::FixedState> = names.iter().map(|name| name.name).collect();
        let (table, files) = load(&self.answers, self.config.as_of, &|name| wanted.contains(name), progress)?;
        let lists = registry::load(self.lists.clone(), &|name| wanted.contains(name), progress)?;
        let names = names.iter().map(|name| name.name);
        let lists = Listings::of(lists, names, self.config.as_of, self.config.max_rdap_age_days);
        Ok(Answers { table, files, lists })
    }

    /// Opens the tables of answers, lists and mail servers, to be probed by name.
    pub(crate) fn open_tables(&self) -> Result<ProbedTables> {
        let room = ProbeRoom::default();
        Ok(ProbedTables {
            answers: ProbedAnswers::open(&self.answers, &room)?,
            lists: ListProbe::open(&self.lists, &room)?,
            mail: MailProbe::open(&self.mail, self.config.as_of, &room)?,
        })
    }

    /// Probes tables for the answers about the names of a survey.
    pub(crate) fn probe_answers(&self, survey: &Survey<'_>, tables: &mut ProbedTables) -> Result<Answers> {
        let mut names: Vec<&str> = survey.names.iter().map(|name| name.name).collect();
        names.sort_unstable();
        names.dedup();
        let table = tables.answers.load(&names, self.config.as_of)?;
        let lists = tables.lists.load(&names)?;
        let lists = Listings::of(lists, names.into_iter(), self.config.as_of, self.config.max_rdap_age_days);
        Ok(Answers { table, files: Vec::new(), lists })
    }

    /// Judges all names of a survey.
    pub(crate) fn judge<'a>(
        &'a self,
        mail_domains: &'a [MailDomain],
        survey: Survey<'a>,
        zones: &'a Zones,
        answers: &'a Answers,
    ) -> Result<Judgement<'a>> {
        let judgement = judge_all(mail_domains, survey, &self.sources(zones, answers), self.config.policy);
        // a file that was cut off while it was mapped gives wrong answers: none of them may be used
        zones.catalog.check()?;
        Ok(judgement)
    }

    /// Where the evidence about a name comes from.
    pub(crate) fn sources<'a>(&'a self, zones: &'a Zones, answers: &'a Answers) -> Sources<'a> {
        Sources {
            suffixes: &self.suffixes,
            catalog: &zones.catalog,
            rdap: &answers.table,
            lists: &answers.lists,
            registries: &self.registries,
            mail_classes: &self.mail_classes,
            as_of: self.config.as_of,
            lead_days: self.config.lead_days as i32,
            max_rdap_age_days: self.config.max_rdap_age_days,
            max_mx_age_days: self.config.max_mx_age_days,
        }
    }
}

pub(crate) fn read_suffixes(path: &Path) -> Result<SuffixList> {
    SuffixList::parse(&read_text(path, SMALL_FILE_BYTES)?, Some(path))
}

fn read_registries(config: &EvidenceConfig) -> Result<RegistryServers> {
    let path = config.bootstrap.as_deref();
    let bytes = path.map(read_small).transpose()?;
    let trusted = config.trusted_sources.iter().cloned();
    RegistryServers::read(bytes.as_deref(), trusted).map_err(|error| match path {
        Some(path) => Error::failure(path, error).hint("take `dns.json` from IANA's RDAP bootstrap registry"),
        None => Error::internal(error),
    })
}

//! One chunk's accounts as rows: addresses and other subjects separated, mail domains numbered.
//!
//! Mail domains are looked up many at a time, so whether a row can be accepted is known only after it was taken.
//! Rows whose domain is refused move to the rejected ones at the end of the chunk, in the order of the input. Buffers
//! go from chunk to chunk ([`ChunkBuffers`]).

use std::borrow::Cow;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::files::{CensusOptions, FileLines, Guesses, ValueCounts};
use super::interner::{Interner, Spellings};
use super::rows::{
    ACCOUNTS_UNREADABLE, LOCAL_PART_INVALID, MISSING, Rejected, Rows, Texts, VERIFIED_AT_UNREADABLE,
    WEIGHT_UNREADABLE,
};
use crate::input::accounts::{Account, AccountSink, Given, Role};
use crate::input::source::hexadecimal;
use crate::name::{Mailbox, Rejection, Subject, undecoded};
use crate::time::Moment;

/// Mail domains that are looked up together: enough for a few in each shard.
const LOOK_UP: usize = 1 << 13;
/// The most addresses of a record that become rows. A record with more is rejected as a whole.
const MOST_ADDRESSES: usize = 1000;
/// The most bytes of identifier and carried columns that are repeated for them.
const MOST_COPIED: usize = 16 << 20;

/// The rows of one chunk, numbered within it.
pub(crate) struct ChunkRows {
    pub(crate) buffers: ChunkBuffers,
    /// Records and lines.
    pub(super) lines: FileLines,
    /// Rows beyond one for each record.
    pub(super) added: u64,
    /// Records with bytes that are not UTF-8.
    pub(super) not_utf8: u64,
    /// Times and numbers.
    pub(super) values: ValueCounts,
    /// Which other subject rows look like, those that were rejected above all.
    pub(super) guesses: Guesses,
    /// Members of JSON objects that serve for something.
    pub(super) members: Vec<(Role, String)>,
}

/// Rows and what it takes to make them.
#[derive(Debug, Default)]
pub(crate) struct ChunkBuffers {
    pub(crate) rows: Rows,
    pub(crate) rejected: Rejected,
    spellings: Spellings,
    /// The rejected rows so far, each with the number of accepted ones before it.
    early: Rejected,
    early_places: Vec<usize>,
    /// Accepted rows whose mail domain was refused, with the reason.
    refused: Vec<(usize, Rejection)>,
}

/// Takes the rows of a chunk.
pub(crate) struct ChunkTaker<'a> {
    buffers: ChunkBuffers,
    added: u64,
    not_utf8: u64,
    values: ValueCounts,
    guesses: Guesses,
    members: Vec<(Role, String)>,
    source: u32,
    options: &'a CensusOptions,
    interner: &'a Interner<'a>,
}

impl AccountSink for ChunkTaker<'_> {
    fn account(&mut self, account: &Account<'_>) {
        self.values.verified_at.note(&account.verified_at);
        self.values.first_verified_at.note(&account.first_verified_at);
        self.values.weight.note(&account.weight);
        self.values.accounts.note(&account.accounts);
        self.not_utf8 += u64::from(!account.is_utf8);
        if self.options.form.columns.kind != Subject::Address {
            return self.take_other(account);
        }
        match Mailbox::split(account.subject) {
            Err(Rejection::SeveralAddresses) if self.options.split_addresses => {
                let mailboxes = Mailbox::split_all(account.subject);
                let copied: usize = account.id.map_or(0, str::len)
                    + account.carried.iter().flatten().map(|value| value.len()).sum::<usize>();
                if mailboxes.len() > MOST_ADDRESSES || mailboxes.len() * copied > MOST_COPIED {
                    return self.take(account, Err(Rejection::SeveralAddresses));
                }
                self.added += (mailboxes.len() as u64).saturating_sub(1);
                mailboxes.into_iter().for_each(|mailbox| self.take(account, mailbox));
            }
            mailbox => self.take(account, mailbox),
        }
    }

    fn malformed(&mut self, row: u64, id: Option<&str>) {
        self.reject(row, id, Rejection::MalformedRow);
    }

    fn member(&mut self, role: Role, name: &str) {
        self.members.push((role, name.to_owned()));
    }
}

impl<'a> ChunkTaker<'a> {
    /// `buffers` are empty.
    pub(crate) fn new(
        options: &'a CensusOptions,
        interner: &'a Interner<'a>,
        source: u32,
        mut buffers: ChunkBuffers,
    ) -> Self {
        let texts = usize::from(options.keep_email) + usize::from(options.hash_key.is_some());
        buffers.rows.address.resize(texts, Texts::default());
        buffers.rows.accounts = options.counts_accounts().then(Vec::new);
        buffers.rows.carried.resize(options.form.columns.carry.len(), Texts::default());
        Self {
            buffers,
            added: 0,
            not_utf8: 0,
            values: ValueCounts::default(),
            guesses: Guesses::default(),
            members: Vec::new(),
            source,
            options,
            interner,
        }
    }

    /// The rows; each has the number of its mail domain now.
    pub(crate) fn finish(mut self, lines: FileLines) -> ChunkRows {
        self.look_up();
        self.buffers.sort_out(self.source);
        ChunkRows {
            buffers: self.buffers,
            lines,
            added: self.added,
            not_utf8: self.not_utf8,
            values: self.values,
            guesses: self.guesses,
            members: self.members,
        }
    }

    /// Makes a row of a record's address.
    fn take(&mut self, account: &Account<'_>, mailbox: std::result::Result<Mailbox<'_>, Rejection>) {
        match mailbox {
            Ok(mailbox) if !account.is_utf8 && mailbox.has_undecoded_domain() => {
                self.reject(account.row, account.id, Rejection::NotUtf8);
            }
            Ok(mailbox) => self.accept_address(account, &mailbox),
            // the `@` may be among the bytes that could not be read
            Err(Rejection::NoAtSign)
                if !account.is_utf8 && account.subject.contains(undecoded::stands_in) =>
            {
                self.reject(account.row, account.id, Rejection::NotUtf8);
            }
            Err(reason) => self.reject_subject(account, reason),
        }
    }

    /// Makes a row of a record's domain, URL or reverse-DNS name.
    fn take_other(&mut self, account: &Account<'_>) {
        let kind = self.options.form.columns.kind;
        let is_undecoded = |text: &str| !account.is_utf8 && text.contains(undecoded::stands_in);
        match kind.domain_text(account.subject, self.interner.suffixes()) {
            Ok(domain) if is_undecoded(&domain) => {
                self.reject(account.row, account.id, Rejection::NotUtf8);
            }
            Ok(domain) => self.accept(account, &domain, 0),
            // what could not be read may be why
            Err(_) if is_undecoded(account.subject) => {
                self.reject(account.row, account.id, Rejection::NotUtf8);
            }
            Err(reason) => self.reject_subject(account, reason),
        }
    }

    /// Rejects a row for its subject.
    fn reject_subject(&mut self, account: &Account<'_>, reason: Rejection) {
        self.guess(account);
        self.reject(account.row, account.id, reason);
    }

    /// Notes which other subject a row may have.
    fn guess(&mut self, account: &Account<'_>) {
        let guess = Subject::guess(account.subject, self.interner.suffixes());
        if let Some(guess) = guess.filter(|guess| *guess != self.options.form.columns.kind) {
            self.guesses[guess as usize] += 1;
        }
    }

    fn reject(&mut self, row: u64, id: Option<&str>, reason: Rejection) {
        self.buffers.early_places.push(self.buffers.rows.len());
        self.buffers.early.push(self.source, row, id.map(undecoded::shown).as_deref(), reason);
    }

    /// Numbers the mail domains of the rows that were taken since the last time.
    fn look_up(&mut self) {
        let ChunkBuffers { rows, spellings, refused, .. } = &mut self.buffers;
        self.interner.look_up(spellings);
        for number in spellings.numbers() {
            if let Err(reason) = number {
                refused.push((rows.mail.len(), *reason));
            }
            rows.mail.push(number.unwrap_or(u32::MAX));
        }
        spellings.clear();
    }

    fn accept_address(&mut self, account: &Account<'_>, mailbox: &Mailbox<'_>) {
        let is_faulty = !mailbox.has_valid_local_part() || !account.is_utf8 && mailbox.is_undecoded();
        // a URL with a user has an `@`, too
        if is_faulty && account.subject.contains("://") {
            self.guess(account);
        }
        let mut address = self.buffers.rows.address.iter_mut();
        if self.options.keep_email
            && let Some(texts) = address.next()
        {
            texts.push(Some(&shown(account, mailbox.address())));
        }
        if let (Some(key), Some(texts)) = (&self.options.hash_key, address.next()) {
            let octets = (!account.is_utf8).then(|| undecoded::bytes_of(mailbox.address()));
            let octets = octets.as_deref().unwrap_or(mailbox.address().as_bytes());
            texts.push(Some(&keyed_hash(key, octets)));
        }
        self.accept(account, mailbox.domain(), if is_faulty { LOCAL_PART_INVALID } else { 0 });
    }

    /// Makes a row of a record at this domain, with these marks.
    fn accept(&mut self, account: &Account<'_>, domain: &str, mut marks: u8) {
        let mut moment =
            |given: Given<Moment>| number(given.map(|moment| moment.0), VERIFIED_AT_UNREADABLE, &mut marks);
        let (verified_at, first_verified_at) =
            (moment(account.verified_at), moment(account.first_verified_at));
        let weight = number(account.weight, WEIGHT_UNREADABLE, &mut marks);
        let ChunkBuffers { rows, spellings, .. } = &mut self.buffers;
        if let Some(accounts) = &mut rows.accounts {
            let number = number(account.accounts, ACCOUNTS_UNREADABLE, &mut marks);
            accounts.push(if number == MISSING { 1 } else { number });
        }
        spellings.push(domain);
        rows.source.push(self.source);
        rows.row.push(account.row);
        rows.id.push(account.id.map(|id| shown(account, id)).as_deref());
        rows.verified_at.push(verified_at);
        rows.first_verified_at.push(first_verified_at);
        rows.weight.push(weight);
        rows.marks.push(marks);
        let carried = account.carried.iter().map(|text| text.map(|text| shown(account, text)));
        rows.carried.iter_mut().zip(carried).for_each(|(texts, text)| texts.push(text.as_deref()));
        if spellings.len() == LOOK_UP {
            self.look_up();
        }
    }
}

/// A text of an account as the report has it.
fn shown<'t>(account: &Account<'_>, text: &'t str) -> Cow<'t, str> {
    if account.is_utf8 { Cow::Borrowed(text) } else { undecoded::shown(text) }
}

/// A number as rows have it; one that could not be read is marked.
fn number(given: Given<i64>, unreadable: u8, marks: &mut u8) -> i64 {
    match given {
        Given::Value(number) => number,
        Given::Absent => MISSING,
        Given::Unreadable => {
            *marks |= unreadable;
            MISSING
        }
    }
}

impl ChunkBuffers {
    /// Moves the rows whose mail domain was refused to the rejected ones, all in the order of the input.
    fn sort_out(&mut self, source: u32) {
        let Self { rows, rejected, early, early_places, refused, .. } = self;
        if refused.is_empty() {
            std::mem::swap(rejected, early);
            early_places.clear();
            return;
        }
        let mut keep = vec![true; rows.len()];
        refused.iter().for_each(|(place, _)| keep[*place] = false);
        // a row that was rejected at once comes before the accepted row of the same place
        let early_ones = early_places.iter().enumerate().map(|(number, place)| (*place, false, number));
        let late_ones = refused.iter().enumerate().map(|(number, (place, _))| (*place, true, number));
        let mut all: Vec<(usize, bool, usize)> = early_ones.chain(late_ones).collect();
        all.sort_unstable();
        let (ids, early_ids): (Vec<_>, Vec<_>) = (rows.id.iter().collect(), early.id.iter().collect());
        for (place, is_late, number) in all {
            match is_late {
                true => rejected.push(source, rows.row[place], ids[place], refused[number].1),
                false => {
                    rejected.push_number(source, early.row[number], early_ids[number], early.reason[number])
                }
            }
        }
        rows.retain(&keep);
        early.clear();
        early_places.clear();
        refused.clear();
    }
}

/// HMAC-SHA-256 of an address, its ASCII letters folded, in hexadecimal.
fn keyed_hash(key: &[u8], address: &[u8]) -> String {
    // HMAC takes keys of any length (RFC 2104, section 2)
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return String::new() };
    mac.update(&address.to_ascii_lowercase());
    hexadecimal(&mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::SuffixList;

    /// Takes these addresses, each with its row as identifier; an empty one is a malformed record.
    fn take(buffers: ChunkBuffers, addresses: &[&str]) -> ChunkBuffers {
        let suffixes = SuffixList::built_in().expect("the built-in list is well formed");
        let (options, interner) = (CensusOptions::default(), Interner::new(&suffixes));
        let mut taker = ChunkTaker::new(&options, &interner, 0, buffers);
        for (row, email) in (1..).zip(addresses) {
            let id = row.to_string();
            match *email {
                "" => taker.malformed(row, Some(&id)),
                email => taker.account(&Account {
                    row,
                    id: Some(&id),
                    subject: email,
                    accounts: Given::Absent,
                    verified_at: Given::Absent,
                    first_verified_at: Given::Absent,
                    weight: Given::Absent,
                    carried: &[],
                    is_utf8: true,
                }),
            }
        }
        taker.finish(FileLines::default()).buffers
    }

    #[test]
    fn rejected_rows_keep_their_order() {
        let addresses = ["a@x.com", "b", "c@exa_mple.com", "", "d@localhost", "e@x.org", "f@x.com", "g@"];
        let mut buffers = ChunkBuffers::default();
        // the second time in the buffers of the first
        for _ in 0..2 {
            buffers = take(buffers, &addresses);
            let ids = |texts: &Texts| -> Vec<String> { texts.iter().flatten().map(str::to_owned).collect() };
            assert_eq!(ids(&buffers.rows.id), ["1", "6", "7"]);
            assert_eq!((&buffers.rows.row[..], &buffers.rows.mail[..]), (&[1, 6, 7][..], &[0, 1, 0][..]));
            assert_eq!(buffers.rejected.row, [2, 3, 4, 5, 8]);
            assert_eq!(ids(&buffers.rejected.id), ["2", "3", "4", "5", "8"]);
            let reasons = [
                Rejection::NoAtSign,
                Rejection::InvalidDomain,
                Rejection::MalformedRow,
                Rejection::SingleLabel,
                Rejection::EmptyDomain,
            ];
            assert_eq!(buffers.rejected.reason, reasons.map(|reason| reason as u8));
            buffers.rows.clear();
            buffers.rejected.clear();
        }
    }
}

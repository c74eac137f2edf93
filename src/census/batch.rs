//! One chunk's accounts as rows: addresses told apart, mail domains numbered.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::interner::Interner;
use super::rows::{
    LOCAL_PART_INVALID, MISSING, Rejected, Rows, Texts, VERIFIED_AT_UNREADABLE, WEIGHT_UNREADABLE,
};
use super::take::{FileLines, Options};
use crate::input::accounts::{Account, AccountSink, Given};
use crate::input::source::hexadecimal;
use crate::name::{Mailbox, Rejection};
use crate::time::Moment;

/// Addresses of a record that become rows; a record of more is rejected as a whole.
const MOST_ADDRESSES: usize = 1000;
/// Bytes of identifier and carried columns that may be repeated for them.
const MOST_COPIED: usize = 16 << 20;

/// The rows of one chunk, numbered within it.
pub(super) struct Parsed {
    pub(super) rows: Rows,
    pub(super) rejected: Rejected,
    /// Records and lines.
    pub(super) lines: FileLines,
    /// Rows more than records.
    pub(super) added: u64,
}

/// Takes the rows of a chunk.
pub(super) struct Batch<'a> {
    rows: Rows,
    rejected: Rejected,
    added: u64,
    source: u32,
    options: &'a Options,
    interner: &'a Interner<'a>,
    scratch: String,
}

impl AccountSink for Batch<'_> {
    fn account(&mut self, account: &Account<'_>) {
        match Mailbox::split(account.email) {
            Err(Rejection::SeveralAddresses) if self.options.split_addresses => {
                let mailboxes = Mailbox::split_all(account.email);
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
        self.rejected.push(self.source, row, id, Rejection::MalformedRow);
    }
}

impl<'a> Batch<'a> {
    pub(super) fn new(options: &'a Options, interner: &'a Interner<'a>, source: u32) -> Self {
        let texts = usize::from(options.keep_email) + usize::from(options.hash_key.is_some());
        let rows = Rows {
            address: vec![Texts::default(); texts],
            carried: vec![Texts::default(); options.columns.carry.len()],
            ..Rows::default()
        };
        let (rejected, scratch) = (Rejected::default(), String::new());
        Self { rows, rejected, added: 0, source, options, interner, scratch }
    }

    pub(super) fn parsed(self, lines: FileLines) -> Parsed {
        Parsed { rows: self.rows, rejected: self.rejected, lines, added: self.added }
    }

    /// Makes a row of a record's address.
    fn take(&mut self, account: &Account<'_>, mailbox: std::result::Result<Mailbox<'_>, Rejection>) {
        let number = match &mailbox {
            Ok(mailbox) => self.interner.number(mailbox.domain(), &mut self.scratch),
            Err(reason) => Err(*reason),
        };
        match (mailbox, number) {
            (Ok(mailbox), Ok(number)) => self.accept(account, &mailbox, number),
            (Err(reason), _) | (_, Err(reason)) => {
                self.rejected.push(self.source, account.row, account.id, reason);
            }
        }
    }

    fn accept(&mut self, account: &Account<'_>, mailbox: &Mailbox<'_>, number: u32) {
        let mut marks = if mailbox.has_valid_local_part() { 0 } else { LOCAL_PART_INVALID };
        let mut moment = |given: Given<Moment>| match given {
            Given::Value(moment) => moment.0,
            Given::Absent => MISSING,
            Given::Unreadable => {
                marks |= VERIFIED_AT_UNREADABLE;
                MISSING
            }
        };
        let (verified_at, first_verified_at) =
            (moment(account.verified_at), moment(account.first_verified_at));
        let weight = match account.weight {
            Given::Value(weight) => weight,
            Given::Absent => MISSING,
            Given::Unreadable => {
                marks |= WEIGHT_UNREADABLE;
                MISSING
            }
        };
        let rows = &mut self.rows;
        rows.source.push(self.source);
        rows.row.push(account.row);
        rows.id.push(account.id);
        rows.mail.push(number);
        rows.verified_at.push(verified_at);
        rows.first_verified_at.push(first_verified_at);
        rows.weight.push(weight);
        rows.marks.push(marks);
        let mut address = rows.address.iter_mut();
        if self.options.keep_email
            && let Some(texts) = address.next()
        {
            texts.push(Some(mailbox.address()));
        }
        if let (Some(key), Some(texts)) = (&self.options.hash_key, address.next()) {
            texts.push(Some(&keyed_hash(key, mailbox.address())));
        }
        rows.carried.iter_mut().zip(account.carried).for_each(|(texts, text)| texts.push(*text));
    }
}

/// HMAC-SHA-256 of an address, its ASCII letters folded, in hexadecimal.
fn keyed_hash(key: &[u8], email: &str) -> String {
    // HMAC takes keys of any length (RFC 2104, section 2)
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return String::new() };
    mac.update(email.to_ascii_lowercase().as_bytes());
    hexadecimal(&mac.finalize().into_bytes())
}

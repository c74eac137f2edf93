//! Columns of accounts that no verdict makes: what lists say of the mail domain, and what only some reports have.

use super::accounts::{AccountRows, number};
use crate::mail::{MailClass, Provider};
use crate::table::columns::{gathered_words, moments, texts};
use crate::table::schema::{TableSchema, Type};
use crate::time::Moment;

/// What lists say of mail domains.
pub(super) fn mail_columns(table: TableSchema<AccountRows<'_>>) -> TableSchema<AccountRows<'_>> {
    table
        .column(
            "mail_class",
            Type::Word,
            "free or disposable, by lists of mail domains; null for any other",
            |group| {
                let classes = group.frame.mail.iter().map(|mail| mail.shared.class.map(MailClass::name));
                Ok(gathered_words(&group.frame.mail_places, classes))
            },
        )
        .column(
            "typo_of",
            Type::Word,
            "the big mail provider that the mail domain looks mistyped for",
            |group| {
                let providers = group.frame.mail.iter().map(|mail| mail.shared.typo_of.map(Provider::name));
                Ok(gathered_words(&group.frame.mail_places, providers))
            },
        )
}

/// First verification, address, and hash of the address.
pub(super) fn optional_columns(table: TableSchema<AccountRows<'_>>) -> TableSchema<AccountRows<'_>> {
    table
        .column(
            "first_verified_at",
            Type::Timestamp,
            "the earliest verification known, only with --previous or a column of first verifications",
            |group| {
                let micros = group.frame.first_verified_at.iter();
                Ok(moments(micros.map(|micros| number(*micros).map(Moment))))
            },
        )
        .optional()
        .column("email", Type::Text, "the address, only with --keep-email", |group| {
            Ok(texts(group.frame.rows.address.first().into_iter().flat_map(|address| address.iter())))
        })
        .optional()
        .column("email_hash", Type::Text, "HMAC-SHA-256 of the address, only with --hash-email", |group| {
            Ok(texts(group.frame.rows.address.last().into_iter().flat_map(|address| address.iter())))
        })
        .optional()
}

//! Bytes in: files as text ([`source`]), and accounts in every form people keep them in ([`accounts`]).

pub mod accounts;
pub mod source;

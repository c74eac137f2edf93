//! Bytes in: files as text ([`source`]), accounts in every form people keep them in ([`accounts`]), and small files
//! that are read whole ([`small`]).

pub mod accounts;
pub mod small;
pub mod source;

//! What a planted case is made of: what a zone and RDAP say about a domain, and the verdict its accounts must get.
//!
//! `planted` has the cases, one entry for each class. The expected verdict is written beside the evidence as
//! `state,risk,action`, by hand, from the table in section 5 of the contract; nothing computes it. Cases which the
//! contract leaves open are not there. Ages and dates are whole days relative to the as-of date (negative: before it).

/// One class of domains.
#[derive(Clone, Copy)]
pub struct Case {
    /// Its name in `expected.csv`.
    pub class: &'static str,
    /// How its domains are called, and so how many there are.
    pub naming: Naming,
    /// What the zone of the TLD holds for them; no matter where the TLD has no zone.
    pub holding: Holding,
    /// The RDAP answers for them.
    pub answers: &'static [Answer],
    /// How the addresses of its accounts are written.
    pub form: Form,
    /// When its accounts were verified.
    pub verified: Verified,
    /// `state,risk,action` of its accounts.
    pub expected: &'static str,
    /// Accounts at each domain, if not as chance will have it.
    pub accounts: Option<u64>,
    /// More accounts at the same domains: class, verification, expectation.
    pub also: &'static [(&'static str, Verified, &'static str)],
}

/// How domains are called.
#[derive(Clone, Copy)]
pub enum Naming {
    /// A made-up name under each of these suffixes.
    Under(&'static [&'static str]),
    /// Exactly these.
    Exactly(&'static [&'static str]),
    /// Exactly these: as the address has it, as the zone has it.
    Unicode(&'static [(&'static str, &'static str)]),
}

/// What a zone holds for a domain.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Holding {
    /// Nothing at all.
    Nothing,
    /// NS records (in a name list: the name).
    Delegated,
    /// NS and DS records with a signature.
    Signed,
    /// An MX record of its own and no delegation.
    Data,
    /// An address record of a host below it, left over from a delegation that is gone.
    OrphanGlue,
    /// NSEC and RRSIG only.
    Nsec,
    /// NS records to these hosts.
    Served(&'static [&'static str]),
    /// In the older zones of `net`, oldest first, and in the newest: delegated there, or not.
    Over([bool; 4]),
    /// In the deliveries of `ch`, oldest first: delegated there, or not.
    Weekly([bool; 6]),
    /// As `Delegated`, but in the second of the older zones at servers for expired names.
    ParkedOnce,
}

/// One RDAP answer.
#[derive(Clone, Copy)]
pub struct Answer {
    /// Days between the answer and the as-of date.
    pub age: i64,
    /// Who gave it.
    pub from: Source,
    /// What it says.
    pub content: Content,
}

/// Who gave an answer.
#[derive(Clone, Copy)]
pub enum Source {
    /// The registry of the TLD.
    Registry,
    /// A registrar.
    Registrar,
    /// rdap.org, which knows only where to ask.
    Redirector,
    /// The registry of the parent of a private suffix, which knows nothing of the names below it.
    ParentRegistry,
    /// One of two servers for a TLD whose registry no table knows.
    Unlisted,
    OtherUnlisted,
}

/// What an answer says.
#[derive(Clone, Copy)]
pub enum Content {
    /// A domain object with these statuses and events (action, days from as-of). A registration long ago
    /// and an expiration long ahead are added where neither is among them.
    Found(&'static [&'static str], &'static [(&'static str, i64)], Shape),
    /// Status 404 with this body.
    NotFound(Body),
    /// Another HTTP status, no body.
    Failed(u16),
    /// A domain object of another name.
    OtherName,
    /// A line that breaks off within the object.
    Torn,
}

/// How a domain object is written. All but the first have been seen in real answers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    Plain,
    /// Dates as `2029-08-18T13:19:55`.
    NoTimeZone,
    /// Dates as `2025-03-20T07:00:00.000+0000`.
    NumericOffset,
    /// Dates as `2025-03-20T07:00:00.0Z`.
    Fraction,
    /// The expiration in the year 294247.
    NeverExpires,
    NoExpiration,
    NoStatus,
    /// A status and nothing else: no event, no entity, no name server.
    StatusOnly,
    /// A name and nothing else.
    NameOnly,
    /// `ldhName` in capitals with a final dot.
    ShoutedName,
    /// A file of its own without an envelope, and so without a date.
    Bare,
    /// A file of its own, over many lines.
    Pretty,
}

/// The body of a 404.
#[derive(Clone, Copy)]
pub enum Body {
    /// An error object (RFC 9083 section 6).
    Error,
    /// An error object, its `errorCode` a string.
    StringCode,
    /// An error object that says why nobody can register the name.
    Reserved,
    /// `null`.
    Nothing,
    /// A web page in a string.
    Html,
}

/// How an address is written.
#[derive(Clone, Copy)]
pub enum Form {
    Plain,
    /// Hyphens in the local part. Where providers do not allow them, nobody has that mailbox.
    Hyphens,
    UpperCase,
    TrailingDot,
    /// Two labels below the registrable domain.
    Subdomain,
    /// Blanks around it.
    Blanks,
    /// U+3002 for the last dot, which UTS 46 takes for one.
    WideDot,
    /// A quoted local part with a blank in it, which is valid.
    Quoted,
    /// A local part with an at sign in it.
    TwoAtSigns,
    EmptyLocal,
    /// A local part with two dots in a row.
    DoubleDot,
    /// An underscore in a host label.
    Underscore,
}

/// When an account was verified.
#[derive(Clone, Copy)]
pub enum Verified {
    /// Some time in 2020 to 2024, now and then as a date only.
    Usual,
    Never,
    At(&'static str),
}

//! Statuses of a registration: a closed list, plus whatever else servers write, as text.
//!
//! The list is the `status` part of the IANA registry "RDAP JSON Values": RFC 9083 §10.2.2, RFC 8056 §3 for the
//! statuses of EPP, and two that number registries added. Several spellings are read: the registered one in any case;
//! that of EPP (`clientTransferProhibited`; RFC 8056 §2 maps `ok` to `active` and `linked` to `associated`); with
//! blanks left out or written `_` or `-`; and with a link behind, as WHOIS does (`clientHold
//! https://icann.org/epp#clientHold`). The registered spelling is always what is written.
//!
//! Ambiguity: one well-known library writes "transfer hold" for "transfer period". No standard knows that status, so
//! it can mean nothing else.

use super::name;

/// One row per status: variant, registered spelling, squeezed spellings (lower case, letters only).
macro_rules! statuses {
    ($($value:ident $name:literal $($squeezed:literal)|+;)+) => {
        named_enum! {
            /// A registered status, named as it is registered. Sets list them in this order.
            #[repr(u8)]
            pub enum Status {
                $(#[doc = concat!("`", $name, "`")] $value = $name,)+
            }
        }

        impl Status {
            fn from_squeezed(squeezed: &[u8]) -> Option<Self> {
                match squeezed {
                    $($($squeezed)|+ => Some(Self::$value),)+
                    _ => None,
                }
            }
        }
    };
}

statuses! {
    // the life cycle first: RFC 8056 §2, from RFC 5731 §2.3 and RFC 3915 §3.1
    Active "active" b"active" | b"ok";
    Inactive "inactive" b"inactive";
    AddPeriod "add period" b"addperiod";
    AutoRenewPeriod "auto renew period" b"autorenewperiod";
    RenewPeriod "renew period" b"renewperiod";
    TransferPeriod "transfer period" b"transferperiod" | b"transferhold";
    RedemptionPeriod "redemption period" b"redemptionperiod";
    PendingCreate "pending create" b"pendingcreate";
    PendingRenew "pending renew" b"pendingrenew";
    PendingUpdate "pending update" b"pendingupdate";
    PendingTransfer "pending transfer" b"pendingtransfer";
    PendingRestore "pending restore" b"pendingrestore";
    PendingDelete "pending delete" b"pendingdelete";
    ClientHold "client hold" b"clienthold";
    ServerHold "server hold" b"serverhold";
    ClientDeleteProhibited "client delete prohibited" b"clientdeleteprohibited";
    ClientRenewProhibited "client renew prohibited" b"clientrenewprohibited";
    ClientTransferProhibited "client transfer prohibited" b"clienttransferprohibited";
    ClientUpdateProhibited "client update prohibited" b"clientupdateprohibited";
    ServerDeleteProhibited "server delete prohibited" b"serverdeleteprohibited";
    ServerRenewProhibited "server renew prohibited" b"serverrenewprohibited";
    ServerTransferProhibited "server transfer prohibited" b"servertransferprohibited";
    ServerUpdateProhibited "server update prohibited" b"serverupdateprohibited";
    // RFC 9083 §10.2.2
    DeleteProhibited "delete prohibited" b"deleteprohibited";
    RenewProhibited "renew prohibited" b"renewprohibited";
    TransferProhibited "transfer prohibited" b"transferprohibited";
    UpdateProhibited "update prohibited" b"updateprohibited";
    Validated "validated" b"validated";
    Locked "locked" b"locked";
    Associated "associated" b"associated" | b"linked";
    Proxy "proxy" b"proxy";
    Private "private" b"private";
    Removed "removed" b"removed";
    Obscured "obscured" b"obscured";
    // registered later
    Administrative "administrative" b"administrative";
    Reserved "reserved" b"reserved";
}

impl Status {
    /// Reads a status in any of its spellings; `None` if it is not registered.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let text = without_link(text);
        Self::from_squeezed(Squeezed::new(text)?.as_bytes())
    }

    fn bit(self) -> u64 {
        1 << self as u8
    }
}

/// The statuses of EPP, which the table lists first, but for one that is no proof of a registration.
const OF_REGISTRATIONS: u64 =
    ((1 << (Status::ServerUpdateProhibited as u8 + 1)) - 1) & !(1 << Status::Inactive as u8);

/// How many unregistered statuses are kept of one answer. Real answers have a few.
pub(crate) const MAX_OTHER: usize = 64;

/// The statuses of one answer, each once.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StatusSet {
    /// A bit for each registered status.
    bits: u64,
    /// Unregistered statuses, lower case, sorted.
    other: Vec<Box<str>>,
}

impl StatusSet {
    /// Adds a registered status.
    pub fn insert(&mut self, status: Status) {
        self.bits |= status.bit();
    }

    /// Reads and adds a status. An unregistered one is kept as text in lower case. Returns `false` if there are too
    /// many of these; the first [`MAX_OTHER`] in sorted order are kept.
    pub(crate) fn insert_text(&mut self, text: &str) -> bool {
        if let Some(status) = Status::read(text) {
            self.insert(status);
            return true;
        }
        let text = without_link(text);
        if text.is_empty() {
            return true;
        }
        let text = text.to_lowercase().into_boxed_str();
        match self.other.binary_search(&text) {
            Ok(_) => return true,
            Err(MAX_OTHER) => return false,
            Err(at) => self.other.insert(at, text),
        }
        let is_within = self.other.len() <= MAX_OTHER;
        self.other.truncate(MAX_OTHER);
        is_within
    }

    /// Whether the status is among them.
    pub fn contains(&self, status: Status) -> bool {
        self.bits & status.bit() != 0
    }

    /// Whether one of them is of a kind that only a registration has (RFC 8056, section 2; RFC 3915, section 3.1).
    /// `inactive` and `associated` are none: servers print them of names that are only known, or waiting for a holder.
    pub(crate) fn prove_registration(&self) -> bool {
        self.bits & OF_REGISTRATIONS != 0
    }

    /// Whether there is none.
    #[cfg(test)]
    pub(crate) fn is_empty(&self) -> bool {
        self.bits == 0 && self.other.is_empty()
    }

    /// How many there are.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.bits.count_ones() as usize + self.other.len()
    }

    /// The registered statuses, in the order of [`Status::ALL`].
    pub fn registered(&self) -> impl Iterator<Item = Status> + '_ {
        Status::ALL.iter().copied().filter(|status| self.contains(*status))
    }

    /// The unregistered statuses, sorted.
    pub(crate) fn other(&self) -> impl Iterator<Item = &str> {
        self.other.iter().map(AsRef::as_ref)
    }

    /// The names of all statuses, registered ones first, always in the same order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let other = self.other.iter().map(AsRef::as_ref);
        self.registered().map(|status| -> &str { status.name() }).chain(other)
    }
}

impl<T: AsRef<str>> FromIterator<T> for StatusSet {
    fn from_iter<I: IntoIterator<Item = T>>(texts: I) -> Self {
        let mut set = Self::default();
        for text in texts {
            let _ = set.insert_text(text.as_ref());
        }
        set
    }
}

/// The words before a link. If there is only a link, its fragment.
fn without_link(text: &str) -> &str {
    let text = name::trimmed(text);
    let Some(end) = memchr::memchr(b':', text.as_bytes()) else { return text };
    let (words, link) = text.split_at_checked(end).unwrap_or((text, ""));
    if !link.starts_with("://") {
        return text;
    }
    match words.rfind(|letter: char| !letter.is_ascii_alphabetic()) {
        Some(at) => words.get(..at).unwrap_or(words).trim_end(),
        None => link.split_once('#').map_or(text, |(_, fragment)| fragment),
    }
}

/// No status or event action that is read has a longer spelling, blanks included.
const SQUEEZED_MAX: usize = 64;

/// What becomes of a byte: a lower-case letter, [`SKIPPED`], or [`REFUSED`].
const SQUEEZE: [u8; 256] = {
    let mut table = [REFUSED; 256];
    let mut byte = 0u8;
    while byte < 128 {
        if byte.is_ascii_alphabetic() {
            table[byte as usize] = byte.to_ascii_lowercase();
        } else if matches!(byte, b' ' | b'_' | b'-' | b'\t' | b'\n' | b'\r') {
            table[byte as usize] = SKIPPED;
        }
        byte += 1;
    }
    table
};
const SKIPPED: u8 = 0;
const REFUSED: u8 = 1;

/// Letters only, lower case: `Client Hold`, `clientHold`, `client_hold` → `clienthold`. It is on the stack, because
/// millions of answers have statuses and events.
pub(super) struct Squeezed {
    letters: [u8; SQUEEZED_MAX],
    length: usize,
}

impl Squeezed {
    /// `None` if the text contains what no registered value does (digits, other signs, other scripts) or is too long.
    pub(super) fn new(text: &str) -> Option<Self> {
        if text.len() > SQUEEZED_MAX {
            return None;
        }
        let mut squeezed = Self { letters: [0; SQUEEZED_MAX], length: 0 };
        let mut refused = false;
        for byte in text.bytes() {
            let letter = SQUEEZE[usize::from(byte)];
            refused |= letter == REFUSED;
            // the next byte overwrites a skipped one
            *squeezed.letters.get_mut(squeezed.length)? = letter;
            squeezed.length += usize::from(letter != SKIPPED);
        }
        (!refused).then_some(squeezed)
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.letters.get(..self.length).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn reads(text: &str, expected: Option<Status>) {
        assert_eq!(Status::read(text), expected, "{text}");
    }

    /// RFC 8056 §2: each EPP status and the RDAP status it maps to, as the RFC has them.
    const RFC_8056: &[(&str, &str)] = &[
        ("addPeriod", "add period"),
        ("autoRenewPeriod", "auto renew period"),
        ("clientDeleteProhibited", "client delete prohibited"),
        ("clientHold", "client hold"),
        ("clientRenewProhibited", "client renew prohibited"),
        ("clientTransferProhibited", "client transfer prohibited"),
        ("clientUpdateProhibited", "client update prohibited"),
        ("inactive", "inactive"),
        ("linked", "associated"),
        ("ok", "active"),
        ("pendingCreate", "pending create"),
        ("pendingDelete", "pending delete"),
        ("pendingRenew", "pending renew"),
        ("pendingRestore", "pending restore"),
        ("pendingTransfer", "pending transfer"),
        ("pendingUpdate", "pending update"),
        ("redemptionPeriod", "redemption period"),
        ("renewPeriod", "renew period"),
        ("serverDeleteProhibited", "server delete prohibited"),
        ("serverHold", "server hold"),
        ("serverRenewProhibited", "server renew prohibited"),
        ("serverTransferProhibited", "server transfer prohibited"),
        ("serverUpdateProhibited", "server update prohibited"),
        ("transferPeriod", "transfer period"),
    ];

    #[test]
    fn every_epp_status_maps_as_rfc_8056_says() {
        for (epp, rdap) in RFC_8056 {
            assert_eq!(Status::read(epp).map(Status::name), Some(*rdap), "{epp}");
            assert_eq!(Status::read(rdap).map(Status::name), Some(*rdap), "{rdap}");
        }
    }

    #[track_caller]
    fn proves(statuses: &[&str], expected: bool) {
        assert_eq!(statuses.iter().collect::<StatusSet>().prove_registration(), expected, "{statuses:?}");
    }

    #[test]
    fn what_only_a_registration_has() {
        proves(&["active"], true);
        proves(&["add period"], true);
        proves(&["server update prohibited"], true);
        proves(&["pending delete"], true);
        proves(&[], false);
        proves(&["inactive"], false);
        proves(&["associated"], false);
        proves(&["locked", "reserved", "available"], false);
    }

    #[test]
    fn every_status_reads_back_in_every_spelling() {
        assert_eq!(Status::ALL.len(), 36);
        for (index, status) in Status::ALL.iter().copied().enumerate() {
            assert_eq!(status as usize, index);
            let name = status.name();
            for text in [
                name.to_owned(),
                name.to_uppercase(),
                name.replace(' ', ""),
                name.replace(' ', "_"),
                name.replace(' ', "-"),
                name.replace(' ', "  "),
                format!(" {name} https://icann.org/epp#{}", name.replace(' ', "")),
                format!("{name}\thttp://www.icann.org/epp#x"),
                format!("https://icann.org/epp#{name}"),
            ] {
                reads(&text, Some(status));
            }
        }
    }

    #[test]
    fn odd_spellings() {
        reads("transfer hold", Some(Status::TransferPeriod));
        reads("OK", Some(Status::Active));
        reads("ok https://icann.org/epp#ok", Some(Status::Active));
        reads("clientHold (https://icann.org/epp#clientHold)", Some(Status::ClientHold));
        reads("server recover prohibited", None);
        reads("client hold 2", None);
        reads("", None);
        reads("https://icann.org/epp", None);
        reads("://", None);
        reads("é://x", None);
        reads("pendıng delete", None);
        reads(&"a".repeat(1000), None);
    }

    #[test]
    fn a_set_keeps_each_once_in_a_stable_order() {
        let texts =
            ["zzz", "pendingDelete", "Server Recover Prohibited", "ok", "active", " ", "ZZZ", "client hold"];
        let set: StatusSet = texts.iter().collect();
        let names = ["active", "pending delete", "client hold", "server recover prohibited", "zzz"];
        assert_eq!(set.names().collect::<Vec<_>>(), names);
        assert_eq!(set.len(), 5);
        assert_eq!(set, texts.iter().rev().collect());
        assert!(set.contains(Status::ClientHold) && !set.contains(Status::ServerHold) && !set.is_empty());
        assert!(StatusSet::default().is_empty());
    }

    #[test]
    fn too_many_statuses_are_cut_alike_in_any_order() {
        let texts: Vec<String> =
            (0..400_000_u64).map(|number| format!("s{:06}", number * 7919 % 400_000)).collect();
        let mut set = StatusSet::default();
        assert_eq!(texts.iter().filter(|text| set.insert_text(text)).count(), MAX_OTHER);
        assert!(set.insert_text("client hold") && set.insert_text("s000000") && !set.insert_text("t"));
        assert_eq!(set.len(), MAX_OTHER + 1);
        assert_eq!(
            set.other().collect::<Vec<_>>(),
            (0..MAX_OTHER).map(|n| format!("s{n:06}")).collect::<Vec<_>>()
        );
        let mut other: StatusSet = texts.iter().rev().collect();
        other.insert(Status::ClientHold);
        assert_eq!(set, other);
    }
}

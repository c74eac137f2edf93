//! The words of this room: kinds of lists, what a list says of a name, how a released name finds its next holder.
//!
//! The kinds are the interface, not the files: every list that a registry publishes is one of five, and a list that
//! nobody here has seen is described by its kind (`--map`).

named_enum! {
    /// What a list is, and so what it can prove.
    pub(crate) enum ListKind {
        /// Every registered name of a zone: a name that is not in it is not registered, if the file is whole.
        Register = "register",
        /// Names that will be released, with the day or second.
        WillDrop = "will_drop",
        /// Names whose registration has ended.
        Dropped = "dropped",
        /// Names that somebody can apply for now.
        InRelease = "in_release",
        /// All registrations, also past ones, with their first and last day.
        Registrations = "registrations",
    }
}

named_enum! {
    /// What a list says of a name.
    pub(crate) enum ListSays {
        /// It is registered.
        Registered = "registered": "it is registered",
        /// It is registered and its term is about to end.
        Expiring = "expiring": "it is registered, and its term is about to end",
        /// Its term has ended, and the holder can still pay.
        Expired = "expired": "its term has ended",
        /// It is registered, but blocked or taken out of service.
        OnHold = "on_hold": "it is registered, and out of service",
        /// It is being deleted.
        Deleting = "deleting": "it is being deleted",
        /// It is in the register, in words that nobody here knows.
        UnknownState = "unknown_state": "it is in the register, in a state that is not known here",
        /// It will be released.
        WillDrop = "will_drop": "it will be released",
        /// It was in a list of names to be released, and left the list before its day.
        Renewed = "renewed": "it left the list of names to be released before its day",
        /// Its registration has ended, and it is free or has a new holder.
        Dropped = "dropped": "its registration has ended",
        /// Its registration has ended, and the registry keeps the name.
        Withheld = "withheld": "its registration has ended, and the registry keeps the name",
        /// It has no holder, and somebody can apply for it.
        InRelease = "in_release": "it has no holder, and somebody can apply for it",
        /// A past registration of it.
        Ended = "ended": "a registration of it has ended",
        /// It is not in a complete register.
        NotListed = "not_listed": "it is not in a complete register",
    }
}

impl ListSays {
    /// The value with this number, as [`Self::number`] tells it.
    pub(super) fn from_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }

    /// The place of this value among all.
    pub(super) fn number(self) -> u8 {
        self as u8
    }
}

named_enum! {
    /// How the next holder of a released name is found.
    pub(crate) enum ReleaseBy {
        /// Whoever comes first.
        Open = "open",
        /// The registry sells it.
        Auction = "auction",
        /// Registrars ask for it at an appointed hour.
        Session = "session",
        /// Applications are collected for some days.
        Round = "round",
        /// Somebody waits for it already.
        Queue = "queue",
    }
}

named_enum! {
    /// Whether all of a list is there.
    pub(crate) enum Wholeness {
        /// A checksum, a count, a closing mark or its format proves that all of it is there.
        Whole = "whole",
        /// Nothing proves that all of it is there, so it proves no absence.
        Unproved = "unproved",
        /// A part is missing, or was not understood.
        Incomplete = "incomplete",
    }
}

named_enum! {
    /// What dates a list.
    pub(crate) enum ListDateSource {
        /// The list itself.
        Inside = "inside",
        /// The name of its file.
        FileName = "file_name",
        /// The user.
        Given = "given",
        /// The time of its file, which never proves absence.
        FileTime = "file_time",
    }
}

//! Reasons: what was noticed about a name, a domain or an account, beside the rule that decided.

named_enum! {
    /// A reason. Its order is that of the `reasons` column.
    pub(crate) enum Reason {
        LocalPartInvalid = "address.local_part_invalid":
            "the local part of the address is empty or faulty"; "RFC 5321, section 4.1.2",
        NotLdh = "name.not_ldh":
            "a label of the mail domain is not made of letters, digits and inner hyphens";
            "RFC 1123, section 2.1",
        PrivateUncovered = "name.private_uncovered":
            "registered at a private registry open to others, of which there is neither zone nor RDAP answer";
            "Public Suffix List, PRIVATE section",
        PrivateParent = "name.private_parent":
            "is below a private suffix that its owner keeps; the owner's domain decides";
            "Public Suffix List, PRIVATE section",
        PrivateJudged = "name.private_judged":
            "is below a private suffix; its own registration and its parent's were both judged, and the worse one decides";
            "Public Suffix List, PRIVATE section",
        OnlyNamesBelow = "name.only_names_below":
            "the complete zone holds only names below it: these are registered, and nobody can register the name itself";
            "RFC 8020, section 2",
        UnknownTld = "name.unknown_tld":
            "neither the Public Suffix List nor any zone knows the top-level domain"; "Public Suffix List",
        LooksMistyped = "name.looks_mistyped":
            "one typing mistake away from a big mail provider that has a hundred times as many accounts or more";
            "data/mail_providers.txt",
        ZoneNone = "zone.none": "no zone covers the name"; "RFC 1034, section 4.2",
        ZoneStale = "zone.stale": "the covering zone is too old to prove absence"; "zonelapse, evidence",
        ZoneUnclosed = "zone.unclosed": "the covering zone's file is not whole"; "RFC 5936, section 2.2",
        ZoneShrunk = "zone.shrunk":
            "the covering zone has far fewer names than the last complete snapshot"; "zonelapse, evidence",
        ZoneList = "zone.list":
            "the covering zone is a list of names, which has no closing mark"; "zonelapse, evidence",
        ZoneFileTime = "zone.dated_by_file_time":
            "only its file's time dates the covering zone, so it never counts as fresh"; "zonelapse, inputs",
        ZoneAfterAsOf = "zone.after_as_of":
            "the covering zone is dated after as-of and was ignored"; "zonelapse, evidence",
        SeenTooLongAgo = "zone.seen_too_long_ago":
            "the name was in a zone so long ago that it may have dropped since"; "data/lifecycle.csv",
        Dropped = "history.dropped":
            "an earlier snapshot of the zone held the name, which was dropped since"; "zonelapse, history",
        LongGap = "history.long_gap":
            "the zone did not hold the name for so long that the registration may have ended";
            "data/lifecycle.csv",
        ShortGap = "history.short_gap":
            "the zone did not hold the name for a time; as far as is known, too short for the registration to have ended";
            "RFC 3915, section 3.1",
        RdapNone = "rdap.none": "there is no RDAP answer for the name"; "RFC 9083",
        RdapError = "rdap.error": "the only RDAP answers are errors"; "RFC 9083, section 6",
        RdapTooOld = "rdap.too_old": "the RDAP answer is too old to be used"; "zonelapse, evidence",
        RdapUndated = "rdap.undated":
            "the not-found answer has no date of its own and proves nothing"; "zonelapse, inputs",
        RdapAfterAsOf = "rdap.after_as_of":
            "an RDAP answer dated after as-of was ignored"; "zonelapse, evidence",
        EventAfterAsOf = "rdap.event_after_as_of":
            "a registration, transfer or reinstantiation dated after as-of was ignored";
            "RFC 9083, section 4.5",
        UnverifiedSource = "rdap.unverified_source":
            "the answer was taken as given: no table knows the registry's server, or the answer does not name its source";
            "RFC 9224",
        NotTheRegistry = "rdap.not_the_registry":
            "an answer was not used, because its server is not the registry's"; "RFC 9224",
        SaysNothing = "rdap.says_nothing":
            "the answer shows no sign of a registration: no date, no registrar, no status that only a registration has";
            "RFC 9083, section 5.3",
        UnknownStatus = "rdap.unknown_status":
            "a status that neither IANA's registry nor data/lifecycle.csv knows, so it may mean anything";
            "RFC 9083, section 10.2.2; data/lifecycle.csv",
        Reserved = "rdap.reserved":
            "the registry does not know the name, and says that it is reserved or blocked"; "RFC 9083, section 6",
        Conflict = "evidence.conflict":
            "zone and RDAP contradict each other, or two RDAP answers do"; "zonelapse, evidence",
        PendingDelete = "rdap.pending_delete": "status pending delete"; "RFC 5731, section 2.3",
        RedemptionPeriod = "rdap.redemption_period": "status redemption period"; "RFC 3915, section 3.1",
        PendingRestore = "rdap.pending_restore": "status pending restore"; "RFC 3915, section 3.1",
        AutoRenewPeriod = "rdap.auto_renew_period":
            "status auto renew period: the registry added a year, the registrar may still take it back";
            "RFC 3915, section 3.1",
        ClientHold = "rdap.client_hold":
            "status client hold: the registrar took it out of the zone"; "RFC 5731, section 2.3",
        ServerHold = "rdap.server_hold":
            "status server hold: the registry took it out of the zone"; "RFC 5731, section 2.3",
        Inactive = "rdap.inactive": "status inactive: no name servers"; "RFC 5731, section 2.3",
        Expired = "rdap.expired":
            "the expiration is past, for no longer than the top-level domain keeps unpaid names: 80 days in a gTLD";
            "RFC 9083, section 10.2.3; data/lifecycle.csv",
        RegistrarExpired = "rdap.registrar_expired":
            "the registrar expiration is past, for no longer than the top-level domain keeps unpaid names";
            "ICANN gTLD RDAP response profile; data/lifecycle.csv",
        ExpiredLongAgo = "rdap.expired_long_ago":
            "an expiration longer past than any phase of its top-level domain lasts: 80 days in a gTLD, 366 where no end \
             is known";
            "data/lifecycle.csv",
        ExpiresSoon = "rdap.expires_soon":
            "the expiration is within the lead time"; "RFC 9083, section 10.2.3",
        RegistrarExpiresSoon = "rdap.registrar_expires_soon":
            "the registrar expiration is within the lead time"; "ICANN gTLD RDAP response profile",
        ListWillDrop = "list.will_drop":
            "a list of the registry tells when it will be released"; "data/registry_lists",
        ListDropped = "list.dropped":
            "by a list of the registry its registration has ended"; "data/registry_lists",
        ListInRelease = "list.in_release":
            "by a list of the registry somebody can apply for it"; "data/registry_lists",
        ListRegistered = "list.registered": "it is in a register that is newer than any RDAP answer"; "data/registry_lists",
        ListNotRegistered = "list.not_registered":
            "it is not in a complete register, or the register says that it ended"; "data/registry_lists",
        ListRenewed = "list.renewed":
            "it left the list of names to be released before its day"; "data/registry_lists",
        ListTooOld = "list.too_old":
            "what lists of the registry say is too old, or not dated well enough, to be used"; "data/registry_lists",
        MailClosed = "mail.closed":
            "the provider closed its mail service: nobody can read mail there"; "data/closed_mail.csv",
        NsHijackable = "ns.hijackable":
            "others can register the domain of a name server now, and with it answer for this one";
            "SSAC SAC125",
        NsSoonHijackable = "ns.soon_hijackable":
            "the domain of a name server is in redemption period or pending delete"; "SSAC SAC125",
        MxHijackable = "mx.hijackable":
            "others can register the domain of a mail server now, and with it receive the mail";
            "RFC 5321, section 5.1; SSAC SAC125",
        MxSoonHijackable = "mx.soon_hijackable":
            "the domain of a mail server is in redemption period or pending delete"; "RFC 5321, section 5.1; SSAC SAC125",
        MxNone = "mx.none": "its only MX record says that it takes no mail"; "RFC 7505",
        MxStale = "mx.stale": "the data about its mail servers are too old to raise the risk"; "zonelapse, evidence",
        MxUndated = "mx.undated":
            "the data about its mail servers have no date, so they do not raise the risk"; "zonelapse, evidence",
        NsParkedAtExpiry = "ns.parked_at_expiry":
            "its name servers are those to which expired names are moved, or it was parked when it expired";
            "data/parking_name_servers.csv",
        NsMovedAfterExpiry = "ns.moved_after_expiry":
            "parked when it expired, then moved on with its registration unchanged: the mark of a sale before the drop";
            "data/parking_name_servers.csv",
        DropContradictory = "drop.contradictory":
            "the earliest day on which others can have it is after the latest: the evidence contradicts itself, or the \
             registry does not keep to the days in data/lifecycle.csv";
            "data/lifecycle.csv",
        OverrideApplied = "override.applied": "a person decided the action"; "zonelapse, overrides",
        OverrideExpired = "override.expired":
            "a person's decision about it has expired; renew it or remove it"; "zonelapse, overrides",
        RegisteredAfter = "account.registered_after_verification":
            "the domain was registered after the address was verified"; "RFC 9083, section 10.2.3",
        ReinstantiatedAfter = "account.reinstantiated_after_verification":
            "the domain was reinstantiated after the address was verified"; "RFC 9083, section 10.2.3",
        ReregisteredAfter = "account.reregistered_after_verification":
            "the domain was reregistered after the address was verified"; "RFC 9083, section 10.2.3",
        TransferredAfter = "account.transferred_after_verification":
            "the domain was transferred to another registrar after the address was verified";
            "RFC 9083, section 10.2.3",
        GapEndedAfter = "account.gap_ended_after_verification":
            "the zone holds the domain again after a gap in which the registration may have ended, and which ended after the \
             address was verified";
            "data/lifecycle.csv",
        LapseSeenAfter = "account.lapse_seen_after_verification":
            "after the address was verified the registry did not know the domain any more or was about to drop it, and \
         the zone holds it again";
            "RFC 3915, section 3.1",
        ListEndedAfter = "account.list_ended_after_verification":
            "a list of the registry shows that a registration ended after the address was verified";
            "data/registry_lists",
        ReverifiedAfterChange = "account.reverified_after_change":
            "the address was verified again after the domain changed hands; the new holder, too, can do that";
            "zonelapse, states",
        VerifiedAtUnreadable = "account.verified_at_unreadable":
            "the time of verification could not be read"; "RFC 3339",
        WeightUnreadable = "account.weight_unreadable": "the weight is no whole number"; "zonelapse, inputs",
        AccountsUnreadable = "account.accounts_unreadable":
            "for how many accounts the row stands is no whole number, so it counts as one"; "zonelapse, inputs",
        VerifiedAfterAsOf = "account.verified_after_as_of":
            "the time of verification is after as-of, so it does not count: whether the domain changed hands since an \
             earlier one cannot be told"; "zonelapse, inputs",
    }
}

impl Reason {
    /// Whether it concerns one account, not its domain.
    pub(crate) fn is_of_account(self) -> bool {
        self == Self::LocalPartInvalid || self.name().starts_with("account.")
    }
}

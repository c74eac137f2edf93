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
        UnknownTld = "name.unknown_tld":
            "neither the Public Suffix List nor any zone knows the top-level domain"; "Public Suffix List",
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
            "the name was in a zone longer ago than redemption and pending delete last";
            "RFC 3915, section 3.1",
        Dropped = "history.dropped":
            "an earlier snapshot of the zone held the name, which was dropped since"; "zonelapse, history",
        LongGap = "history.long_gap":
            "the zone did not hold the name for 35 days or more: long enough for the registration to have ended";
            "RFC 3915, section 3.1",
        ShortGap = "history.short_gap":
            "the zone did not hold the name for a time, too short for the registration to have ended";
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
        Expired = "rdap.expired": "the expiration is 1 to 80 days past"; "RFC 9083, section 10.2.3",
        RegistrarExpired = "rdap.registrar_expired":
            "the registrar expiration is 1 to 80 days past"; "ICANN gTLD RDAP response profile",
        ExpiredLongAgo = "rdap.expired_long_ago":
            "an expiration more than 80 days past, which no registry would keep registered"; "ICANN ERRP",
        ExpiresSoon = "rdap.expires_soon":
            "the expiration is within the lead time"; "RFC 9083, section 10.2.3",
        RegistrarExpiresSoon = "rdap.registrar_expires_soon":
            "the registrar expiration is within the lead time"; "ICANN gTLD RDAP response profile",
        NsHijackable = "ns.hijackable":
            "others can register the domain of a name server now, and with it answer for this one";
            "SSAC SAC125",
        NsSoonHijackable = "ns.soon_hijackable":
            "the domain of a name server is in redemption period or pending delete"; "SSAC SAC125",
        NsParkedAtExpiry = "ns.parked_at_expiry":
            "its name servers are those to which expired names are moved, or it was parked when it expired";
            "data/parking_name_servers.csv",
        NsMovedAfterExpiry = "ns.moved_after_expiry":
            "parked when it expired, then moved on with its registration unchanged: the mark of a sale before the drop";
            "data/parking_name_servers.csv",
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
            "the zone holds the domain again after a gap of 35 days or more, which ended after the address was verified";
            "RFC 3915, section 3.1",
        LapseSeenAfter = "account.lapse_seen_after_verification":
            "after the address was verified the registry did not know the domain any more or was about to drop it, and \
         the zone holds it again";
            "RFC 3915, section 3.1",
        ReverifiedAfterChange = "account.reverified_after_change":
            "the address was verified again after the domain changed hands; the new holder, too, can do that";
            "zonelapse, states",
        VerifiedAtUnreadable = "account.verified_at_unreadable":
            "the time of verification could not be read"; "RFC 3339",
        WeightUnreadable = "account.weight_unreadable": "the weight is no whole number"; "zonelapse, inputs",
    }
}

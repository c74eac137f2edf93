//! Name servers that show advertisements instead of a service: those of parking companies, and those to which a
//! registrar moves names whose registration has run out. A dated list in `data/`, which names its sources.

use std::sync::LazyLock;

use hashbrown::HashMap;

use crate::built_in::CsvTable;

/// The list; its comments say what the columns mean.
const LIST: &str = include_str!("../../data/parking_name_servers.csv");

named_enum! {
    /// What a name server is for.
    pub(crate) enum Parking {
        /// Parked names of any kind.
        Parking = "parking",
        /// Expired names only.
        Expiry = "expiry",
    }
}

static SERVERS: LazyLock<HashMap<Box<str>, Parking>> = LazyLock::new(|| {
    let rows = CsvTable::built_in("data/parking_name_servers.csv", LIST, |row| {
        let kind = row.read("kind", "`parking` or `expiry`", Parking::from_name)?;
        Ok((row.text("suffix")?.into(), kind))
    });
    rows.into_iter().collect()
});

impl Parking {
    /// What a host is listed as: itself or a name above it.
    pub(crate) fn of(host: &str) -> Option<Self> {
        let servers = &*SERVERS;
        let mut name = host;
        loop {
            if let Some(kind) = servers.get(name) {
                return Some(*kind);
            }
            name = name.split_once('.')?.1;
        }
    }

    /// What all of these hosts are listed as, the weaker if they differ; nothing if one of them is not listed.
    pub(crate) fn of_all<'h>(hosts: impl IntoIterator<Item = &'h str>) -> Option<Self> {
        Self::weakest(hosts.into_iter().map(Self::of))
    }

    /// The weakest of what hosts are listed as; nothing if one of them is not listed, or if there is none.
    pub(crate) fn weakest(mut listed: impl Iterator<Item = Option<Self>>) -> Option<Self> {
        let first = listed.next()??;
        listed.try_fold(first, |weakest, other| Some(weakest.min(other?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers() {
        assert_eq!(Parking::of("ns1.sedoparking.com"), Some(Parking::Parking));
        assert_eq!(Parking::of("ns1.notsedoparking.com"), None);
        assert_eq!(Parking::of_all(["ns1.sedoparking.com", "ns2.sedoparking.com"]), Some(Parking::Parking));
        assert_eq!(Parking::of_all(["ns1.sedoparking.com", "ns1.example.com"]), None);
        assert_eq!(Parking::of_all([]), None);
        assert!(SERVERS.values().any(|kind| *kind == Parking::Expiry));
        let is_host = |name: &str| name.contains('.') && name.bytes().all(|byte| byte.is_ascii_graphic());
        assert!(SERVERS.keys().all(|name| is_host(name)) && SERVERS.len() > 20);
    }
}

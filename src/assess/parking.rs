//! Name servers that show advertisements instead of a service: those of parking companies, and those to which a
//! registrar moves names whose registration has run out. A dated list in `data/`, which names its sources.

use std::sync::LazyLock;

use hashbrown::HashMap;

/// The list: comma-separated, `#` starts a comment.
const LIST: &str = include_str!("../../data/parking_name_servers.csv");

/// What a name server is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Parking {
    /// Parked names of any kind.
    Parking,
    /// Expired names only.
    Expiry,
}

static SERVERS: LazyLock<HashMap<&str, Parking>> = LazyLock::new(|| {
    let lines = LIST.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    let entry = |line: &'static str| {
        let mut fields = line.split(',').map(str::trim);
        let suffix = fields.next()?;
        let kind = match fields.next()? {
            "expiry" => Parking::Expiry,
            "parking" => Parking::Parking,
            _ => return None,
        };
        Some((suffix, kind))
    };
    lines.filter_map(entry).collect()
});

impl Parking {
    /// What a host is listed as: itself or a name above it.
    pub fn of(host: &str) -> Option<Self> {
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
    pub fn of_all<'h>(hosts: impl IntoIterator<Item = &'h str>) -> Option<Self> {
        let mut kinds = hosts.into_iter().map(Self::of);
        let first = kinds.next()??;
        kinds.try_fold(first, |least, kind| Some(least.min(kind?)))
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
        let lines = LIST.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
        // every line but the header counts
        assert_eq!(SERVERS.len() + 1, lines.count());
    }
}

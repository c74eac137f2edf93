//! What an earlier report said about the domains of servers that exposed something. Memory: one entry for each of these.

use std::collections::BTreeMap;

use super::previous::Seen;
use super::servers::ServerKind;
use super::verdict::{Action, Risk, State};
use crate::error::Result;
use crate::table::read::TableReader;

/// The domains of servers that others could register, by kind of server and name, with the worst of what they exposed.
#[derive(Debug, Default)]
pub(crate) struct PreviousServers {
    servers: BTreeMap<(ServerKind, Box<str>), Seen>,
}

impl PreviousServers {
    /// Reads the table of servers.
    pub(crate) fn read(table: TableReader) -> Result<Self> {
        let columns = ["kind", "domain", "state", "risk", "risk_exposed", "action_exposed"];
        let mut table = table.select(&columns)?;
        let mut servers = BTreeMap::new();
        while let Some(slice) = table.next_slice()? {
            let exposed = slice.texts("risk_exposed")?;
            let [kind, domain, state] = ["kind", "domain", "state"].map(|name| slice.texts(name));
            let (kind, domain, state) = (kind?, domain?, state?);
            let (risk, action) = (slice.texts("risk")?, slice.texts("action_exposed")?);
            for row in (0..slice.rows()).filter(|row| exposed.get(*row).is_some()) {
                let server = || {
                    let risks = [&risk, &exposed].map(|column| Risk::from_name(column.get(row)?));
                    let seen = Seen {
                        state: State::from_name(state.get(row)?)?,
                        risk: risks[0]?.max(risks[1]?),
                        action: Action::from_name(action.get(row)?)?,
                    };
                    Some(((ServerKind::from_name(kind.get(row)?)?, domain.get(row)?.into()), seen))
                };
                // words that this version does not know say nothing
                servers.extend(server());
            }
        }
        Ok(Self { servers })
    }

    /// All of them, by kind and name.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (ServerKind, &str, Seen)> {
        self.servers.iter().map(|((kind, domain), seen)| (*kind, &**domain, *seen))
    }
}

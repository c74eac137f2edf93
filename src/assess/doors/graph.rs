//! What domains are exposed to through the domains of their name servers: the graph of the other doors, nothing else.
//!
//! A node is the domain of a name server or mail server. It can be *taken over* if others can register it now. If they
//! cannot, its name servers decide: it can be taken over wholly if all of them are in domains that can be taken over
//! wholly, and in part if some of them are in a domain that can be taken over at all. In a cycle nothing can be taken over
//! unless something in it can be registered. Each property spreads from its origin to the nodes that depend on it, once along each edge.
//! So time and memory are linear in the edges, however long a chain is. Nothing here recurses.
//!
//! The cause of an exposure is one domain to register. It comes from the servers that can be taken furthest (the
//! *tight* edges). If several causes reach a node along tight edges, the first by name counts. A cause always
//! leads to a domain that can be registered: a cycle cannot keep a cause of its own alive.

/// How far the servers of a domain can be taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) enum Share {
    #[default]
    None,
    Some,
    Every,
}

/// What can happen to a domain through those of its servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Exposure {
    /// Now.
    pub(super) share: Share,
    /// RDAP says that one of the domains to register is not found.
    pub(super) not_found: bool,
    /// One of the domains to register is in its last days.
    pub(super) soon: bool,
    /// The node to register: of several the soonest, then the first by name.
    pub(super) cause: Option<u32>,
}

impl Exposure {
    /// Whether anything can happen, now or soon.
    pub(super) fn is_any(&self) -> bool {
        self.share != Share::None || self.soon
    }
}

/// What a node is by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Others can register it: RDAP says that it is not found.
    Available,
    /// Others can register it, according to its zone.
    Absent,
    /// Others can register it soon.
    Soon,
    /// Its servers decide.
    Held,
}

impl Kind {
    /// Whether others can register it now, whatever its servers.
    fn is_free(self) -> bool {
        matches!(self, Self::Available | Self::Absent)
    }
}

/// The domains of servers, and which depend on which.
pub(super) struct Graph<'a> {
    nodes: Vec<(&'a str, Kind)>,
    /// For each node how many servers it has, those in itself included.
    servers: Vec<u32>,
    /// For each node where its dependents begin.
    starts: Vec<u32>,
    /// The nodes that have a server in a node, one after the other.
    dependents: Vec<u32>,
}

impl<'a> Graph<'a> {
    /// Makes the graph. `servers_of` gives the nodes that the servers of a node are in.
    pub(super) fn new<I: Iterator<Item = u32>>(
        nodes: Vec<(&'a str, Kind)>,
        servers_of: impl Fn(u32) -> I,
    ) -> Self {
        let (count, servers_of) = (nodes.len() as u32, &servers_of);
        let all = || (0..count).flat_map(move |node| servers_of(node).map(move |server| (node, server)));
        let (mut servers, mut starts) = (vec![0; nodes.len()], vec![0; nodes.len() + 1]);
        for (node, server) in all() {
            servers[node as usize] += 1;
            starts[server as usize + 1] += u32::from(server != node);
        }
        for node in 0..nodes.len() {
            starts[node + 1] += starts[node];
        }
        let mut dependents = vec![0; starts[nodes.len()] as usize];
        let mut next = starts.clone();
        for (node, server) in all().filter(|(node, server)| node != server) {
            let place = &mut next[server as usize];
            dependents[*place as usize] = node;
            *place += 1;
        }
        Self { nodes, servers, starts, dependents }
    }

    /// What each node is exposed to, itself included.
    pub(super) fn exposures(&self) -> Vec<Exposure> {
        let mut found = vec![Exposure::default(); self.nodes.len()];
        self.spread_shares(&mut found);
        self.spread(&mut found, Kind::Available, |exposure| &mut exposure.not_found);
        self.spread(&mut found, Kind::Soon, |exposure| &mut exposure.soon);
        self.spread_causes(&mut found);
        found
    }

    fn dependents(&self, node: u32) -> impl Iterator<Item = u32> + '_ {
        let (start, end) = (self.starts[node as usize], self.starts[node as usize + 1]);
        self.dependents[start as usize..end as usize].iter().copied()
    }

    fn is_free(&self, node: u32) -> bool {
        self.nodes[node as usize].1.is_free()
    }

    fn all(&self) -> impl Iterator<Item = u32> + use<> {
        0..self.nodes.len() as u32
    }

    /// A node changes at most twice: to some, to every.
    fn spread_shares(&self, found: &mut [Exposure]) {
        let mut left = self.servers.clone();
        let mut changed: Vec<(u32, Share)> =
            self.all().filter(|node| self.is_free(*node)).map(|node| (node, Share::Every)).collect();
        changed.iter().for_each(|(node, share)| found[*node as usize].share = *share);
        while let Some((node, share)) = changed.pop() {
            for dependent in self.dependents(node).filter(|dependent| !self.is_free(*dependent)) {
                let place = dependent as usize;
                left[place] -= u32::from(share == Share::Every);
                let reached = if left[place] == 0 { Share::Every } else { Share::Some };
                if reached > found[place].share {
                    found[place].share = reached;
                    changed.push((dependent, reached));
                }
            }
        }
    }

    /// Spreads a flag from the nodes of a kind.
    fn spread(&self, found: &mut [Exposure], from: Kind, flag: fn(&mut Exposure) -> &mut bool) {
        let mut reached: Vec<u32> = self.all().filter(|node| self.nodes[*node as usize].1 == from).collect();
        reached.iter().for_each(|node| *flag(&mut found[*node as usize]) = true);
        while let Some(node) = reached.pop() {
            for dependent in self.dependents(node).filter(|dependent| !self.is_free(*dependent)) {
                let flag = flag(&mut found[dependent as usize]);
                if !*flag {
                    *flag = true;
                    reached.push(dependent);
                }
            }
        }
    }

    /// Spreads causes in the order of their names, so none is ever replaced.
    fn spread_causes(&self, found: &mut [Exposure]) {
        let mut furthest = vec![Share::None; self.nodes.len()];
        for node in self.all() {
            let share = found[node as usize].share;
            self.dependents(node).for_each(|dependent| {
                let furthest = &mut furthest[dependent as usize];
                *furthest = (*furthest).max(share);
            });
        }
        let begins = |node: &u32| {
            let soon = self.nodes[*node as usize].1 == Kind::Soon;
            self.is_free(*node) || (soon && found[*node as usize].share == Share::None)
        };
        let mut first: Vec<u32> = self.all().filter(begins).collect();
        first.sort_unstable_by_key(|node| (self.nodes[*node as usize].0, *node));
        first.iter().for_each(|node| found[*node as usize].cause = Some(*node));
        let mut reached = Vec::new();
        for cause in first {
            reached.push(cause);
            while let Some(node) = reached.pop() {
                let share = found[node as usize].share;
                for dependent in self.dependents(node) {
                    let place = dependent as usize;
                    if found[place].cause.is_none() && furthest[place] == share {
                        found[place].cause = Some(cause);
                        reached.push(dependent);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cmp::Reverse;

    use super::*;

    /// Rounds over all nodes until nothing changes.
    fn slow(nodes: &[(&str, Kind)], servers: &[Vec<u32>]) -> Vec<Exposure> {
        let mut found = vec![Exposure::default(); nodes.len()];
        loop {
            let mut changed = false;
            for node in 0..nodes.len() {
                let now = one(nodes, servers, &found, node);
                changed |= now != found[node];
                found[node] = now;
            }
            if !changed {
                return found;
            }
        }
    }

    /// The same for causes alone, once shares are known: each from the servers that are taken furthest.
    fn slow_causes(nodes: &[(&str, Kind)], servers: &[Vec<u32>], found: &mut [Exposure]) {
        found.iter_mut().for_each(|exposure| exposure.cause = None);
        loop {
            let mut changed = false;
            for (node, ((_, kind), servers)) in nodes.iter().zip(servers).enumerate() {
                let of = || servers.iter().map(|at| *at as usize).filter(|server| *server != node);
                let furthest = of().map(|server| found[server].share).max().unwrap_or_default();
                let tight = of().filter(|server| found[*server].share == furthest);
                let through = tight.filter_map(|server| found[server].cause);
                let through = through.min_by_key(|cause| nodes[*cause as usize].0);
                let is_own = match kind {
                    Kind::Available | Kind::Absent => true,
                    Kind::Soon => found[node].share == Share::None,
                    Kind::Held => false,
                };
                let cause = if is_own { Some(node as u32) } else { through };
                changed |= cause != found[node].cause;
                found[node].cause = cause;
            }
            if !changed {
                return;
            }
        }
    }

    fn one(nodes: &[(&str, Kind)], servers: &[Vec<u32>], found: &[Exposure], node: usize) -> Exposure {
        let mut through = Exposure::default();
        let (mut whole, mut rank) = (true, None);
        for server in &servers[node] {
            let own = *server as usize == node;
            let taken = if own { Exposure::default() } else { found[*server as usize] };
            whole &= taken.share == Share::Every;
            through.share = through.share.max(taken.share.min(Share::Some));
            through.not_found |= taken.not_found;
            through.soon |= taken.soon;
            let Some(cause) = taken.cause else { continue };
            let better = (Reverse(taken.share), nodes[cause as usize].0);
            if rank.is_none_or(|rank| better < rank) {
                rank = Some(better);
                through.cause = Some(cause);
            }
        }
        if whole && through.share == Share::Some {
            through.share = Share::Every;
        }
        let own = Some(node as u32);
        match nodes[node].1 {
            Kind::Available => Exposure { share: Share::Every, not_found: true, soon: false, cause: own },
            Kind::Absent => Exposure { share: Share::Every, not_found: false, soon: false, cause: own },
            Kind::Soon => {
                let cause = through.cause.filter(|_| through.share != Share::None).or(own);
                Exposure { soon: true, cause, ..through }
            }
            Kind::Held => through,
        }
    }

    fn fast(nodes: &[(&str, Kind)], servers: &[Vec<u32>]) -> Vec<Exposure> {
        Graph::new(nodes.to_vec(), |node| servers[node as usize].iter().copied()).exposures()
    }

    #[test]
    fn as_rounds_until_nothing_changes_find_it() {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut below = |limit: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % limit
        };
        let names: Vec<String> = (0..26 * 26).map(|n| format!("{n:03}")).collect();
        for case in 0..20_000 {
            let count = 1 + below(9);
            let acyclic = case % 2 == 0;
            let few = 1 + below(12);
            let nodes: Vec<(&str, Kind)> = (0..count)
                .map(|_| {
                    let kind = match below(few + 3) {
                        0 => Kind::Available,
                        1 => Kind::Absent,
                        2 => Kind::Soon,
                        _ => Kind::Held,
                    };
                    (names[below(names.len())].as_str(), kind)
                })
                .collect();
            let mut servers: Vec<Vec<u32>> =
                (0..count).map(|_| (0..below(4)).map(|_| below(count) as u32).collect()).collect();
            if acyclic {
                for (node, servers) in servers.iter_mut().enumerate() {
                    servers.retain(|server| *server as usize <= node);
                }
            }
            let names_of = |found: &[Exposure]| -> Vec<_> {
                let name = |cause: u32| nodes[cause as usize].0;
                found.iter().map(|it| (it.share, it.not_found, it.soon, it.cause.map(name))).collect()
            };
            let (found, rounds) = (fast(&nodes, &servers), slow(&nodes, &servers));
            let flags = |found: &[Exposure]| -> Vec<_> {
                found.iter().map(|it| (it.share, it.not_found, it.soon, it.cause.is_some())).collect()
            };
            assert_eq!(flags(&found), flags(&rounds), "{nodes:?} {servers:?}");
            // while shares still grow, a cycle may keep a cause that another has since displaced
            let mut expected = rounds;
            if !acyclic {
                slow_causes(&nodes, &servers, &mut expected);
            }
            assert_eq!(names_of(&found), names_of(&expected), "{nodes:?} {servers:?}");
        }
    }

    #[test]
    fn a_chain_of_a_million_links_and_a_cycle_of_as_many() {
        let count = 1_000_000u32;
        let mut nodes = vec![("held", Kind::Held); count as usize];
        let next = |node: u32| std::iter::once((node + 1) % count);
        let found = Graph::new(nodes.clone(), next).exposures();
        assert!(found.iter().all(|it| *it == Exposure::default()), "nothing in the cycle can be registered");
        nodes[count as usize - 1] = ("free", Kind::Absent);
        let found = Graph::new(nodes, next).exposures();
        let expected = Exposure { share: Share::Every, cause: Some(count - 1), ..Exposure::default() };
        assert!(found.iter().all(|it| *it == expected));
    }
}

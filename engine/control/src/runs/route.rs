//! From where to where a group can be moved now, and if nowhere, why not.

use std::collections::{BTreeMap, BTreeSet};

use farshore_model::{
    group::FailoverGroup,
    run::RunbookKind,
    view::{PairStatus, RunSummary},
};

/// The regions between which a run would move a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Route {
    /// The region that would be left.
    pub from: String,
    /// Regions that could take over, by name.
    pub targets: Vec<String>,
    /// The way back of a failover that was given up before the group was moved: the target is active already.
    pub is_taking_back: bool,
}

/// Why there is no way, in a sentence, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NoRoute {
    pub what: String,
    pub what_to_do: &'static str,
}

/// What is known of a group when somebody wants to move it.
pub(crate) struct Situation<'a> {
    pub group: &'a FailoverGroup,
    pub pairs: &'a [PairStatus],
    /// A failover or failback that has not ended.
    pub open_run: Option<&'a RunSummary>,
    pub open_fences: u32,
    /// Where a failover was to go that was given up half-way: its suspension stands, although the active region
    /// never changed.
    pub abandoned_to: Option<&'a str>,
}

impl Situation<'_> {
    /// The way that a run of this kind would take now.
    pub(crate) fn route(&self, kind: RunbookKind) -> Result<Route, NoRoute> {
        if let Some(run) = self.open_run {
            return Err(NoRoute {
                what: format!("A {} of this group has not ended yet.", run.kind.title().to_lowercase()),
                what_to_do: "Bring it to its end, abandon it, or cancel it first.",
            });
        }
        match kind {
            RunbookKind::Failover => self.failover(),
            RunbookKind::Failback => self.failback(),
            RunbookKind::Drill => Err(NoRoute {
                what: "Drills cannot be requested yet.".to_owned(),
                what_to_do: "Request a failover or a failback.",
            }),
        }
    }

    fn failover(&self) -> Result<Route, NoRoute> {
        let FailoverGroup { active_region, primary_region, .. } = self.group;
        if active_region != primary_region {
            return Err(NoRoute {
                what: format!("The group is failed over to {active_region} already."),
                what_to_do: "Fail back first.",
            });
        }
        let targets = self.whole_regions();
        if targets.is_empty() {
            return Err(NoRoute {
                what: "No passive region has a counterpart of every workspace of the group.".to_owned(),
                what_to_do: "Pair every workspace of the group with one in the same passive region.",
            });
        }
        Ok(Route { from: active_region.clone(), targets, is_taking_back: false })
    }

    fn failback(&self) -> Result<Route, NoRoute> {
        let FailoverGroup { active_region, primary_region, .. } = self.group;
        let is_home = active_region == primary_region;
        let from = if is_home { self.abandoned_to } else { Some(active_region.as_str()) };
        let Some(from) = from else {
            return Err(NoRoute {
                what: format!("{active_region} is the active region: there is nothing to fail back."),
                what_to_do: "A failback follows a failover.",
            });
        };
        if self.open_fences > 0 {
            return Err(NoRoute {
                what: format!(
                    "The fence of {primary_region} is still open: the region has not been seen to stop working."
                ),
                what_to_do: "The panel closes it by itself as soon as the region answers; fail back then.",
            });
        }
        Ok(Route { from: from.to_owned(), targets: vec![primary_region.clone()], is_taking_back: is_home })
    }

    /// Passive regions in which each primary workspace has its counterpart.
    fn whole_regions(&self) -> Vec<String> {
        let primaries: BTreeSet<_> = self.pairs.iter().map(|status| status.pair.primary.0).collect();
        let mut covered: BTreeMap<&str, BTreeSet<_>> = BTreeMap::new();
        for status in self.pairs {
            let region = status.secondary.workspace.region.as_str();
            if region != self.group.active_region {
                covered.entry(region).or_default().insert(status.pair.primary.0);
            }
        }
        covered
            .into_iter()
            .filter(|(_, them)| *them == primaries)
            .map(|(region, _)| region.to_owned())
            .collect()
    }
}

#[cfg(test)]
mod tests;

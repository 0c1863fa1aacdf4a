//! What there is to see of a group, each under an address of its own.

use farshore_model::GroupId;
use leptos::prelude::*;

use crate::{
    components::{Tab, Tabs},
    view,
};

/// A page of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupTab {
    Overview,
    Ledger,
    Compare,
    People,
    RateBudget,
    Settings,
    RegionMap,
}

impl GroupTab {
    const ALL: [Self; 7] = [
        Self::Overview,
        Self::Ledger,
        Self::Compare,
        Self::People,
        Self::RateBudget,
        Self::Settings,
        Self::RegionMap,
    ];

    /// What it is called, and the end of its address, after that of the group.
    pub const fn label_and_path(self) -> (&'static str, &'static str) {
        match self {
            Self::Overview => ("Group", ""),
            Self::Ledger => ("Ledger", "/ledger"),
            Self::Compare => ("Compare syncs", "/compare"),
            Self::People => ("People", "/people"),
            Self::RateBudget => ("Rate budget", "/rate-budget"),
            Self::Settings => ("Replication", "/settings"),
            Self::RegionMap => ("Region map", "/region-map"),
        }
    }
}

/// The row of tabs above each of a group's pages. Only the first one is not still, so that each is loaded anew.
#[component]
pub fn GroupTabs(group: GroupId, current: GroupTab) -> impl IntoView {
    let tab = |tab: GroupTab| {
        let (label, path) = tab.label_and_path();
        Tab::new(label, format!("/groups/{group}{path}"), tab == current)
    };
    view! { <Tabs label="Of this group" tabs=GroupTab::ALL.map(tab).into() is_external=true/> }
}

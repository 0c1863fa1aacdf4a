//! The regions of a group and which way things flow between them.

use leptos::prelude::*;

use super::{Glyph, Icon, OptionalText, RegionPill, RegionRole, Tone};
use crate::view;

/// One region of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopologyRegion {
    /// `us-east-1`
    pub region: String,
    pub role: RegionRole,
    /// The name or host of the workspace there.
    pub workspace: String,
    /// A line below: what was detected, how it answers.
    pub detail: Option<String>,
}

/// Which way objects are carried between the home region and another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    FromHome,
    ToHome,
    /// Nothing is written in either direction.
    Suspended,
}

/// A region other than the home region, and what goes on between the two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopologyLink {
    pub region: TopologyRegion,
    pub flow: Flow,
    /// "in sync", "4 min behind", "suspended: failover under way".
    pub label: String,
    pub tone: Tone,
}

/// The home region at the left (above, on a phone) and the others at the right, always in the same place: after
/// a failover the mark moves and the arrow turns round, not the regions.
#[component]
pub fn Topology(
    home: TopologyRegion,
    links: Vec<TopologyLink>,
    #[prop(optional, into)] caption: OptionalText,
) -> impl IntoView {
    let links = links
        .into_iter()
        .map(|TopologyLink { region, flow, label, tone }| {
            view! {
                <div class="topology-link">
                    <Arrow flow label tone/>
                    <Node region/>
                </div>
            }
        })
        .collect_view();
    view! {
        <figure class="topology">
            <div class="topology-map">
                <Node region=home/>
                <div class="topology-links">{links}</div>
            </div>
            {caption.into_option().map(|words| view! { <figcaption>{words}</figcaption> })}
        </figure>
    }
    .into_any()
}

#[component]
fn Node(region: TopologyRegion) -> impl IntoView {
    let TopologyRegion { region, role, workspace, detail } = region;
    view! {
        <div class=format!("topology-node {}", role.class())>
            <RegionPill region role/>
            <div class="topology-workspace">{workspace}</div>
            {detail.map(|detail| view! { <div class="topology-detail">{detail}</div> })}
        </div>
    }
    .into_any()
}

#[component]
fn Arrow(flow: Flow, label: String, tone: Tone) -> impl IntoView {
    let (class, glyph, words) = match flow {
        Flow::FromHome => ("is-forward", Glyph::ArrowRight, "replicates to"),
        Flow::ToHome => ("is-backward", Glyph::ArrowLeft, "receives from"),
        Flow::Suspended => ("is-suspended", Glyph::Pause, "nothing is written in either direction"),
    };
    view! {
        <div class=format!("topology-arrow {class} {}", tone.class())>
            <span class="topology-line"></span>
            <span class="topology-tip"><Icon glyph label=words/></span>
            <span class="topology-label">{label}</span>
        </div>
    }
    .into_any()
}

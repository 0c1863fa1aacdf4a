//! A region and whether it is the one that works now.

use leptos::prelude::*;

use super::{Glyph, Icon};
use crate::view;

/// What a region is to its group at this moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegionRole {
    /// The effective primary.
    Active,
    /// Stands by.
    Passive,
    /// Does not answer.
    Unreachable,
}

impl RegionRole {
    /// The word that a screen shows.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Passive => "passive",
            Self::Unreachable => "unreachable",
        }
    }

    pub(super) const fn class(self) -> &'static str {
        match self {
            Self::Active => "is-active",
            Self::Passive => "is-passive",
            Self::Unreachable => "is-unreachable",
        }
    }

    pub(super) const fn glyph(self) -> Glyph {
        match self {
            Self::Active => Glyph::Beacon,
            Self::Passive => Glyph::Region,
            Self::Unreachable => Glyph::Warning,
        }
    }
}

/// A region's name with its role: the effective primary is filled and says ACTIVE, a passive one is outlined.
/// Wherever a region is named, it is named with this.
#[component]
pub fn RegionPill(#[prop(into)] region: String, role: RegionRole) -> impl IntoView {
    view! {
        <span class=format!("region {}", role.class())>
            <Icon glyph=role.glyph()/>
            <span class="region-name">{region}</span>
            <span class="region-role">{role.word()}</span>
        </span>
    }
    .into_any()
}

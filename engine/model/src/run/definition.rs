//! What a runbook consists of. The definition is stored with the run, which therefore ends the way it began,
//! whatever a later version of the panel would do.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::RunbookKind;
use crate::{DurationMs, Role};

/// A fixed list of steps, and who has to agree to it.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunDefinition {
    pub kind: RunbookKind,
    /// Counts up whenever the steps of the kind change.
    pub version: u32,
    pub steps: Vec<StepDefinition>,
    pub approval: ApprovalRule,
}

/// One durable, resumable unit of a runbook.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepDefinition {
    /// Verb and noun, such as `fence_primary`; unique in the runbook and known to the step registry.
    pub name: String,
    pub title: String,
    pub description: String,
    /// How long it should take.
    pub planned_ms: DurationMs,
    /// What the step needs to know; its shape belongs to the step.
    #[serde(default)]
    pub input: Value,
    /// The region works once this step is completed: the clock against the recovery time objective stops.
    #[serde(default)]
    pub marks_operational: bool,
}

/// How many people of which role have to agree, the requester never among them.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovalRule {
    /// None at all when 0: the run starts at once.
    pub required: u32,
    pub role: Role,
}

/// Such a list of steps cannot be run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDefinition {
    #[error("the {0} runbook has no steps")]
    NoSteps(RunbookKind),
    #[error("the {kind} runbook has more than one step named {name:?}")]
    RepeatedStep { kind: RunbookKind, name: String },
}

impl RunDefinition {
    /// Checks that there are steps and that their names are unique.
    pub fn validate(&self) -> Result<(), InvalidDefinition> {
        if self.steps.is_empty() {
            return Err(InvalidDefinition::NoSteps(self.kind));
        }
        let mut names = BTreeSet::new();
        match self.steps.iter().find(|step| !names.insert(step.name.as_str())) {
            Some(step) => Err(InvalidDefinition::RepeatedStep { kind: self.kind, name: step.name.clone() }),
            None => Ok(()),
        }
    }

    /// How long all steps together should take.
    pub fn planned(&self) -> DurationMs {
        DurationMs(self.steps.iter().map(|step| step.planned_ms.0).sum())
    }
}

//! Which step a name in a definition stands for.

use std::{collections::BTreeMap, sync::Arc};

use farshore_model::run::RunDefinition;

use crate::Step;

/// Every step that this version of the panel can carry out, by name.
#[derive(Clone, Default)]
pub struct StepRegistry {
    steps: BTreeMap<&'static str, Arc<dyn Step>>,
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegistryError {
    #[error("there are two steps named {0:?}")]
    Repeated(&'static str),
    #[error("there is no step named {0:?}")]
    Unknown(String),
}

impl StepRegistry {
    /// From steps with different names.
    pub fn new(steps: impl IntoIterator<Item = Arc<dyn Step>>) -> Result<Self, RegistryError> {
        let mut registry = Self::default();
        for step in steps {
            let name = step.name();
            if registry.steps.insert(name, step).is_some() {
                return Err(RegistryError::Repeated(name));
            }
        }
        Ok(registry)
    }

    pub fn get(&self, name: &str) -> Option<Arc<dyn Step>> {
        self.steps.get(name).cloned()
    }

    /// Checks that every step of a definition is known here.
    pub fn covers(&self, definition: &RunDefinition) -> Result<(), RegistryError> {
        match definition.steps.iter().find(|step| !self.steps.contains_key(step.name.as_str())) {
            Some(step) => Err(RegistryError::Unknown(step.name.clone())),
            None => Ok(()),
        }
    }
}

//! The demo bar: takes a simulated region down and brings it back. Exists only where the panel was started
//! with `--demo`.

use async_trait::async_trait;
use farshore_model::{
    Actor, Problem,
    view::{DemoRegion, DemoWorkspace, Persona, Topic},
};

use crate::{
    Control,
    audit::{Subject, not_found},
    problem::not_now,
    role_matrix::Action,
};

/// The demo's two simulated regions, as the server runs them.
#[async_trait]
pub trait DemoRegions: Send + Sync {
    fn personas(&self) -> Vec<Persona>;

    /// How to reach them, with their tokens.
    fn workspaces(&self) -> Vec<DemoWorkspace>;

    /// As they are now; a simulator that does not answer is part of the answer.
    async fn regions(&self) -> Vec<DemoRegion>;

    /// From now on its HTTP hangs, its scheduler stands still and its running runs have ended.
    async fn take_down(&self, region: &str) -> Result<(), String>;

    /// The API answers at once, the scheduler starts after the demo's delay.
    async fn bring_back(&self, region: &str) -> Result<(), String>;

    /// Edits one notebook and one job there, as a person would; returns a sentence that names them.
    async fn change(&self, region: &str) -> Result<String, String>;
}

impl Control {
    pub async fn demo_region_down(&self, actor: &Actor, region: &str) -> Result<(), Problem> {
        let demo = self.demo()?;
        self.operate(actor, "take_region_down", region, demo.take_down(region)).await
    }

    pub async fn demo_region_up(&self, actor: &Actor, region: &str) -> Result<(), Problem> {
        let demo = self.demo()?;
        self.operate(actor, "bring_region_back", region, demo.bring_back(region)).await
    }

    pub async fn demo_change(&self, actor: &Actor, region: &str) -> Result<String, Problem> {
        let demo = self.demo()?;
        self.operate(actor, "change_demo_content", region, demo.change(region)).await
    }

    fn demo(&self) -> Result<&dyn DemoRegions, Problem> {
        self.demo.as_deref().ok_or_else(|| not_found("demo: this panel works on real workspaces"))
    }

    async fn operate<T>(
        &self,
        actor: &Actor,
        name: &str,
        region: &str,
        operation: impl Future<Output = Result<T, String>> + Send,
    ) -> Result<T, Problem> {
        self.act(actor, Action::OperateDemo, name, Subject::named(region), async {
            let outcome = operation.await.map_err(|why| {
                not_now(
                    format!("The simulated region {region} did not do it: {why}"),
                    "Look whether its process still runs; `make demo` starts it again with its state.",
                )
            })?;
            self.notices.publish(Topic::Demo);
            Ok(outcome)
        })
        .await
    }
}

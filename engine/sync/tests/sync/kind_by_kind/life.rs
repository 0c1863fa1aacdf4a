//! The life of one object, stage by stage. After each of them the other workspace is looked at, not the ledger.

use farshore_model::{
    group::Side,
    plan::{PlanAction, PlanItem, SyncPlan},
};
use farshore_simulator::Content;
use farshore_sync::{SilentLog, SyncPolicy, activation, passive, render_text};
use serde_json::Value;

use super::{BROKEN, Found, Specimen};
use crate::world::{World, to_apply};

use Side::{Primary, Secondary};

pub struct Life {
    world: World,
    specimen: &'static dyn Specimen,
}

impl Life {
    pub(super) async fn begin(specimen: &'static dyn Specimen) -> Self {
        let mut world = World::with(Content::Empty).await.patient();
        // Every access control list is read each time.
        world.ctx.options.rotation_ms = 0;
        specimen.prepare(&world).await;
        Self { world, specimen }
    }

    pub async fn lead(&self) {
        self.arrive().await;
        self.change().await;
        self.rename().await;
        self.drift().await;
        self.be_lost().await;
        self.refer_to_nothing().await;
        self.go_and_come_back().await;
        self.end().await;
    }

    pub async fn arrive(&self) {
        let [name, _] = self.specimen.names();
        self.specimen.create(self.world.client(Primary), name, 1).await;
        let plan = self.world.sync().await;
        assert_eq!(self.item(&plan, name).action, PlanAction::Create, "{}", render_text(&plan));
        self.world.assert_in_sync().await;
        let [work, rest] = self.specimen.work();
        assert_eq!([self.work(Primary, name).await, self.work(Secondary, name).await], [work, rest]);
    }

    async fn change(&self) {
        let [name, _] = self.specimen.names();
        let before = self.copy(name, 1).await;
        self.specimen.change(&self.world, Primary, name, 2).await;
        let plan = self.world.sync().await;
        if self.specimen.has_settings() {
            self.assert_alone(&plan, PlanAction::Update, name);
        }
        assert_eq!(self.copy(name, 2).await, Found { version: Some(2), ..before });
    }

    async fn rename(&self) {
        let [from, to] = self.specimen.names();
        let before = self.copy(from, 2).await;
        self.specimen.rename(&self.world, from, to).await;
        self.world.sync().await;
        let after = self.copy(to, 2).await;
        assert_eq!(after.id == before.id, self.specimen.keeps_its_id(), "{before:?} and {after:?}");
        let all = self.specimen.all(self.world.client(Secondary)).await;
        assert!(all.iter().all(|found| found.name != from), "{all:#?}");
    }

    /// Changed by hand on the passive side.
    async fn drift(&self) {
        let [_, name] = self.specimen.names();
        if !self.specimen.has_settings() {
            return;
        }
        let before = self.copy(name, 2).await;
        self.specimen.change(&self.world, Secondary, name, 9).await;
        assert_eq!(self.found(Secondary, name).await.version, Some(9), "it was changed by hand");
        let plan = self.world.plan().await;
        self.assert_alone(&plan, PlanAction::Update, name);
        let item = self.item(&plan, name);
        assert_eq!(item.reason.as_deref(), Some("it was changed by hand in secondary"));
        assert!(!item.changes.is_empty(), "what was changed is told");
        self.apply(&plan).await;
        assert_eq!(self.copy(name, 2).await, before);
    }

    /// Deleted by hand on the passive side.
    async fn be_lost(&self) {
        let [_, name] = self.specimen.names();
        self.specimen.delete(self.world.client(Secondary), name).await;
        let plan = self.world.plan().await;
        let item = self.item(&plan, name);
        assert_eq!(item.action, PlanAction::Create, "{}", render_text(&plan));
        assert_eq!(item.reason.as_deref(), self.specimen.why_it_comes_again());
        self.apply(&plan).await;
        self.copy(name, 2).await;
    }

    /// What refers to nothing is told and stops nothing else, and comes once it is mended.
    async fn refer_to_nothing(&self) {
        let [_, name] = self.specimen.names();
        if let Some(broken) = self.specimen.break_a_reference(&self.world).await {
            self.specimen.change(&self.world, Primary, name, 3).await;
            let plan = self.world.plan().await;
            let (_, sink) = self.world.apply(&plan).await;
            let failed = sink.failed();
            let kind = broken.of.kind();
            let told = failed.iter().find(|told| told.object.kind == kind && told.name == broken.name);
            let told = told.unwrap_or_else(|| panic!("{} in {failed:#?}", broken.name));
            assert!(told.error.as_ref().unwrap().contains(broken.why), "{told:#?}");
            assert!(told.remedy.is_some(), "{told:#?}");
            let there = self.world.client(Secondary);
            let has_come = async || {
                let is_it = |found: &Found| found.name == broken.name && found.version == Some(BROKEN);
                broken.of.all(there).await.iter().any(is_it)
            };
            assert!(!has_come().await, "{} is not there yet", broken.name);
            assert_eq!(self.found(Secondary, name).await.version, Some(3), "nothing else was stopped");

            self.specimen.mend_the_reference(&self.world).await;
            self.world.sync().await;
            assert!(has_come().await, "{} has come", broken.name);
        } else {
            self.specimen.change(&self.world, Primary, name, 3).await;
            self.world.sync().await;
        }
        self.copy(name, 3).await;
    }

    /// A failover to the secondary, where it is changed, and the failback.
    pub async fn go_and_come_back(&self) {
        let name = self.present_name().await;
        let [work, rest] = self.specimen.work();
        let copy = self.found(Secondary, name).await;
        let before = self.both_sides().await;
        self.fence(Primary).await;
        if self.specimen.is_fenced() {
            assert_eq!(self.work(Primary, name).await, rest, "fenced");
        }
        self.release(Secondary).await;
        assert_eq!(self.work(Secondary, name).await, work, "released");
        if work == rest {
            assert_eq!(self.both_sides().await, before, "neither is anything to it");
        }

        self.specimen.change(&self.world, Secondary, name, 4).await;
        self.fence(Secondary).await;
        if self.specimen.is_fenced() {
            assert_eq!(self.work(Secondary, name).await, rest, "fenced again");
        }
        let policy = SyncPolicy::carry_back([].into());
        let plan = self.world.try_plan(Secondary, &policy).await.unwrap();
        assert_eq!(plan.counts.conflict, 0, "{}", render_text(&plan));
        self.apply(&plan).await;
        assert_eq!(self.work(Primary, name).await, rest, "it awaits its release");
        self.release(Primary).await;
        let original = self.found(Primary, name).await;
        assert_eq!((original.work, original.version), (work, Some(4)));

        self.world.sync().await;
        self.world.assert_in_sync().await;
        assert_eq!(self.work(Secondary, name).await, rest, "passive again");
        assert_eq!(self.found(Secondary, name).await.id, copy.id);
        let after = self.both_sides().await;
        assert_eq!(after.map(|all| all.len()), before.map(|all| all.len()), "nothing is doubled");
    }

    async fn end(&self) {
        let [_, name] = self.specimen.names();
        let before = self.copy(name, 4).await;
        self.specimen.delete(self.world.client(Primary), name).await;
        self.world.sync().await;
        let client = self.world.client(Secondary);
        let there = self.specimen.all(client).await;
        assert!(there.iter().all(|found| found.name != name && found.id != before.id), "{there:#?}");
        let is_deactivated = self.specimen.is_deactivated();
        assert_eq!(self.specimen.is_left(client, &before.id).await, is_deactivated);
        assert_eq!(self.shape(Secondary).await, self.shape(Primary).await);
        // A list is forgotten by the first plan that finds it nowhere.
        self.world.assert_in_sync().await;
        let kind = self.specimen.kind();
        let entries = self.world.entries().await;
        let is_known = entries.iter().any(|entry| entry.object.kind == kind && *entry.name == *name);
        assert_eq!(is_known, is_deactivated, "in the ledger");
    }

    /// The copy on the secondary, after everything of the kind was found equal on both sides.
    async fn copy(&self, name: &str, version: i64) -> Found {
        assert_eq!(self.shape(Secondary).await, self.shape(Primary).await, "nothing is missing or doubled");
        let copy = self.found(Secondary, name).await;
        assert_eq!(copy.version, Some(version), "{copy:?}");
        let [_, rest] = self.specimen.work();
        assert_eq!(copy.work, rest, "{copy:?}");
        self.world.assert_in_sync().await;
        copy
    }

    /// The names and versions of everything of the kind.
    async fn shape(&self, side: Side) -> Vec<(String, Option<i64>)> {
        let all = self.specimen.all(self.world.client(side)).await;
        let mut shape: Vec<_> = all.into_iter().map(|found| (found.name, found.version)).collect();
        shape.sort();
        shape
    }

    /// Everything of the kind.
    async fn both_sides(&self) -> [Vec<Found>; 2] {
        let mut sides = [Vec::new(), Vec::new()];
        for (all, side) in sides.iter_mut().zip([Primary, Secondary]) {
            *all = self.specimen.all(self.world.client(side)).await;
            all.sort_by(|left, right| left.id.cmp(&right.id));
        }
        sides
    }

    async fn found(&self, side: Side, name: &str) -> Found {
        self.specimen.found(self.world.client(side), name).await
    }

    async fn work(&self, side: Side, name: &str) -> Value {
        self.found(side, name).await.work
    }

    async fn present_name(&self) -> &'static str {
        let all = self.specimen.all(self.world.client(Primary)).await;
        let is_there = |name: &&str| all.iter().any(|found| found.name == **name);
        self.specimen.names().into_iter().find(is_there).unwrap()
    }

    fn item<'a>(&self, plan: &'a SyncPlan, name: &str) -> &'a PlanItem {
        let kind = self.specimen.kind();
        let item = plan.items.iter().find(|item| item.object.kind == kind && *item.name == *name);
        item.unwrap_or_else(|| panic!("{name} in {}", render_text(plan)))
    }

    /// The plan does this, and nothing else.
    fn assert_alone(&self, plan: &SyncPlan, action: PlanAction, name: &str) {
        let expected = [(action, self.specimen.kind(), name.to_owned())];
        assert_eq!(to_apply(plan), expected, "{}", render_text(plan));
    }

    async fn apply(&self, plan: &SyncPlan) {
        let (report, sink) = self.world.apply(plan).await;
        assert_eq!(report.failed, 0, "{:#?}", sink.failed());
    }

    async fn fence(&self, side: Side) {
        let report = passive::fence(&self.world.ctx.side(side), &SilentLog).await.unwrap();
        assert!(report.holds(), "{report:?}");
    }

    async fn release(&self, side: Side) {
        let ctx = self.world.ctx.side(side);
        for report in [
            activation::release_pools(&ctx, &SilentLog).await.unwrap(),
            activation::release_clusters(&ctx, &SilentLog).await.unwrap(),
            activation::release_jobs(&ctx, &SilentLog).await.unwrap(),
        ] {
            assert_eq!(report.problems, []);
        }
    }
}

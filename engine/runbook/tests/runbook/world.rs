//! A world in which every effect is counted, the steps that act on it, and a bench that drives runs in it.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use async_trait::async_trait;
use farshore_model::{
    Actor, Clock, DurationMs, GroupId, IdSource, Role, RunId, Timestamp, UserId,
    run::{
        ApprovalRule, Command, Question, Run, RunDefinition, RunMode, RunRequest, RunbookKind,
        StepDefinition, StepState, allowed_commands,
    },
};
use farshore_runbook::{
    Executor, ExecutorOptions, MemoryRunStore, RunCommands, RunStore, RunWatcher, Step, StepContext,
    StepError, StepOutcome, StepRegistry, Unwatched, load_run,
};
use serde_json::{Value, json};
use tokio::{
    sync::{Notify, Semaphore},
    task::yield_now,
    time::Instant,
};
use uuid::Uuid;

/// The names of the steps of the test's runbook, in their order.
pub const STEPS: [&str; 4] = ["verify_region", "fence_primary", "choose_objects", "run_smoke_job"];

/// What an undisturbed run does to the world.
pub const EFFECTS: [&str; 4] =
    ["fence_primary/pools", "fence_primary/jobs", "choose_objects", "run_smoke_job"];

pub const LEASE: DurationMs = DurationMs::from_secs(15);

#[derive(Default)]
pub struct World {
    effects: Mutex<Vec<(String, Uuid)>>,
    /// Errors to come out of a step, by its name: before it acts, and after.
    pub before: Mutex<BTreeMap<&'static str, VecDeque<StepError>>>,
    pub after: Mutex<BTreeMap<&'static str, VecDeque<StepError>>>,
    /// A step of this name holds still, half-way through, until there is a permit.
    pub gate: Mutex<Option<(&'static str, Arc<Semaphore>)>>,
    /// Steps that were dropped while they held still.
    pub dropped: AtomicU64,
    pub panic_in: Mutex<Option<&'static str>>,
}

impl World {
    /// Creating is not idempotent: asked twice, there are two.
    fn act(&self, effect: &str, mark: Uuid) {
        self.effects.lock().unwrap().push((effect.to_owned(), mark));
    }

    fn has(&self, mark: Uuid) -> bool {
        self.effects.lock().unwrap().iter().any(|(_, other)| *other == mark)
    }

    pub fn effects(&self) -> Vec<String> {
        self.effects.lock().unwrap().iter().map(|(effect, _)| effect.clone()).collect()
    }

    pub fn fail_before(&self, step: &'static str, error: StepError) {
        self.before.lock().unwrap().entry(step).or_default().push_back(error);
    }

    pub fn fail_after(&self, step: &'static str, error: StepError) {
        self.after.lock().unwrap().entry(step).or_default().push_back(error);
    }

    /// Makes the step hold still once it has done the first half of its work.
    pub fn hold(&self, step: &'static str) -> Arc<Semaphore> {
        let gate = Arc::new(Semaphore::new(0));
        *self.gate.lock().unwrap() = Some((step, gate.clone()));
        gate
    }
}

fn next_error(
    errors: &Mutex<BTreeMap<&'static str, VecDeque<StepError>>>,
    step: &str,
) -> Result<(), StepError> {
    match errors.lock().unwrap().get_mut(step).and_then(VecDeque::pop_front) {
        Some(error) => Err(error),
        None => Ok(()),
    }
}

struct CountDrop<'a>(&'a AtomicU64);

impl Drop for CountDrop<'_> {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// One of [`STEPS`], by its name.
pub struct FakeStep {
    pub name: &'static str,
    pub world: Arc<World>,
}

impl FakeStep {
    fn effects(&self) -> Vec<&'static str> {
        EFFECTS.into_iter().filter(|effect| effect.starts_with(self.name)).collect()
    }

    fn outcome(&self, ctx: &StepContext) -> StepOutcome {
        match self.name {
            "verify_region" => StepOutcome::with_output(json!({ "region": "eu-west-1" })),
            "fence_primary" => {
                assert_eq!(ctx.outputs["verify_region"]["region"], "eu-west-1");
                StepOutcome::with_output(json!({ "fenced": 2 }))
            }
            _ => StepOutcome::done(),
        }
    }
}

#[async_trait]
impl Step for FakeStep {
    fn name(&self) -> &'static str {
        self.name
    }

    async fn is_done(&self, ctx: &StepContext) -> Result<Option<StepOutcome>, StepError> {
        yield_now().await;
        let effects = self.effects();
        let is_done = !effects.is_empty()
            && effects.iter().all(|effect| self.world.has(ctx.idempotency_key_for(effect)));
        Ok(is_done.then(|| self.outcome(ctx)))
    }

    async fn execute(&self, ctx: &StepContext) -> Result<StepOutcome, StepError> {
        assert_eq!(ctx.input, json!({ "for": self.name }));
        next_error(&self.world.before, self.name)?;
        let panic_in = *self.world.panic_in.lock().unwrap();
        assert_ne!(panic_in, Some(self.name), "on purpose");
        if self.name == "choose_objects" && ctx.answer.is_none() {
            let question = Question { message: "Which ones?".to_owned(), details: json!(["a", "b"]) };
            return Ok(StepOutcome::Waiting { question });
        }
        let effects = self.effects();
        for (index, effect) in effects.iter().enumerate() {
            let mark = ctx.idempotency_key_for(effect);
            yield_now().await;
            // A step with a single effect leaves it to the engine to ask whether it is done.
            if effects.len() == 1 || !self.world.has(mark) {
                self.world.act(effect, mark);
            }
            yield_now().await;
            ctx.log(format!("did {effect}")).await?;
            ctx.progress(index as u64 + 1, effects.len() as u64).await?;
            let gate = self.world.gate.lock().unwrap().clone();
            if let Some((_, gate)) = gate.filter(|(name, _)| *name == self.name) {
                let counted = CountDrop(&self.world.dropped);
                gate.acquire().await.unwrap().forget();
                std::mem::forget(counted);
            }
        }
        next_error(&self.world.after, self.name)?;
        Ok(self.outcome(ctx))
    }
}

/// Tells tokio's time, which tests pause and move; every process' clock is the same.
pub struct TokioClock(pub Instant);

impl Clock for TokioClock {
    fn now(&self) -> Timestamp {
        let elapsed = i64::try_from(self.0.elapsed().as_millis()).unwrap();
        Timestamp::from_ms(1_800_000_000_000) + DurationMs(elapsed)
    }
}

#[derive(Default)]
pub struct CountedIds(AtomicU64);

impl IdSource for CountedIds {
    fn next(&self) -> Uuid {
        Uuid::from_u128(u128::from(self.0.fetch_add(1, Ordering::SeqCst)) + 1000)
    }
}

pub fn actor(id: u128, role: Role) -> Actor {
    Actor { id: UserId(Uuid::from_u128(id)), name: format!("{} {id}", role.title()), role }
}

pub fn operator() -> Actor {
    actor(1, Role::Operator)
}

pub fn approver() -> Actor {
    actor(2, Role::Approver)
}

pub fn definition(required: u32) -> RunDefinition {
    let step = |name: &str| StepDefinition {
        name: name.to_owned(),
        title: name.replace('_', " "),
        description: String::new(),
        planned_ms: DurationMs::from_secs(1),
        input: json!({ "for": name }),
        marks_operational: name == "run_smoke_job",
    };
    RunDefinition {
        kind: RunbookKind::Failover,
        version: 1,
        steps: STEPS.into_iter().map(step).collect(),
        approval: ApprovalRule { required, role: Role::Approver },
    }
}

pub fn request(required: u32) -> RunRequest {
    RunRequest {
        group_id: GroupId(Uuid::from_u128(40)),
        actor: operator(),
        reason: "The region is gone.".to_owned(),
        mode: RunMode::Forced,
        definition: definition(required),
        context: Value::Null,
    }
}

/// One store, one world, and as many processes as a test likes to start.
pub struct Bench {
    pub store: Arc<MemoryRunStore>,
    pub world: Arc<World>,
    pub clock: Arc<TokioClock>,
    pub ids: Arc<CountedIds>,
    pub wake: Arc<Notify>,
    pub options: ExecutorOptions,
    pub commands: RunCommands,
}

impl Bench {
    pub fn new() -> Self {
        Self::watched(Arc::new(Unwatched))
    }

    pub fn watched(watcher: Arc<dyn RunWatcher>) -> Self {
        let store = Arc::new(MemoryRunStore::default());
        let clock = Arc::new(TokioClock(Instant::now()));
        let ids = Arc::new(CountedIds::default());
        let wake = Arc::new(Notify::new());
        let commands = RunCommands {
            store: store.clone(),
            clock: clock.clone(),
            ids: ids.clone(),
            watcher,
            wake: wake.clone(),
        };
        let options = ExecutorOptions {
            lease_ms: LEASE,
            progress_interval_ms: DurationMs(0),
            ..ExecutorOptions::default()
        };
        Self { store, world: Arc::default(), clock, ids, wake, options, commands }
    }

    pub fn steps(&self) -> Vec<Arc<dyn Step>> {
        let fake = |name| Arc::new(FakeStep { name, world: self.world.clone() }) as Arc<dyn Step>;
        STEPS.into_iter().map(fake).collect()
    }

    /// A freshly started process.
    pub fn executor(&self) -> Executor {
        self.executor_on(self.store.clone(), self.steps())
    }

    pub fn executor_on(&self, store: Arc<dyn RunStore>, steps: Vec<Arc<dyn Step>>) -> Executor {
        let registry = StepRegistry::new(steps).unwrap();
        let watcher = self.commands.watcher.clone();
        let (clock, wake) = (self.clock.clone(), self.wake.clone());
        Executor::new(store, registry, clock, self.ids.as_ref(), watcher, wake, self.options)
    }

    pub async fn run(&self, id: RunId) -> Run {
        load_run(self.store.as_ref(), id).await.unwrap()
    }

    /// Requests a run and approves it.
    pub async fn approved(&self) -> RunId {
        let run = self.commands.request(request(1)).await.unwrap();
        self.commands.approve(run.id, &approver(), "go").await.unwrap().id
    }

    /// Answers the question that is waiting, if one is; false when there was none.
    pub async fn answer(&self, id: RunId) -> bool {
        let run = self.run(id).await;
        let waiting = run.steps.iter().position(|step| step.state == StepState::WaitingForPerson);
        let Some(index) = waiting else { return false };
        let index = u32::try_from(index).unwrap();
        self.commands.answer_step(id, index, &operator(), json!(["a"])).await.unwrap();
        true
    }

    /// Drives the run with fresh processes, answering what it asks, until nobody can go on.
    pub async fn finish(&self, id: RunId) -> Run {
        loop {
            tokio::time::advance(std::time::Duration::from_secs(20)).await;
            self.executor().run_until_idle().await.unwrap();
            if !self.answer(id).await {
                return self.run(id).await;
            }
        }
    }

    pub async fn event_names(&self, id: RunId) -> Vec<&'static str> {
        self.store.journal(id).await.unwrap().iter().map(|entry| entry.event.name()).collect()
    }
}

pub fn why_not(run: &Run, actor: &Actor, command: Command) -> Option<String> {
    let all = allowed_commands(run, actor);
    all.into_iter().find(|availability| availability.command == command).unwrap().why_not
}

//! No sequence of events, likely or not, leads to an impossible run.

use proptest::{prelude::*, strategy::ValueTree};
use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::{Actor, DurationMs, GroupId, Role, RunId, Timestamp, UserId};

const STEPS: u32 = 3;

fn actor(id: u128, role: Role) -> Actor {
    Actor { id: UserId(Uuid::from_u128(id)), name: format!("person {id}"), role }
}

fn requested(required: u32) -> JournalEntry {
    let step = |index: u32| StepDefinition {
        name: format!("do_thing_{index}"),
        title: format!("Do thing {index}"),
        description: String::new(),
        planned_ms: DurationMs::from_secs(10),
        input: json!(null),
        marks_operational: index + 1 == STEPS,
    };
    let request = RunRequest {
        group_id: GroupId(Uuid::from_u128(9)),
        actor: actor(1, Role::Operator),
        reason: "The region is gone.".to_owned(),
        mode: RunMode::Forced,
        definition: RunDefinition {
            kind: RunbookKind::Failover,
            version: 1,
            steps: (0..STEPS).map(step).collect(),
            approval: ApprovalRule { required, role: Role::Approver },
        },
        context: json!({ "age_ms": 5 }),
    };
    let run_id = RunId(Uuid::from_u128(7));
    JournalEntry { run_id, seq: 1, at: Timestamp(1_000_000), event: RunEvent::Requested(Box::new(request)) }
}

fn next(run: &Run, event: RunEvent) -> JournalEntry {
    JournalEntry { run_id: run.id, seq: run.seq + 1, at: run.changed_at + DurationMs(1_000), event }
}

/// Applies the event to a copy, and takes the copy if it is legal.
fn try_event(run: &mut Run, journal: &mut Vec<JournalEntry>, event: RunEvent) -> Result<(), FoldError> {
    let entry = next(run, event);
    let mut after = run.clone();
    after.apply(&entry)?;
    *run = after;
    journal.push(entry);
    Ok(())
}

fn any_actor() -> impl Strategy<Value = Actor> {
    // Person 1 is the requester, here also under the approver's role.
    (1_u128..5, prop_oneof![4 => Just(Role::Approver), 1 => Just(Role::Operator), 1 => Just(Role::Admin)])
        .prop_map(|(id, role)| actor(id, role))
}

/// Any event at all, most of them out of place. The index is often the right one by chance only.
fn any_event() -> impl Strategy<Value = RunEvent> {
    let index = 0..=STEPS;
    let text = Just("text".to_owned());
    prop_oneof![
        3 => any_actor().prop_map(|actor| RunEvent::ApprovalGiven { actor, comment: String::new() }),
        1 => any_actor().prop_map(|actor| RunEvent::ApprovalDeclined { actor, comment: String::new() }),
        2 => Just(RunEvent::Started),
        4 => (index.clone(), 1_u32..4).prop_map(|(index, attempt)| RunEvent::StepStarted { index, attempt }),
        1 => (index.clone(), text.clone()).prop_map(|(index, message)| RunEvent::StepLog { index, message }),
        1 => index.clone().prop_map(|index| RunEvent::StepProgress { index, done: 1, total: 2 }),
        4 => (index.clone(), proptest::option::of(text.clone())).prop_map(|(index, exception)| {
            RunEvent::StepCompleted { index, output: json!(1), exception }
        }),
        2 => (index.clone(), text.clone(), text.clone())
            .prop_map(|(index, error, remedy)| RunEvent::StepFailed { index, error, remedy }),
        2 => (index.clone(), text.clone()).prop_map(|(index, message)| {
            RunEvent::StepWaiting { index, question: Question { message, details: json!(null) } }
        }),
        2 => (index.clone(), any_actor())
            .prop_map(|(index, actor)| RunEvent::StepAnswered { index, actor, answer: json!(true) }),
        1 => (index.clone(), any_actor(), text.clone())
            .prop_map(|(index, actor, reason)| RunEvent::StepSkipped { index, actor, reason }),
        2 => (index, any_actor()).prop_map(|(index, actor)| RunEvent::StepRetried { index, actor }),
        1 => any_actor().prop_map(|actor| RunEvent::Paused { actor }),
        3 => any_actor().prop_map(|actor| RunEvent::Resumed { actor }),
        1 => (any_actor(), text.clone()).prop_map(|(actor, reason)| RunEvent::Abandoned { actor, reason }),
        1 => (any_actor(), text).prop_map(|(actor, reason)| RunEvent::Cancelled { actor, reason }),
        1 => prop_oneof![Just(RunState::Completed), Just(RunState::CompletedWithExceptions), Just(RunState::Failed)]
            .prop_map(|state| RunEvent::Finished { state }),
        1 => Just(requested(1).event),
    ]
}

/// The event that a command appends, on the run's current step.
fn event_of(command: Command, run: &Run, actor: Actor) -> RunEvent {
    let index = run.current_step().unwrap_or(STEPS);
    match command {
        Command::Approve => RunEvent::ApprovalGiven { actor, comment: String::new() },
        Command::Decline => RunEvent::ApprovalDeclined { actor, comment: String::new() },
        Command::Pause => RunEvent::Paused { actor },
        Command::Resume => RunEvent::Resumed { actor },
        Command::RetryStep => RunEvent::StepRetried { index, actor },
        Command::SkipStep => RunEvent::StepSkipped { index, actor, reason: "r".to_owned() },
        Command::AnswerStep => RunEvent::StepAnswered { index, actor, answer: json!(1) },
        Command::Abandon => RunEvent::Abandoned { actor, reason: "r".to_owned() },
        Command::Cancel => RunEvent::Cancelled { actor, reason: "r".to_owned() },
    }
}

/// What has to hold of every run, whatever happened to it.
fn assert_possible(run: &Run) {
    let states: Vec<StepState> = run.steps.iter().map(|step| step.state).collect();
    let current = run.current_step().map(|index| index as usize);
    let reached = current.unwrap_or(states.len());
    for (index, step) in run.steps.iter().enumerate() {
        let is_passed = matches!(step.state, StepState::Completed | StepState::Skipped);
        let is_cancelled = step.state == StepState::Cancelled;
        assert!(index != reached || !step.state.is_ended());
        assert!(index >= reached || is_passed || (is_cancelled && run.state.is_ended()), "{states:?}");
        assert!(
            index <= reached || step.state == StepState::NotStarted || run.state.is_ended(),
            "{states:?}"
        );
        assert_eq!(step.state == StepState::Skipped, step.skip.is_some());
        assert!(step.state != StepState::Failed || step.error.is_some());
        assert!(step.state != StepState::WaitingForPerson || step.question.is_some());
        assert!(step.attempts == 0 || step.started_at.is_some());
        assert!(step.retries <= step.attempts);
    }
    let current_state = current.map(|index| states[index]);
    assert!(run.state != RunState::PausedByFailedStep || current_state == Some(StepState::Failed));
    assert!(!run.state.is_open() || current_state != Some(StepState::Failed) || run.state.is_paused());
    assert_ne!(run.state, RunState::Draft);

    let approvers = run.approvals();
    assert!(approvers.iter().all(|approval| {
        approval.actor.id != run.requested_by.id && approval.actor.role == run.definition.approval.role
    }));
    if run.approved_at.is_some() {
        assert!(approvers.len() >= run.definition.approval.required as usize);
    }
    assert!(run.started_at.is_none() || run.approved_at.is_some(), "begun without approval");
    assert!(run.steps.iter().all(|step| step.attempts == 0) || run.started_at.is_some());
    assert!(run.approved_at.is_some() || !matches!(run.state, RunState::Running));

    assert_eq!(run.ended_at.is_some(), run.state.is_ended());
    match run.state {
        RunState::Completed => {
            assert!(states.iter().all(|state| *state == StepState::Completed) && !run.has_exceptions());
        }
        RunState::CompletedWithExceptions => assert!(run.has_exceptions() && current.is_none()),
        RunState::Cancelled => assert!(run.started_at.is_none() && run.ended_by.is_some()),
        RunState::Failed => assert!(run.started_at.is_some() && run.end_reason.is_some()),
        _ => {}
    }
    assert!(!run.state.is_ended() || run.next_move().is_none());
}

/// What has to hold of an event that was taken, beyond what the run after it shows.
fn assert_taken_rightly(before: &Run, event: &RunEvent, after: &Run) {
    match event {
        RunEvent::Abandoned { .. } => {
            assert!(before.steps.iter().all(|step| step.state != StepState::Running), "abandoned under way");
        }
        RunEvent::Finished { state } => assert_eq!(after.state, *state),
        RunEvent::StepStarted { .. } if before.state != RunState::Running => {
            assert!(before.steps.iter().any(|step| step.state == StepState::Running), "begun while paused");
        }
        _ => {}
    }
}

/// Whatever an executor would do next is legal, and every button that is enabled works.
fn assert_consistent(run: &Run, actor: &Actor) {
    let mut events = Vec::new();
    match run.next_move() {
        Some(NextMove::Begin) => events.push(RunEvent::Started),
        Some(NextMove::Step(index)) => {
            let attempt = run.steps[index as usize].attempts + 1;
            events.push(RunEvent::StepStarted { index, attempt });
        }
        Some(NextMove::Finish(state)) => events.push(RunEvent::Finished { state }),
        None => {}
    }
    for availability in allowed_commands(run, actor) {
        assert_eq!(availability.is_allowed, availability.why_not.is_none());
        match availability.why_not {
            None => events.push(event_of(availability.command, run, actor.clone())),
            Some(sentence) => {
                assert!(sentence.ends_with('.') && sentence.starts_with(char::is_uppercase), "{sentence}");
            }
        }
    }
    for event in events {
        let name = event.name();
        let result = run.clone().apply(&next(run, event));
        assert_eq!(result, Ok(()), "{name} while {}", run.state);
    }
}

/// Somebody can always do something about an open run: an executor, or a person who is not the requester.
fn assert_not_stuck(run: &Run) {
    let people = [actor(2, Role::Approver), actor(3, Role::Approver), actor(4, Role::Approver)];
    let can_be_moved = people.iter().flat_map(|person| allowed_commands(run, person)).any(|it| it.is_allowed);
    assert!(run.state.is_ended() || run.next_move().is_some() || can_be_moved, "{run:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_sequence_of_events_leads_to_an_impossible_run(
        required in 0_u32..3,
        events in proptest::collection::vec(any_event(), 0..120),
        reader in any_actor(),
    ) {
        let mut journal = vec![requested(required)];
        let mut run = Run::fold(&journal).unwrap();
        for event in events {
            let before = run.clone();
            if try_event(&mut run, &mut journal, event.clone()).is_ok() {
                prop_assert!(before.state.is_open(), "something happened to an ended run");
                assert_taken_rightly(&before, &event, &run);
            }
            assert_possible(&run);
            assert_consistent(&run, &reader);
            assert_not_stuck(&run);
        }
        prop_assert_eq!(Run::fold(&journal).unwrap(), run.clone());
        let read: Vec<JournalEntry> = serde_json::from_str(&serde_json::to_string(&journal).unwrap()).unwrap();
        prop_assert_eq!(&read, &journal);
        prop_assert_eq!(serde_json::from_str::<Run>(&serde_json::to_string(&run).unwrap()).unwrap(), run);
    }

    /// Like a real run: an executor that makes its moves, steps that end one way or another, and people who
    /// press whatever button is enabled. Unlike the chaos above, this gets to the end most of the time.
    #[test]
    fn enabled_buttons_and_an_executor_lead_to_possible_runs(
        required in 0_u32..3,
        choices in proptest::collection::vec((0_u8..10, any::<u8>(), any_actor()), 0..80),
    ) {
        let mut journal = vec![requested(required)];
        let mut run = Run::fold(&journal).unwrap();
        for (kind, pick, person) in choices {
            let running = run
                .current_step()
                .filter(|index| run.steps[*index as usize].state == StepState::Running && run.state.is_open());
            let event = match (kind, running, run.next_move()) {
                (0..=4, Some(index), _) => Some(match pick % 5 {
                    0 => RunEvent::StepFailed { index, error: "e".to_owned(), remedy: "r".to_owned() },
                    1 => {
                        let question = Question { message: "?".to_owned(), details: json!(null) };
                        RunEvent::StepWaiting { index, question }
                    }
                    2 => RunEvent::StepCompleted { index, output: json!(1), exception: Some("x".to_owned()) },
                    _ => RunEvent::StepCompleted { index, output: json!(1), exception: None },
                }),
                (_, _, Some(NextMove::Begin)) => Some(RunEvent::Started),
                (_, _, Some(NextMove::Finish(state))) if kind < 9 => Some(RunEvent::Finished { state }),
                (5 | 6, _, Some(NextMove::Step(index))) => {
                    let attempt = run.steps[index as usize].attempts + 1;
                    Some(RunEvent::StepStarted { index, attempt })
                }
                _ => {
                    let enabled: Vec<Command> = allowed_commands(&run, &person)
                        .into_iter()
                        .filter(|availability| availability.is_allowed)
                        .map(|availability| availability.command)
                        .collect();
                    (!enabled.is_empty())
                        .then(|| event_of(enabled[pick as usize % enabled.len()], &run, person))
                }
            };
            if let Some(event) = event {
                let name = event.name();
                let result = try_event(&mut run, &mut journal, event);
                prop_assert_eq!(result, Ok(()), "{} while {}", name, run.state);
            }
            assert_possible(&run);
            assert_not_stuck(&run);
        }
    }
}

#[test]
fn entry_is_stored_in_plain_words() {
    let mut journal = vec![requested(0)];
    let mut run = Run::fold(&journal).unwrap();
    for event in [
        RunEvent::Started,
        RunEvent::StepStarted { index: 0, attempt: 1 },
        RunEvent::StepCompleted { index: 0, output: json!({ "n": 1 }), exception: None },
    ] {
        try_event(&mut run, &mut journal, event).unwrap();
    }
    assert_eq!(
        serde_json::to_value(&journal[2]).unwrap(),
        json!({
            "run_id": "00000000-0000-0000-0000-000000000007",
            "seq": 3,
            "at": 3_000_000,
            "event": { "type": "step_started", "index": 0, "attempt": 1 },
        })
    );
    let first = serde_json::to_value(&journal[0].event).unwrap();
    assert_eq!((&first["type"], &first["mode"]), (&json!("requested"), &json!("forced")));
}

#[test]
fn every_event_is_named_as_it_is_stored() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for _ in 0..300 {
        let event = any_event().new_tree(&mut runner).unwrap().current();
        assert_eq!(serde_json::to_value(&event).unwrap()["type"], event.name());
    }
}

#[test]
fn a_journal_with_a_hole_is_refused() {
    let first = requested(0);
    let run = Run::fold(std::slice::from_ref(&first)).unwrap();
    let started = next(&run, RunEvent::Started);
    let late = JournalEntry { seq: 3, ..started.clone() };
    let again = JournalEntry { seq: 1, ..started.clone() };
    let foreign = JournalEntry { run_id: RunId(Uuid::from_u128(8)), ..started.clone() };
    let fold = |second: JournalEntry| Run::fold(&[first.clone(), second]).map(|run| run.seq);
    assert_eq!(fold(started.clone()), Ok(2));
    assert_eq!(fold(late), Err(FoldError::OutOfSequence { expected: 2, found: 3 }));
    assert_eq!(fold(again), Err(FoldError::OutOfSequence { expected: 2, found: 1 }));
    assert!(matches!(fold(foreign), Err(FoldError::ForeignRun { .. })));
    assert_eq!(Run::fold(&[]).map(|run| run.seq), Err(FoldError::Empty));
    assert_eq!(Run::fold(&[started]).map(|run| run.seq), Err(FoldError::NotRequested("started")));
}

#[test]
fn a_run_finishes_in_the_state_that_its_steps_give_it() {
    let mut journal = vec![requested(0)];
    let mut run = Run::fold(&journal).unwrap();
    try_event(&mut run, &mut journal, RunEvent::Started).unwrap();
    for index in 0..STEPS {
        try_event(&mut run, &mut journal, RunEvent::StepStarted { index, attempt: 1 }).unwrap();
        let exception = (index == 1).then(|| "The fence could not be reached.".to_owned());
        let completed = RunEvent::StepCompleted { index, output: json!(null), exception };
        try_event(&mut run, &mut journal, completed).unwrap();
    }
    assert_eq!(run.next_move(), Some(NextMove::Finish(RunState::CompletedWithExceptions)));
    let finished = RunEvent::Finished { state: RunState::Completed };
    let refused = try_event(&mut run, &mut journal, finished);
    assert_eq!(refused, Err(FoldError::NotNow { event: "finished", state: RunState::Running }));
}

#[test]
fn words_are_read_back() {
    for state in RunState::ALL {
        assert_eq!(state.as_str().parse::<RunState>(), Ok(*state));
        assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
    }
    for state in StepState::ALL {
        assert_eq!(state.as_str().parse::<StepState>(), Ok(*state));
        assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
    }
    for command in Command::ALL {
        assert_eq!(command.as_str().parse::<Command>(), Ok(*command));
        assert_eq!(serde_json::to_value(command).unwrap(), command.as_str());
    }
    assert_eq!("lost".parse::<RunMode>().unwrap_err().to_string(), "there is no run mode named \"lost\"");
}

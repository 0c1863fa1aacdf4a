//! Departments, their targets, and the groups that are measured against them.

use farshore_model::{
    department::Department,
    view::{ActionAvailability, DepartmentStatus, DepartmentsPage, GroupCard, Topic, why_not},
};
use leptos::prelude::*;

use crate::{
    api::{ApiProblem, CreateDepartment, read},
    components::{
        Alert, Button, ButtonVariant, Card, Cell, Column, EmptyState, Glyph, LinkButton, PageHeader,
        RegionPill, RegionRole, Row, StatusBadge, Table, Tone, duration_text,
    },
    live::use_changes,
    parts::{
        FormAction, FormProblem, Loaded, PageData, PostForm, TargetFields, TickingLength, readiness_words,
        replication_words, slow_tick,
    },
    view,
};

#[component]
pub fn Departments() -> impl IntoView {
    let changes = use_changes(|topic| matches!(topic, Topic::Overview | Topic::Group(_) | Topic::SyncRun(_)));
    let create = FormAction::of::<CreateDepartment>();
    let tick = slow_tick();
    let page = PageData::new(move || {
        changes.track();
        tick.track();
        create.attempts().track();
        Ok(read::departments())
    });
    view! { <Loaded page render=move |page| view! { <List page create refused=create.refused()/> }/> }
}

#[component]
fn List(page: DepartmentsPage, create: FormAction, refused: Option<ApiProblem>) -> impl IntoView {
    let DepartmentsPage { departments, ungrouped, actions, .. } = page;
    let cards = if departments.is_empty() {
        view! {
            <Card>
                <EmptyState
                    title="No department yet"
                    hint="A department owns targets: how much may be lost, and how long recovery may take. Every group that it owns is measured against them."
                    glyph=Glyph::Building
                />
            </Card>
        }
    } else {
        let actions = actions.clone();
        departments
            .into_iter()
            .map(move |status| view! { <One status actions=actions.clone()/> })
            .collect_view()
            .into_any()
    };
    let others = (!ungrouped.is_empty()).then(|| {
        view! {
            <Card
                title="Owned by the whole organisation"
                lead="Without a department there are no targets. Give each of them one: open the group, then Edit."
                is_flush=true
            >
                <Groups groups=ungrouped/>
            </Card>
        }
    });
    view! {
        <PageHeader title="Departments" lead="Targets beside what is measured."/>
        <div class="stack">
            {cards}
            {others}
            <NewDepartment why=why_not(&actions, "create_department") create refused/>
        </div>
    }
}

#[component]
fn One(status: DepartmentStatus, actions: Vec<ActionAvailability>) -> impl IntoView {
    let DepartmentStatus { department, groups } = status;
    let Department { id, name, rpo_ms, rto_ms, .. } = department;
    let length = |ms: Option<i64>| match ms {
        Some(ms) => duration_text(farshore_model::DurationMs(ms)),
        None => "not set".to_owned(),
    };
    let lead = format!("RPO {} · RTO {}", length(rpo_ms), length(rto_ms));
    let may_edit = why_not(&actions, "edit_department").is_none();
    let label = format!("Edit targets of {name}");
    let edit = move || {
        may_edit.then(|| {
            view! { <LinkButton href=format!("/departments/{id}/edit") is_small=true aria_label=label>"Edit targets"</LinkButton> }
        })
    };
    view! {
        <Card title=name lead actions=edit is_flush=true>
            {if groups.is_empty() {
                view! {
                    <EmptyState title="Owns no group yet" hint="Open a group, then Edit, to give it to this department."/>
                }
            } else {
                view! { <Groups groups/> }
            }}
        </Card>
    }
}

#[component]
fn Groups(groups: Vec<GroupCard>) -> impl IntoView {
    let columns = vec![
        Column::new("Group"),
        Column::new("Active region"),
        Column::new("Would be lost now").numeric(),
        Column::new("Replication"),
        Column::new("Recovery took").numeric(),
        Column::new("Readiness"),
    ];
    let rows = groups.into_iter().map(group_row).collect_view();
    view! { <Table caption="Groups, measured against their targets" columns>{rows}</Table> }
}

fn group_row(card: GroupCard) -> impl IntoView {
    let (replication, replication_tone) = replication_words(card.replication.state);
    let (readiness, readiness_tone) = readiness_words(card.readiness.state());
    let age = match card.replication.age {
        Some(base) => view! { <TickingLength base/> },
        None => "everything".into_any(),
    };
    let target = |length: Option<farshore_model::DurationMs>| {
        length.map(|length| view! { <span class="muted">" of "{duration_text(length)}</span> })
    };
    let recovery = card.recovery_time.measured.map_or_else(|| "—".to_owned(), duration_text);
    view! {
        <Row>
            <Cell is_title=true><a href=format!("/groups/{}", card.group.id)>{card.group.name}</a></Cell>
            <Cell label="Active region"><RegionPill region=card.group.active_region role=RegionRole::Active/></Cell>
            <Cell label="Would be lost now" is_numeric=true>{age}{target(card.replication.rpo)}</Cell>
            <Cell label="Replication"><StatusBadge tone=replication_tone label=replication/></Cell>
            <Cell label="Recovery took" is_numeric=true>{recovery}{target(card.recovery_time.rto)}</Cell>
            <Cell label="Readiness"><StatusBadge tone=readiness_tone label=readiness/></Cell>
        </Row>
    }
}

#[component]
fn NewDepartment(why: Option<String>, create: FormAction, refused: Option<ApiProblem>) -> impl IntoView {
    view! {
        <Card title="New department">
            {match why {
                Some(why) => view! { <Alert tone=Tone::Neutral title=why/> },
                None => view! {
                    <PostForm action=create>
                        <div class="form">
                            <FormProblem problem=create.problem()/>
                            <TargetFields refused/>
                            <div class="actions">
                                <Button variant=ButtonVariant::Primary is_busy=create.is_pending()>"Create department"</Button>
                            </div>
                        </div>
                    </PostForm>
                },
            }}
        </Card>
    }
}

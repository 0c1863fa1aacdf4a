//! Which workspaces are in a failover group, and which need none, with the reason that somebody gave.

use farshore_model::{
    Timestamp,
    view::{PairedWorkspace, WorkspacesPage, why_not},
    workspace::StandaloneWorkspace,
};
use leptos::prelude::*;

use super::read_and_show;
use crate::{
    api::{AddStandalone, ApiProblem, DecideStandalone},
    components::{
        Button, ButtonVariant, Card, Cell, Column, EmptyState, Glyph, PageHeader, RelativeAge, Row, Table,
        TextInput, Textarea,
    },
    parts::{FormAction, FormProblem, PostForm},
    view,
};

#[component]
pub fn Workspaces() -> impl IntoView {
    let (add, decide) = (FormAction::of::<AddStandalone>(), FormAction::of::<DecideStandalone>());
    read_and_show(
        async move |control, actor| control.workspaces_page(&actor).await,
        move |page| view! { <Whole page add decide/> },
    )
}

#[component]
fn Whole(page: WorkspacesPage, add: FormAction, decide: FormAction) -> impl IntoView {
    let why_disabled = why_not(&page.actions, "edit_group");
    view! {
        <PageHeader
            title="Workspaces"
            lead="Each workspace is either in a failover group, or somebody has said why it needs none."
        />
        <div class="stack">
            <Paired workspaces=page.paired/>
            <FormProblem problem=decide.problem()/>
            <Standalones workspaces=page.standalone as_of=page.as_of decide why_disabled=why_disabled.clone()/>
            <FormProblem problem=add.problem()/>
            <Add add why_disabled/>
        </div>
    }
}

#[component]
fn Paired(workspaces: Vec<PairedWorkspace>) -> impl IntoView {
    let columns =
        vec![Column::new("Workspace"), Column::new("Region"), Column::new("Address"), Column::new("Group")];
    let is_empty = workspaces.is_empty();
    let rows = workspaces
        .into_iter()
        .map(|PairedWorkspace { workspace, group_id, group_name }| {
            view! {
                <Row>
                    <Cell is_title=true>{workspace.name}</Cell>
                    <Cell label="Region">{workspace.region}</Cell>
                    <Cell label="Address"><code class="break">{workspace.host}</code></Cell>
                    <Cell label="Group"><a href=format!("/groups/{group_id}")>{group_name}</a></Cell>
                </Row>
            }
        })
        .collect_view();
    let list = if is_empty {
        view! { <EmptyState title="No failover group yet" hint="Pair two workspaces to make one." glyph=Glyph::Link/> }
    } else {
        view! { <Table caption="Workspaces of failover groups" columns>{rows}</Table> }
    };
    view! { <Card title="In failover groups" is_flush=true>{list}</Card> }
}

#[component]
fn Standalones(
    workspaces: Vec<StandaloneWorkspace>,
    as_of: Timestamp,
    decide: FormAction,
    why_disabled: Option<String>,
) -> impl IntoView {
    let columns = vec![Column::new("Workspace"), Column::new("Said by"), Column::new("Why it needs none")];
    let is_empty = workspaces.is_empty();
    let refused = decide.refused();
    let rows = workspaces
        .into_iter()
        .map(|workspace| standalone(workspace, as_of, decide, refused.as_ref(), why_disabled.clone()))
        .collect_view();
    let list = if is_empty {
        view! {
            <EmptyState
                title="None is noted"
                hint="A workspace for courses or tests, or one that is made anew within a day, may need no counterpart."
                glyph=Glyph::Monitor
            />
        }
    } else {
        view! { <Table caption="Workspaces that need no counterpart" columns>{rows}</Table> }
    };
    view! {
        <Card title="Without counterpart" lead="Nothing of them is replicated, and that is meant." is_flush=true>
            {list}
        </Card>
    }
}

fn standalone(
    workspace: StandaloneWorkspace,
    as_of: Timestamp,
    decide: FormAction,
    refused: Option<&ApiProblem>,
    why_disabled: Option<String>,
) -> AnyView {
    let StandaloneWorkspace { id, name, address, standalone, version } = workspace;
    // What was typed about this one, and not about another.
    let refused = refused.filter(|refused| refused.typed("id") == Some(id.to_string().as_str()));
    let typed = refused.and_then(|refused| refused.typed("reason")).map(str::to_owned);
    let stored = typed.is_some().then(|| {
        view! { <p class="muted">{format!("Stored now: {}", standalone.reason)}</p> }
    });
    let error = refused.and_then(|refused| refused.field_error("reason"));
    let label = format!("Why {name} needs none");
    let buttons = match why_disabled {
        Some(why) => view! { <p class="muted">{why}</p> },
        None => view! {
            <div class="actions">
                <Button is_small=true name="decision" value="save">"Save the reason"</Button>
                <Button is_small=true variant=ButtonVariant::Quiet name="decision" value="remove">
                    "Take it off the list"
                </Button>
            </div>
        },
    };
    view! {
        <Row>
            <Cell is_title=true>
                <span class="stack-tight">{name}<code class="break">{address}</code></span>
            </Cell>
            <Cell label="Said by">
                <span class="stack-tight">{standalone.by}<RelativeAge at=standalone.since now=as_of/></span>
            </Cell>
            <Cell label="Why it needs none">
                <PostForm action=decide>
                    <div class="stack-tight">
                        <input type="hidden" name="id" value=id.to_string()/>
                        <input type="hidden" name="version" value=version.to_string()/>
                        <Textarea
                            name="reason"
                            id=format!("reason-{id}")
                            label
                            rows=2
                            value=typed.unwrap_or(standalone.reason)
                            error
                            is_required=true
                        />
                        {stored}
                        {buttons}
                    </div>
                </PostForm>
            </Cell>
        </Row>
    }
}

#[component]
fn Add(add: FormAction, why_disabled: Option<String>) -> impl IntoView {
    let refused = add.refused();
    let typed = |field: &str| {
        refused.as_ref().and_then(|refused| refused.typed(field)).unwrap_or_default().to_owned()
    };
    let error = |field: &str| refused.as_ref().and_then(|refused| refused.field_error(field));
    let fields = view! {
        <TextInput name="name" label="Name" value=typed("name") error=error("name") is_required=true/>
        <TextInput
            name="address"
            label="Address or workspace id"
            placeholder="https://adb-1234567890.7.azuredatabricks.net"
            value=typed("address")
            error=error("address")
            is_required=true
            is_code=true
        />
        <Textarea
            name="reason"
            label="Why it needs no counterpart"
            value=typed("reason")
            error=error("reason")
            is_required=true
        />
    };
    view! {
        <Card title="Note a workspace that needs none">
            <PostForm action=add>
                <div class="form">
                    {fields}
                    <div class="actions">
                        <Button variant=ButtonVariant::Primary why_disabled>"Note it"</Button>
                    </div>
                </div>
            </PostForm>
        </Card>
    }
}

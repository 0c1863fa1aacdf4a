//! Editing a group. Not live, so that nothing moves under the hands of the one who types; an edit of an older
//! version is refused, what was typed stays, and what is stored now is shown beside it.

use farshore_model::{GroupId, ProblemKind, view::GroupPage};
use leptos::prelude::*;

use crate::{
    api::{ApiProblem, EditGroup, read},
    components::{
        Alert, Button, ButtonVariant, Card, Choice, Crumb, KeyValue, KeyValues, LinkButton, PageHeader,
        Select, TextInput, Tone, duration_text,
    },
    parts::{FormAction, FormProblem, IntervalSelect, Loaded, PageData, PostForm, use_path_id},
    view,
};

#[component]
pub fn GroupEdit() -> impl IntoView {
    let id = use_path_id::<GroupId>();
    let edit = FormAction::of::<EditGroup>();
    let page = PageData::new(move || {
        edit.attempts().track();
        Ok(read::group(id.get()?))
    });
    view! { <Loaded page render=move |page| view! { <Form page edit refused=edit.refused()/> }/> }
}

#[component]
fn Form(page: GroupPage, edit: FormAction, refused: Option<ApiProblem>) -> impl IntoView {
    let group = page.card.group.clone();
    let href = format!("/groups/{}", group.id);
    let is_stale = refused.as_ref().is_some_and(|refused| refused.kind == ProblemKind::Stale);
    let stored_now = is_stale.then(|| view! { <StoredNow page=page.clone()/> });
    let mut departments = vec![Choice::new("", "Whole organisation")];
    departments.extend(
        page.departments
            .iter()
            .map(|department| Choice::new(department.id.to_string(), department.name.clone())),
    );
    let mut jobs = vec![Choice::new("", "None: readiness is “action required”")];
    jobs.extend(page.smoke_candidates.iter().map(|job| Choice::new(job.key.clone(), job.name.clone())));
    if let Some(job) = &group.smoke_job
        && page.smoke_candidates.iter().all(|candidate| candidate.key != job.key)
    {
        jobs.push(Choice::new(job.key.clone(), job.name.clone()));
    }
    let jobs_hint = if page.smoke_candidates.is_empty() {
        "Its success shows that a region works. Jobs can be chosen once the first sync has brought them into the ledger."
    } else {
        "Its success shows that a region works: it is run at the end of a failover."
    };
    let department = group.department_id.map(|id| id.to_string()).unwrap_or_default();
    let interval = group.sync_interval_ms.map(|ms| ms.to_string()).unwrap_or_default();
    let smoke_key = group.smoke_job.as_ref().map(|job| job.key.clone()).unwrap_or_default();
    let typed = |field: &str, stored: &str| {
        refused.as_ref().and_then(|refused| refused.typed(field)).unwrap_or(stored).to_owned()
    };
    let error = |field: &str| refused.as_ref().and_then(|refused| refused.field_error(field));
    let fields = view! {
        <TextInput name="name" label="Name" value=typed("name", &group.name) error=error("name") is_required=true/>
        <Select
            name="department_id"
            label="Department"
            hint="Its RPO and RTO are the targets of this group."
            choices=departments
            selected=typed("department_id", &department)
            error=error("department_id")
        />
        <IntervalSelect selected=typed("sync_interval", &interval) error=error("sync_interval")/>
        <Select
            name="smoke_job_key"
            label="Smoke job"
            hint=jobs_hint
            choices=jobs
            selected=typed("smoke_job_key", &smoke_key)
            error=error("smoke_job_key")
        />
    };
    view! {
        <PageHeader
            title=format!("Edit {}", group.name)
            crumbs=vec![Crumb::new("Overview", "/"), Crumb::new(group.name.clone(), href.clone())]
        />
        <div class="stack">
            <FormProblem problem=edit.problem()/>
            {stored_now}
            <Card>
                <PostForm action=edit>
                    <div class="form">
                        <input type="hidden" name="id" value=group.id.to_string()/>
                        <input type="hidden" name="version" value=group.version.to_string()/>
                        {fields}
                        <div class="actions">
                            <Button variant=ButtonVariant::Primary is_busy=edit.is_pending()>"Save"</Button>
                            <LinkButton href variant=ButtonVariant::Quiet>"Cancel"</LinkButton>
                        </div>
                    </div>
                </PostForm>
            </Card>
        </div>
    }
}

/// What somebody else stored meanwhile.
#[component]
fn StoredNow(page: GroupPage) -> impl IntoView {
    let group = page.card.group;
    let interval = match group.sync_interval_ms {
        Some(ms) => format!("every {}", duration_text(farshore_model::DurationMs(ms))),
        None => "only when somebody asks".to_owned(),
    };
    let department = page.card.department.map_or_else(|| "Whole organisation".to_owned(), |found| found.name);
    let job = group.smoke_job.map_or_else(|| "none".to_owned(), |job| job.name);
    view! {
        <Alert tone=Tone::Warn title="Stored now, by somebody else. What you typed still stands in the form; saving again replaces this:">
            <KeyValues>
                <KeyValue label="Name">{group.name}</KeyValue>
                <KeyValue label="Department">{department}</KeyValue>
                <KeyValue label="Sync schedule">{interval}</KeyValue>
                <KeyValue label="Smoke job">{job}</KeyValue>
            </KeyValues>
        </Alert>
    }
}

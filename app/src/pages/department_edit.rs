//! Editing a department's name and targets. Not live, like every form that is edited.

use farshore_model::{DepartmentId, Problem, ProblemKind, department::Department, view::DepartmentsPage};
use leptos::prelude::*;

use crate::{
    api::{ApiProblem, EditDepartment, read},
    components::{
        Alert, Button, ButtonVariant, Card, Crumb, KeyValue, KeyValues, LinkButton, PageHeader, Tone,
        duration_text,
    },
    parts::{FormAction, FormProblem, Loaded, PageData, PageProblem, PostForm, TargetFields, use_path_id},
    view,
};

#[component]
pub fn DepartmentEdit() -> impl IntoView {
    let id = use_path_id::<DepartmentId>();
    let edit = FormAction::of::<EditDepartment>();
    let page = PageData::new(move || {
        edit.attempts().track();
        Ok(read::departments())
    });
    let render = move |page: DepartmentsPage| match id.get_untracked().map(|id| find(page, id)) {
        Ok(Some(department)) => view! { <Form department edit refused=edit.refused()/> },
        Ok(None) => view! { <PageProblem problem=no_department()/> },
        Err(problem) => view! { <PageProblem problem/> },
    };
    view! { <Loaded page render/> }
}

fn find(page: DepartmentsPage, id: DepartmentId) -> Option<Department> {
    page.departments.into_iter().map(|status| status.department).find(|department| department.id == id)
}

fn no_department() -> ApiProblem {
    Problem::new(
        ProblemKind::NotFound,
        "There is no such department.",
        "Nothing was changed.",
        "Look for it in the list of departments.",
    )
    .into()
}

#[component]
fn Form(department: Department, edit: FormAction, refused: Option<ApiProblem>) -> impl IntoView {
    let Department { id, name, rpo_ms, rto_ms, version, .. } = department.clone();
    let is_stale = refused.as_ref().is_some_and(|refused| refused.kind == ProblemKind::Stale);
    let stored_now = is_stale.then(|| view! { <StoredNow department/> });
    let title = format!("Edit {name}");
    view! {
        <PageHeader title crumbs=vec![Crumb::new("Departments", "/departments")]/>
        <div class="stack">
            <FormProblem problem=edit.problem()/>
            {stored_now}
            <Card>
                <PostForm action=edit>
                    <div class="form">
                        <input type="hidden" name="id" value=id.to_string()/>
                        <input type="hidden" name="version" value=version.to_string()/>
                        <TargetFields name rpo_ms rto_ms refused/>
                        <div class="actions">
                            <Button variant=ButtonVariant::Primary is_busy=edit.is_pending()>"Save"</Button>
                            <LinkButton href="/departments" variant=ButtonVariant::Quiet>"Cancel"</LinkButton>
                        </div>
                    </div>
                </PostForm>
            </Card>
        </div>
    }
}

/// What somebody else stored meanwhile.
#[component]
fn StoredNow(department: Department) -> impl IntoView {
    let length = |ms: Option<i64>| {
        ms.map_or_else(|| "not set".to_owned(), |ms| duration_text(farshore_model::DurationMs(ms)))
    };
    view! {
        <Alert tone=Tone::Warn title="Stored now, by somebody else. What you typed still stands in the form; saving again replaces this:">
            <KeyValues>
                <KeyValue label="Name">{department.name}</KeyValue>
                <KeyValue label="RPO">{length(department.rpo_ms)}</KeyValue>
                <KeyValue label="RTO">{length(department.rto_ms)}</KeyValue>
            </KeyValues>
        </Alert>
    }
}

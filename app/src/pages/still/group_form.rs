//! A page that is one form about how a group is replicated. Every button posts the whole form to the page itself, which
//! does what the button says and shows the form again; after it was saved, the browser reads the page anew.

use farshore_control::Control;
use farshore_model::{Actor, GroupId, Problem, ProblemKind, view::SettingsPage};
use http::{HeaderValue, StatusCode, header};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;

use super::{read_and_show, rows::Press};
use crate::{
    api::{ApiProblem, PostedForm},
    components::{Alert, Crumb, ErrorState, PageHeader, Tone},
    parts::{GroupTab, GroupTabs, set_status, use_path_id, use_query},
    view,
};

/// What such a form holds, saved or not.
pub(super) trait GroupForm: Sized + Send + Sync + 'static {
    /// The page that it is on.
    const TAB: GroupTab;
    const LEAD: &'static str;
    /// Id of the part that a script reads anew while one types.
    const PREVIEWED: &'static str;
    /// What there is to be said about a form beyond what it holds.
    type Findings: Send + 'static;

    fn stored(page: &SettingsPage) -> Self;

    /// # Errors
    /// The form is none that this panel has shown.
    fn typed(form: &PostedForm, page: &SettingsPage) -> Result<Self, Problem>;

    /// Does what a button does to the form alone.
    fn arrange(&mut self, press: &Press, page: &SettingsPage);

    /// Replaces what is stored, which was read at `version`.
    fn save(
        &self,
        control: &Control,
        actor: &Actor,
        group: GroupId,
        version: i64,
    ) -> impl Future<Output = Result<(), Problem>> + Send;

    /// Finds out what would come of the form as it stands.
    fn look(
        &self,
        control: &Control,
        actor: &Actor,
        group: GroupId,
        press: &Press,
    ) -> impl Future<Output = Self::Findings> + Send;

    /// All that can be decided, with its buttons. `refused` is why the form was not saved.
    fn fields(self, page: SettingsPage, findings: Self::Findings, refused: Option<&Problem>) -> AnyView;

    /// What the form would replace, for whoever typed it without knowing that.
    fn stored_in_words(page: &SettingsPage) -> AnyView;
}

/// The form as it stands, and what there is to be said about it.
struct Shown<F: GroupForm> {
    page: SettingsPage,
    /// As it was read, or as it was read when the form was opened.
    version: i64,
    form: F,
    findings: F::Findings,
    refused: Option<Problem>,
    /// It was refused because somebody else has stored something meanwhile.
    is_stale: bool,
}

/// The whole page.
pub(super) fn group_form<F: GroupForm>() -> AnyView {
    let id = use_path_id::<GroupId>().get();
    let posted = use_context::<PostedForm>();
    let is_saved = !use_query("saved").get().is_empty();
    let saved = id.as_ref().map(|id| format!("{}?saved=1", address::<F>(*id))).unwrap_or_default();
    read_and_show(
        async move |control, actor| {
            answer::<F>(&control, &actor, id.map_err(|refused| refused.problem)?, posted).await
        },
        move |shown| match shown {
            Some(shown) => show(shown, is_saved),
            None => see_other(&saved),
        },
    )
}

/// Where the page with this form is.
pub(super) fn address<F: GroupForm>(group: GroupId) -> String {
    let (_, path) = F::TAB.label_and_path();
    format!("/groups/{group}{path}")
}

/// Why a field does not fit.
pub(super) fn field_error(problem: Option<&Problem>, field: &str) -> Option<String> {
    let (_, why) = problem?.fields.iter().find(|(name, _)| name == field)?;
    Some(why.clone())
}

/// Does what the posted form says. None: it was saved, and there is nothing to be said about it here.
async fn answer<F: GroupForm>(
    control: &Control,
    actor: &Actor,
    id: GroupId,
    posted: Option<PostedForm>,
) -> Result<Option<Shown<F>>, Problem> {
    let page = control.settings_page(actor, id).await?;
    let (mut form, press, version) = match &posted {
        Some(posted) => (F::typed(posted, &page)?, Press::of(posted), version(posted)),
        None => (F::stored(&page), Press::Look, page.version),
    };
    form.arrange(&press, &page);
    let mut refused = None;
    if press == Press::Save {
        match form.save(control, actor, id, version).await {
            Ok(()) => return Ok(None),
            Err(problem) => refused = Some(problem),
        }
    }
    let is_stale = refused.as_ref().is_some_and(|problem| problem.kind == ProblemKind::Stale);
    // Whoever saves again has seen what somebody else has stored.
    let version = if is_stale { page.version } else { version };
    let findings = form.look(control, actor, id, &press).await;
    Ok(Some(Shown { page, version, form, findings, refused, is_stale }))
}

/// The version that a form was opened at. One that is not there or cannot be read is older than any, so that nothing
/// is overwritten unseen.
fn version(posted: &PostedForm) -> i64 {
    posted.trimmed("version").parse().unwrap_or(-1)
}

fn show<F: GroupForm>(shown: Shown<F>, is_saved: bool) -> AnyView {
    let Shown { page, version, form, findings, refused, is_stale } = shown;
    let (title, _) = F::TAB.label_and_path();
    let group = page.group.clone();
    let address = address::<F>(group.id);
    let saved = is_saved.then(|| {
        view! { <Alert tone=Tone::Ok title="Saved. It holds from the next plan on."/> }
    });
    let stored_now = is_stale.then(|| {
        let stored = F::stored_in_words(&page);
        view! {
            <Alert tone=Tone::Warn title="Stored now, by somebody else. What you typed still stands in the form; saving again replaces this:">
                {stored}
            </Alert>
        }
    });
    let fields = form.fields(page, findings, refused.as_ref());
    view! {
        <PageHeader
            title
            crumbs=vec![Crumb::new("Overview", "/"), Crumb::new(group.name, format!("/groups/{}", group.id))]
            lead=F::LEAD
        />
        <div id="answer" class="stack">
            <GroupTabs group=group.id current=F::TAB/>
            {saved}
            {refused.map(why_refused)}
            {stored_now}
            <form
                method="post"
                action=format!("{address}#answer")
                data-preview=F::PREVIEWED
                data-preview-action=address
            >
                <FirstButton/>
                <input type="hidden" name="version" value=version.to_string()/>
                <div id=F::PREVIEWED class="stack">{fields}</div>
            </form>
        </div>
    }
}

/// What Enter in a field does: a form is sent by the first of its buttons, and that one must be harmless.
#[component]
fn FirstButton() -> impl IntoView {
    view! { <button class="sr-only" name="do" value="look" tabindex="-1" aria-hidden="true">"Look"</button> }
}

/// It was done: the browser reads the page anew, so that reloading it does not do it again.
fn see_other(address: &str) -> AnyView {
    if let Some(response) = use_context::<ResponseOptions>()
        && let Ok(address) = HeaderValue::from_str(address)
    {
        response.set_status(StatusCode::SEE_OTHER);
        response.insert_header(header::LOCATION, address);
    }
    ().into_any()
}

/// Why it was not done, above the form, and the status that says so.
fn why_refused(problem: Problem) -> AnyView {
    set_status(problem.kind);
    let title = match problem.kind {
        ProblemKind::Invalid => "This was not saved, because something in the form does not fit.".to_owned(),
        _ => problem.what_happened.clone(),
    };
    let ApiProblem { problem, .. } = problem.into();
    view! {
        <ErrorState
            what_happened=title
            not_lost="What you typed still stands in the form."
            what_to_do=problem.what_to_do
            request_id=problem.request_id
        />
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_that_cannot_be_read_is_older_than_any() {
        let form = |text: &str| [("version".to_owned(), text.to_owned())].into_iter().collect();
        assert_eq!(version(&form(" 3")), 3);
        for damaged in [form(""), form("x"), PostedForm::default()] {
            assert!(version(&damaged) < 0, "{damaged:?}");
        }
    }
}

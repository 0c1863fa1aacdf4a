//! The region map of a group: ordered rules, with what each of them would do before it is kept. One form; every button
//! posts it to this page. With scripts what is typed is tried by itself.

mod draft;
mod rule;
mod unmapped;

use std::sync::Arc;

use farshore_control::Control;
use farshore_model::{
    Actor, GroupId, Problem, ProblemKind,
    group::Side,
    region_map::RegionMap as Map,
    view::{RegionMapPreview, SettingsPage, why_not},
};
use leptos::prelude::*;

use self::{draft::DraftRule, rule::Rule, unmapped::Unmapped};
use super::{
    answer::{field_error, refused, see_other},
    read_and_show,
    rows::{FirstButton, Press},
};
use crate::{
    api::PostedForm,
    components::{
        Alert, Button, ButtonVariant, Card, Crumb, EmptyState, Glyph, PageHeader, RelativeAge, Tone,
    },
    parts::{GroupTab, GroupTabs, counted, use_path_id, use_query},
    view,
};

/// The form as it stands, and what there is to be said about it.
struct Shown {
    page: SettingsPage,
    /// As it was read, or as it was read when the form was opened.
    version: i64,
    rules: Vec<DraftRule>,
    tried: Result<RegionMapPreview, Problem>,
    refused: Option<Problem>,
}

#[component]
pub fn RegionMap() -> impl IntoView {
    let id = use_path_id::<GroupId>().get();
    let form = use_context::<PostedForm>();
    let is_saved = !use_query("saved").get().is_empty();
    let kept = id.as_ref().map(|id| format!("{}?saved=1", path(*id))).unwrap_or_default();
    read_and_show(
        async move |control, actor| {
            answer(&control, &actor, id.map_err(|refused| refused.problem)?, form).await
        },
        move |shown| match shown {
            Some(shown) => view! { <Whole shown is_saved/> },
            None => see_other(&kept),
        },
    )
}

fn path(group: GroupId) -> String {
    format!("/groups/{group}/region-map")
}

/// Does what the form says. None: it was kept, and there is nothing to be said about it here.
async fn answer(
    control: &Arc<Control>,
    actor: &Actor,
    id: GroupId,
    form: Option<PostedForm>,
) -> Result<Option<Shown>, Problem> {
    let page = control.settings_page(actor, id).await?;
    let stored = || page.settings.region_map.rules.iter().map(DraftRule::of).collect();
    let (mut rules, press, typed_version): (Vec<DraftRule>, _, _) = match &form {
        Some(form) => (DraftRule::typed(form), Press::of(form), form.trimmed("version").parse().ok()),
        None => (stored(), Press::Look, None),
    };
    press.arrange(&mut rules);
    if let Press::Take(value) = &press {
        let is_primary = page.group.active_region == page.primary_region;
        rules.push(DraftRule::about(value, if is_primary { Side::Primary } else { Side::Secondary }));
    }
    let map = Map { rules: rules.iter().map(DraftRule::rule).collect() };
    let version = typed_version.unwrap_or(page.version);
    let mut refused = None;
    if press == Press::Save {
        match control.edit_region_map(actor, id, version, map.clone()).await {
            Ok(()) => return Ok(None),
            Err(problem) => refused = Some(problem),
        }
    }
    // Whoever saves again has seen what somebody else has stored.
    let is_stale = refused.as_ref().is_some_and(|problem| problem.kind == ProblemKind::Stale);
    let version = if is_stale { page.version } else { version };
    let tried = control.preview_region_map(actor, id, &map, press == Press::LookAgain).await;
    Ok(Some(Shown { page, version, rules, tried, refused }))
}

#[component]
fn Whole(shown: Shown, is_saved: bool) -> impl IntoView {
    let Shown { page, version, rules, tried, refused: problem } = shown;
    let group = page.group.clone();
    let address = path(group.id);
    let saved = is_saved.then(|| {
        view! { <Alert tone=Tone::Ok title="Saved. It holds from the next plan on."/> }
    });
    let is_stale = problem.as_ref().is_some_and(|problem| problem.kind == ProblemKind::Stale);
    let stored_now = is_stale.then(|| view! { <StoredNow map=page.settings.region_map.clone()/> });
    let cards = view! { <Cards page rules tried=tried problem=problem.clone()/> };
    view! {
        <PageHeader
            title="Region map"
            crumbs=vec![Crumb::new("Overview", "/"), Crumb::new(group.name, format!("/groups/{}", group.id))]
            lead="What is called one way in one region and another way in the other, and is rewritten when an object is carried over. A failback rewrites it back."
        />
        <div id="answer" class="stack">
            <GroupTabs group=group.id current=GroupTab::RegionMap/>
            {saved}
            {refused(problem)}
            {stored_now}
            <form
                method="post"
                action=format!("{address}#answer")
                data-preview="region-map-cards"
                data-preview-action=address
            >
                <FirstButton/>
                <input type="hidden" name="version" value=version.to_string()/>
                <div id="region-map-cards" class="stack">{cards}</div>
            </form>
        </div>
    }
}

/// The rules, and what they leave out: all that changes while one types.
#[component]
fn Cards(
    page: SettingsPage,
    rules: Vec<DraftRule>,
    tried: Result<RegionMapPreview, Problem>,
    problem: Option<Problem>,
) -> impl IntoView {
    let secondary = page.secondary_regions.join(" or ");
    let regions =
        (page.primary_region, if secondary.is_empty() { "the other side".to_owned() } else { secondary });
    let rows = format!("{}#rules", path(page.group.id));
    let count = rules.len();
    let found = tried.as_ref().ok();
    let refusal = found.and_then(|tried| tried.refusal.clone());
    let list = rules
        .into_iter()
        .zip(1..)
        .map(|(draft, number)| {
            let effect = found.and_then(|tried| tried.preview.rules.get(number - 1).cloned());
            let is_whole = !draft.primary.is_empty() && !draft.secondary.is_empty();
            let is_about = |place: u32| usize::try_from(place) == Ok(number) && is_whole;
            let now = refusal.clone().and_then(|(place, why)| is_about(place).then_some(why));
            // What was refused is said of what was sent, and what is typed now may be wrong otherwise.
            let error = field_error(problem.as_ref(), &format!("rule_{number}")).or(now);
            let read = found.map(|tried| tried.region.clone());
            let address = rows.clone();
            view! { <Rule address draft number count regions=regions.clone() effect read error/> }
        })
        .collect_view();
    let list = if count == 0 {
        view! {
            <EmptyState
                title="No rules yet"
                hint="Every value is carried over as it is: storage, zones, machine types and roles have the same name on both sides."
                glyph=Glyph::Region
            />
        }
    } else {
        view! { <ol id="rules" class="rules">{list}</ol> }
    };
    let why_disabled = why_not(&page.actions, "edit_group");
    let unmapped = match &tried {
        Ok(tried) => view! { <Unmapped values=tried.preview.unmapped.clone() region=tried.region.clone()/> },
        Err(_) => ().into_any(),
    };
    view! {
        <Card title="Rules" lead="Of several that fit a value, the first one rewrites it.">
            <div class="stack">
                <Tried tried/>
                {list}
                <div class="actions">
                    <Button name="do" value="add" form_action=rows glyph=Glyph::Plus>"Add a rule"</Button>
                    <Button name="do" value="look" glyph=Glyph::Search>"Preview"</Button>
                    <Button variant=ButtonVariant::Primary name="do" value="save" why_disabled>"Save"</Button>
                </div>
            </div>
        </Card>
        {unmapped}
    }
}

/// On what the rules were tried, or why they could not be.
#[component]
fn Tried(tried: Result<RegionMapPreview, Problem>) -> impl IntoView {
    let again =
        view! { <Button is_small=true name="do" value="again" glyph=Glyph::Refresh>"Read again"</Button> };
    match tried {
        Ok(tried) => view! {
            <div class="actions muted">
                <span>
                    {format!("Tried on {} of {}, read ", counted(tried.objects, "object", "objects"), tried.region)}
                    <RelativeAge at=tried.read_at now=tried.as_of/>
                    "."
                </span>
                {again}
            </div>
        },
        Err(problem) => view! {
            <Alert tone=Tone::Warn title=problem.what_happened>
                <p>{format!("{} {}", problem.not_lost, problem.what_to_do)}</p>
                {again}
            </Alert>
        },
    }
}

/// What somebody else stored meanwhile.
#[component]
fn StoredNow(map: Map) -> impl IntoView {
    let rules =
        map.rules.iter().map(|rule| view! { <li>{DraftRule::of(rule).in_words()}</li> }).collect_view();
    let none = map.rules.is_empty().then(|| view! { <p>"No rules."</p> });
    view! {
        <Alert tone=Tone::Warn title="Stored now, by somebody else. What you typed still stands in the form; saving again replaces this:">
            {none}
            <ol class="bullets">{rules}</ol>
        </Alert>
    }
}

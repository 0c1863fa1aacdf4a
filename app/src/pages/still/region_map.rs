//! The region map of a group: ordered rules, with what each of them would do before it is kept. One form; every button
//! posts it to this page. With scripts what is typed is tried by itself.

mod draft;
mod rule;
mod unmapped;

use farshore_control::Control;
use farshore_model::{
    Actor, GroupId, Problem,
    group::Side,
    region_map::RegionMap as Map,
    view::{RegionMapPreview, SettingsPage, why_not},
};
use leptos::prelude::*;

use self::{draft::DraftRule, rule::Rule, unmapped::Unmapped};
use super::{
    group_form::{self, GroupForm, field_error, group_form},
    rows::{Press, why_no_more},
};
use crate::{
    api::PostedForm,
    components::{Alert, Button, ButtonVariant, Card, EmptyState, Glyph, RelativeAge, Tone},
    parts::{GroupTab, counted},
    view,
};

#[component]
pub fn RegionMap() -> impl IntoView {
    group_form::<Draft>()
}

/// The map as it stands in the form.
struct Draft(Vec<DraftRule>);

impl Draft {
    fn map(&self) -> Map {
        Map { rules: self.0.iter().map(DraftRule::rule).collect() }
    }
}

impl GroupForm for Draft {
    const TAB: GroupTab = GroupTab::RegionMap;
    const LEAD: &'static str = "What is called one way in one region and another way in the other, and is rewritten when an object is carried over. A failback rewrites it back.";
    const PREVIEWED: &'static str = "region-map-cards";
    type Findings = Result<RegionMapPreview, Problem>;

    fn stored(page: &SettingsPage) -> Self {
        Self(page.settings.region_map.rules.iter().map(DraftRule::of).collect())
    }

    fn typed(form: &PostedForm, _: &SettingsPage) -> Result<Self, Problem> {
        Ok(Self(DraftRule::typed(form)?))
    }

    fn arrange(&mut self, press: &Press, page: &SettingsPage) {
        let Self(rules) = self;
        press.arrange(rules);
        if let Press::Take(value) = press
            && why_no_more(rules.len()).is_none()
        {
            let is_primary = page.group.active_region == page.primary_region;
            rules.push(DraftRule::about(value, if is_primary { Side::Primary } else { Side::Secondary }));
        }
    }

    async fn save(
        &self,
        control: &Control,
        actor: &Actor,
        group: GroupId,
        version: i64,
    ) -> Result<(), Problem> {
        control.edit_region_map(actor, group, version, self.map()).await
    }

    async fn look(&self, control: &Control, actor: &Actor, group: GroupId, press: &Press) -> Self::Findings {
        control.preview_region_map(actor, group, &self.map(), *press == Press::LookAgain).await
    }

    fn fields(self, page: SettingsPage, tried: Self::Findings, refused: Option<&Problem>) -> AnyView {
        view! { <Cards page rules=self.0 tried problem=refused.cloned()/> }
    }

    fn stored_in_words(page: &SettingsPage) -> AnyView {
        let Self(rules) = Self::stored(page);
        let none = rules.is_empty().then(|| view! { <p>"No rules."</p> });
        let rules = rules.iter().map(|rule| view! { <li>{rule.in_words()}</li> }).collect_view();
        view! {
            {none}
            <ol class="bullets">{rules}</ol>
        }
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
    let rows_address = format!("{}#rules", group_form::address::<Draft>(page.group.id));
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
            let address = rows_address.clone();
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
                    <Button name="do" value="add" form_action=rows_address glyph=Glyph::Plus why_disabled=why_no_more(count)>"Add a rule"</Button>
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

//! One side of the pair: host and token, and what their test found.

use farshore_model::{
    group::Side,
    pairing::PairingSide,
    view::{DemoWorkspace, PairingPage},
    workspace::Cloud,
};
use leptos::prelude::*;

use super::{WizardStep, checks::Checks, is_one_workspace, is_settled, step_href};
use crate::{
    api::ApiProblem,
    components::{
        Alert, Badge, Button, ButtonVariant, Card, Choice, Glyph, LinkButton, Select, TextInput, Tone,
    },
    parts::{FormAction, FormProblem, PostForm, cloud_words},
    view,
};

#[component]
pub fn SideStep(
    page: PairingPage,
    side: Side,
    action: FormAction,
    refused: Option<ApiProblem>,
    /// The region of the simulated workspace that is to be filled in.
    wanted: String,
) -> impl IntoView {
    let PairingPage { as_of, pairing, demo_workspaces, .. } = page;
    let (id, version) = (pairing.id, pairing.version);
    let here = if side == Side::Primary { WizardStep::Primary } else { WizardStep::Secondary };
    let next = if side == Side::Primary { WizardStep::Secondary } else { WizardStep::Settings };
    let stored = pairing.side(side).cloned();
    let problem = action.problem();
    let is_done = here.is_done(&pairing);
    let test = if is_done { ButtonVariant::Secondary } else { ButtonVariant::Primary };
    let go_on = is_done.then(|| {
        view! {
            <div class="actions"><LinkButton href=step_href(id, next) variant=ButtonVariant::Primary glyph=Glyph::ArrowRight>
                {format!("Go on: {}", next.title().to_ascii_lowercase())}
            </LinkButton></div>
        }
    });
    // After a refusal it would speak of something else than what stands in the form.
    let is_twice = is_one_workspace(&pairing);
    let verdict =
        stored.clone().filter(|_| refused.is_none()).map(|stored| view! { <Verdict stored is_twice/> });
    let hint = demo_workspaces.iter().find(|hint| hint.region == wanted).cloned();
    let checks = stored.clone().map(|side| view! { <Checks side as_of/> });
    let (title, lead) = match side {
        Side::Primary => ("Home workspace", "Where production runs today."),
        Side::Secondary => ("Counterpart", "In the other region: stands by, and takes over on the bad day."),
    };
    view! {
        <FormProblem problem/>
        {verdict}
        {checks}
        {go_on}
        <Card title lead>
            <div class="stack">
                <DemoHints workspaces=demo_workspaces href=step_href(id, here)/>
                <PostForm action>
                    <div class="form">
                        <input type="hidden" name="id" value=id.to_string()/>
                        <input type="hidden" name="version" value=version.to_string()/>
                        <input type="hidden" name="side" value=side.as_str()/>
                        <Inputs stored hint refused/>
                        <div class="actions">
                            <Button variant=test glyph=Glyph::Link is_busy=action.is_pending()>"Test the connection"</Button>
                        </div>
                    </div>
                </PostForm>
            </div>
        </Card>
    }
}

/// What was typed before a refusal, else what the address asks to fill in, else what is stored.
#[component]
fn Inputs(
    stored: Option<PairingSide>,
    hint: Option<DemoWorkspace>,
    refused: Option<ApiProblem>,
) -> impl IntoView {
    let value = |field: &str, hinted: Option<String>, kept: Option<String>| {
        let typed = refused.as_ref().and_then(|refused| refused.typed(field)).map(str::to_owned);
        typed.or(hinted).or(kept).unwrap_or_default()
    };
    let error = |field: &str| refused.as_ref().and_then(|refused| refused.field_error(field));
    let name = value(
        "name",
        hint.as_ref().map(|hint| format!("Analytics {}", hint.region)),
        stored.as_ref().map(|side| side.name.clone()),
    );
    let host = value(
        "host",
        hint.as_ref().map(|hint| hint.url.clone()),
        stored.as_ref().map(|side| side.host.clone()),
    );
    let token_hint = if stored.is_some() {
        "Kept encrypted. Leave it empty to use the one that was typed before."
    } else {
        "Kept encrypted; never shown again."
    };
    // Only what the workspace itself could not tell.
    let report = stored.as_ref().map(|side| &side.report);
    let cloud = report.filter(|report| report.has_passed() && report.cloud.is_none()).map(|_| {
        let mut choices = vec![Choice::new("", "Choose…")];
        choices.extend(Cloud::ALL.map(|cloud| Choice::new(cloud.as_str(), cloud_words(cloud))));
        let kept = stored.as_ref().and_then(|side| side.cloud).map(|cloud| cloud.as_str().to_owned());
        view! {
            <Select
                name="cloud"
                label="Cloud"
                hint="The workspace did not tell. Choose it and test again."
                choices
                selected=value("cloud", None, kept)
                error=error("cloud")
            />
        }
    });
    let region = report.filter(|report| report.has_passed() && report.region.is_none()).map(|_| {
        let kept = stored.as_ref().and_then(|side| side.region.clone());
        view! {
            <TextInput
                name="region"
                label="Region"
                hint="The workspace did not tell. Type it as the cloud calls it, such as us-east-1, and test again."
                value=value("region", None, kept)
                error=error("region")
                is_code=true
            />
        }
    });
    view! {
        <TextInput
            name="name"
            label="Name"
            hint="What people call it."
            value=name
            error=error("name")
            is_required=true
        />
        <TextInput
            name="host"
            label="Host"
            placeholder="https://…cloud.databricks.com"
            input_mode="url"
            value=host
            error=error("host")
            is_required=true
            is_code=true
        />
        <TextInput
            name="token"
            label="Token"
            kind="password"
            hint=token_hint
            value=hint.map(|hint| hint.token)
            error=error("token")
            is_code=true
        />
        {cloud}
        {region}
    }
}

/// The demo's simulated workspaces, one link each that fills the form in.
#[component]
fn DemoHints(workspaces: Vec<DemoWorkspace>, href: String) -> impl IntoView {
    let links: Vec<_> = workspaces
        .into_iter()
        .map(|DemoWorkspace { region, url, .. }| {
            view! {
                <li class="demo-hint-row">
                    <Badge tone=Tone::Drill>"demo"</Badge>
                    <code>{url}</code>
                    <span class="muted">{region.clone()}</span>
                    <LinkButton
                        href=format!("{href}&use={region}")
                        is_small=true
                        is_external=true
                        aria_label=format!("Use this simulated workspace in {region}")
                    >
                        "Use this"
                    </LinkButton>
                </li>
            }
        })
        .collect();
    (!links.is_empty()).then(|| view! { <ul class="demo-hints">{links}</ul> })
}

/// One sentence on the last test.
#[component]
fn Verdict(stored: PairingSide, is_twice: bool) -> impl IntoView {
    let where_it_is = match (stored.cloud, &stored.region) {
        (Some(cloud), Some(region)) => format!("{}, {region}", cloud_words(cloud)),
        _ => String::new(),
    };
    if is_twice {
        view! {
            <Alert tone=Tone::Danger title="This is the workspace of the other side as well. Give the address and token of another one."/>
        }
    } else if is_settled(&stored) {
        view! { <Alert tone=Tone::Ok title=format!("The connection works: {}, {where_it_is}.", stored.name)/> }
    } else if stored.report.has_passed() {
        view! {
            <Alert tone=Tone::Warn title="The connection works, but cloud or region could not be detected. Fill them in and test again."/>
        }
    } else {
        view! {
            <Alert tone=Tone::Danger title="The connection does not work yet. The checks below say what to do; nothing was written anywhere."/>
        }
    }
}

//! The pairing wizard: two tested connections become a failover group. Every step is stored on the server, so
//! that it can be left and taken up again; nothing is written to either workspace here.

mod begin;
mod checks;
mod review;
mod settings;
mod side;

use farshore_model::{
    PairingId,
    group::Side,
    pairing::{Pairing, PairingSide},
    view::PairingPage,
};
use leptos::{either::EitherOf4, prelude::*};

pub use self::begin::BeginPair;
use self::{review::Review, settings::Settings, side::SideStep};
use crate::{
    api::{ApiProblem, DiscardPairing, FinishPairing, SetPairing, TestSide, read},
    components::{Crumb, PageHeader, Stepper, StepperItem},
    parts::{FormAction, Loaded, PageData, use_path_id, use_query},
    view,
};

/// The pages of the wizard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WizardStep {
    Primary,
    Secondary,
    Settings,
    Review,
}

impl WizardStep {
    const ALL: [Self; 4] = [Self::Primary, Self::Secondary, Self::Settings, Self::Review];

    /// As in the address.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Secondary => "secondary",
            Self::Settings => "settings",
            Self::Review => "review",
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::Primary => "Home workspace",
            Self::Secondary => "Counterpart",
            Self::Settings => "Name and schedule",
            Self::Review => "Review",
        }
    }

    const fn index(self) -> u32 {
        match self {
            Self::Primary => 0,
            Self::Secondary => 1,
            Self::Settings => 2,
            Self::Review => 3,
        }
    }

    fn is_done(self, pairing: &Pairing) -> bool {
        match self {
            Self::Primary => pairing.primary.as_ref().is_some_and(is_settled),
            Self::Secondary => {
                pairing.secondary.as_ref().is_some_and(is_settled) && !is_one_workspace(pairing)
            }
            Self::Settings => pairing.group_name.is_some(),
            Self::Review => false,
        }
    }

    /// The step that the address asks for, if all before it are done; else the first that is not.
    fn choose(asked: &str, pairing: &Pairing) -> Self {
        let first_open = Self::ALL.into_iter().find(|step| !step.is_done(pairing)).unwrap_or(Self::Review);
        Self::ALL
            .into_iter()
            .find(|step| step.as_str() == asked && step.index() <= first_open.index())
            .unwrap_or(first_open)
    }
}

/// Tested, and cloud and region are known.
fn is_settled(side: &PairingSide) -> bool {
    side.report.has_passed() && side.cloud.is_some() && side.region.is_some()
}

/// Both sides lead to the same workspace: no pair can be made of them.
fn is_one_workspace(pairing: &Pairing) -> bool {
    let id = |side: &Option<PairingSide>| side.as_ref().and_then(|side| side.report.org_id.clone());
    id(&pairing.primary).is_some_and(|primary| id(&pairing.secondary) == Some(primary))
}

/// What the wizard can do.
#[derive(Clone, Copy)]
struct WizardActions {
    test_primary: FormAction,
    test_secondary: FormAction,
    set: FormAction,
    finish: FormAction,
    discard: FormAction,
}

#[component]
pub fn Pair() -> impl IntoView {
    let id = use_path_id::<PairingId>();
    let actions = WizardActions {
        test_primary: FormAction::of::<TestSide>(),
        test_secondary: FormAction::of::<TestSide>(),
        set: FormAction::of::<SetPairing>(),
        finish: FormAction::of::<FinishPairing>(),
        discard: FormAction::of::<DiscardPairing>(),
    };
    let page = PageData::new(move || {
        actions.test_primary.attempts().track();
        actions.test_secondary.attempts().track();
        actions.set.attempts().track();
        Ok(read::pairing(id.get()?))
    });
    let (asked, wanted) = (use_query("step"), use_query("use"));
    view! {
        <Loaded page render=move |page| {
            let step = WizardStep::choose(&asked.get(), &page.pairing);
            let refused = match step {
                WizardStep::Primary => actions.test_primary.refused(),
                WizardStep::Secondary => actions.test_secondary.refused(),
                WizardStep::Settings => actions.set.refused(),
                WizardStep::Review => None,
            };
            view! { <Wizard page step actions refused wanted=wanted.get()/> }
        }/>
    }
}

#[component]
fn Wizard(
    page: PairingPage,
    step: WizardStep,
    actions: WizardActions,
    refused: Option<ApiProblem>,
    wanted: String,
) -> impl IntoView {
    let id = page.pairing.id;
    let items = WizardStep::ALL
        .into_iter()
        .map(|other| {
            let is_open = WizardStep::choose(other.as_str(), &page.pairing) == other;
            StepperItem::new(other.title(), is_open.then(|| step_href(id, other)))
        })
        .collect();
    // Sides of their own: what was typed on one step does not stand in the fields of the next.
    let body = match step {
        WizardStep::Primary => EitherOf4::A(view! {
            <SideStep page side=Side::Primary action=actions.test_primary refused wanted/>
        }),
        WizardStep::Secondary => EitherOf4::B(view! {
            <SideStep page side=Side::Secondary action=actions.test_secondary refused wanted/>
        }),
        WizardStep::Settings => EitherOf4::C(view! { <Settings page action=actions.set refused/> }),
        WizardStep::Review => {
            EitherOf4::D(view! { <Review page finish=actions.finish discard=actions.discard/> })
        }
    };
    view! {
        <PageHeader
            title="Pair workspaces"
            crumbs=vec![Crumb::new("Overview", "/")]
            lead="You can leave at any time and go on later from the overview."
        />
        <div class="stack">
            <Stepper items current=step.index()/>
            {body}
        </div>
    }
}

fn step_href(id: PairingId, step: WizardStep) -> String {
    format!("/pair/{id}?step={}", step.as_str())
}

#[cfg(test)]
mod tests {
    use farshore_model::{
        Timestamp,
        workspace::{Cloud, ConnectionReport},
    };

    use super::*;

    fn empty() -> Pairing {
        Pairing {
            id: PairingId(Default::default()),
            primary: None,
            secondary: None,
            group_name: None,
            sync_interval_ms: None,
            smoke_job: None,
            version: 1,
            created_at: Timestamp(0),
        }
    }

    #[test]
    fn no_step_is_skipped() {
        assert_eq!(WizardStep::choose("review", &empty()), WizardStep::Primary);
        assert_eq!(WizardStep::choose("", &empty()), WizardStep::Primary);
        assert_eq!(WizardStep::choose("nonsense", &empty()), WizardStep::Primary);
    }

    fn side(org_id: &str) -> PairingSide {
        PairingSide {
            name: String::new(),
            host: String::new(),
            report: ConnectionReport {
                checks: Vec::new(),
                org_id: Some(org_id.to_owned()),
                user_name: None,
                cloud: None,
                region: None,
                tested_at: Timestamp(0),
            },
            cloud: Some(Cloud::Aws),
            region: Some("us-east-1".to_owned()),
        }
    }

    #[test]
    fn one_workspace_twice_is_no_pair() {
        let pairing =
            |other: &str| Pairing { primary: Some(side("7")), secondary: Some(side(other)), ..empty() };
        assert!(!WizardStep::Secondary.is_done(&pairing("7")));
        assert!(WizardStep::Secondary.is_done(&pairing("8")));
    }
}

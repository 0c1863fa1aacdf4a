//! The group's name, the schedule of its syncs, and its smoke job.

use farshore_model::view::PairingPage;
use leptos::prelude::*;

use crate::{
    api::ApiProblem,
    components::{Alert, Button, ButtonVariant, Card, Choice, Select, TextInput, Tone},
    parts::{FormAction, FormProblem, IntervalSelect, PostForm},
    view,
};

/// A schedule that suits most: offered, not imposed.
const USUAL_INTERVAL_MS: i64 = 900_000;

#[component]
pub fn Settings(page: PairingPage, action: FormAction, refused: Option<ApiProblem>) -> impl IntoView {
    let PairingPage { pairing, smoke_candidates, candidates_error, .. } = page;
    let problem = action.problem();
    let mut jobs = vec![Choice::new("", "None for now")];
    jobs.extend(smoke_candidates.into_iter().map(|job| Choice::new(job.key, job.name)));
    let name = pairing.group_name.clone().unwrap_or_default();
    let interval = match (&pairing.group_name, pairing.sync_interval_ms) {
        (_, Some(ms)) => ms.to_string(),
        (None, None) => USUAL_INTERVAL_MS.to_string(),
        (Some(_), None) => String::new(),
    };
    let smoke = pairing.smoke_job.map(|job| job.key).unwrap_or_default();
    let typed = |field: &str, stored: &str| {
        refused.as_ref().and_then(|refused| refused.typed(field)).unwrap_or(stored).to_owned()
    };
    let error = |field: &str| refused.as_ref().and_then(|refused| refused.field_error(field));
    let fields = view! {
        <TextInput
            name="group_name"
            label="Name of the failover group"
            hint="What is failed over as one. It has to be typed before a failover."
            placeholder="Analytics"
            value=typed("group_name", &name)
            error=error("group_name")
            is_required=true
        />
        <IntervalSelect selected=typed("sync_interval", &interval) error=error("sync_interval")/>
        <Select
            name="smoke_job_key"
            label="Smoke job"
            hint="A job whose success shows that a region works: a failover runs it before it declares the region operational. Without one readiness is “action required”."
            choices=jobs
            selected=typed("smoke_job_key", &smoke)
            error=error("smoke_job_key")
        />
    };
    view! {
        <FormProblem problem/>
        {candidates_error.map(|error| view! {
            <Alert tone=Tone::Warn title="The jobs of the home workspace could not be listed.">
                {error}" You can choose the smoke job later on the group's page."
            </Alert>
        })}
        <Card title="Name and schedule">
            <PostForm action>
                <div class="form">
                    <input type="hidden" name="id" value=pairing.id.to_string()/>
                    <input type="hidden" name="version" value=pairing.version.to_string()/>
                    {fields}
                    <div class="actions">
                        <Button variant=ButtonVariant::Primary is_busy=action.is_pending()>"Go on: review"</Button>
                    </div>
                </div>
            </PostForm>
        </Card>
    }
}

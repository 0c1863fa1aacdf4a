//! Before the wizard: what it needs, and what it does not do.

use leptos::prelude::*;

use crate::{
    api::BeginPairing,
    components::{Button, ButtonVariant, Card, Crumb, PageHeader},
    parts::{FormAction, FormProblem, PostForm},
    view,
};

#[component]
pub fn BeginPair() -> impl IntoView {
    let begin = FormAction::of::<BeginPairing>();
    let problem = begin.problem();
    view! {
        <PageHeader
            title="Pair workspaces"
            crumbs=vec![Crumb::new("Overview", "/")]
            lead="Two workspaces in two regions become a failover group."
        />
        <div class="stack">
            <FormProblem problem/>
            <Card title="What you need">
                <ul class="bullets">
                    <li>"The address of each workspace, as in the browser: "<code>"https://…cloud.databricks.com"</code></li>
                    <li>"A token for each, of a workspace admin: everything that is to be replicated must be visible to it. Tokens are stored encrypted and never shown again."</li>
                    <li>"Nothing is written to either workspace before you have seen the plan of the first copy."</li>
                </ul>
                <PostForm action=begin>
                    <div class="actions">
                        <Button variant=ButtonVariant::Primary is_busy=begin.is_pending()>"Begin"</Button>
                    </div>
                </PostForm>
            </Card>
        </div>
    }
}

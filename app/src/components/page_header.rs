//! The top of every page.

use leptos::{children::ViewFnOnce, prelude::*};
use leptos_meta::Title;

use super::OptionalText;
use crate::view;

/// A page above this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crumb {
    pub label: String,
    pub href: String,
}

impl Crumb {
    pub fn new(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self { label: label.into(), href: href.into() }
    }
}

/// Heading (level 1), the way up, a line of explanation, actions at the right. Also names the browser's tab.
/// Children stand beside the heading: badges, region pills.
#[component]
pub fn PageHeader(
    #[prop(into)] title: String,
    #[prop(optional)] crumbs: Vec<Crumb>,
    #[prop(optional, into)] lead: OptionalText,
    #[prop(optional, into)] actions: Option<ViewFnOnce>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let trail = (!crumbs.is_empty()).then(|| {
        let links = crumbs
            .into_iter()
            .map(|Crumb { label, href }| view! { <li><a href=href>{label}</a></li> })
            .collect_view();
        view! { <nav class="crumbs" aria-label="Where you are"><ol>{links}</ol></nav> }
    });
    view! {
        <Title text=title.clone()/>
        <header class="page-head">
            {trail}
            <div class="page-head-row">
                <div class="page-head-words">
                    <div class="page-title-row">
                        <h1>{title}</h1>
                        {children.map(|children| children())}
                    </div>
                    {lead.into_option().map(|lead| view! { <p class="page-lead">{lead}</p> })}
                </div>
                {actions.map(|actions| view! { <div class="actions">{actions.run()}</div> })}
            </div>
        </header>
    }
    .into_any()
}

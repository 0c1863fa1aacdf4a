//! What changes in a text, line by line.

use crate::view;
use leptos::prelude::*;

/// What became of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineFate {
    Kept,
    Added,
    Removed,
    /// Stands for lines that are left out; its text says how many.
    Gap,
}

/// One line of a [`TextDiff`], without its line break.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiffLine {
    pub fate: LineFate,
    pub text: String,
}

/// A unified diff that scrolls inside its own box.
#[component]
pub fn TextDiff(
    /// Names the text: the path of a notebook.
    #[prop(into)]
    label: String,
    lines: Vec<DiffLine>,
) -> impl IntoView {
    let lines = lines
        .into_iter()
        .map(|DiffLine { fate, text }| {
            let (class, sign) = match fate {
                LineFate::Kept => ("diff-line", " "),
                LineFate::Added => ("diff-line diff-new", "+"),
                LineFate::Removed => ("diff-line diff-old", "−"),
                LineFate::Gap => ("diff-line diff-gap", "⋯"),
            };
            view! { <span class=class><span class="diff-sign">{sign}</span>{text}"\n"</span> }
        })
        .collect_view();
    view! {
        <figure class="code-box">
            <figcaption>{label.clone()}</figcaption>
            <pre class="diff-text" tabindex="0" role="region" aria-label=label>{lines}</pre>
        </figure>
    }
    .into_any()
}

//! What changes in an object: its fields, and its texts line by line.

use farshore_model::plan::{FieldChange, TextChange};
use leptos::prelude::*;

use super::counted;
use crate::{
    components::{FieldDiff, TextDiff},
    view,
};

/// Behind a summary such as "4 lines"; nothing where nothing changes. It has no `open` that is false: attributes are set
/// anew whenever a page is read again, and that would close what somebody reads.
#[component]
pub fn FoldedChanges(changes: Vec<FieldChange>) -> impl IntoView {
    if changes.is_empty() {
        return ().into_any();
    }
    view! {
        <details class="plan-diff">
            <summary>{changes_words(&changes)}</summary>
            <Changes changes/>
        </details>
    }
    .into_any()
}

#[component]
pub fn Changes(changes: Vec<FieldChange>) -> impl IntoView {
    let (texts, fields): (Vec<_>, Vec<_>) = changes.into_iter().partition(|change| change.text.is_some());
    let texts = texts
        .into_iter()
        .filter_map(|change| Some((change.path, *change.text?)))
        .map(|(path, TextChange { removed, added, diff })| {
            view! { <TextDiff label=format!("{path}: {removed} removed, {added} added") diff/> }
        })
        .collect_view();
    let fields = (!fields.is_empty()).then(|| view! { <FieldDiff changes=fields/> });
    view! { <div class="stack-tight">{fields}{texts}</div> }.into_any()
}

/// "4 lines", "2 fields", "4 lines and 1 field"
pub fn changes_words(changes: &[FieldChange]) -> String {
    let (mut lines, mut fields) = (0, 0);
    for change in changes {
        match &change.text {
            Some(text) => lines += text.removed + text.added,
            None => fields += 1,
        }
    }
    let (of_texts, of_fields) = (counted(lines, "line", "lines"), counted(fields, "field", "fields"));
    match (lines, fields) {
        (_, 0) => of_texts,
        (0, _) => of_fields,
        _ => format!("{of_texts} and {of_fields}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(text: Option<(u32, u32)>) -> FieldChange {
        let text = text.map(|(removed, added)| Box::new(TextChange { removed, added, diff: String::new() }));
        FieldChange { path: "source".to_owned(), before: None, after: None, text }
    }

    #[test]
    fn lines_and_fields_are_counted_apart() {
        assert_eq!(changes_words(&[change(Some((1, 0)))]), "1 line");
        assert_eq!(changes_words(&[change(Some((1, 3)))]), "4 lines");
        assert_eq!(changes_words(&[change(None), change(None)]), "2 fields");
        assert_eq!(changes_words(&[change(None), change(Some((2, 2)))]), "4 lines and 1 field");
    }
}

//! Several lines of text.

use leptos::prelude::*;

use super::{Field, OptionalText, described_by, field_id};
use crate::view;

/// A labelled multi-line field that posts `name`.
///
/// Leptos 0.8 does not escape the children of a `<textarea>` on the server, and `prop:value` renders nothing
/// there: the value is escaped here, and the test below feeds it an attack.
#[component]
pub fn Textarea(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    /// Where several forms of one page post the same name.
    #[prop(optional, into)]
    id: OptionalText,
    #[prop(optional, into)] value: OptionalText,
    #[prop(optional, into)] hint: OptionalText,
    #[prop(optional, into)] error: OptionalText,
    #[prop(optional, into)] placeholder: OptionalText,
    #[prop(default = 3)] rows: u32,
    #[prop(optional)] is_required: bool,
    #[prop(optional)] is_optional: bool,
) -> impl IntoView {
    let id = id.into_option().map_or_else(|| field_id(&name), Into::into);
    let described = described_by(&id, &hint, &error);
    let is_invalid = error.is_some();
    let text = value.into_option().unwrap_or_default();
    view! {
        <Field id=id.clone() label hint error is_optional>
            <textarea
                class="input"
                id=id
                name=name
                rows=rows
                placeholder=placeholder.into_option()
                required=is_required
                aria-describedby=described
                aria-invalid=is_invalid.then_some("true")
                inner_html=escape(&text)
            ></textarea>
        </Field>
    }
    .into_any()
}

/// The HTML whose text is `text`. The line break in front is the one that HTML drops at the start of a textarea.
fn escape(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + 1);
    html.push('\n');
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            other => html.push(other),
        }
    }
    html
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn a_value_cannot_leave_the_textarea() {
        let attack = "</textarea><script>alert(1)</script>&lt;";
        let html =
            Owner::new().with(|| view! { <Textarea name="comment" label="Comment" value=attack/> }.to_html());
        assert!(!html.contains("<script"), "{html}");
        assert_eq!(html.matches("</textarea>").count(), 1, "{html}");
        assert!(html.contains("&lt;/textarea&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;lt;"), "{html}");
    }
}

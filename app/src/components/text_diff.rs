//! What changes in a text, line by line.

use crate::view;
use leptos::prelude::*;

/// A unified diff that scrolls inside its own box.
#[component]
pub fn TextDiff(
    /// Names the text: the path of a notebook.
    #[prop(into)]
    label: String,
    diff: String,
) -> impl IntoView {
    let lines = diff
        .lines()
        .filter_map(|line| {
            // The first character of a line says what became of it, and is one byte.
            let (fate, text) = line.split_at_checked(1)?;
            let (class, sign, text) = match fate {
                "+" => ("diff-line diff-new", "+", text.to_owned()),
                "-" => ("diff-line diff-old", "−", text.to_owned()),
                "@" => ("diff-line diff-gap", "⋯", skipped_to(text)?),
                "\\" => ("diff-line diff-gap", "⋯", text.trim().to_owned()),
                _ => ("diff-line", " ", text.to_owned()),
            };
            Some(view! { <span class=class><span class="diff-sign">{sign}</span>{text}"\n"</span> })
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

/// "line 12" of the text as it will be, where the lines before it are left out.
fn skipped_to(hunk: &str) -> Option<String> {
    let line = hunk.split_once('+')?.1.split([',', ' ']).next()?;
    (!matches!(line, "0" | "1")).then(|| format!("line {line}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_are_left_out_are_told_by_the_one_that_follows() {
        assert_eq!(skipped_to("@ -12,7 +13,8 @@").as_deref(), Some("line 13"));
        assert_eq!(skipped_to("@ -40 +41 @@").as_deref(), Some("line 41"));
        assert_eq!(skipped_to("@ -1,4 +1,5 @@"), None);
        assert_eq!(skipped_to("@ -1,2 +0,0 @@"), None);
    }
}

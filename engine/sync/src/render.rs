//! A plan as text.

use std::fmt::Write as _;

use farshore_model::plan::{PlanAction, PlanItem, SyncPlan, TextChange};

/// The plan for a reader: one line for each item, with its reason and its changes below. Ids, hashes and times
/// are left out, so that two plans that do the same read the same.
pub fn render_text(plan: &SyncPlan) -> String {
    let mut text = format!("{} -> {}:", plan.source, plan.source.other());
    for action in PlanAction::ALL {
        let count = plan.counts.get(action);
        if count > 0 {
            let _ = write!(text, " {count} {action},");
        }
    }
    let _ = writeln!(text, " {} unchanged", plan.counts.unchanged);
    for item in &plan.items {
        render_item(&mut text, item);
    }
    text
}

// Writing to a String cannot fail.
fn render_item(text: &mut String, item: &PlanItem) {
    let _ = writeln!(text, "{:<8} {:<14} {}", item.action.as_str(), item.object.kind.singular(), item.name);
    if let Some(reason) = &item.reason {
        let _ = writeln!(text, "         because {reason}");
    }
    for change in &item.changes {
        if let Some(TextChange { removed, added, diff }) = change.text.as_deref() {
            let _ = writeln!(text, "         {}: {removed} removed, {added} added", change.path);
            for line in diff.lines() {
                let _ = writeln!(text, "           {line}");
            }
            continue;
        }
        let before = change.before.as_deref().unwrap_or("-");
        let after = change.after.as_deref().unwrap_or("-");
        let _ = writeln!(text, "         {}: {before} => {after}", change.path);
    }
    if let Some(activation) = &item.activation {
        let _ = writeln!(text, "         held: {activation}");
    }
}

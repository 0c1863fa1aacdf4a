//! What differs between two texts, line by line.

use std::{fmt::Write as _, time::Duration};

use farshore_model::plan::{FieldChange, TextChange};
use similar::{ChangeTag, DiffTag, TextDiff};

use super::cut;

/// Changed lines that a plan shows of one text.
const MOST_LINES: usize = 40;
/// Unchanged lines around them.
const CONTEXT: usize = 3;
/// After this long a search for the fewest changed lines is content with more of them: two texts of a million lines
/// that have nothing in common would keep a plan waiting. Plans are told apart by hashes of the objects, not by this.
const LONGEST_SEARCH: Duration = Duration::from_millis(500);

/// The changed lines of a text in their place. Only what is shown is copied.
pub(super) fn change(path: String, before: &str, after: &str) -> FieldChange {
    let diff = TextDiff::configure().timeout(LONGEST_SEARCH).diff_lines(before, after);
    let changed = diff.ops().iter().filter(|op| op.tag() != DiffTag::Equal);
    let (removed, added) = changed
        .fold((0, 0), |(removed, added), op| (removed + op.old_range().len(), added + op.new_range().len()));
    let mut shown = Shown::default();
    for hunk in diff.unified_diff().context_radius(CONTEXT).iter_hunks() {
        if shown.is_full() {
            break;
        }
        // Writing to a String cannot fail.
        let _ = writeln!(shown.diff, "{}", hunk.header());
        for line in hunk.iter_changes() {
            if line.tag() != ChangeTag::Equal && shown.is_full() {
                break;
            }
            shown.push(line.tag(), line.value());
            if line.missing_newline() {
                shown.diff.push_str("\\ No newline at end of file\n");
            }
        }
    }
    match (removed + added).saturating_sub(shown.changed()) {
        0 => {}
        1 => shown.diff.push_str("\\ 1 more line differs\n"),
        more => shown.diff.push_str(&format!("\\ {more} more lines differ\n")),
    }
    let diff = shown.diff.trim_end_matches('\n').to_owned();
    let text = TextChange { removed: count(removed), added: count(added), diff };
    FieldChange {
        path,
        before: listed(&shown.removed, removed),
        after: listed(&shown.added, added),
        text: Some(Box::new(text)),
    }
}

#[derive(Default)]
struct Shown {
    diff: String,
    removed: Vec<String>,
    added: Vec<String>,
}

impl Shown {
    const fn changed(&self) -> usize {
        self.removed.len() + self.added.len()
    }

    const fn is_full(&self) -> bool {
        self.changed() >= MOST_LINES
    }

    fn push(&mut self, tag: ChangeTag, line: &str) {
        let line = visible(&cut(line.strip_suffix('\n').unwrap_or(line)));
        let _ = writeln!(self.diff, "{tag}{line}");
        match tag {
            ChangeTag::Equal => {}
            ChangeTag::Delete => self.removed.push(line),
            ChangeTag::Insert => self.added.push(line),
        }
    }
}

/// Lines without their place; None: there are none.
fn listed(lines: &[String], of: usize) -> Option<String> {
    let noun = |count: usize| if count == 1 { "line" } else { "lines" };
    match (lines.is_empty(), of.saturating_sub(lines.len())) {
        (true, 0) => None,
        (true, all) => Some(format!("({all} {})", noun(all))),
        (false, 0) => Some(lines.join("\n")),
        (false, more) => Some(format!("{}\n… and {more} more {}", lines.join("\n"), noun(more))),
    }
}

/// Control characters by their pictures: a line that ends otherwise is seen to differ, and none of them reaches a
/// terminal or a database.
fn visible(line: &str) -> String {
    let picture = |character: char| match character {
        '\t' => '\t',
        '\u{7f}' => '\u{2421}',
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(character)).unwrap_or('\u{fffd}'),
        _ if character.is_control() => '\u{fffd}',
        _ => character,
    };
    line.chars().map(picture).collect()
}

fn count(lines: usize) -> u32 {
    u32::try_from(lines).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;

//! Rows of a form whose order matters, and the buttons that arrange them. Each button posts the whole form, so that
//! nothing that was typed is lost and no script is needed.

use farshore_control::MOST_ROWS;
use farshore_model::Problem;
use leptos::prelude::*;

use crate::{
    api::PostedForm,
    components::{Button, ButtonVariant},
    view,
};

/// The button of a form that was pressed. Rows count from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Press {
    /// None of the others: the form is looked at as it stands.
    Look,
    /// The same, with objects that are read again.
    LookAgain,
    Add,
    /// Adds a row about this value.
    Take(String),
    Up(usize),
    Down(usize),
    Remove(usize),
    Save,
}

impl Press {
    pub(super) fn of(form: &PostedForm) -> Self {
        let pressed = form.text("do").unwrap_or_default();
        let (verb, about) = pressed.split_once(' ').unwrap_or((pressed, ""));
        let row = about.parse().ok().and_then(|place: usize| place.checked_sub(1));
        match (verb, row) {
            ("save", _) => Self::Save,
            ("again", _) => Self::LookAgain,
            ("add", _) => Self::Add,
            ("take", _) => Self::Take(about.to_owned()),
            ("up", Some(row)) => Self::Up(row),
            ("down", Some(row)) => Self::Down(row),
            ("remove", Some(row)) => Self::Remove(row),
            _ => Self::Look,
        }
    }

    /// Does to the rows what the button says; a row that is not there stays where it is not.
    pub(super) fn arrange<T: Default>(&self, rows: &mut Vec<T>) {
        match *self {
            Self::Add if rows.len() < MOST_ROWS => rows.push(T::default()),
            Self::Up(row) if row > 0 && row < rows.len() => rows.swap(row - 1, row),
            Self::Down(row) if row + 1 < rows.len() => rows.swap(row, row + 1),
            Self::Remove(row) if row < rows.len() => {
                rows.remove(row);
            }
            _ => {}
        }
    }
}

/// The numbers of the rows that a form holds: of each there is a field with this name.
///
/// # Errors
/// The form holds more than any that this panel has shown.
pub(super) fn numbers(form: &PostedForm, field: &str) -> Result<Vec<usize>, Problem> {
    let is_there = |number: &usize| form.text(&format!("{field}_{number}")).is_some();
    let numbers: Vec<usize> = (1..=MOST_ROWS + 1).take_while(is_there).collect();
    if numbers.len() > MOST_ROWS {
        let why = format!("This form has more than {MOST_ROWS} rows, and a group has at most so many.");
        return Err(Problem::field("rows", why));
    }
    Ok(numbers)
}

/// Why no row can be added to so many.
pub(super) fn why_no_more(rows: usize) -> Option<String> {
    (rows >= MOST_ROWS).then(|| format!("There are at most {MOST_ROWS}."))
}

/// Up, down and remove, of one row of several. `number` counts from 1; `noun` is what a row is; `address` is where the
/// browser looks for the rows afterwards.
#[component]
pub(super) fn RowButtons(noun: &'static str, address: String, number: usize, count: usize) -> impl IntoView {
    let button = |verb: &'static str, words: &'static str| {
        view! {
            <Button
                variant=ButtonVariant::Quiet
                is_small=true
                name="do"
                value=format!("{verb} {number}")
                form_action=address.clone()
                aria_label=format!("{words}: {noun} {number}")
            >
                {words}
            </Button>
        }
    };
    let up = (number > 1).then(|| button("up", "Move up"));
    let down = (number < count).then(|| button("down", "Move down"));
    let remove = button("remove", "Remove");
    view! { <div class="actions">{up}{down}{remove}</div> }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pressed(value: &str) -> Press {
        Press::of(&[("do".to_owned(), value.to_owned())].into_iter().collect())
    }

    fn arranged(value: &str) -> Vec<String> {
        let mut rows: Vec<String> = ["a", "b", "c"].map(str::to_owned).into();
        pressed(value).arrange(&mut rows);
        rows
    }

    #[test]
    fn rows_are_moved_removed_and_added() {
        assert_eq!(arranged("up 2"), ["b", "a", "c"]);
        assert_eq!(arranged("down 2"), ["a", "c", "b"]);
        assert_eq!(arranged("remove 1"), ["b", "c"]);
        assert_eq!(arranged("add"), ["a", "b", "c", ""]);
        for harmless in ["up 1", "down 3", "remove 4", "remove 0", "up x", "save", "look", ""] {
            assert_eq!(arranged(harmless), ["a", "b", "c"], "{harmless}");
        }
    }

    #[test]
    fn a_value_may_hold_spaces() {
        assert_eq!(pressed("take s3://a b/c"), Press::Take("s3://a b/c".to_owned()));
        assert_eq!(Press::of(&PostedForm::default()), Press::Look, "a script sends no button");
    }

    #[test]
    fn rows_are_numbered_without_a_gap() {
        let fields = ["x_1", "x_2", "x_4"].map(|name| (name.to_owned(), String::new()));
        assert_eq!(numbers(&fields.into_iter().collect(), "x"), Ok(vec![1, 2]));
    }

    #[test]
    fn a_form_of_more_rows_than_there_can_be_is_refused_at_once() {
        let form = |rows: usize| (1..=rows).map(|row| (format!("x_{row}"), String::new())).collect();
        assert_eq!(numbers(&form(MOST_ROWS), "x").map(|numbers| numbers.len()), Ok(MOST_ROWS));
        let refused = numbers(&form(100_000), "x").expect_err("too many");
        assert!(refused.what_happened.contains("more than 200 rows"), "{refused}");
        let mut rows = vec![0; MOST_ROWS];
        Press::Add.arrange(&mut rows);
        assert_eq!(rows.len(), MOST_ROWS);
        assert!(why_no_more(MOST_ROWS).is_some() && why_no_more(MOST_ROWS - 1).is_none());
    }
}

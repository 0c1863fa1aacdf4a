//! Believable source text: cells out of a stock per language, filled with the subject's names.

use super::domains::{DOMAINS, Domain};
use crate::seed::Picker;
use crate::state::tree::Language;

mod python;
mod r;
mod scala;
mod sql;

/// How long a notebook is at least and at most.
const LENGTH_BYTES: (usize, usize) = (1_100, 5_600);

const VERBS: [&str; 4] = ["Land", "Conform", "Publish", "Check"];
const SCHEMAS: [(&str, &str); 4] =
    [("landing", "bronze"), ("bronze", "silver"), ("silver", "gold"), ("gold", "quality")];

/// What one notebook is about.
pub(super) struct Subject {
    names: Vec<(&'static str, String)>,
}

impl Subject {
    pub(super) fn new(
        domain: &Domain,
        (entity, key, measure, date): (&'static str, &'static str, &'static str, &'static str),
        layer: usize,
    ) -> Self {
        let (from, to) = SCHEMAS.get(layer).copied().unwrap_or(("bronze", "silver"));
        let verb = VERBS.get(layer).copied().unwrap_or("Review");
        let names = vec![
            ("{title}", format!("{verb} {}", entity.replace('_', " "))),
            ("{domain}", domain.title.to_owned()),
            ("{slug}", domain.slug.to_owned()),
            ("{purpose}", domain.purpose.to_owned()),
            ("{entity}", entity.to_owned()),
            ("{key}", key.to_owned()),
            ("{measure}", measure.to_owned()),
            ("{date}", date.to_owned()),
            ("{from}", from.to_owned()),
            ("{to}", to.to_owned()),
            ("{zone}", domain.timezone_id.to_owned()),
        ];
        Self { names }
    }

    /// Some subject, by number.
    pub(super) fn of(number: usize, layer: usize) -> Self {
        let domain = DOMAINS.get(number % DOMAINS.len()).unwrap_or(&DOMAINS[0]);
        let entity = domain.entities.get(number % domain.entities.len()).unwrap_or(&domain.entities[0]);
        Self::new(domain, *entity, layer)
    }

    fn fill(&self, cell: &str) -> String {
        self.names.iter().fold(cell.to_owned(), |text, (name, value)| text.replace(name, value))
    }
}

/// The source of a notebook, without the header line.
pub(super) fn write(language: Language, subject: &Subject, picker: &mut Picker) -> String {
    let (first, stock): (&str, &[&str]) = match language {
        Language::Python => (python::FIRST, &python::STOCK),
        Language::Sql => (sql::FIRST, &sql::STOCK),
        Language::Scala => (scala::FIRST, &scala::STOCK),
        Language::R => (r::FIRST, &r::STOCK),
    };
    let wanted = LENGTH_BYTES.0 + picker.below(LENGTH_BYTES.1 - LENGTH_BYTES.0);
    let separator = format!("\n\n{}\n\n", language.separator());
    let mut source = subject.fill(first.trim());
    let mut left: Vec<&str> = stock.to_vec();
    while source.len() < wanted && !left.is_empty() {
        // Mostly in the order of the stock, so that reading comes before writing.
        let cell = left.remove(picker.below(2.min(left.len())));
        source.push_str(&separator);
        source.push_str(&subject.fill(cell.trim()));
        if source.len() > LENGTH_BYTES.1 {
            break;
        }
    }
    source.push('\n');
    source
}

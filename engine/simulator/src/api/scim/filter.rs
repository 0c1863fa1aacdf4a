//! SCIM filters: `eq`, `ne`, `co`, `sw`, joined by `and` and `or`, with brackets.

use serde_json::{Map, Value};

use super::{refused, view};
use crate::api::ApiError;
use crate::state::directory::ResourceKind;

/// How a value is compared, without regard to case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Contains,
    StartsWith,
}

/// A condition on a resource.
#[derive(Debug, PartialEq)]
pub(super) enum Filter {
    Test { path: String, operator: Operator, value: String },
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
}

#[derive(Debug, PartialEq)]
enum Token {
    Open,
    Close,
    Word(String),
    Quoted(String),
}

impl Filter {
    /// Reads a filter on resources of a kind.
    pub(super) fn parse(kind: ResourceKind, text: &str) -> Result<Self, ApiError> {
        let filter = Self::parse_on_entries(text)?;
        match filter.paths().into_iter().find(|path| !view::is_path(kind, path)) {
            Some(unknown) => {
                Err(refused("invalidFilter", format!("{unknown} is not an attribute to filter by.")))
            }
            None => Ok(filter),
        }
    }

    /// Reads a filter on the entries of a list attribute, as in `members[value eq "1"]`.
    pub(super) fn parse_on_entries(text: &str) -> Result<Self, ApiError> {
        let wrong = || refused("invalidFilter", format!("The filter {text} is not supported."));
        let mut parser = Parser { tokens: tokens(text).ok_or_else(wrong)?.into_iter().peekable() };
        let filter = parser.alternatives().ok_or_else(wrong)?;
        if parser.tokens.next().is_some() { Err(wrong()) } else { Ok(filter) }
    }

    pub(super) fn matches(&self, resource: &Map<String, Value>) -> bool {
        match self {
            Self::And(left, right) => left.matches(resource) && right.matches(resource),
            Self::Or(left, right) => left.matches(resource) || right.matches(resource),
            Self::Test { path, operator, value } => {
                let wanted = value.to_lowercase();
                let mut found = view::values(resource, path).into_iter().map(|value| value.to_lowercase());
                match operator {
                    Operator::Equal => found.any(|value| value == wanted),
                    Operator::NotEqual => !found.any(|value| value == wanted),
                    Operator::Contains => found.any(|value| value.contains(&wanted)),
                    Operator::StartsWith => found.any(|value| value.starts_with(&wanted)),
                }
            }
        }
    }

    fn paths(&self) -> Vec<&str> {
        match self {
            Self::Test { path, .. } => vec![path],
            Self::And(left, right) | Self::Or(left, right) => [left.paths(), right.paths()].concat(),
        }
    }
}

struct Parser {
    tokens: std::iter::Peekable<std::vec::IntoIter<Token>>,
}

impl Parser {
    /// `or` binds less than `and`.
    fn alternatives(&mut self) -> Option<Filter> {
        let mut filter = self.together()?;
        while self.takes("or") {
            filter = Filter::Or(Box::new(filter), Box::new(self.together()?));
        }
        Some(filter)
    }

    fn together(&mut self) -> Option<Filter> {
        let mut filter = self.test()?;
        while self.takes("and") {
            filter = Filter::And(Box::new(filter), Box::new(self.test()?));
        }
        Some(filter)
    }

    fn test(&mut self) -> Option<Filter> {
        if self.tokens.next_if_eq(&Token::Open).is_some() {
            let filter = self.alternatives()?;
            return self.tokens.next_if_eq(&Token::Close).map(|_| filter);
        }
        let Token::Word(path) = self.tokens.next()? else { return None };
        let Token::Word(operator) = self.tokens.next()? else { return None };
        let operator = match operator.to_lowercase().as_str() {
            "eq" => Operator::Equal,
            "ne" => Operator::NotEqual,
            "co" => Operator::Contains,
            "sw" => Operator::StartsWith,
            _ => return None,
        };
        let (Token::Word(value) | Token::Quoted(value)) = self.tokens.next()? else { return None };
        Some(Filter::Test { path: without_schema(&path).to_owned(), operator, value })
    }

    fn takes(&mut self, word: &str) -> bool {
        let is_word = |token: &Token| matches!(token, Token::Word(given) if given.eq_ignore_ascii_case(word));
        self.tokens.next_if(is_word).is_some()
    }
}

/// `urn:ietf:params:scim:schemas:core:2.0:User:userName` is `userName`.
pub(super) fn without_schema(path: &str) -> &str {
    if path.starts_with("urn:") { path.rsplit(':').next().unwrap_or(path) } else { path }
}

/// The words of a filter; `None` when a quote is left open.
fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            ' ' => {}
            '(' => tokens.push(Token::Open),
            ')' => tokens.push(Token::Close),
            '"' => {
                let mut quoted = String::new();
                loop {
                    match letters.next()? {
                        '"' => break,
                        '\\' => quoted.push(letters.next()?),
                        letter => quoted.push(letter),
                    }
                }
                tokens.push(Token::Quoted(quoted));
            }
            letter => {
                let mut word = String::from(letter);
                while let Some(letter) = letters.next_if(|letter| !matches!(letter, ' ' | '(' | ')')) {
                    word.push(letter);
                }
                tokens.push(Token::Word(word));
            }
        }
    }
    Some(tokens)
}

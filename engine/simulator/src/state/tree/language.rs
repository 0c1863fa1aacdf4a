//! The languages of notebooks, and how their sources are written.

use serde::{Deserialize, Serialize};

/// The language of a notebook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Language {
    Python,
    Sql,
    Scala,
    R,
}

impl Language {
    pub(crate) fn parse(name: &str) -> Option<Self> {
        match name {
            "PYTHON" => Some(Self::Python),
            "SQL" => Some(Self::Sql),
            "SCALA" => Some(Self::Scala),
            "R" => Some(Self::R),
            _ => None,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Python => "PYTHON",
            Self::Sql => "SQL",
            Self::Scala => "SCALA",
            Self::R => "R",
        }
    }

    pub(crate) fn extension(self) -> &'static str {
        match self {
            Self::Python => "py",
            Self::Sql => "sql",
            Self::Scala => "scala",
            Self::R => "r",
        }
    }

    pub(crate) fn of_extension(extension: &str) -> Option<Self> {
        match extension.to_ascii_lowercase().as_str() {
            "py" => Some(Self::Python),
            "sql" => Some(Self::Sql),
            "scala" => Some(Self::Scala),
            "r" => Some(Self::R),
            _ => None,
        }
    }

    fn comment(self) -> &'static str {
        match self {
            Self::Python | Self::R => "#",
            Self::Sql => "--",
            Self::Scala => "//",
        }
    }

    /// The first line of every exported source.
    pub(crate) fn header(self) -> String {
        format!("{} Databricks notebook source", self.comment())
    }

    /// The line between two cells.
    pub(crate) fn separator(self) -> String {
        format!("{} COMMAND ----------", self.comment())
    }

    /// What starts a line of a cell in another language.
    pub(crate) fn magic(self) -> String {
        format!("{} MAGIC ", self.comment())
    }
}

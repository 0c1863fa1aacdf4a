//! Settings while they are being changed.

use std::collections::BTreeMap;

use farshore_control::EditSettings;
use farshore_model::{
    Problem,
    kind::ObjectKind,
    replication_settings::{DeletionBrake, FilterBy, Handling, OnDrift, ReplicationSettings, ScopeFilter},
};

use super::super::rows::numbers;
use crate::api::PostedForm;

/// As they stand in the form. Numbers are what was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Draft {
    pub handling: BTreeMap<ObjectKind, Handling>,
    pub filters: Vec<DraftFilter>,
    pub on_drift: OnDrift,
    pub most_objects: String,
    pub most_percent: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum By {
    #[default]
    Path,
    Name,
    Tag,
    Owner,
}

impl By {
    pub(super) const ALL: [Self; 4] = [Self::Path, Self::Name, Self::Tag, Self::Owner];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Name => "name",
            Self::Tag => "tag",
            Self::Owner => "owner",
        }
    }
}

/// One filter; a new one leaves out what it fits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct DraftFilter {
    pub kind: Option<ObjectKind>,
    pub is_included: bool,
    pub by: By,
    /// The path, the pattern or the key.
    pub text: String,
    /// Of a tag alone.
    pub value: String,
}

impl Draft {
    pub(super) fn of(settings: &ReplicationSettings) -> Self {
        Self {
            handling: settings.handling.clone(),
            filters: settings.filters.iter().map(DraftFilter::of).collect(),
            on_drift: settings.on_drift,
            most_objects: settings.brake.most_objects.to_string(),
            most_percent: settings.brake.most_percent.to_string(),
        }
    }

    pub(super) fn typed(form: &PostedForm) -> Self {
        let handling = |kind: ObjectKind| {
            let chosen = form.trimmed(&format!("handling_{kind}"));
            let handling = Handling::ALL.into_iter().find(|handling| handling.as_str() == chosen)?;
            Some((kind, handling))
        };
        let on_drift = form.trimmed("on_drift");
        Self {
            handling: ObjectKind::ALL.into_iter().filter_map(handling).collect(),
            filters: numbers(form, "filter_text").map(|number| DraftFilter::typed(form, number)).collect(),
            on_drift: OnDrift::ALL.into_iter().find(|choice| choice.as_str() == on_drift).unwrap_or_default(),
            most_objects: form.trimmed("most_objects"),
            most_percent: form.trimmed("most_percent"),
        }
    }

    /// What is to be kept.
    ///
    /// # Errors
    /// A number is none.
    pub(super) fn edit(&self, version: i64) -> Result<EditSettings, Problem> {
        let most_objects = self.most_objects.parse().map_err(|_| {
            Problem::field("most_objects", "Type a whole number from 0 on; it is counted in objects.")
        })?;
        let most_percent = self
            .most_percent
            .parse()
            .map_err(|_| Problem::field("most_percent", "Type a whole number from 0 to 100."))?;
        Ok(EditSettings {
            version,
            handling: self.handling.clone(),
            filters: self.filters.iter().map(DraftFilter::filter).collect(),
            on_drift: self.on_drift,
            brake: DeletionBrake { most_objects, most_percent },
        })
    }
}

impl DraftFilter {
    pub(super) fn of(filter: &ScopeFilter) -> Self {
        let (by, text, value) = match filter.by.clone() {
            FilterBy::Path { path } => (By::Path, path, String::new()),
            FilterBy::Name { pattern } => (By::Name, pattern, String::new()),
            FilterBy::Tag { key, value } => (By::Tag, key, value),
            FilterBy::Owner { pattern } => (By::Owner, pattern, String::new()),
        };
        Self { kind: filter.kind, is_included: filter.is_included, by, text, value }
    }

    fn typed(form: &PostedForm, number: usize) -> Self {
        let text = |what: &str| form.trimmed(&format!("filter_{what}_{number}"));
        let by = text("by");
        Self {
            kind: text("kind").parse().ok(),
            is_included: text("effect") == "include",
            by: By::ALL.into_iter().find(|choice| choice.as_str() == by).unwrap_or_default(),
            text: text("text"),
            value: text("value"),
        }
    }

    fn filter(&self) -> ScopeFilter {
        let text = self.text.clone();
        let by = match self.by {
            By::Path => FilterBy::Path { path: text },
            By::Name => FilterBy::Name { pattern: text },
            By::Tag => FilterBy::Tag { key: text, value: self.value.clone() },
            By::Owner => FilterBy::Owner { pattern: text },
        };
        ScopeFilter { kind: self.kind, by, is_included: self.is_included }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> Draft {
        let filter = |by, text: &str| DraftFilter { by, text: text.to_owned(), ..DraftFilter::default() };
        Draft {
            handling: ObjectKind::ALL.map(|kind| (kind, Handling::Manual)).into(),
            filters: vec![
                DraftFilter { is_included: true, ..filter(By::Path, "/Shared") },
                DraftFilter { value: "dev *".to_owned(), ..filter(By::Tag, "stage") },
                DraftFilter { kind: Some(ObjectKind::Jobs), ..filter(By::Owner, "*@example.net") },
            ],
            on_drift: OnDrift::Ask,
            most_objects: "12".to_owned(),
            most_percent: "3".to_owned(),
        }
    }

    #[test]
    fn what_is_typed_is_read_back_and_kept() {
        let draft = draft();
        let mut fields: Vec<(String, String)> = vec![
            ("on_drift".to_owned(), "ask".to_owned()),
            ("most_objects".to_owned(), " 12".to_owned()),
            ("most_percent".to_owned(), "3".to_owned()),
        ];
        fields.extend(ObjectKind::ALL.map(|kind| (format!("handling_{kind}"), "manual".to_owned())));
        for (filter, number) in draft.filters.iter().zip(1..) {
            let effect = if filter.is_included { "include" } else { "exclude" };
            for (what, value) in [
                ("kind", filter.kind.map_or("", ObjectKind::as_str)),
                ("effect", effect),
                ("by", filter.by.as_str()),
                ("text", &filter.text),
                ("value", &filter.value),
            ] {
                fields.push((format!("filter_{what}_{number}"), value.to_owned()));
            }
        }
        let typed = Draft::typed(&PostedForm(fields));
        assert_eq!(typed, draft);
        let edit = typed.edit(7).expect("numbers");
        assert_eq!((edit.version, edit.brake.most_objects, edit.brake.most_percent), (7, 12, 3));
        let kept = ReplicationSettings {
            handling: edit.handling,
            filters: edit.filters,
            on_drift: edit.on_drift,
            brake: edit.brake,
            ..ReplicationSettings::default()
        };
        assert_eq!(Draft::of(&kept), draft);
    }

    #[test]
    fn a_number_that_is_none_is_told() {
        let mut draft = draft();
        draft.most_percent = "300".to_owned();
        assert_eq!(draft.edit(1).expect_err("no share").fields[0].0, "most_percent");
        draft.most_objects = "-1".to_owned();
        assert_eq!(draft.edit(1).expect_err("less than none").fields[0].0, "most_objects");
    }
}

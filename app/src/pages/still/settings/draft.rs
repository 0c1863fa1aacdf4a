//! Settings while they are being changed.

use std::collections::BTreeMap;

use farshore_control::EditSettings;
use farshore_model::{
    Problem,
    kind::ObjectKind,
    replication_settings::{
        Bundles, DeletionBrake, FilterBy, Handling, OnDrift, ReplicationSettings, ScopeFilter,
    },
};

use super::super::rows::numbers;
use crate::api::PostedForm;

/// As they stand in the form. Numbers are what was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Draft {
    pub handling: BTreeMap<ObjectKind, Handling>,
    pub filters: Vec<DraftFilter>,
    pub on_drift: OnDrift,
    pub bundles: Bundles,
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
    /// A choice that was sent is none that the form offers.
    pub is_damaged: bool,
}

impl Draft {
    pub(super) fn of(settings: &ReplicationSettings) -> Self {
        Self {
            handling: settings.handling.clone(),
            filters: settings.filters.iter().map(DraftFilter::of).collect(),
            on_drift: settings.on_drift,
            bundles: settings.bundles,
            most_objects: settings.brake.most_objects.to_string(),
            most_percent: settings.brake.most_percent.to_string(),
        }
    }

    /// What a form says. Of what it does not say, or not so that it can be read, what is stored stays.
    ///
    /// # Errors
    /// The form has too many rows.
    pub(super) fn typed(form: &PostedForm, stored: &ReplicationSettings) -> Result<Self, Problem> {
        let handling = |kind: ObjectKind| {
            let chosen = form.trimmed(&format!("handling_{kind}"));
            let handling = Handling::ALL.into_iter().find(|handling| handling.as_str() == chosen);
            Some((kind, handling.or_else(|| stored.handling.get(&kind).copied())?))
        };
        let on_drift = form.trimmed("on_drift");
        let on_drift = OnDrift::ALL.into_iter().find(|choice| choice.as_str() == on_drift);
        let bundles = form.trimmed("bundles");
        let bundles = Bundles::ALL.into_iter().find(|choice| choice.as_str() == bundles);
        let filters = numbers(form, "filter_text")?;
        Ok(Self {
            handling: ObjectKind::ALL.into_iter().filter_map(handling).collect(),
            filters: filters.into_iter().map(|number| DraftFilter::typed(form, number)).collect(),
            on_drift: on_drift.unwrap_or(stored.on_drift),
            bundles: bundles.unwrap_or(stored.bundles),
            most_objects: form.trimmed("most_objects"),
            most_percent: form.trimmed("most_percent"),
        })
    }

    /// What is to be kept.
    ///
    /// # Errors
    /// A number is none, or a filter cannot be read.
    pub(super) fn edit(&self, version: i64) -> Result<EditSettings, Problem> {
        let most_objects = self.most_objects.parse().map_err(|_| {
            Problem::field("most_objects", "Type a whole number from 0 on; it is counted in objects.")
        })?;
        let most_percent = self
            .most_percent
            .parse()
            .map_err(|_| Problem::field("most_percent", "Type a whole number from 0 to 100."))?;
        if let Some(place) = self.filters.iter().position(|filter| filter.is_damaged) {
            return Err(Problem::field(
                &format!("filter_{}", place + 1),
                "This filter did not arrive as it was chosen: choose anew what it does, what it is about and by what.",
            ));
        }
        Ok(EditSettings {
            version,
            handling: self.handling.clone(),
            filters: self.filters.iter().map(DraftFilter::filter).collect(),
            on_drift: self.on_drift,
            bundles: self.bundles,
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
        Self { kind: filter.kind, is_included: filter.is_included, by, text, value, is_damaged: false }
    }

    fn typed(form: &PostedForm, number: usize) -> Self {
        let text = |what: &str| form.trimmed(&format!("filter_{what}_{number}"));
        let (kind, effect, by) = (text("kind"), text("effect"), text("by"));
        let of_every_kind = kind.is_empty();
        let kind = kind.parse().ok();
        let by = By::ALL.into_iter().find(|choice| choice.as_str() == by);
        let is_effect = matches!(effect.as_str(), "include" | "exclude");
        Self {
            // An unknown kind does not stand for all of them.
            is_damaged: (kind.is_none() && !of_every_kind) || by.is_none() || !is_effect,
            kind,
            is_included: effect == "include",
            by: by.unwrap_or_default(),
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
            bundles: Bundles::Carried,
            most_objects: "12".to_owned(),
            most_percent: "3".to_owned(),
        }
    }

    #[test]
    fn what_is_typed_is_read_back_and_kept() {
        let draft = draft();
        let mut fields: Vec<(String, String)> = vec![
            ("on_drift".to_owned(), "ask".to_owned()),
            ("bundles".to_owned(), "carried".to_owned()),
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
        let typed =
            Draft::typed(&fields.into_iter().collect(), &ReplicationSettings::default()).expect("few rows");
        assert_eq!(typed, draft);
        let edit = typed.edit(7).expect("numbers");
        assert_eq!((edit.version, edit.brake.most_objects, edit.brake.most_percent), (7, 12, 3));
        let kept = ReplicationSettings {
            handling: edit.handling,
            filters: edit.filters,
            on_drift: edit.on_drift,
            bundles: edit.bundles,
            brake: edit.brake,
            ..ReplicationSettings::default()
        };
        assert_eq!(Draft::of(&kept), draft);
    }

    fn form(fields: &[(&str, &str)]) -> PostedForm {
        fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn what_a_damaged_form_lacks_stays_as_it_is_stored() {
        let stored = ReplicationSettings {
            handling: [(ObjectKind::Jobs, Handling::Excluded), (ObjectKind::Clusters, Handling::Manual)]
                .into(),
            on_drift: OnDrift::Keep,
            ..ReplicationSettings::default()
        };
        let typed = Draft::typed(&form(&[("handling_clusters", "sync"), ("handling_jobs", "?")]), &stored);
        let typed = typed.expect("no rows");
        assert_eq!(typed.handling.get(&ObjectKind::Jobs), Some(&Handling::Excluded));
        assert_eq!(typed.handling.get(&ObjectKind::Clusters), Some(&Handling::Sync), "it was chosen");
        assert_eq!(typed.on_drift, OnDrift::Keep);
    }

    #[test]
    fn a_filter_of_an_unknown_kind_is_not_one_of_every_kind() {
        let filter = |kind: &str, effect: &str, by: &str| {
            let fields = [
                ("most_objects", "1"),
                ("most_percent", "1"),
                ("filter_text_1", "/Shared"),
                ("filter_kind_1", kind),
                ("filter_effect_1", effect),
                ("filter_by_1", by),
            ];
            Draft::typed(&form(&fields), &ReplicationSettings::default()).expect("one row").edit(1)
        };
        assert!(filter("", "exclude", "path").is_ok() && filter("jobs", "include", "name").is_ok());
        for damaged in
            [filter("job", "exclude", "path"), filter("", "", "path"), filter("", "exclude", "size")]
        {
            assert_eq!(damaged.expect_err("damaged").fields[0].0, "filter_1");
        }
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

//! Versions of the runtime.

/// Version, what its name says behind that, Spark, the Scala versions that it comes with.
type Release = (&'static str, &'static str, &'static str, &'static [&'static str]);

/// What is offered, newest first.
const OFFERED: [Release; 8] = [
    ("18.0", " Beta", "4.1.0", &["2.13"]),
    ("17.3", " LTS", "4.0.0", &["2.13"]),
    ("16.4", " LTS", "3.5.2", &["2.12", "2.13"]),
    ("15.4", " LTS", "3.5.0", &["2.12"]),
    ("14.3", " LTS", "3.5.0", &["2.12"]),
    ("13.3", " LTS", "3.4.1", &["2.12"]),
    ("12.2", " LTS", "3.3.2", &["2.12"]),
    ("11.3", " LTS", "3.3.0", &["2.12"]),
];

/// No longer offered, and taken all the same.
const RETIRED: [&str; 18] = [
    "17.2", "17.1", "17.0", "16.3", "16.2", "16.1", "16.0", "15.3", "15.2", "15.1", "15.0", "14.2", "14.1",
    "14.0", "10.4", "9.1", "7.3", "6.4",
];

/// What a key has before its Scala version, what its name has behind the version, and what it has before Scala.
const FLAVOURS: [(&str, &str, &str); 5] = [
    ("", "", ""),
    ("cpu-ml-", " ML", ""),
    ("gpu-ml-", " ML", "GPU, "),
    ("photon-", " Photon", ""),
    ("aarch64-", " aarch64", ""),
];

/// Keys and names of what is offered.
pub(super) fn offered() -> impl Iterator<Item = (String, String)> {
    OFFERED.iter().flat_map(|(version, kind, spark, scalas)| {
        scalas.iter().flat_map(move |scala| {
            FLAVOURS.iter().map(move |(flavour, words, extra)| {
                let key = format!("{version}.x-{flavour}scala{scala}");
                let name =
                    format!("{version}{kind}{words} (includes Apache Spark {spark}, {extra}Scala {scala})");
                (key, name)
            })
        })
    })
}

/// Whether clusters can be made with it, whatever its flavour. Custom images and aliases are taken as they are.
pub(super) fn is_known(key: &str) -> bool {
    if ["custom:", "auto:", "apache-spark-"].iter().any(|prefix| key.starts_with(prefix)) {
        return true;
    }
    let Some((version, rest)) = key.split_once(".x-") else { return false };
    let is_release = OFFERED.iter().any(|release| release.0 == version) || RETIRED.contains(&version);
    is_release && ["scala2.11", "scala2.12", "scala2.13"].iter().any(|scala| rest.ends_with(scala))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_offered_is_known_and_named_as_the_service_names_it() {
        let offered: Vec<(String, String)> = offered().collect();
        assert!(offered.iter().all(|(key, _)| is_known(key)));
        for (key, name) in [
            ("16.4.x-gpu-ml-scala2.12", "16.4 LTS ML (includes Apache Spark 3.5.2, GPU, Scala 2.12)"),
            ("15.4.x-aarch64-scala2.12", "15.4 LTS aarch64 (includes Apache Spark 3.5.0, Scala 2.12)"),
            ("18.0.x-scala2.13", "18.0 Beta (includes Apache Spark 4.1.0, Scala 2.13)"),
        ] {
            assert!(offered.contains(&(key.to_owned(), name.to_owned())), "{key}");
        }
        assert!(is_known("9.1.x-esr-scala2.12") && is_known("custom:snapshot-1"));
        assert!(!is_known("99.9.x-scala9") && !is_known("99.9.x-scala2.12") && !is_known("15.4.x-"));
    }
}

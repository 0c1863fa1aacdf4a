//! In which cloud and region a workspace is, from what it says about itself.

use farshore_model::workspace::Cloud;

use crate::{Host, MetastoreSummary, Zones};

/// What could be found out; the rest has to be typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Detected {
    /// `aws`, `azure` or `gcp`.
    pub cloud: Option<String>,
    /// In the cloud's own spelling, such as `us-east-1`, `westeurope`, `europe-west4`.
    pub region: Option<String>,
}

/// Reads cloud and region off the availability zones, which are where the machines really start; what they do not
/// tell, off the metastore, which is always in the workspace's region; and at last off the address.
pub fn detect_cloud_and_region(
    host: &Host,
    zones: Option<&Zones>,
    metastore: Option<&MetastoreSummary>,
) -> Detected {
    let zone = zones.and_then(|zones| zones.default_zone.as_ref().or(zones.zones.first()));
    let (zone_cloud, zone_region) = zone.map_or((None, None), |zone| of_zone(zone));
    let (host_cloud, host_region) = of_host(host.name());
    let cloud =
        zone_cloud.or_else(|| metastore?.cloud.as_deref()?.to_ascii_lowercase().parse().ok()).or(host_cloud);
    let region =
        zone_region.or_else(|| metastore?.region.clone().filter(|region| !region.is_empty())).or(host_region);
    Detected { cloud: cloud.map(|cloud| cloud.as_str().to_owned()), region }
}

/// `us-east-1a` is AWS, `europe-west4-a` is Google's, and Azure numbers the zones of each region.
fn of_zone(zone: &str) -> (Option<Cloud>, Option<String>) {
    if !zone.is_empty() && zone.bytes().all(|byte| byte.is_ascii_digit()) {
        return (Some(Cloud::Azure), None);
    }
    let parts: Vec<&str> = zone.split('-').collect();
    match parts.as_slice() {
        [.., name, letter] if is_letter(letter) && ends_in_digit(name) => {
            (Some(Cloud::Gcp), Some(zone[..zone.len() - letter.len() - 1].to_owned()))
        }
        [_, _, .., last] if is_digit_and_letter(last) => {
            (Some(Cloud::Aws), Some(zone[..zone.len() - 1].to_owned()))
        }
        _ => (None, None),
    }
}

fn is_letter(text: &str) -> bool {
    matches!(text.as_bytes(), [letter] if letter.is_ascii_lowercase())
}

fn ends_in_digit(text: &str) -> bool {
    text.ends_with(|character: char| character.is_ascii_digit()) && text.starts_with(char::is_alphabetic)
}

fn is_digit_and_letter(text: &str) -> bool {
    matches!(text.as_bytes(), [digit, letter] if digit.is_ascii_digit() && letter.is_ascii_lowercase())
}

/// The domain tells the cloud; older Azure addresses also name the region, newer ones only a number.
fn of_host(name: &str) -> (Option<Cloud>, Option<String>) {
    if let Some(label) = name.strip_suffix(".azuredatabricks.net") {
        let is_region = !label.contains(['.', '-']) && label.starts_with(char::is_alphabetic);
        (Some(Cloud::Azure), is_region.then(|| label.to_owned()))
    } else if name.ends_with(".gcp.databricks.com") {
        (Some(Cloud::Gcp), None)
    } else if name.ends_with(".cloud.databricks.com") {
        (Some(Cloud::Aws), None)
    } else {
        (None, None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detected(
        host: &str,
        zones: &[&str],
        metastore: Option<(&str, &str)>,
    ) -> (Option<String>, Option<String>) {
        let zones = Zones {
            zones: zones.iter().map(|&zone| zone.to_owned()).collect(),
            default_zone: zones.first().map(|&zone| zone.to_owned()),
        };
        let metastore = metastore.map(|(cloud, region)| MetastoreSummary {
            name: "main".to_owned(),
            metastore_id: "1".to_owned(),
            cloud: Some(cloud.to_owned()),
            region: Some(region.to_owned()),
        });
        let found = detect_cloud_and_region(&host.parse().unwrap(), Some(&zones), metastore.as_ref());
        (found.cloud, found.region)
    }

    fn found(cloud: &str, region: Option<&str>) -> (Option<String>, Option<String>) {
        (Some(cloud.to_owned()), region.map(str::to_owned))
    }

    #[test]
    fn aws_zones_name_the_region() {
        assert_eq!(
            detected("127.0.0.1:7001", &["us-east-1a", "us-east-1b"], None),
            found("aws", Some("us-east-1"))
        );
        assert_eq!(
            detected("x.cloud.databricks.com", &["us-gov-west-1c"], None),
            found("aws", Some("us-gov-west-1"))
        );
    }

    #[test]
    fn google_zones_name_the_region() {
        assert_eq!(
            detected("1.1.gcp.databricks.com", &["europe-west4-a"], None),
            found("gcp", Some("europe-west4"))
        );
    }

    #[test]
    fn azure_zones_are_numbers_so_the_region_comes_from_elsewhere() {
        let zones = ["1", "2", "3"];
        let numbered = "adb-984752964297111.11.azuredatabricks.net";
        assert_eq!(
            detected(numbered, &zones, Some(("azure", "westeurope"))),
            found("azure", Some("westeurope"))
        );
        assert_eq!(
            detected("northeurope.azuredatabricks.net", &zones, None),
            found("azure", Some("northeurope"))
        );
        assert_eq!(detected(numbered, &zones, None), found("azure", None));
    }

    #[test]
    fn without_zones_the_metastore_and_the_address_tell() {
        assert_eq!(
            detected("https://x.cloud.databricks.com", &[], Some(("AWS", "eu-west-1"))),
            found("aws", Some("eu-west-1"))
        );
        assert_eq!(detected("https://x.cloud.databricks.com", &[], None), found("aws", None));
        assert_eq!(detected("https://databricks.example.com", &["strange"], None), (None, None));
    }
}

//! The test of a connection: one check after the other, each with its result. Cloud, region and identity come
//! only from calls that a real workspace answers.

use farshore_databricks::{
    ApiError, ClientOptions, Credential, Host, WorkspaceClient, detect_cloud_and_region,
};
use farshore_model::{
    Timestamp,
    workspace::{CheckState, ConnectionCheck, ConnectionReport},
};

/// Asks the workspace who we are, who it is and where it is. Never an error: what fails is in the report.
pub(crate) async fn test_connection(host: Host, credential: Credential, now: Timestamp) -> ConnectionReport {
    let mut report = ConnectionReport {
        checks: Vec::new(),
        org_id: None,
        user_name: None,
        cloud: None,
        region: None,
        tested_at: now,
    };
    let client = match WorkspaceClient::new(host.clone(), credential, ClientOptions::probe()) {
        Ok(client) => client,
        Err(error) => {
            report.checks.push(failed("reach", "The workspace answers", &error));
            return report;
        }
    };
    match client.me().await {
        Ok(me) => {
            report.checks.push(passed("reach", "The workspace answers", format!("{} answers.", host)));
            report.checks.push(passed(
                "credential",
                "The token is accepted",
                format!("Signed in as {}.", me.user_name),
            ));
            report.checks.push(identity(me.org_id.as_deref()));
            report.checks.push(permission(me.is_admin, &me.user_name));
            report.org_id = me.org_id;
            report.user_name = Some(me.user_name);
        }
        Err(error) => {
            let is_reached = error.status().is_some();
            if is_reached {
                report.checks.push(passed("reach", "The workspace answers", format!("{} answers.", host)));
                report.checks.push(failed("credential", "The token is accepted", &error));
            } else {
                report.checks.push(failed("reach", "The workspace answers", &error));
                report.checks.push(not_run("credential", "The token is accepted"));
            }
            report.checks.push(not_run("identity", "The workspace names itself"));
            report.checks.push(not_run("permission", "The token may administer the workspace"));
            report.checks.push(not_run("listing", "Its objects can be listed"));
            report.checks.push(not_run("region", "Cloud and region are known"));
            return report;
        }
    }
    report.checks.push(listing(&client).await);
    locate(&client, &host, &mut report).await;
    report
}

async fn listing(client: &WorkspaceClient) -> ConnectionCheck {
    const TITLE: &str = "Its objects can be listed";
    match client.list_policies().await {
        Ok(policies) => {
            passed("listing", TITLE, format!("Listing works; {} cluster policies were seen.", policies.len()))
        }
        Err(error) => failed("listing", TITLE, &error),
    }
}

/// A workspace without Unity Catalog has no metastore, and not every token may ask for zones: neither is a
/// failure, a person types what could not be found.
async fn locate(client: &WorkspaceClient, host: &Host, report: &mut ConnectionReport) {
    const TITLE: &str = "Cloud and region are known";
    let (zones, metastore) = (client.zones().await.ok(), client.metastore_summary().await.ok());
    let detected = detect_cloud_and_region(host, zones.as_ref(), metastore.as_ref());
    report.cloud = detected.cloud.as_deref().and_then(|cloud| cloud.parse().ok());
    report.region = detected.region;
    report.checks.push(match (report.cloud, &report.region) {
        (Some(cloud), Some(region)) => passed("region", TITLE, format!("{cloud}, {region}.")),
        _ => ConnectionCheck {
            name: "region".to_owned(),
            title: TITLE.to_owned(),
            state: CheckState::Attention,
            detail: "The workspace does not say where it is.".to_owned(),
            remedy: Some("Type its cloud and region below.".to_owned()),
        },
    });
}

fn identity(org_id: Option<&str>) -> ConnectionCheck {
    const TITLE: &str = "The workspace names itself";
    match org_id {
        Some(org_id) => passed("identity", TITLE, format!("Workspace id {org_id}.")),
        None => ConnectionCheck {
            name: "identity".to_owned(),
            title: TITLE.to_owned(),
            state: CheckState::Failed,
            detail: "The answer carries no X-Databricks-Org-Id.".to_owned(),
            remedy: Some(
                "Give the workspace's own address, not that of a proxy or of the account console.".to_owned(),
            ),
        },
    }
}

fn permission(is_admin: bool, user_name: &str) -> ConnectionCheck {
    const TITLE: &str = "The token may administer the workspace";
    if is_admin {
        return passed("permission", TITLE, format!("{user_name} is in the group admins."));
    }
    ConnectionCheck {
        name: "permission".to_owned(),
        title: TITLE.to_owned(),
        state: CheckState::Attention,
        detail: format!("{user_name} is not in the group admins: objects of others may stay invisible."),
        remedy: Some("Use the token of a service principal that is a workspace admin.".to_owned()),
    }
}

fn passed(name: &str, title: &str, detail: String) -> ConnectionCheck {
    ConnectionCheck {
        name: name.to_owned(),
        title: title.to_owned(),
        state: CheckState::Passed,
        detail,
        remedy: None,
    }
}

fn failed(name: &str, title: &str, error: &ApiError) -> ConnectionCheck {
    ConnectionCheck {
        name: name.to_owned(),
        title: title.to_owned(),
        state: CheckState::Failed,
        detail: error.to_string(),
        remedy: Some(error.remedy()),
    }
}

fn not_run(name: &str, title: &str) -> ConnectionCheck {
    ConnectionCheck {
        name: name.to_owned(),
        title: title.to_owned(),
        state: CheckState::NotRun,
        detail: "Not looked at, because an earlier check failed.".to_owned(),
        remedy: None,
    }
}

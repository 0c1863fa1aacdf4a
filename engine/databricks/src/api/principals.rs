//! Users, groups and service principals, through SCIM.

use std::{collections::HashSet, time::Duration};

use serde_json::{Map, Value, json};
use tokio::time::{Instant, sleep};

use crate::{
    ErrorKind, Result, WorkspaceClient,
    answer::half_answer,
    call::{Call, Effect, Endpoint, Verb},
};

/// What is asked for on one page; a workspace may give less.
const PAGE_SIZE: usize = 1_000;
/// How often a list is begun anew because somebody changed it while it was read.
const MOST_READINGS: u32 = 3;
/// How often somebody who waits for a change looks.
const POLL_INTERVAL: Duration = Duration::from_secs(1);
const PATCH_SCHEMA: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// Who may be granted something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PrincipalKind {
    User,
    Group,
    ServicePrincipal,
}

impl PrincipalKind {
    const fn endpoint(self, verb: Verb, effect: Effect) -> Endpoint {
        let path = match self {
            Self::User => "/api/2.0/preview/scim/v2/Users",
            Self::Group => "/api/2.0/preview/scim/v2/Groups",
            Self::ServicePrincipal => "/api/2.0/preview/scim/v2/ServicePrincipals",
        };
        Endpoint { verb, path, effect }
    }

    const fn read(self) -> Endpoint {
        self.endpoint(Verb::Get, Effect::Reads)
    }

    const fn change(self, verb: Verb) -> Endpoint {
        self.endpoint(verb, Effect::ChangesRepeatably)
    }

    const fn schema(self) -> &'static str {
        match self {
            Self::User => "urn:ietf:params:scim:schemas:core:2.0:User",
            Self::Group => "urn:ietf:params:scim:schemas:core:2.0:Group",
            Self::ServicePrincipal => "urn:ietf:params:scim:schemas:core:2.0:ServicePrincipal",
        }
    }
}

/// One reading of a list: all of it, or the news that it changed meanwhile.
enum Reading {
    Whole(Vec<Value>),
    Changed(String),
}

impl WorkspaceClient {
    /// All principals of a kind, or those that pass a SCIM filter such as `displayName eq "etl"`.
    ///
    /// A group that was just changed may be listed as it was: poll it with
    /// [`wait_for_principal`](Self::wait_for_principal).
    ///
    /// # Errors
    /// `HalfAnswer` when fewer came than the workspace says there are.
    pub async fn list_principals(&self, kind: PrincipalKind, filter: Option<&str>) -> Result<Vec<Value>> {
        let mut first = Call::new(kind.read()).query("count", PAGE_SIZE).large();
        if let Some(filter) = filter {
            first = first.query("filter", filter);
        }
        let mut reason = String::new();
        for _ in 0..MOST_READINGS {
            match self.read_principals(&first).await? {
                Reading::Whole(principals) => return Ok(principals),
                Reading::Changed(how) => reason = how,
            }
        }
        Err(half_answer(&first, format!("{reason}, each of the {MOST_READINGS} times that it was read")))
    }

    async fn read_principals(&self, first: &Call) -> Result<Reading> {
        let mut principals: Vec<Value> = Vec::new();
        let mut ids = HashSet::new();
        let mut announced = None;
        loop {
            let call = first.clone().query("startIndex", principals.len() + 1);
            let page = self.object(&call).await?;
            let Page { items, total } = page_of(&call, page)?;
            if let (Some(before), Some(now)) = (announced, total)
                && before != now
            {
                return Ok(Reading::Changed(format!("the list grew or shrank from {before} to {now}")));
            }
            announced = announced.or(total);
            let is_last = items.is_empty();
            // Whoever counts nothing may also turn no pages, and answer with all there is each time.
            let is_known =
                |item: &Value| item.get("id").and_then(Value::as_str).is_some_and(|id| ids.contains(id));
            if announced.is_none() && !is_last && items.iter().all(is_known) {
                return Ok(Reading::Whole(principals));
            }
            for item in items {
                let id = item.get("id").and_then(Value::as_str).filter(|id| !id.is_empty());
                let id = id.ok_or_else(|| half_answer(&call, "an entry of the list has no id"))?;
                if !ids.insert(id.to_owned()) {
                    return Ok(Reading::Changed(format!("the list contains {id} twice")));
                }
                principals.push(item);
            }
            match announced {
                Some(total) if principals.len() == total => return Ok(Reading::Whole(principals)),
                Some(total) if principals.len() > total || is_last => {
                    let count = principals.len();
                    return Ok(Reading::Changed(format!("the list has {count} of {total} entries")));
                }
                // Without a total, an empty page is the end.
                None if is_last => return Ok(Reading::Whole(principals)),
                _ => {}
            }
        }
    }

    /// # Errors
    /// `NotFound`.
    pub async fn get_principal(&self, kind: PrincipalKind, id: &str) -> Result<Value> {
        let mut principal = Value::Object(self.object(&Call::new(kind.read()).at(id).about(id)).await?);
        with_text_ids(&mut principal);
        Ok(principal)
    }

    /// Reads a principal by its id, once a second, until it is as `is_there` wants it, and answers it. While it
    /// is not found it is not there yet.
    ///
    /// # Errors
    /// `TimedOut` when that does not happen in time.
    pub async fn wait_for_principal(
        &self,
        kind: PrincipalKind,
        id: &str,
        longest: Duration,
        is_there: impl Fn(&Value) -> bool,
    ) -> Result<Value> {
        let began_at = Instant::now();
        loop {
            match self.get_principal(kind, id).await {
                Ok(principal) if is_there(&principal) => return Ok(principal),
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                Ok(_) | Err(_) if began_at.elapsed() + POLL_INTERVAL > longest => {
                    let message = format!("{id} does not show the change after {} s", longest.as_secs());
                    let endpoint = kind.read().name();
                    return Err(crate::ApiError::new(ErrorKind::TimedOut, endpoint, message));
                }
                Ok(_) | Err(_) => sleep(POLL_INTERVAL).await,
            }
        }
    }

    /// Creates a principal and answers it as the workspace now has it, with its `id`. Never repeated after an
    /// unclear failure.
    ///
    /// # Errors
    /// `AlreadyExists` when the user name, the application id or the group's name is taken.
    pub async fn create_principal(&self, kind: PrincipalKind, principal: &Value) -> Result<Value> {
        let endpoint = kind.endpoint(Verb::Post, Effect::ChangesOnce);
        let call = Call::new(endpoint).json(&with_schema(kind, principal));
        let mut created = Value::Object(self.object(&call).await?);
        with_text_ids(&mut created);
        match created.get("id").and_then(Value::as_str) {
            Some(id) if !id.is_empty() => Ok(created),
            _ => Err(half_answer(&call, "the answer contains no id")),
        }
    }

    /// Applies SCIM operations, such as `{"op": "add", "path": "members", "value": [{"value": id}]}`.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn patch_principal(&self, kind: PrincipalKind, id: &str, operations: &[Value]) -> Result<()> {
        // A workspace refuses a change that consists of nothing.
        if operations.is_empty() {
            return Ok(());
        }
        let body = json!({"schemas": [PATCH_SCHEMA], "Operations": operations});
        self.execute(Call::new(kind.change(Verb::Patch)).at(id).about(id).json(&body)).await
    }

    /// Replaces a principal. Of a group this includes its members, of a user the groups are not touched.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn replace_principal(&self, kind: PrincipalKind, id: &str, principal: &Value) -> Result<()> {
        let call = Call::new(kind.change(Verb::Put)).at(id).about(id);
        self.execute(call.json(&with_schema(kind, principal))).await
    }

    /// Removes a principal; one that is not there is fine.
    pub async fn delete_principal(&self, kind: PrincipalKind, id: &str) -> Result<()> {
        self.delete(Call::new(kind.change(Verb::Delete)).at(id).about(id)).await
    }
}

struct Page {
    items: Vec<Value>,
    total: Option<usize>,
}

fn page_of(call: &Call, mut page: Map<String, Value>) -> Result<Page> {
    let total = match page.get("totalResults") {
        None | Some(Value::Null) => None,
        Some(total) => Some(
            total
                .as_u64()
                .or_else(|| total.as_str()?.parse().ok())
                .and_then(|total| usize::try_from(total).ok())
                .ok_or_else(|| half_answer(call, "the number of all entries is not a number"))?,
        ),
    };
    // Workspaces leave out what is empty, but then they say that it is.
    match page.remove("Resources") {
        Some(Value::Array(mut items)) if items.iter().all(Value::is_object) => {
            items.iter_mut().for_each(with_text_ids);
            Ok(Page { items, total })
        }
        None | Some(Value::Null) if total.is_some() || page.contains_key("schemas") => {
            Ok(Page { items: Vec::new(), total })
        }
        _ => Err(half_answer(call, "the answer contains no list of entries")),
    }
}

/// Makes texts of the ids in a principal that are numbers: its own, and those of its members.
fn with_text_ids(principal: &mut Value) {
    let to_text = |holder: &mut Value, field: &str| {
        if let Some(id) = holder.get_mut(field)
            && let Value::Number(number) = id
        {
            *id = Value::from(number.to_string());
        }
    };
    to_text(principal, "id");
    let members = principal.get_mut("members").and_then(Value::as_array_mut);
    members.into_iter().flatten().for_each(|member| to_text(member, "value"));
}

/// The principal with the schema that SCIM demands, unless it names its own.
fn with_schema(kind: PrincipalKind, principal: &Value) -> Value {
    let mut principal = principal.clone();
    if let Some(fields) = principal.as_object_mut() {
        fields.entry("schemas").or_insert_with(|| json!([kind.schema()]));
    }
    principal
}

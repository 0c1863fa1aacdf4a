//! Lists and objects that come in pages. A list is whole or it is an error.

use std::collections::HashSet;

use serde_json::{Map, Value};

use crate::{
    Result, WorkspaceClient,
    answer::half_answer,
    call::{Call, Endpoint},
};

/// No list of a workspace has this many pages; a server that never stops must not keep us for ever.
const MOST_PAGES: usize = 100_000;

/// Where the next page is, and what was already seen.
#[derive(Default)]
struct Pages {
    seen: HashSet<String>,
}

impl Pages {
    /// The token of the page after this one; `None` when this is the last.
    fn next(&mut self, call: &Call, page: &Map<String, Value>) -> Result<Option<String>> {
        let token = match page.get("next_page_token") {
            None | Some(Value::Null) => None,
            Some(Value::String(token)) => Some(token.clone()).filter(|token| !token.is_empty()),
            Some(_) => return Err(half_answer(call, "the page token is not a text")),
        };
        match token {
            None if page.get("has_more") == Some(&Value::Bool(true)) => {
                Err(half_answer(call, "the list has more pages, but no token for the next one"))
            }
            None => Ok(None),
            Some(token) if !self.seen.insert(token.clone()) => {
                Err(half_answer(call, "a page token was given out twice, so the list would never end"))
            }
            Some(_) if self.seen.len() >= MOST_PAGES => {
                Err(half_answer(call, format!("the list did not end after {MOST_PAGES} pages")))
            }
            Some(token) => Ok(Some(token)),
        }
    }

    /// Like [`next`](Self::next), but of an object: its `has_more` belongs to a list that it was taken from.
    fn next_of_object(&mut self, call: &Call, page: &Map<String, Value>) -> Result<Option<String>> {
        match page.get("next_page_token") {
            Some(_) => self.next(call, page),
            None => Ok(None),
        }
    }
}

impl WorkspaceClient {
    /// All items of a list, each an object, over all its pages. Lists without pages are lists with one.
    pub(crate) async fn list(
        &self,
        endpoint: Endpoint,
        query: Vec<(&'static str, String)>,
        items_field: &str,
    ) -> Result<Vec<Value>> {
        self.list_of(Call { query, ..Call::new(endpoint) }, items_field).await
    }

    /// All items of the list that this call begins, each an object.
    pub(crate) async fn list_of(&self, first: Call, items_field: &str) -> Result<Vec<Value>> {
        let mut call = first.clone();
        let mut pages = Pages::default();
        let mut items = Vec::new();
        loop {
            let mut page = self.object(&call).await?;
            items.append(&mut items_of(&call, &mut page, items_field)?);
            match pages.next(&call, &page)? {
                Some(token) => call = first.clone().query("page_token", token),
                None => return Ok(items),
            }
        }
    }

    /// One object whose long arrays come in pages, made whole. The arrays are fields of the object itself, or
    /// of the object in its field `container`.
    pub(crate) async fn whole_object(
        &self,
        first: Call,
        container: Option<&str>,
        arrays: &[&str],
    ) -> Result<Map<String, Value>> {
        let mut pages = Pages::default();
        let mut whole = self.object(&first).await?;
        let mut next = pages.next_of_object(&first, &whole)?;
        while let Some(token) = next {
            let call = first.clone().query("page_token", token);
            let mut page = self.object(&call).await?;
            next = pages.next_of_object(&call, &page)?;
            let Some(more) = holder(&mut page, container) else { continue };
            let Some(whole) = holder(&mut whole, container) else {
                return Err(half_answer(&call, "a later page has settings, the first one had none"));
            };
            for array in arrays {
                extend(whole, array, items_of(&call, more, array)?);
            }
        }
        whole.remove("next_page_token");
        whole.remove("has_more");
        Ok(whole)
    }
}

/// A missing field means "none": workspaces leave out what is empty. Called only with an object that came with
/// status 200.
fn items_of(call: &Call, page: &mut Map<String, Value>, field: &str) -> Result<Vec<Value>> {
    match page.remove(field) {
        None | Some(Value::Null) if page.contains_key("error_code") => {
            Err(half_answer(call, "the answer describes an error with the status of a success"))
        }
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(items)) if items.iter().all(Value::is_object) => Ok(items),
        Some(_) => Err(half_answer(call, format!("{field:?} is not a list of objects"))),
    }
}

/// The object that holds the paged arrays.
fn holder<'a>(
    object: &'a mut Map<String, Value>,
    container: Option<&str>,
) -> Option<&'a mut Map<String, Value>> {
    match container {
        Some(field) => object.get_mut(field).and_then(Value::as_object_mut),
        None => Some(object),
    }
}

/// Appends what is not there yet: short arrays may come with every page.
fn extend(object: &mut Map<String, Value>, array: &str, more: Vec<Value>) {
    if more.is_empty() {
        return;
    }
    if let Value::Array(items) = object.entry(array).or_insert_with(|| Value::Array(Vec::new())) {
        for item in more {
            if !items.contains(&item) {
                items.push(item);
            }
        }
    }
}

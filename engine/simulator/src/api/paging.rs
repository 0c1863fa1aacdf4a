//! Opaque page tokens.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::ApiError;

/// One page of a list.
#[derive(Debug)]
pub(crate) struct Page<T> {
    pub(crate) items: Vec<T>,
    pub(crate) next: Option<String>,
    pub(crate) previous: Option<String>,
    pub(crate) has_more: bool,
}

/// The token that stands for a start offset in the list called `list`.
pub(crate) fn token(list: &str, offset: usize) -> String {
    URL_SAFE_NO_PAD.encode(format!("{list}:{offset}"))
}

/// The start offset that a token of the list called `list` stands for.
pub(crate) fn offset(list: &str, token: &str) -> Result<usize, ApiError> {
    let wrong = || ApiError::invalid_parameter(format!("Invalid page token: {token}"));
    let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| wrong())?;
    let text = String::from_utf8(bytes).map_err(|_| wrong())?;
    let (name, offset) = text.rsplit_once(':').ok_or_else(wrong)?;
    if name != list {
        return Err(wrong());
    }
    offset.parse().map_err(|_| wrong())
}

/// Cuts one page of `limit` items out of a list, from a token (an empty one is none) or an offset.
pub(crate) fn page<T>(
    list: &str,
    items: Vec<T>,
    page_token: Option<&str>,
    start: usize,
    limit: usize,
) -> Result<Page<T>, ApiError> {
    let start = match page_token {
        Some(page_token) if !page_token.is_empty() => offset(list, page_token)?,
        _ => start,
    };
    let total = items.len();
    let end = start.saturating_add(limit).min(total);
    let items = items.into_iter().skip(start).take(limit).collect();
    let has_more = end < total;
    Ok(Page {
        items,
        next: has_more.then(|| token(list, end)),
        previous: (start > 0).then(|| token(list, start.saturating_sub(limit))),
        has_more,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_meet_without_gap_or_overlap_in_both_directions() {
        let list: Vec<u32> = (0..45).collect();
        let mut seen = Vec::new();
        let mut next: Option<String> = None;
        while let Ok(page) = page("jobs", list.clone(), next.as_deref(), 0, 20) {
            seen.extend(page.items);
            assert_eq!(page.has_more, page.next.is_some());
            next = page.next;
            if next.is_none() {
                assert_eq!(page.previous, Some(token("jobs", 20)));
                break;
            }
        }
        assert_eq!(seen, list);
    }

    #[test]
    fn a_token_of_another_list_is_refused() {
        assert!(page("jobs", vec![1], Some(&token("clusters", 0)), 0, 20).is_err());
        assert!(page("jobs", vec![1], Some("garbage!"), 0, 20).is_err());
    }
}

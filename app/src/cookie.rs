//! The two preferences that the server must know before it renders: theme and time zone. They live in
//! cookies that the browser's own script writes, hold nothing secret and are checked before use.

use leptos::prelude::*;

/// `light` or `dark`; absent means: as the system does.
pub const THEME: &str = "farshore-theme";
/// An IANA zone name such as `Europe/Berlin`, written after the first hydration.
pub const ZONE: &str = "farshore-zone";

/// The value of the cookie `name`: on the server of the request being answered, in the browser of the document.
pub fn read(name: &str) -> Option<String> {
    find(&header()?, name).map(str::to_owned)
}

#[cfg(feature = "ssr")]
fn header() -> Option<String> {
    let parts = use_context::<http::request::Parts>()?;
    parts.headers.get(http::header::COOKIE)?.to_str().ok().map(str::to_owned)
}

#[cfg(not(feature = "ssr"))]
fn header() -> Option<String> {
    html_document()?.cookie().ok()
}

/// Keeps `value` for a year, or forgets the cookie when there is none. Only called in the browser.
pub(crate) fn write(name: &str, value: Option<&str>) {
    let Some(document) = html_document() else { return };
    let (value, max_age_s) = value.map_or(("", 0), |value| (value, 31_536_000));
    // A browser that refuses cookies keeps the preference until the next page, which is all that it allows.
    let _ = document.set_cookie(&format!("{name}={value}; Path=/; Max-Age={max_age_s}; SameSite=Lax"));
}

fn html_document() -> Option<web_sys::HtmlDocument> {
    use wasm_bindgen::JsCast;
    document().dyn_into().ok()
}

fn find<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    header
        .split(';')
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
        .filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_one_cookie_among_several() {
        let header = "session=a=b; farshore-theme=dark; x=";
        assert_eq!(find(header, THEME), Some("dark"));
        assert_eq!(find(header, "session"), Some("a=b"));
        assert_eq!(find(header, "x"), None);
        assert_eq!(find(header, "theme"), None);
    }
}

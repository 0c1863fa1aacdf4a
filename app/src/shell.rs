//! The HTML document around the application.

use std::{path::Path, sync::OnceLock};

use leptos::{nonce::use_nonce, prelude::*};
use leptos_meta::MetaTags;

use crate::{App, StillApp, cookie, view};

/// The document of a page that the browser takes over.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let assets = assets(&options);
    document(
        assets,
        view! {
            <AutoReload options/>
            <HydrationScripts assets/>
        },
        || view! { <App/> },
    )
}

/// The document of a page that stays as it was rendered.
pub fn still_shell(options: LeptosOptions) -> impl IntoView {
    document(assets(&options), view! { <script src="/still.js" defer></script> }, || view! { <StillApp/> })
}

fn assets(options: &LeptosOptions) -> &'static Assets {
    static ASSETS: OnceLock<Assets> = OnceLock::new();
    ASSETS.get_or_init(|| Assets::of(options))
}

/// Renders the document for one request. The theme comes from a cookie and stands in the very first byte of
/// the page, so that nothing flashes and no script has to run for it.
fn document(assets: &'static Assets, scripts: AnyView, app: impl FnOnce() -> AnyView) -> impl IntoView {
    let theme = cookie::read(cookie::THEME).filter(|theme| theme == "light" || theme == "dark");

    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="theme-color" content="#12262d"/>
                <link rel="icon" type="image/svg+xml" href="/favicon.svg"/>
                <link rel="stylesheet" href=assets.css.clone()/>
                {scripts}
                <MetaTags/>
            </head>
            <body>
                {app()}
            </body>
        </html>
    }
}

/// Loads and starts the WASM. Leptos' own component is not used: it puts the CSP nonce into `crossorigin`,
/// after which Firefox may fetch the WASM twice or not hydrate at all, and it derives the name of the WASM from
/// a variable that was set, or not, when the server was compiled.
#[component]
fn HydrationScripts(assets: &'static Assets) -> impl IntoView {
    let (js, wasm) = (&assets.js, &assets.wasm);
    let script =
        format!("import init,{{hydrate}} from {js:?};init({{module_or_path:{wasm:?}}}).then(()=>hydrate());");
    view! {
        <link rel="modulepreload" href=js.clone()/>
        <link rel="preload" href=wasm.clone() r#as="fetch" r#type="application/wasm" crossorigin="anonymous"/>
        <script type="module" nonce=use_nonce()>{script}</script>
    }
}

/// The addresses of the built files.
#[derive(Debug, PartialEq, Eq)]
struct Assets {
    js: String,
    wasm: String,
    css: String,
}

impl Assets {
    /// With `hash-files` the names carry the hashes that the build wrote beside the binary; without that file
    /// the plain names are asked for, and a page still reads and posts when they are missing.
    fn of(options: &LeptosOptions) -> Self {
        let hashes = if options.hash_files { read_hashes(&options.hash_file) } else { None };
        Self::named(&options.site_pkg_dir, &options.output_name, hashes.as_deref().unwrap_or(""))
    }

    fn named(folder: &str, name: &str, hashes: &str) -> Self {
        let address = |kind: &str| {
            let hash = hashes
                .lines()
                .filter_map(|line| line.split_once(':'))
                .find_map(|(key, hash)| (key.trim() == kind).then(|| hash.trim()));
            match hash {
                Some(hash) => format!("/{folder}/{name}.{hash}.{kind}"),
                None => format!("/{folder}/{name}.{kind}"),
            }
        };
        Self { js: address("js"), wasm: address("wasm"), css: address("css") }
    }
}

fn read_hashes(file: &str) -> Option<String> {
    let binary = std::env::current_exe().ok()?;
    std::fs::read_to_string(binary.parent().unwrap_or(Path::new(".")).join(file)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_carry_the_hashes_that_there_are() {
        let assets = Assets::named("pkg", "farshore", "js: abc\ncss:def\n");
        assert_eq!(assets.js, "/pkg/farshore.abc.js");
        assert_eq!(assets.css, "/pkg/farshore.def.css");
        assert_eq!(assets.wasm, "/pkg/farshore.wasm");
    }
}

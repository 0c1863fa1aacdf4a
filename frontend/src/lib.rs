//! Takes the server-rendered page over in the browser.

use wasm_bindgen::prelude::wasm_bindgen;

/// Called once by the script in the page's head.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(app::App);
}

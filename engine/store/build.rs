//! `sqlx::migrate!` embeds the migrations when the crate is compiled, and does not notice a new one by itself.

fn main() {
    println!("cargo:rerun-if-changed=../../migrations");
}

use std::error::Error;

/// Prints the document as it is served at `/api/openapi.json`.
pub(super) fn run() -> Result<(), Box<dyn Error + Send + Sync>> {
    println!("{}", crate::api::document().to_pretty_json()?);
    Ok(())
}

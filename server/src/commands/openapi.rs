use std::{
    error::Error,
    io::{Write, stdout},
};

/// Prints the document as it is served at `/api/openapi.json`.
pub(super) fn run() -> Result<(), Box<dyn Error + Send + Sync>> {
    writeln!(stdout(), "{}", crate::api::document().to_pretty_json()?)?;
    Ok(())
}

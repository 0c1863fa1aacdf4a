//! The credentials of a wizard, sealed until its workspaces are registered.

use farshore_databricks::{Credential, Host};
use farshore_model::{PairingId, Problem, group::Side};
use secrecy::{ExposeSecret, SecretString};

use super::TypedSide;
use crate::{
    Control,
    problem::{from_store, from_vault},
    store::SealedCredential,
};

impl Control {
    /// The credential to test with, and as it is to be kept. A token that was typed before is only sent to the host
    /// that it was typed for.
    pub(super) async fn typed_credential(
        &self,
        id: PairingId,
        typed: &TypedSide,
        host: &Host,
        kept_host: Option<&str>,
    ) -> Result<(Credential, SealedCredential), Problem> {
        let token = typed.token.expose_secret().trim();
        if token.is_empty() {
            if kept_host.is_some_and(|kept| kept != host.to_string()) {
                return Err(Problem::field(
                    "token",
                    "Type the token of this host; the one before was for another.",
                ));
            }
            return self.kept_credential(id, typed.side).await;
        }
        if !token.chars().all(|c| c.is_ascii_graphic()) {
            return Err(Problem::field(
                "token",
                "A token has only visible ASCII characters; copy it once more.",
            ));
        }
        let credential = Credential::Token(SecretString::from(token.to_owned()));
        let sealed = self.vault.seal(&pairing_row(id, typed.side), &credential).map_err(from_vault)?;
        Ok((credential, sealed))
    }

    /// As it was tested last, and as it is kept.
    pub(super) async fn kept_credential(
        &self,
        id: PairingId,
        side: Side,
    ) -> Result<(Credential, SealedCredential), Problem> {
        let sealed = self
            .store
            .pairing_credential(id, side)
            .await
            .map_err(from_store)?
            .ok_or_else(|| Problem::field("token", "A token is needed."))?;
        let credential = self.vault.open(&pairing_row(id, side), &sealed).map_err(from_vault)?;
        Ok((credential, sealed))
    }
}

/// The row to which a credential of a wizard is bound when it is sealed.
fn pairing_row(id: PairingId, side: Side) -> String {
    format!("pairing/{id}/{side}")
}

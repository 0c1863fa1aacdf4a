//! Where credentials are encrypted; the key stays behind this trait.

use farshore_databricks::Credential;

use crate::store::SealedCredential;

/// Seals and opens credentials. What is sealed for one row cannot be opened for another.
pub trait Vault: Send + Sync {
    fn seal(&self, row: &str, credential: &Credential) -> Result<SealedCredential, VaultError>;

    fn open(&self, row: &str, sealed: &SealedCredential) -> Result<Credential, VaultError>;
}

#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    #[error("the credential could not be encrypted")]
    Seal,
    /// Another key than the one it was sealed with, or a row that was tampered with.
    #[error("the credential could not be decrypted")]
    Open,
}

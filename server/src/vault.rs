//! Credentials at rest: XChaCha20-Poly1305 with the server's key, each bound to its row by the associated data,
//! so that a sealed credential copied to another row does not open.

use std::path::{Path, PathBuf};

use chacha20poly1305::{
    AeadCore, KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, OsRng, Payload},
};
use farshore_control::{
    store::SealedCredential,
    vault::{Vault, VaultError},
};
use farshore_databricks::Credential;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;
/// First byte of everything sealed, so that the scheme can change without guessing.
const SCHEME: u8 = 1;

/// The server cannot encrypt what it is told to keep.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeyError {
    #[error(
        "no encryption key: set FARSHORE_KEY_FILE (or --key-file) to a file that holds one; make it with \
         `head -c 32 /dev/urandom | base64 > FILE && chmod 600 FILE`, keep it safe and apart from the database"
    )]
    Missing,
    #[error("the key file {0} could not be read")]
    Read(PathBuf, #[source] std::io::Error),
    #[error("the key file {0} could not be written")]
    Write(PathBuf, #[source] std::io::Error),
    #[error("the key file {0} does not hold {KEY_BYTES} bytes in base64")]
    Malformed(PathBuf),
}

/// Seals with the key of one file.
pub(crate) struct KeyFileVault {
    cipher: XChaCha20Poly1305,
}

/// A credential as it is sealed.
#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Plain {
    Token { token: String },
    ClientSecret { client_id: String, client_secret: String },
}

impl KeyFileVault {
    pub(crate) fn open(path: &Path) -> Result<Self, KeyError> {
        let text = std::fs::read_to_string(path).map_err(|error| KeyError::Read(path.to_owned(), error))?;
        let text = Zeroizing::new(text);
        let key = decode(text.trim()).ok_or_else(|| KeyError::Malformed(path.to_owned()))?;
        let cipher =
            XChaCha20Poly1305::new_from_slice(&key).map_err(|_| KeyError::Malformed(path.to_owned()))?;
        Ok(Self { cipher })
    }

    /// For the demo, which sets itself up: makes the key unless it is there.
    pub(crate) fn open_or_create(path: &Path) -> Result<Self, KeyError> {
        use std::{io::Write, os::unix::fs::OpenOptionsExt};
        if !path.exists() {
            let failed = |error| KeyError::Write(path.to_owned(), error);
            let key = XChaCha20Poly1305::generate_key(&mut OsRng);
            let mut file = std::fs::OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(path)
                .map_err(failed)?;
            file.write_all(encode(&key).as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
        }
        Self::open(path)
    }
}

fn decode(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    use base64::Engine;
    let key = base64::engine::general_purpose::STANDARD.decode(text).ok().map(Zeroizing::new)?;
    (key.len() == KEY_BYTES).then_some(key)
}

fn encode(key: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(key)
}

impl Vault for KeyFileVault {
    fn seal(&self, row: &str, credential: &Credential) -> Result<SealedCredential, VaultError> {
        let plain = match credential {
            Credential::Token(token) => Plain::Token { token: token.expose_secret().to_owned() },
            Credential::ClientSecret { client_id, client_secret } => Plain::ClientSecret {
                client_id: client_id.clone(),
                client_secret: client_secret.expose_secret().to_owned(),
            },
        };
        let text = Zeroizing::new(serde_json::to_vec(&plain).map_err(|_| VaultError::Seal)?);
        plain.forget();
        let nonce = XChaCha20Poly1305::generate_nonce(&mut OsRng);
        let sealed = self
            .cipher
            .encrypt(&nonce, Payload { msg: &text, aad: row.as_bytes() })
            .map_err(|_| VaultError::Seal)?;
        let mut bytes = Vec::with_capacity(1 + NONCE_BYTES + sealed.len());
        bytes.push(SCHEME);
        bytes.extend_from_slice(&nonce);
        bytes.extend_from_slice(&sealed);
        Ok(SealedCredential(bytes))
    }

    fn open(&self, row: &str, sealed: &SealedCredential) -> Result<Credential, VaultError> {
        let (&scheme, rest) = sealed.0.split_first().ok_or(VaultError::Open)?;
        if scheme != SCHEME || rest.len() < NONCE_BYTES {
            return Err(VaultError::Open);
        }
        let (nonce, text) = rest.split_at(NONCE_BYTES);
        let text = self
            .cipher
            .decrypt(XNonce::from_slice(nonce), Payload { msg: text, aad: row.as_bytes() })
            .map_err(|_| VaultError::Open)?;
        let text = Zeroizing::new(text);
        match serde_json::from_slice(&text).map_err(|_| VaultError::Open)? {
            Plain::Token { token } => Ok(Credential::Token(SecretString::from(token))),
            Plain::ClientSecret { client_id, client_secret } => {
                Ok(Credential::ClientSecret { client_id, client_secret: SecretString::from(client_secret) })
            }
        }
    }
}

impl Plain {
    fn forget(self) {
        match self {
            Self::Token { mut token } => token.zeroize(),
            Self::ClientSecret { mut client_secret, .. } => client_secret.zeroize(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vault(folder: &Path) -> KeyFileVault {
        KeyFileVault::open_or_create(&folder.join("key")).unwrap()
    }

    fn token() -> Credential {
        Credential::Token(SecretString::from("dapi-secret"))
    }

    #[test]
    fn opens_what_it_sealed_for_the_same_row_only() {
        let folder = tempfile::tempdir().unwrap();
        let vault = vault(folder.path());
        let sealed = vault.seal("credential/1", &token()).unwrap();
        assert!(!String::from_utf8_lossy(&sealed.0).contains("dapi"));
        match vault.open("credential/1", &sealed).unwrap() {
            Credential::Token(token) => assert_eq!(token.expose_secret(), "dapi-secret"),
            Credential::ClientSecret { .. } => panic!("another kind came back"),
        }
        assert!(vault.open("credential/2", &sealed).is_err());
    }

    #[test]
    fn another_key_or_a_changed_byte_does_not_open() {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let vault_one = vault(one.path());
        let sealed = vault_one.seal("r", &token()).unwrap();
        assert!(vault(two.path()).open("r", &sealed).is_err());
        for place in 0..sealed.0.len() {
            let mut changed = sealed.clone();
            changed.0[place] ^= 1;
            assert!(vault_one.open("r", &changed).is_err(), "byte {place}");
        }
    }

    #[test]
    fn a_malformed_key_file_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        std::fs::write(&path, "too short").unwrap();
        let error = KeyFileVault::open(&path).err().unwrap();
        assert!(error.to_string().contains("32 bytes in base64"), "{error}");
    }
}

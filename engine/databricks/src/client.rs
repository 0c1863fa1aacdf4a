//! The handle on one workspace, and the few ways in which its endpoints are called.

use std::{fmt, sync::Arc};

use secrecy::SecretString;
use serde_json::{Map, Value};

use crate::{
    ClientOptions, Credential, EndpointBudget, ErrorKind, Host, Result,
    answer::{Answer, half_answer},
    call::{Call, Expects},
    content::Download,
    credential::Authenticator,
    dialect::{Dialect, Generation, is_unknown_path},
    number,
    transport::{Authorization, Reply, Transport},
    workspace_clock::WorkspaceClock,
};

/// Talks to one workspace. Clones share the connections and the token; all clients of one workspace in this
/// process share its rate budget.
#[derive(Clone)]
pub struct WorkspaceClient {
    inner: Arc<Inner>,
}

struct Inner {
    transport: Transport,
    authenticator: Authenticator,
    dialect: Dialect,
}

impl WorkspaceClient {
    /// Sends nothing yet.
    ///
    /// # Errors
    /// `Unauthenticated` when the credential is empty or cannot be one; `Invalid` when no TLS provider was
    /// installed at start-up, or the HTTP client cannot be set up.
    pub fn new(host: Host, credential: Credential, options: ClientOptions) -> Result<Self> {
        let authenticator = Authenticator::new(credential.normalised()?);
        let transport = Transport::new(host, options)?;
        Ok(Self { inner: Arc::new(Inner { transport, authenticator, dialect: Dialect::default() }) })
    }

    /// The address of the workspace.
    pub fn host(&self) -> &Host {
        self.inner.transport.host()
    }

    pub(crate) fn clock(&self) -> &WorkspaceClock {
        self.inner.transport.clock()
    }

    pub(crate) fn dialect(&self) -> &Dialect {
        &self.inner.dialect
    }

    /// Sends a call and reads its whole answer.
    pub(crate) async fn send(&self, call: &Call) -> Result<Answer> {
        self.send_as_known(call).await.map(Reply::into_answer)
    }

    /// Sends a call whose answer is handed on as it comes.
    pub(crate) async fn download_of(&self, call: Call) -> Result<Download> {
        let call = call.expects(Expects::Content);
        match self.send_as_known(&call).await? {
            Reply::Content(download) => Ok(*download),
            Reply::Answer(_) => Err(half_answer(&call, "the answer is not a file")),
        }
    }

    /// Sends a call in the version of its API that the workspace knows. A version that nobody answers to did nothing,
    /// so even a create may be sent in the other one.
    async fn send_as_known(&self, call: &Call) -> Result<Reply> {
        let Some(versioned) = self.dialect().of(&call.endpoint) else {
            return self.send_authorized(call).await;
        };
        let before = || Call { url: Some(self.host().at(&versioned.path_before)), ..call.clone() };
        match versioned.answered() {
            Some(Generation::Newest) => return self.send_authorized(call).await,
            Some(Generation::Before) => return self.send_authorized(&before()).await,
            None => {}
        }
        let unknown = match self.send_authorized(call).await {
            Err(error) if is_unknown_path(&error) => error,
            outcome => {
                if outcome.is_ok() {
                    versioned.note(Generation::Newest);
                }
                return outcome;
            }
        };
        match self.send_authorized(&before()).await {
            Err(error) if is_unknown_path(&error) => Err(unknown),
            Err(error) => Err(error),
            Ok(reply) => {
                versioned.note(Generation::Before);
                Ok(reply)
            }
        }
    }

    async fn send_authorized(&self, call: &Call) -> Result<Reply> {
        let Inner { transport, authenticator, .. } = &*self.inner;
        let token: SecretString = authenticator.token(transport).await?;
        match transport.send(call, &Authorization::Bearer(&token)).await {
            // A refused call did nothing, so even a create may be sent again with a new token.
            Err(error)
                if error.kind() == ErrorKind::Unauthenticated && authenticator.refused(&token).await =>
            {
                let token = authenticator.token(transport).await?;
                transport.send(call, &Authorization::Bearer(&token)).await
            }
            outcome => outcome,
        }
    }

    /// What the rate budget of this workspace looks like now, for every endpoint that was used. All clients of
    /// a workspace in this process share one budget.
    pub fn budget_snapshot(&self) -> Vec<EndpointBudget> {
        self.inner.transport.budget().snapshot()
    }

    /// Sends a call that answers with an object.
    pub(crate) async fn object(&self, call: &Call) -> Result<Map<String, Value>> {
        Ok(self.send(call).await?.object)
    }

    /// Sends a call whose answer says nothing.
    pub(crate) async fn execute(&self, call: Call) -> Result<()> {
        self.send(&call.expects(Expects::Nothing)).await.map(drop)
    }

    /// Sends a deleting call. What is not there any more is deleted: a delete may answer 500 and still have
    /// worked, and its repetition then finds nothing.
    pub(crate) async fn delete(&self, call: Call) -> Result<()> {
        match self.execute(call).await {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            outcome => outcome,
        }
    }

    /// Sends a creating call and takes the new object's id, a text, out of its answer.
    pub(crate) async fn create_with_text_id(&self, call: &Call, id_field: &str) -> Result<String> {
        match self.object(call).await?.remove(id_field) {
            Some(Value::String(id)) if !id.is_empty() => Ok(id),
            Some(Value::Number(id)) => Ok(id.to_string()),
            _ => Err(half_answer(call, format!("the answer contains no {id_field}"))),
        }
    }

    /// Sends a creating call and takes the new object's id, a number, out of its answer.
    pub(crate) async fn create_with_number_id(&self, call: &Call, id_field: &str) -> Result<i64> {
        let answer = self.object(call).await?;
        let id = answer.get(id_field).and_then(number::of);
        id.ok_or_else(|| half_answer(call, format!("the answer contains no {id_field}")))
    }
}

impl fmt::Debug for WorkspaceClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WorkspaceClient").field("host", self.host()).finish_non_exhaustive()
    }
}

//! What a person is told about a failure: what happened, what was not lost, what to do.

use crate::{ApiError, ErrorKind};

impl ApiError {
    /// The sentence for a screen.
    pub fn remedy(&self) -> String {
        let endpoint = self.endpoint();
        let said = quoted(self.message());
        let effect = if self.may_have_taken_effect() {
            "The call may have taken effect; Farshore looks for the object before it tries again, so nothing is \
             created twice."
        } else {
            "Nothing was changed and nothing was lost."
        };
        match self.kind() {
            ErrorKind::Unreachable => format!(
                "The workspace could not be reached ({endpoint}: {said}). {effect} Check the address, the network \
                 and the firewall between Farshore and the workspace, then try again."
            ),
            ErrorKind::TimedOut => format!(
                "The workspace did not answer in time ({endpoint}: {said}). {effect} Its region may be down; check \
                 the cloud's status page, then try again."
            ),
            ErrorKind::Unauthenticated => format!(
                "The workspace refused the credential ({said}). {effect} The token may be mistyped, expired or \
                 revoked: make a new one in the workspace and enter it again."
            ),
            ErrorKind::Forbidden => format!(
                "The credential is valid, but may not call {endpoint} ({said}). {effect} Give its user or service \
                 principal the missing permission; replication needs a workspace admin."
            ),
            ErrorKind::NotFound => format!(
                "The workspace does not have what {endpoint} asked for ({said}). {effect} It was probably deleted \
                 meanwhile; make a new plan."
            ),
            ErrorKind::AlreadyExists => format!(
                "The workspace already has an object of that name ({said}). {effect} Rename or remove one of the \
                 two, then try again."
            ),
            ErrorKind::Invalid => format!(
                "The workspace refused the request to {endpoint} ({said}). {effect} Correct the object on the \
                 source side, then try again."
            ),
            ErrorKind::TooLarge => format!(
                "The content is larger than the workspace accepts ({said}). {effect} The other objects are not \
                 affected; split the notebook or remove its results, then try again."
            ),
            ErrorKind::Throttled => format!(
                "The workspace is throttling requests to {endpoint} ({said}). {effect} Wait a few minutes, then \
                 try again; Farshore slows down by itself."
            ),
            ErrorKind::QuotaExceeded => format!(
                "The workspace has reached a quota ({said}). {effect} Raise the quota or remove what is no longer \
                 needed, then try again."
            ),
            ErrorKind::FeatureDisabled => format!(
                "The workspace does not offer {endpoint} ({said}). {effect} Its tier or its settings lack the \
                 feature; exclude this kind of object or enable the feature."
            ),
            ErrorKind::NotDatabricks => format!(
                "Something else than a Databricks workspace answered at this address ({said}). {effect} Check the \
                 address; behind private link or a proxy, Farshore needs network access to the workspace itself."
            ),
            ErrorKind::HalfAnswer => format!(
                "The answer of {endpoint} was incomplete ({said}). {effect} It was discarded whole, and what is \
                 missing from it does not count as deleted. Try again."
            ),
            ErrorKind::Server => format!(
                "The workspace failed while it worked on {endpoint} ({said}). {effect} Try again in a few minutes; \
                 if it goes on, check the cloud's status page."
            ),
            ErrorKind::Conflict => format!(
                "The object is in a state in which {endpoint} is not possible, or somebody changed it at the same \
                 time ({said}). {effect} Try again when it has settled."
            ),
        }
    }
}

/// The message without its final stop, which would stand before a bracket, and not longer than a screen takes.
fn quoted(message: &str) -> String {
    const LONGEST: usize = 300;
    let message = message.trim().trim_end_matches('.');
    match message.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &message[..end]),
        None => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KINDS: [ErrorKind; 15] = [
        ErrorKind::Unreachable,
        ErrorKind::TimedOut,
        ErrorKind::Unauthenticated,
        ErrorKind::Forbidden,
        ErrorKind::NotFound,
        ErrorKind::AlreadyExists,
        ErrorKind::Invalid,
        ErrorKind::TooLarge,
        ErrorKind::Throttled,
        ErrorKind::QuotaExceeded,
        ErrorKind::FeatureDisabled,
        ErrorKind::NotDatabricks,
        ErrorKind::HalfAnswer,
        ErrorKind::Server,
        ErrorKind::Conflict,
    ];

    #[test]
    fn every_kind_says_what_happened_and_that_nothing_was_lost() {
        for kind in KINDS {
            let remedy = ApiError::new(kind, "jobs/list", "It said so.").remedy();
            assert!(remedy.contains("(It said so)") || remedy.contains(": It said so)"), "{remedy}");
            assert!(remedy.contains("Nothing was changed and nothing was lost."), "{remedy}");
        }
    }

    #[test]
    fn a_lost_answer_is_not_called_harmless() {
        let error = ApiError::new(ErrorKind::TimedOut, "jobs/create", "no answer").with_unclear_effect(true);
        assert!(error.remedy().contains("may have taken effect"), "{}", error.remedy());
        assert!(!error.remedy().contains("Nothing was changed"), "{}", error.remedy());
    }

    #[test]
    fn a_long_message_is_cut_between_characters() {
        let error = ApiError::new(ErrorKind::Server, "jobs/list", "ü".repeat(1_000));
        assert!(error.remedy().contains('…'));
    }
}

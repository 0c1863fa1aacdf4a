//! Faults that a test sets: which calls they hit, how often, and what happens then.

use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::seed;

/// A disturbance of calls.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fault {
    /// Only calls with this method; every method when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Only calls whose path and query start with this, compared as written; every path when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path_prefix: Option<String>,
    /// How many calls it hits before it disappears; for ever when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
    /// The share of matching calls that it hits, 0 to 1, drawn from a fixed seed; all when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<f64>,
    /// What happens to the call.
    pub effect: Effect,
}

/// What happens to a call that a fault hits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Effect {
    /// The call is accepted and never answered; it has no effect.
    Hang,
    /// The connection is closed without an answer; the call has no effect.
    Refuse,
    /// The call waits this long, then goes on.
    Latency {
        /// How long.
        ms: u64,
    },
    /// The call is answered with an error; it has no effect.
    Error {
        /// The HTTP status.
        status: u16,
        /// The `error_code` of the body.
        error_code: String,
        /// The `message` of the body.
        #[serde(default)]
        message: String,
    },
    /// 429 RESOURCE_EXHAUSTED.
    Throttle {
        /// The `Retry-After` header in seconds; no header when `null`.
        #[serde(default)]
        retry_after_s: Option<u64>,
    },
    /// 200 with an HTML page, as behind a private link.
    LoginPage,
    /// The call takes effect; half of the answer arrives under the full `Content-Length`, then the connection breaks.
    Truncate,
    /// The call takes effect and is never answered.
    HangAfterEffect,
    /// The call takes effect, then the connection is closed without an answer.
    RefuseAfterEffect,
    /// The call takes effect and is answered with a 503 page, as by a proxy that has lost the answer.
    UnavailableAfterEffect,
    /// The call is given these fields where its body, or the `new_settings` in it, lacks them, as by a workspace with
    /// defaults of its own.
    FillIn {
        /// By name.
        fields: Map<String, Value>,
    },
    /// Turns on the published rate limits; never used up.
    PublishedLimits,
    /// Lists of groups show what was there a while ago; reading by id does not lag. Never used up.
    StaleGroupLists {
        /// How far they lag behind.
        ms: u64,
    },
}

/// What the faults make of one call.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) latency_ms: u64,
    pub(crate) has_published_limits: bool,
    pub(crate) effect: Option<Effect>,
}

/// The faults in force, with the seed that decides rates.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Faults {
    entries: Vec<Fault>,
    #[serde(skip)]
    draws: u64,
}

impl Faults {
    pub(crate) fn set(&mut self, entries: Vec<Fault>) {
        *self = Self { entries, draws: 0 };
    }

    pub(crate) fn entries(&self) -> &[Fault] {
        &self.entries
    }

    /// How far lists of groups lag behind.
    pub(crate) fn stale_group_lists_ms(&self) -> i64 {
        let lags = self.entries.iter().filter_map(|fault| match fault.effect {
            Effect::StaleGroupLists { ms } => i64::try_from(ms).ok(),
            _ => None,
        });
        lags.max().unwrap_or(0)
    }

    /// Decides about one call, by its path with the query, and uses up the faults that hit it. Latencies add up; of the
    /// others the first wins.
    pub(crate) fn judge(&mut self, method: &Method, path: &str) -> Verdict {
        let mut verdict = Verdict::default();
        for fault in &mut self.entries {
            if !fault.matches(method, path) {
                continue;
            }
            if fault.effect.is_lasting() {
                verdict.has_published_limits |= fault.effect == Effect::PublishedLimits;
                continue;
            }
            let is_latency = matches!(fault.effect, Effect::Latency { .. });
            if !is_latency && verdict.effect.is_some() {
                continue;
            }
            if let Some(rate) = fault.rate {
                self.draws += 1;
                let draw = seed::mix(self.draws) as f64 / u64::MAX as f64;
                if draw >= rate {
                    continue;
                }
            }
            if let Some(times) = &mut fault.times {
                *times = times.saturating_sub(1);
            }
            match &fault.effect {
                Effect::Latency { ms } => verdict.latency_ms += ms,
                effect => verdict.effect = Some(effect.clone()),
            }
        }
        self.entries.retain(|fault| fault.times != Some(0));
        verdict
    }
}

impl Effect {
    /// Whether it is a way in which the workspace is, rather than something that happens to a call.
    fn is_lasting(&self) -> bool {
        matches!(self, Self::PublishedLimits | Self::StaleGroupLists { .. })
    }
}

impl Fault {
    fn matches(&self, method: &Method, path: &str) -> bool {
        self.times != Some(0)
            && self.method.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method.as_str()))
            && self.path_prefix.as_ref().is_none_or(|prefix| path.starts_with(prefix.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(times: Option<u32>, rate: Option<f64>, effect: Effect) -> Fault {
        Fault { method: Some("POST".into()), path_prefix: Some("/api/2.2/jobs".into()), times, rate, effect }
    }

    #[test]
    fn a_fault_hits_only_what_it_names_and_disappears_when_used_up() {
        let mut faults = Faults::default();
        faults.set(vec![fault(Some(1), None, Effect::Hang), fault(None, None, Effect::Latency { ms: 5 })]);
        assert_eq!(faults.judge(&Method::GET, "/api/2.2/jobs/list"), Verdict::default());
        let hit = faults.judge(&Method::POST, "/api/2.2/jobs/create");
        assert_eq!((hit.effect, hit.latency_ms), (Some(Effect::Hang), 5));
        assert_eq!(faults.judge(&Method::POST, "/api/2.2/jobs/create").effect, None);
        assert_eq!(faults.entries().len(), 1);
    }

    #[test]
    fn a_rate_hits_about_its_share_and_the_same_calls_each_time() {
        let hits = || {
            let mut faults = Faults::default();
            faults.set(vec![fault(None, Some(0.3), Effect::Refuse)]);
            (0..1_000)
                .map(|_| faults.judge(&Method::POST, "/api/2.2/jobs/create").effect.is_some())
                .collect::<Vec<_>>()
        };
        let first = hits();
        assert_eq!(first, hits());
        let count = first.iter().filter(|hit| **hit).count();
        assert!((250..350).contains(&count), "{count} of 1000");
    }
}

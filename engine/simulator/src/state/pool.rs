//! Instance pools and their idle instances.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// How long an idle instance above the minimum is kept when the pool does not say.
const DEFAULT_IDLE_MINUTES: i64 = 60;

/// A pool: its settings as they were given, and what stands ready.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Pool {
    pub(crate) pool_id: String,
    pub(crate) created_ms: i64,
    pub(crate) creator: String,
    pub(crate) settings: Map<String, Value>,
    pub(crate) idle: i64,
    /// Instances on their way to idle, and when they get there.
    pub(crate) pending: Option<(i64, i64)>,
    /// Since when there are more idle instances than needed.
    pub(crate) surplus_since_ms: Option<i64>,
}

impl Pool {
    pub(crate) fn name(&self) -> &str {
        self.settings.get("instance_pool_name").and_then(Value::as_str).unwrap_or_default()
    }

    fn integer(&self, name: &str) -> Option<i64> {
        self.settings.get(name).and_then(Value::as_i64)
    }

    pub(crate) fn min_idle(&self) -> i64 {
        self.integer("min_idle_instances").unwrap_or(0)
    }

    pub(crate) fn max_capacity(&self) -> Option<i64> {
        self.integer("max_capacity")
    }

    /// Brings the idle instances towards the minimum; says whether anything changed.
    pub(crate) fn settle(&mut self, used: i64, now_ms: i64, start_ms: i64) -> bool {
        let room = self.max_capacity().map_or(i64::MAX, |capacity| (capacity - used).max(0));
        let wanted = self.min_idle().min(room);
        let before = (self.idle, self.pending, self.surplus_since_ms);
        if let Some((count, ready_at_ms)) = self.pending
            && now_ms >= ready_at_ms
        {
            self.idle += count;
            self.pending = None;
        }
        // What is full gives way at once; what is merely surplus stays for a while.
        self.idle = self.idle.min(room);
        if self.idle > wanted {
            let since_ms = *self.surplus_since_ms.get_or_insert(now_ms);
            let minutes =
                self.integer("idle_instance_autotermination_minutes").unwrap_or(DEFAULT_IDLE_MINUTES);
            if now_ms - since_ms >= minutes * 60_000 {
                self.idle = wanted;
                self.surplus_since_ms = None;
            }
        } else {
            self.surplus_since_ms = None;
        }
        let missing = wanted - self.idle;
        if missing > 0 {
            let ready_at_ms = self.pending.map_or(now_ms + start_ms, |(_, ready_at_ms)| ready_at_ms);
            self.pending = Some((missing, ready_at_ms));
        } else {
            self.pending = None;
        }
        before != (self.idle, self.pending, self.surplus_since_ms)
    }

    /// When its instances change next if nobody does anything.
    pub(crate) fn next_due_ms(&self) -> Option<i64> {
        let surplus_over_ms = self.surplus_since_ms.map(|since_ms| {
            let minutes =
                self.integer("idle_instance_autotermination_minutes").unwrap_or(DEFAULT_IDLE_MINUTES);
            since_ms.saturating_add(minutes.saturating_mul(60_000))
        });
        [self.pending.map(|(_, ready_at_ms)| ready_at_ms), surplus_over_ms].into_iter().flatten().min()
    }

    /// The outage has taken every instance.
    pub(crate) fn lose_instances(&mut self) {
        self.idle = 0;
        self.pending = None;
        self.surplus_since_ms = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pool(settings: Value) -> Pool {
        Pool {
            pool_id: "p".into(),
            created_ms: 0,
            creator: "c".into(),
            settings: settings.as_object().cloned().unwrap_or_default(),
            idle: 0,
            pending: None,
            surplus_since_ms: None,
        }
    }

    #[test]
    fn idle_instances_follow_the_minimum_within_the_capacity() {
        let mut pool = pool(serde_json::json!({"min_idle_instances": 3, "max_capacity": 4}));
        assert!(pool.settle(0, 0, 100));
        assert_eq!((pool.idle, pool.pending), (0, Some((3, 100))));
        pool.settle(0, 100, 100);
        assert_eq!((pool.idle, pool.pending), (3, None));
        pool.settle(2, 110, 100);
        assert_eq!(pool.idle, 2, "two of four are used");
    }

    #[test]
    fn a_lowered_minimum_lets_go_after_the_idle_minutes() {
        let mut pool =
            pool(serde_json::json!({"min_idle_instances": 2, "idle_instance_autotermination_minutes": 1}));
        pool.settle(0, 0, 0);
        pool.settle(0, 1, 0);
        assert_eq!(pool.idle, 2);
        pool.settings.insert("min_idle_instances".into(), 0.into());
        pool.settle(0, 10, 0);
        assert_eq!(pool.idle, 2);
        pool.settle(0, 60_010, 0);
        assert_eq!(pool.idle, 0);
    }
}

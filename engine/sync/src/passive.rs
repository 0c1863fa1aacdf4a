//! Putting a whole workspace into its passive form.

/// What a fence found and did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FenceReport {
    /// Jobs, pools and clusters that were changed by this call.
    pub changed: u32,
    /// Jobs, pools and clusters that were passive already.
    pub already: u32,
    /// Runs that were under way and were told to stop.
    pub cancelled: Vec<StoppedRun>,
    /// What could not be made passive, by name, and why. The fence holds only when this is empty.
    pub problems: Vec<(String, String)>,
}

impl FenceReport {
    /// Nothing in the workspace can start any more.
    pub const fn holds(&self) -> bool {
        self.problems.is_empty()
    }
}

/// A run of a job that a fence ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoppedRun {
    pub run_id: i64,
    pub job_id: Option<i64>,
    pub name: String,
    /// Milliseconds since 1970, by the workspace's clock.
    pub started_at_ms: Option<i64>,
}

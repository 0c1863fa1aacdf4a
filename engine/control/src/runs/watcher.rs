//! Tells open pages of every entry that is written to a run's journal.

use farshore_model::{run::Run, view::Topic};
use farshore_runbook::RunWatcher;

use crate::Notices;

pub(crate) struct NoticeWatcher {
    notices: Notices,
}

impl NoticeWatcher {
    pub(crate) const fn new(notices: Notices) -> Self {
        Self { notices }
    }
}

impl RunWatcher for NoticeWatcher {
    fn run_changed(&self, run: &Run) {
        self.notices.publish(Topic::Run(run.id));
        self.notices.publish(Topic::Group(run.group_id));
        self.notices.publish(Topic::Overview);
    }
}

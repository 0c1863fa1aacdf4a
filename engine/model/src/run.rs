//! One execution of a runbook.

//! How much would be lost now: the age of what is on the other side, against the target.

use farshore_model::{
    DurationMs, Timestamp,
    department::Department,
    group::{FailoverGroup, Side, WorkspacePair},
    view::{Replication, ReplicationState},
    workspace::Workspace,
};

/// The replication point of a group is the earliest of its pairs': the group is failed over as one.
pub(crate) fn measure(
    group: &FailoverGroup,
    pairs: &[WorkspacePair],
    department: Option<&Department>,
    now: Timestamp,
) -> Replication {
    let point = earliest(pairs.iter());
    let age = point.map(|point| now.since(point));
    let rpo = department.and_then(|department| department.rpo_ms).map(DurationMs);
    let state = match (age, rpo) {
        _ if group.suspension.is_some() => ReplicationState::Suspended,
        (None, _) => ReplicationState::NeverReplicated,
        (Some(_), None) => ReplicationState::NoTarget,
        (Some(age), Some(rpo)) if age > rpo => ReplicationState::Late,
        (Some(_), Some(_)) => ReplicationState::Met,
    };
    Replication { state, point, age, rpo, suspension: group.suspension.clone() }
}

/// None when one of the pairs was never replicated, or when there is no pair.
pub(crate) fn earliest<'a>(pairs: impl Iterator<Item = &'a WorkspacePair>) -> Option<Timestamp> {
    let points: Option<Vec<Timestamp>> = pairs.map(|pair| pair.replication_point).collect();
    points?.into_iter().min()
}

/// The side of a pair that is active: None when a third region is.
pub(crate) fn active_side(group: &FailoverGroup, primary: &Workspace, secondary: &Workspace) -> Option<Side> {
    if group.active_region == primary.region {
        Some(Side::Primary)
    } else if group.active_region == secondary.region {
        Some(Side::Secondary)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use farshore_model::{GroupId, PairId, WorkspaceId, group::Strategy};
    use uuid::Uuid;

    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000_000_000);

    fn group() -> FailoverGroup {
        FailoverGroup {
            id: GroupId(Uuid::nil()),
            name: "g".to_owned(),
            strategy: Strategy::ActivePassive,
            department_id: None,
            primary_region: "a".to_owned(),
            active_region: "a".to_owned(),
            sync_interval_ms: None,
            smoke_job: None,
            suspension: None,
            version: 1,
            created_at: NOW,
        }
    }

    fn pair(replication_point: Option<Timestamp>) -> WorkspacePair {
        WorkspacePair {
            id: PairId(Uuid::nil()),
            group_id: GroupId(Uuid::nil()),
            primary: WorkspaceId(Uuid::nil()),
            secondary: WorkspaceId(Uuid::nil()),
            replication_point,
            created_at: NOW,
        }
    }

    #[test]
    fn never_replicated_is_not_late() {
        let pairs = [pair(Some(NOW)), pair(None)];
        let replication = measure(&group(), &pairs, None, NOW);
        assert_eq!(replication.state, ReplicationState::NeverReplicated);
        assert_eq!(replication.point, None);
    }

    #[test]
    fn the_oldest_pair_counts() {
        let old = NOW - DurationMs(90_000);
        let pairs = [pair(Some(NOW)), pair(Some(old))];
        let department = Department {
            id: farshore_model::DepartmentId(Uuid::nil()),
            name: "d".to_owned(),
            rpo_ms: Some(60_000),
            rto_ms: None,
            version: 1,
            created_at: NOW,
        };
        let replication = measure(&group(), &pairs, Some(&department), NOW);
        assert_eq!(replication.age, Some(DurationMs(90_000)));
        assert_eq!(replication.state, ReplicationState::Late);
    }
}

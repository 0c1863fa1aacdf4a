use async_trait::async_trait;
use farshore_model::{
    GroupId, Lease, PairId, Timestamp,
    people::{PeopleComparison, PeopleDifference, PeopleFailure, PeopleFound},
    view::{PairDifference, PeopleFilter},
};

use super::StoreError;

/// How the people of each pair differ. A comparison is leased by the id of its pair.
#[async_trait]
pub trait PeopleComparisonStore: Send + Sync {
    /// Those of one group, or of all. A pair that was never compared, and for which nobody asked, has none.
    async fn people_comparisons(&self, group: Option<GroupId>) -> Result<Vec<PeopleComparison>, StoreError>;

    /// Notes that somebody asks for a comparison. `NotFound` when there is no such pair.
    async fn request_people_comparison(&self, pair: PairId, at: Timestamp) -> Result<(), StoreError>;

    /// Keeps what a comparison that began at `found.as_of` has found, over what the one before had found and over
    /// its failure. It is what everybody waited for who had asked before it began.
    async fn put_people_found(
        &self,
        lease: &Lease,
        pair: PairId,
        found: &PeopleFound,
        differences: &[PeopleDifference],
    ) -> Result<(), StoreError>;

    /// Notes that a comparison which began at `began_at` has failed. What the last good one had found stays.
    async fn put_people_failure(
        &self,
        lease: &Lease,
        pair: PairId,
        began_at: Timestamp,
        failure: &PeopleFailure,
    ) -> Result<(), StoreError>;

    /// One page of the differences of a group, pair by pair, each in its order, and how many match.
    async fn people_differences(
        &self,
        group: GroupId,
        filter: &PeopleFilter,
        per_page: u32,
    ) -> Result<(Vec<PairDifference>, u32), StoreError>;
}

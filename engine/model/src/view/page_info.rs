//! Which part of a long list is shown.

use serde::{Deserialize, Serialize};

#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageInfo {
    /// From 1.
    pub page: u32,
    pub per_page: u32,
    pub total: u32,
}

impl PageInfo {
    pub const fn pages(self) -> u32 {
        if self.per_page == 0 { 1 } else { self.total.div_ceil(self.per_page) }
    }
}

//! A value that knows whether anybody may have changed it.

use std::ops::{Deref, DerefMut};

use serde::{Deserialize, Serialize};

/// A value that was touched whenever it was lent out for changing.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Watched<T> {
    value: T,
    #[serde(skip)]
    is_touched: bool,
}

impl<T> Watched<T> {
    pub(crate) fn is_touched(&self) -> bool {
        self.is_touched
    }

    /// Everything that was changed so far is taken care of.
    pub(crate) fn settled(&mut self) {
        self.is_touched = false;
    }
}

impl<T> Deref for Watched<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for Watched<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.is_touched = true;
        &mut self.value
    }
}

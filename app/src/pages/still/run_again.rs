//! The button that syncs one object again.

use farshore_model::{GroupId, PairId, kind::ObjectKey};
use leptos::prelude::*;

use crate::{
    components::{Button, Glyph},
    parts::{FormAction, PostForm},
    view,
};

/// `why_not`: why it cannot be done now. `name` is what the object is called, for those who do not see its row.
#[component]
pub(super) fn RunAgain(
    action: FormAction,
    group: GroupId,
    pair: PairId,
    object: ObjectKey,
    name: String,
    why_not: Option<String>,
) -> impl IntoView {
    view! {
        <PostForm action>
            <input type="hidden" name="group_id" value=group.to_string()/>
            <input type="hidden" name="pair_id" value=pair.to_string()/>
            <input type="hidden" name="kind" value=object.kind.as_str()/>
            <input type="hidden" name="key" value=object.key/>
            <Button glyph=Glyph::Sync is_small=true why_disabled=why_not aria_label=format!("Run it again: {name}")>
                "Run it again"
            </Button>
        </PostForm>
    }
}

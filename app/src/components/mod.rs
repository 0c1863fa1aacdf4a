//! The design system: what every page is made of. Styles are in `style/`, one class per component; pages add
//! Tailwind utilities for their layout only.
//!
//! Conventions: `#[prop(into)]` texts take `"words"` or a `String`; [`OptionalText`] also takes an `Option` of
//! either. Plain values are not reactive: live data renders a component again from a closure. Where a prop is a
//! signal, it says so. `actions`, `footer`, `account` and `demo_bar` take a closure: `actions=|| view! { … }`.
//! Everything reads and posts without JavaScript.
//!
//! Every component ends with `.into_any()`. Without it the type of a page is the tree of all that it shows, and the
//! optimised build stops at the compiler's depth limit; pages should do the same.
//!
//! | component | props (`?` optional) |
//! | --- | --- |
//! | [`Frame`] | `items: Vec<NavItem>`, `account: closure`, `demo_bar?: closure`, children: the page. Brings `<main id="content">` |
//! | [`PageHeader`] | `title`, `crumbs?: Vec<Crumb>`, `lead?`, `actions?`, children?: badges beside the title. Sets the tab's title |
//! | [`Nav`] | `items: Vec<NavItem>`; `NavItem::new(label, href, glyph).with_count(signal)` |
//! | [`Tabs`] | `label`, `tabs: Vec<Tab>`; `Tab::new(label, href, is_current).with_count(n)` |
//! | [`Stepper`] | `items: Vec<StepperItem>`, `current: u32` from 0; `StepperItem::new(title, href: Option<String>)` |
//! | [`Pagination`] | `page`, `pages`, `total`, `noun`, `href: Fn(u32) -> String` |
//! | [`Card`] | `title?`, `lead?`, `actions?`, `footer?`, `is_flush?` (tables, lists), children |
//! | [`MetricRow`], [`Metric`] | `label`, `tone?`, `target?`, `verdict?`, children: the figure |
//! | [`KeyValues`], [`KeyValue`] | `is_wide?`; `label`, children: the value |
//! | [`Table`], [`Row`], [`Cell`] | `caption`, `columns: Vec<Column>`, `keeps_columns?`; `Column::new(title).numeric().sortable(href, sorted)`; `Cell`: `label?` (the column's title, for phones), `is_title?`, `is_numeric?` |
//! | [`Badge`] | `tone?`, children |
//! | [`StatusBadge`] | `tone`, `label`, `glyph?`, `is_moving?` |
//! | [`RegionPill`] | `region`, `role: RegionRole` (`Active`, `Passive`, `Unreachable`) |
//! | [`Topology`] | `home: TopologyRegion`, `links: Vec<TopologyLink>`, `caption?` |
//! | [`Alert`] | `tone`, `title?`, `is_urgent?`, children? |
//! | [`EmptyState`] | `title`, `hint?`, `glyph?`, children?: what to do next |
//! | [`ErrorState`] | `what_happened`, `not_lost?`, `what_to_do?`, `request_id?`, children?: ways on |
//! | [`Skeleton`] | `lines?` |
//! | [`Progress`] | `label`, signals or values: `done: u64`, `total: u64`, `per_second?: Option<f64>`, `time_left?: Option<DurationMs>` |
//! | [`Steps`], [`Step`] | `label`; `look: StepLook`, `title`, `detail?`, `took?: Option<DurationMs>`, `planned?: Option<DurationMs>`, children? |
//! | [`FieldDiff`], [`TextDiff`] | `changes: Vec<FieldChange>`; `label`, `diff` (unified) |
//! | [`CodeBlock`] | `label?`, `text` |
//! | [`TimeText`], [`RelativeAge`], [`DurationText`] | `at: Timestamp`; `at`, `now: Timestamp` (read by the server); `length: DurationMs`. As text: [`duration_text`], [`utc_text`], [`utc_exact`] |
//! | [`LiveStatus`] | signal `stale_since: Option<Timestamp>` |
//! | [`Button`] | `variant?: ButtonVariant`, `is_small?`, `glyph?`, `name?`, `value?`, `form_action?`, `aria_label?`, signals or values: `why_disabled?: Option<String>`, `is_busy?: bool`; `on_click?: Callback`, children |
//! | [`LinkButton`] | `href`, `variant?`, `is_small?`, `is_external?`, `glyph?`, `aria_label?`, `is_focused?`, children |
//! | [`TextInput`] | `name`, `label`, `value?`, `hint?`, `error?`, `placeholder?`, `kind?`, `autocomplete?`, `input_mode?`, `is_required?`, `is_optional?`, `is_code?`, `on_input?: Callback<String>` |
//! | [`Textarea`] | `name`, `label`, `id?`, `value?`, `hint?`, `error?`, `placeholder?`, `rows?`, `is_required?`, `is_optional?` |
//! | [`Select`] | `name`, `label`, `choices: Vec<Choice>`, `selected?`, `hint?`, `error?`, `is_optional?`, `on_change?` |
//! | [`Checkbox`] | `name`, `label`, `hint?`, `value?`, `is_checked?`, `is_required?`, `on_change?: Callback<bool>` |
//! | [`RadioCards`] | `name`, `legend`, `cards: Vec<RadioCard>`, `selected?`, `error?`, `is_required?`, `on_change?` |
//! | [`Field`] | `id`, `label`, `hint?`, `error?`, `is_optional?`, children: a control of another kind |
//! | [`ConfirmByName`] | `expected`, `consequence`, `action`, `cancel_href`, `error?`; inside a form, posts `confirm_name` |
//! | [`ThemeSwitch`] | – |
//! | [`DemoBar`] | `is_open?`, children: forms |
//! | [`Icon`] | `glyph: Glyph`, `label?` |
//!
//! [`Tone`]: `Neutral`, `Accent`, `Info`, `Ok`, `Warn`, `Danger`, `Drill` (a rehearsal, on every screen).
//!
//! Layout classes for pages: `stack` (children below one another), `stack-tight`, `grid-2` and `grid-3` (columns
//! where there is room), `actions` (buttons in a row), `form` (a readable column), `muted`, `num`, `sr-only`,
//! `needs-script` (hidden until hydrated), `only-print`, `no-print`.

mod alert;
mod badge;
mod button;
mod card;
mod checkbox;
mod code_block;
mod confirm_by_name;
mod demo_bar;
mod empty_state;
mod error_state;
mod field;
mod field_diff;
mod frame;
mod icon;
mod key_values;
mod link_button;
mod live_status;
mod metric;
mod nav;
mod optional_text;
mod page_header;
mod pagination;
mod progress;
mod radio_cards;
mod region_pill;
mod select;
mod skeleton;
mod status_badge;
mod stepper;
mod steps;
mod table;
mod tabs;
mod text_diff;
mod text_input;
mod textarea;
mod theme_switch;
mod ticker;
mod time_text;
mod tone;
mod topology;

pub use alert::Alert;
pub use badge::Badge;
pub use button::{Button, ButtonVariant};
pub use card::Card;
pub use checkbox::Checkbox;
pub use code_block::CodeBlock;
pub use confirm_by_name::ConfirmByName;
pub use demo_bar::DemoBar;
pub use empty_state::EmptyState;
pub use error_state::ErrorState;
pub use field::{Field, described_by, field_id};
pub use field_diff::FieldDiff;
pub use frame::{Brand, Frame};
pub use icon::{Glyph, Icon};
pub use key_values::{KeyValue, KeyValues};
pub use link_button::LinkButton;
pub use live_status::LiveStatus;
pub use metric::{Metric, MetricRow};
pub use nav::{Nav, NavItem};
pub use optional_text::OptionalText;
pub use page_header::{Crumb, PageHeader};
pub use pagination::Pagination;
pub use progress::Progress;
pub use radio_cards::{RadioCard, RadioCards};
pub use region_pill::{RegionPill, RegionRole};
pub use select::{Choice, Select};
pub use skeleton::Skeleton;
pub use status_badge::StatusBadge;
pub use stepper::{Stepper, StepperItem};
pub use steps::{Step, StepLook, Steps};
pub use table::{Cell, Column, Row, Sorted, Table};
pub use tabs::{Tab, Tabs};
pub use text_diff::TextDiff;
pub use text_input::TextInput;
pub use textarea::Textarea;
pub use theme_switch::ThemeSwitch;
pub use ticker::use_seconds_since;
pub use time_text::{DurationText, RelativeAge, TimeText, duration_text, utc_exact, utc_text};
pub use tone::Tone;
pub use topology::{Flow, Topology, TopologyLink, TopologyRegion};

pub(crate) use ticker::provide_ticker;
pub(crate) use time_text::remember_zone;

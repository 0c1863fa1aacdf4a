//! Tables that stay readable on a phone.

use leptos::{either::Either, prelude::*};

use super::{Glyph, Icon, OptionalText};
use crate::view;

/// The head of one column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Column {
    pub title: String,
    /// Figures stand at the right.
    pub is_numeric: bool,
    /// Where a click on the head leads, when the table can be sorted by it.
    pub sort_href: Option<String>,
    /// The order in force, when the table is sorted by this column.
    pub sorted: Option<Sorted>,
}

/// The order in which a column is sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sorted {
    Ascending,
    Descending,
}

impl Column {
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), ..Self::default() }
    }

    pub fn numeric(self) -> Self {
        Self { is_numeric: true, ..self }
    }

    pub fn sortable(self, href: impl Into<String>, sorted: Option<Sorted>) -> Self {
        Self { sort_href: Some(href.into()), sorted, ..self }
    }
}

/// A table with `<thead>` and `<tbody>`; children are [`Row`]s. Below 720 px each row becomes a card whose cells
/// carry their label, unless `keeps_columns`: then it scrolls inside its own box.
/// The roles are written out because a stacked table is no longer laid out as one.
#[component]
pub fn Table(
    /// Says what is listed; read aloud, not shown.
    #[prop(into)]
    caption: String,
    columns: Vec<Column>,
    #[prop(optional)] keeps_columns: bool,
    children: Children,
) -> impl IntoView {
    let label = caption.clone();
    let heads = columns.into_iter().map(column_head).collect_view();
    view! {
        <div class="table-box" role="region" aria-label=label tabindex="0">
            <table role="table" class=if keeps_columns { "table" } else { "table table-stacks" }>
                <caption class="sr-only">{caption}</caption>
                <thead role="rowgroup">
                    <tr role="row">{heads}</tr>
                </thead>
                <tbody role="rowgroup">{children()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn column_head(column: Column) -> impl IntoView {
    let Column { title, is_numeric, sort_href, sorted } = column;
    let order = match sorted {
        Some(Sorted::Ascending) => Some("ascending"),
        Some(Sorted::Descending) => Some("descending"),
        None => None,
    };
    let words = match sort_href {
        Some(href) => Either::Left(view! {
            <a class="sort-link" href=href>
                {title}
                {order.map(|_| view! { <Icon glyph=Glyph::ArrowDown/> })}
            </a>
        }),
        None => Either::Right(title),
    };
    view! {
        <th role="columnheader" scope="col" class:num=is_numeric aria-sort=order>
            {words}
        </th>
    }
    .into_any()
}

/// One row of a [`Table`]; children are [`Cell`]s.
#[component]
pub fn Row(children: Children) -> impl IntoView {
    view! { <tr role="row">{children()}</tr> }.into_any()
}

/// One cell. `label` repeats the column's title, for the stacked form; the cell that names the row is the
/// `is_title` one and needs none.
#[component]
pub fn Cell(
    #[prop(optional, into)] label: OptionalText,
    #[prop(optional)] is_title: bool,
    #[prop(optional)] is_numeric: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <td role="cell" data-label=label.into_option() class:cell-title=is_title class:num=is_numeric>
            <div class="cell">{children()}</div>
        </td>
    }
    .into_any()
}

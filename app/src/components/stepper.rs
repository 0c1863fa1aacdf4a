//! Where one is in a wizard.

use leptos::{either::Either, prelude::*};

use super::{Glyph, Icon};
use crate::view;

/// One page of a wizard; with an address it can be gone back to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepperItem {
    pub title: String,
    pub href: Option<String>,
}

impl StepperItem {
    pub fn new(title: impl Into<String>, href: Option<String>) -> Self {
        Self { title: title.into(), href }
    }
}

/// The pages of a wizard in order; `current` counts from 0. Those before it are done.
#[component]
pub fn Stepper(items: Vec<StepperItem>, current: u32) -> impl IntoView {
    let items = (0..)
        .zip(items)
        .map(|(index, StepperItem { title, href }): (u32, _)| {
            let is_done = index < current;
            let class = match index.cmp(&current) {
                std::cmp::Ordering::Less => "stepper-item is-done",
                std::cmp::Ordering::Equal => "stepper-item is-current",
                std::cmp::Ordering::Greater => "stepper-item",
            };
            let mark = if is_done {
                Either::Left(view! { <Icon glyph=Glyph::Check label="done"/> })
            } else {
                Either::Right(index + 1)
            };
            let title = match href.filter(|_| index != current) {
                Some(href) => Either::Left(view! { <a href=href>{title}</a> }),
                None => Either::Right(view! { <span>{title}</span> }),
            };
            view! {
                <li class=class aria-current=(index == current).then_some("step")>
                    <span class="stepper-mark">{mark}</span>
                    {title}
                </li>
            }
        })
        .collect_view();
    view! { <nav aria-label="Steps of this wizard"><ol class="stepper">{items}</ol></nav> }.into_any()
}

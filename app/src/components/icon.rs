//! The icon set: drawn here, 24 by 24, one stroked path each, in the colour of the text around them.

use leptos::prelude::*;

use super::OptionalText;
use crate::view;

/// What an icon shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Glyph {
    ArrowDown,
    ArrowLeft,
    ArrowRight,
    /// A lighthouse: the active region.
    Beacon,
    Board,
    Bolt,
    Building,
    Calendar,
    Check,
    CheckCircle,
    ChevronDown,
    ChevronLeft,
    ChevronRight,
    Clock,
    Cross,
    CrossCircle,
    Dash,
    File,
    /// A rehearsal.
    Flask,
    /// Waits for a person.
    Hand,
    Info,
    Key,
    Link,
    List,
    Lock,
    Menu,
    Minus,
    Monitor,
    Moon,
    Pause,
    Person,
    Play,
    Plus,
    Question,
    Refresh,
    Region,
    Search,
    Shield,
    SignOut,
    Skip,
    Sun,
    Sync,
    Warning,
}

impl Glyph {
    const fn path(self) -> &'static str {
        match self {
            Self::ArrowDown => "M12 5v14m-6-6 6 6 6-6",
            Self::ArrowLeft => "M19 12H5m6-6-6 6 6 6",
            Self::ArrowRight => "M5 12h14m-6-6 6 6-6 6",
            Self::Beacon => {
                "M9 21l1.500-12h3L15 21M7 21h10M10 15h4M10.500 9V6L12 4.500 13.500 6v3M17 5.500l3-1.500M17 8.500l3 1M7 5.500 4 4M7 8.500l-3 1"
            }
            Self::Board => "M4 4h7v9H4zM13 4h7v5h-7zM13 12h7v8h-7zM4 16h7v4H4z",
            Self::Bolt => "M13 3 5 14h6l-1 7 8-11h-6z",
            Self::Building => "M5 21V4h9v17M14 9h5v12M3 21h18M8 8h3M8 12h3M8 16h3",
            Self::Calendar => "M4 6h16v14H4zM4 10h16M8 3v4M16 3v4",
            Self::Check => "M5 12.500l4.500 4.500L19 7",
            Self::CheckCircle => "M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0zM8 12.300l2.800 2.700L16 9.500",
            Self::ChevronDown => "M6 9l6 6 6-6",
            Self::ChevronLeft => "M15 6l-6 6 6 6",
            Self::ChevronRight => "M9 6l6 6-6 6",
            Self::Clock => "M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0zM12 7v5l3.500 2",
            Self::Cross => "M6 6l12 12M18 6 6 18",
            Self::CrossCircle => "M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0zM9 9l6 6M15 9l-6 6",
            Self::Dash => "M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0zM8.500 12h7",
            Self::File => "M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6",
            Self::Flask => {
                "M9 3h6M10 3v6l-5 9.500A1.700 1.700 0 0 0 6.500 21h11a1.700 1.700 0 0 0 1.500-2.500L14 9V3M7.500 15h9"
            }
            Self::Hand => {
                "M8 12V6.500a1.500 1.500 0 0 1 3 0V11m0-5.500v-1a1.500 1.500 0 0 1 3 0V11m0-5a1.500 1.500 0 0 1 3 0v8c0 4-2.500 7-6 7-3 0-4.500-1.500-6-4.500l-1.800-3.700a1.500 1.500 0 0 1 2.600-1.500L8 13.500"
            }
            Self::Info => "M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0zM12 11v5M12 7.500v.500",
            Self::Key => {
                "M13.500 10.500 21 3m-3 3 2.500 2.500M15.500 8.500 17 10M14 15a5 5 0 1 1-10 0 5 5 0 0 1 10 0z"
            }
            Self::Link => {
                "M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.700-5.700L12 7M14 10a4 4 0 0 0-6-.4l-3 3a4 4 0 0 0 5.700 5.700L12 17"
            }
            Self::List => "M8 6h12M8 12h12M8 18h12M4 6h.010M4 12h.010M4 18h.010",
            Self::Lock => "M6 11h12v9H6zM8 11V8a4 4 0 0 1 8 0v3",
            Self::Menu => "M4 7h16M4 12h16M4 17h16",
            Self::Minus => "M5 12h14",
            Self::Monitor => "M3 5h18v11H3zM9 20h6M12 16v4",
            Self::Moon => "M20 14.500A8.500 8.500 0 0 1 9.500 4a8.500 8.500 0 1 0 10.500 10.500z",
            Self::Pause => "M8 5v14M16 5v14",
            Self::Person => {
                "M16 8a4 4 0 1 1-8 0 4 4 0 0 1 8 0zM4.500 20.500c.8-4 3.700-6 7.500-6s6.700 2 7.500 6"
            }
            Self::Play => "M8 5l11 7-11 7z",
            Self::Plus => "M12 5v14M5 12h14",
            Self::Question => {
                "M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0zM9.500 9.500a2.500 2.500 0 1 1 3.500 2.300c-.7.3-1 .8-1 1.700M12 16.500v.300"
            }
            Self::Refresh => {
                "M20 5v5h-5M4 19v-5h5M19 10a7.500 7.500 0 0 0-13-2.500M5 14a7.500 7.500 0 0 0 13 2.500"
            }
            Self::Region => {
                "M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0zM3 12h18M12 3c2.500 2.500 3.800 5.500 3.800 9s-1.300 6.500-3.800 9c-2.500-2.500-3.800-5.500-3.800-9S9.500 5.500 12 3z"
            }
            Self::Search => "M18 11a7 7 0 1 1-14 0 7 7 0 0 1 14 0zM16 16l4.500 4.500",
            Self::Shield => {
                "M12 3l8 3v5.500c0 4.500-3.200 8-8 9.500-4.800-1.500-8-5-8-9.500V6zM8.500 12l2.500 2.500 4.500-5"
            }
            Self::SignOut => "M14 4H5v16h9M10 12h11m-4-4 4 4-4 4",
            Self::Skip => "M5 6l7 6-7 6zM12 6l7 6-7 6zM20.500 6v12",
            Self::Sun => {
                "M16 12a4 4 0 1 1-8 0 4 4 0 0 1 8 0zM12 2.500v2M12 19.500v2M2.500 12h2M19.500 12h2M5.300 5.300l1.400 1.400M17.300 17.300l1.400 1.400M5.300 18.700l1.400-1.400M17.300 6.700l1.400-1.400"
            }
            Self::Sync => "M4 8h14m-4-4 4 4-4 4M20 16H6m4-4-4 4 4 4",
            Self::Warning => "M12 3.500 22 20.500H2zM12 10v4.500M12 17.300v.200",
        }
    }
}

/// One icon. Silent for screen readers, since words stand beside it, unless `label` says what it means.
#[component]
pub fn Icon(glyph: Glyph, #[prop(optional, into)] label: OptionalText) -> impl IntoView {
    let label = label.into_option();
    let is_silent = label.is_none();
    view! {
        <svg
            class="icon"
            viewBox="0 0 24 24"
            role=(!is_silent).then_some("img")
            aria-label=label
            aria-hidden=is_silent.then_some("true")
        >
            <path d=glyph.path()></path>
        </svg>
    }
    .into_any()
}

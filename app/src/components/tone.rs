//! What a colour means.

use super::Glyph;

/// The meaning behind a colour. Never the only carrier of that meaning: whatever takes a tone also shows words
/// or an icon.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Tone {
    /// Nothing to judge: unknown, not started, switched off.
    #[default]
    Neutral,
    /// Belongs to what is active or chosen.
    Accent,
    /// Under way, or worth knowing.
    Info,
    /// As it should be.
    Ok,
    /// Needs a look soon; a target is close.
    Warn,
    /// Broken, missed or destructive.
    Danger,
    /// A rehearsal: looks different from the real thing on every screen.
    Drill,
}

impl Tone {
    /// The class that hands the tone's colours to whatever lies inside.
    pub const fn class(self) -> &'static str {
        match self {
            Self::Neutral => "tone-neutral",
            Self::Accent => "tone-accent",
            Self::Info => "tone-info",
            Self::Ok => "tone-ok",
            Self::Warn => "tone-warn",
            Self::Danger => "tone-danger",
            Self::Drill => "tone-drill",
        }
    }

    /// The icon that says the same without colour.
    pub const fn glyph(self) -> Glyph {
        match self {
            Self::Neutral => Glyph::Dash,
            Self::Accent => Glyph::Beacon,
            Self::Info => Glyph::Info,
            Self::Ok => Glyph::CheckCircle,
            Self::Warn => Glyph::Warning,
            Self::Danger => Glyph::CrossCircle,
            Self::Drill => Glyph::Flask,
        }
    }
}

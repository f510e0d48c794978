//! What the environment says about the terminal: colours from `NO_COLOR`, `COLORTERM` and `TERM`, glyphs from the locale.
//!
//! In comes a look-up of variables, out comes a theme. It asks the terminal nothing: an answer that comes late would be read as keys. The ground
//! is taken for dark unless somebody says otherwise. `NO_COLOR`: no-color.org. Locale variables: POSIX XBD 8.2.

use super::{Depth, GlyphSet, Sight, Theme, Tone};

impl Theme {
    /// The theme that fits these variables. A variable that is set to nothing counts as unset.
    pub fn detect(env: impl Fn(&str) -> Option<String>) -> Self {
        let get = |name: &str| env(name).filter(|value| !value.is_empty());
        Self {
            depth: depth(&get),
            tone: Tone::Dark,
            sight: Sight::Standard,
            glyphs: glyphs(&get),
        }
    }
}

/// Terminals with 24-bit colours, also when ssh has not brought COLORTERM along.
const MODERN: [&str; 6] = [
    "alacritty",
    "foot",
    "ghostty",
    "wezterm",
    "xterm-ghostty",
    "xterm-kitty",
];

fn depth(get: &impl Fn(&str) -> Option<String>) -> Depth {
    let term = get("TERM").unwrap_or_default();
    let color = get("COLORTERM").unwrap_or_default();
    if get("NO_COLOR").is_some() || matches!(term.as_str(), "" | "dumb") || term.starts_with("vt") {
        return Depth::Mono;
    }
    // GNU screen passes COLORTERM on from outside but takes 24-bit colours for dim and blink.
    let color = if term.starts_with("screen") {
        ""
    } else {
        color.as_str()
    };
    match color {
        "truecolor" | "24bit" => Depth::TrueColor,
        _ if term.ends_with("-direct") || MODERN.contains(&term.as_str()) => Depth::TrueColor,
        _ if term.contains("256color") => Depth::Ansi256,
        _ => Depth::Ansi16,
    }
}

fn glyphs(get: &impl Fn(&str) -> Option<String>) -> GlyphSet {
    // The first one that is set decides, also when what it says is worse than what the next would say.
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .find_map(|name| get(name))
        .unwrap_or_default();
    let locale = locale.to_ascii_lowercase();
    if !(locale.contains("utf-8") || locale.contains("utf8")) {
        return GlyphSet::Ascii;
    }
    if get("TERM").as_deref() == Some("linux") {
        GlyphSet::Cp437
    } else {
        GlyphSet::Braille
    }
}

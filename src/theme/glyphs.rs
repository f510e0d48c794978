//! Signs, in four sets: braille, blocks, the glyphs of code page 437 (Linux console, `PuTTY` with old fonts), and ASCII.
//!
//! A view may write `·`, `→` or `…` into its words as in the mock-ups; [`GlyphSet::spell`] turns each into one sign of the same width that the
//! terminal has. Text from outside goes the same way, and what ASCII cannot say becomes an escape.

use crate::safe_text::SafeText;

/// Which glyphs the terminal's font has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum GlyphSet {
    /// Charts of braille dots: 2×4 to a cell.
    #[default]
    Braille,
    /// Charts of eighths of blocks.
    Blocks,
    /// Code page 437.
    Cp437,
    /// Nothing but ASCII.
    Ascii,
}

/// One sign for each use, each one column wide.
#[derive(Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "a sign says what it is for by its name")]
pub struct Glyphs {
    pub bar: &'static str,
    pub bar_deferred: &'static str,
    pub bar_bounced: &'static str,
    pub bar_rest: &'static str,
    pub meter: &'static str,
    pub meter_rest: &'static str,
    pub selected: &'static str,
    pub marked: &'static str,
    pub alert: &'static str,
    pub ok: &'static str,
    pub zero: &'static str,
    pub ellipsis: &'static str,
    pub dots: &'static str,
    pub sort_down: &'static str,
    pub sort_up: &'static str,
    pub live: &'static str,
    pub paused: &'static str,
    pub replay: &'static str,
    pub separator: &'static str,
    pub crumb: &'static str,
    pub sent: &'static str,
    pub deferred: &'static str,
    pub bounced: &'static str,
    pub held: &'static str,
    pub rejected: &'static str,
    /// Four shades, lightest first.
    pub shade: [&'static str; 4],
    /// Eight heights, lowest first.
    pub spark: [&'static str; 8],
    /// Top left, top right, bottom left, bottom right, horizontal, vertical.
    pub border: [&'static str; 6],
    /// Tick to the left, corner at zero, tick below, vertical, horizontal.
    pub axis: [&'static str; 5],
}

static UNICODE: Glyphs = Glyphs {
    bar: "■",
    bar_deferred: "▒",
    bar_bounced: "x",
    bar_rest: "·",
    meter: "━",
    meter_rest: "─",
    selected: "▌",
    marked: "●",
    alert: "▲",
    ok: "✓",
    zero: "·",
    ellipsis: "…",
    dots: "┈",
    sort_down: "▼",
    sort_up: "▲",
    live: "●",
    paused: "‖",
    replay: "◀",
    separator: "·",
    crumb: "›",
    sent: "✓",
    deferred: "~",
    bounced: "✗",
    held: "‖",
    rejected: "⊘",
    shade: ["░", "▒", "▓", "█"],
    spark: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
    border: ["╭", "╮", "╰", "╯", "─", "│"],
    axis: ["┤", "┼", "┬", "│", "─"],
};

static CP437: Glyphs = Glyphs {
    meter: "=",
    marked: "•",
    ok: "√",
    ellipsis: "~",
    dots: "·",
    live: "•",
    replay: "◄",
    paused: "‼",
    crumb: "»",
    sent: "√",
    bounced: "x",
    held: "H",
    rejected: "R",
    spark: ["_", "_", "░", "░", "▒", "▒", "▓", "█"],
    border: ["┌", "┐", "└", "┘", "─", "│"],
    ..UNICODE
};

static ASCII: Glyphs = Glyphs {
    bar: "#",
    bar_deferred: ":",
    bar_bounced: "x",
    bar_rest: ".",
    meter: "=",
    meter_rest: "-",
    selected: ">",
    marked: "*",
    alert: "!",
    ok: "+",
    zero: ".",
    ellipsis: "~",
    dots: ".",
    sort_down: "v",
    sort_up: "^",
    live: "*",
    paused: "=",
    replay: "<",
    separator: ".",
    crumb: ">",
    sent: "S",
    deferred: "~",
    bounced: "B",
    held: "H",
    rejected: "R",
    shade: [".", ":", "*", "#"],
    spark: ["_", ".", ":", "-", "=", "+", "*", "#"],
    border: ["+", "+", "+", "+", "-", "|"],
    axis: ["+", "+", "+", "|", "-"],
};

/// Signs of our own words: Unicode, code page 437, ASCII.
const SPELLING: [(char, char, char); 44] = [
    ('·', '·', '.'),
    ('…', '~', '~'),
    ('→', '→', '>'),
    ('←', '←', '<'),
    ('↑', '↑', '^'),
    ('↓', '↓', 'v'),
    ('›', '»', '>'),
    ('┈', '·', '.'),
    ('┄', '·', '.'),
    ('┊', ':', ':'),
    ('─', '─', '-'),
    ('━', '=', '='),
    ('│', '│', '|'),
    ('├', '├', '+'),
    ('┬', '┬', '+'),
    ('┴', '┴', '+'),
    ('┤', '┤', '+'),
    ('┼', '┼', '+'),
    ('└', '└', '+'),
    ('┌', '┌', '+'),
    ('▲', '▲', '!'),
    ('▼', '▼', 'v'),
    ('◀', '◄', '<'),
    ('▶', '►', '>'),
    ('●', '•', '*'),
    ('■', '■', '#'),
    ('▒', '▒', ':'),
    ('░', '░', '.'),
    ('▓', '▓', '*'),
    ('█', '█', '#'),
    ('▌', '▌', '>'),
    ('▪', '■', '#'),
    ('❚', '|', '|'),
    ('✓', '√', '+'),
    ('✗', 'x', 'B'),
    ('‖', 'H', 'H'),
    ('⊘', 'R', 'R'),
    ('ⓘ', 'i', 'i'),
    ('×', 'x', 'x'),
    ('–', '-', '-'),
    ('—', '-', '-'),
    ('−', '-', '-'),
    ('Δ', 'δ', 'd'),
    ('≥', '≥', '>'),
];

impl GlyphSet {
    /// The signs of this set.
    pub fn signs(self) -> &'static Glyphs {
        match self {
            Self::Braille | Self::Blocks => &UNICODE,
            Self::Cp437 => &CP437,
            Self::Ascii => &ASCII,
        }
    }

    /// The same words in glyphs that the terminal has; ASCII escapes what it cannot say.
    pub fn spell(self, text: &SafeText) -> SafeText {
        let pick = match self {
            _ if text.as_str().is_ascii() => return text.clone(),
            Self::Braille | Self::Blocks => return text.clone(),
            Self::Cp437 => |row: &(char, char, char)| row.1,
            Self::Ascii => |row: &(char, char, char)| row.2,
        };
        let spelt: String = text
            .as_str()
            .chars()
            .map(|c| SPELLING.iter().find(|row| row.0 == c).map_or(c, pick))
            .collect();
        let spelt = SafeText::from(spelt);
        if self == Self::Ascii {
            spelt.ascii()
        } else {
            spelt
        }
    }

    /// At most this many columns, with this set's mark where something had to go.
    pub fn cut(self, text: &SafeText, columns: usize) -> SafeText {
        match self {
            Self::Braille | Self::Blocks => text.cut(columns),
            Self::Cp437 | Self::Ascii => text.cut_ascii(columns),
        }
    }
}

//! The look: what a colour or a sign means, and how this terminal can show it.
//!
//! Views and widgets name one of twelve [`Role`]s and never a colour; here a role becomes a style for the depth of colour that the terminal has, and
//! a sign becomes a glyph that its font has. The background is never painted, except under the selected row and as a shade ([`Theme::shade`]), so that light, dark and transparent
//! terminals all stay as their owner made them. Without colour only bold, dim, underline and reverse are used. It asks no terminal and reads no
//! environment itself: [`Theme::detect`] is given a look-up.

mod detect;
mod glyphs;
mod palette;
#[cfg(test)]
mod tests;

use ratatui::style::{Color, Modifier, Style};

pub use glyphs::{GlyphSet, Glyphs};
pub use palette::{Palette, Rgb};

/// What a piece of the screen means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Delivered, 2.x.
    Ok,
    /// Temporary, 4.x: Postfix retries by itself.
    Defer,
    /// Permanent, 5.x, or expired: somebody lost mail.
    Bounce,
    /// Held by an administrator.
    Hold,
    /// Refused at the door.
    Reject,
    /// Ordinary text.
    Text,
    /// Notes, zeros, what may be overlooked.
    Dim,
    /// Titles.
    Head,
    /// Keys, links, the second line of a chart.
    Accent,
    /// The selected row.
    Sel,
    /// Frames and axes.
    Frame,
    /// Needs a person.
    Alert,
}

impl Role {
    /// All roles.
    pub const ALL: [Self; 12] = [
        Self::Ok,
        Self::Defer,
        Self::Bounce,
        Self::Hold,
        Self::Reject,
        Self::Text,
        Self::Dim,
        Self::Head,
        Self::Accent,
        Self::Sel,
        Self::Frame,
        Self::Alert,
    ];
}

/// Levels of shade.
pub const SHADES: usize = 4;
/// How much of a role's colour is in the ground at each level, in percent.
const PERCENTS: [u32; SHADES] = [10, 18, 26, 34];

/// How many colours there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Depth {
    /// 24 bits.
    #[default]
    TrueColor,
    /// The 256 colours of xterm.
    Ansi256,
    /// The sixteen that the owner of the terminal chose.
    Ansi16,
    /// None: bold, dim, underline and reverse only.
    Mono,
}

/// What the terminal's background is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Tone {
    /// Light text upon a dark ground.
    #[default]
    Dark,
    /// Dark text upon a light ground.
    Light,
}

/// Which set of colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Sight {
    /// The standard set.
    #[default]
    Standard,
    /// The set whose four states differ most for colour-blind eyes.
    ColourBlind,
}

/// How to draw upon one terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Theme {
    /// Colours that it has.
    pub depth: Depth,
    /// Its background.
    pub tone: Tone,
    /// Which set of colours.
    pub sight: Sight,
    /// Glyphs that its font has.
    pub glyphs: GlyphSet,
}

impl Theme {
    /// Plain text for files and pipes: no colour, Unicode.
    pub const PLAIN: Self = Self {
        depth: Depth::Mono,
        tone: Tone::Dark,
        sight: Sight::Standard,
        glyphs: GlyphSet::Braille,
    };

    /// The style of a role. [`Role::Sel`] brings its own text colour along with its ground, in case the terminal's ground is not what it was taken for.
    pub fn style(&self, role: Role) -> Style {
        match self.depth {
            Depth::TrueColor => self.rgb_style(role, |rgb| Color::Rgb(rgb.0, rgb.1, rgb.2)),
            Depth::Ansi256 => self.rgb_style(role, |rgb| Color::Indexed(rgb.nearest_256())),
            Depth::Ansi16 => self.ansi_style(role),
            Depth::Mono => mono_style(role),
        }
    }

    /// The ground of a number that is a share of something, from level 1 to [`SHADES`], with a text colour that is readable upon it; `None` where the
    /// terminal has too few colours, and [`Glyphs::shade`] has to say it.
    pub fn shade(&self, role: Role, level: usize) -> Option<Style> {
        let palette = self.palette();
        let percent = *PERCENTS.get(level.checked_sub(1)?)?;
        let of_role = match role {
            Role::Ok => palette.ok,
            Role::Defer => palette.defer,
            Role::Bounce | Role::Alert => palette.bounce,
            Role::Hold => palette.hold,
            Role::Accent | Role::Sel => palette.accent,
            Role::Reject | Role::Dim | Role::Frame | Role::Text | Role::Head => palette.dim,
        };
        let ground = palette.ground.mixed(of_role, percent);
        let style = |text: Color, ground: Color| Style::new().fg(text).bg(ground);
        let rgb = |Rgb(r, g, b)| Color::Rgb(r, g, b);
        match self.depth {
            Depth::TrueColor => Some(style(rgb(palette.text), rgb(ground))),
            Depth::Ansi256 => Some(style(
                Color::Indexed(palette.text.nearest_256()),
                Color::Indexed(ground.nearest_256()),
            )),
            Depth::Ansi16 | Depth::Mono => None,
        }
    }

    /// The signs of this terminal.
    pub fn glyphs(&self) -> &'static Glyphs {
        self.glyphs.signs()
    }

    /// The colours behind the roles.
    pub fn palette(&self) -> &'static Palette {
        match (self.sight, self.tone) {
            (Sight::Standard, Tone::Dark) => &palette::STD_DARK,
            (Sight::Standard, Tone::Light) => &palette::STD_LIGHT,
            (Sight::ColourBlind, Tone::Dark) => &palette::CB_DARK,
            (Sight::ColourBlind, Tone::Light) => &palette::CB_LIGHT,
        }
    }

    fn rgb_style(self, role: Role, color: impl Fn(Rgb) -> Color) -> Style {
        let palette = self.palette();
        let fg = |rgb| Style::new().fg(color(rgb));
        match role {
            Role::Ok => fg(palette.ok),
            Role::Defer => fg(palette.defer),
            Role::Bounce => fg(palette.bounce),
            Role::Hold => fg(palette.hold),
            Role::Reject | Role::Dim => fg(palette.dim),
            Role::Text => Style::new(),
            Role::Head => Style::new().add_modifier(Modifier::BOLD),
            Role::Accent => fg(palette.accent),
            Role::Sel => fg(palette.text)
                .bg(color(palette.sel))
                .add_modifier(Modifier::BOLD),
            Role::Frame => fg(palette.frame),
            Role::Alert => fg(palette.bounce).add_modifier(Modifier::BOLD),
        }
    }

    /// Only colours that are readable upon both grounds: the terminal's own text, red, magenta, cyan, and yellow or blue where the ground is known.
    fn ansi_style(self, role: Role) -> Style {
        let light = self.tone == Tone::Light;
        match role {
            Role::Ok => Style::new().fg(Color::Cyan),
            Role::Defer => Style::new().fg(if light { Color::Magenta } else { Color::Yellow }),
            Role::Bounce => Style::new().fg(Color::Red).add_modifier(Modifier::BOLD),
            Role::Hold => Style::new().fg(if light { Color::Blue } else { Color::Magenta }),
            Role::Accent => Style::new().fg(Color::Cyan).add_modifier(Modifier::BOLD),
            Role::Text
            | Role::Dim
            | Role::Reject
            | Role::Head
            | Role::Sel
            | Role::Frame
            | Role::Alert => mono_style(role),
        }
    }
}

fn mono_style(role: Role) -> Style {
    let bits = match role {
        Role::Ok | Role::Text => Modifier::empty(),
        Role::Defer | Role::Head => Modifier::BOLD,
        Role::Bounce => Modifier::BOLD.union(Modifier::UNDERLINED),
        Role::Hold | Role::Accent => Modifier::UNDERLINED,
        Role::Reject | Role::Dim | Role::Frame => Modifier::DIM,
        Role::Sel => Modifier::REVERSED,
        Role::Alert => Modifier::BOLD.union(Modifier::REVERSED),
    };
    Style::new().add_modifier(bits)
}

//! The colours behind the roles, in four sets.
//!
//! Chosen so that the four states of mail can be told apart by everybody: a test computes contrast (WCAG 2.1, 1.4.3) and the distance of each pair
//! in normal, deuteranope and protanope sight (Machado, Oliveira and Fernandes 2009). Amber means "Postfix retries by itself", red means "somebody lost
//! mail or will"; red is never a mere high number.

/// Red, green, blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rgb(pub u8, pub u8, pub u8);

/// One colour for each role that has one. Text and titles keep the terminal's own colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Palette {
    /// The ground that the colours were chosen for; painted in pictures only.
    pub ground: Rgb,
    /// The terminal's own text colour; painted in pictures only.
    pub text: Rgb,
    /// Delivered.
    pub ok: Rgb,
    /// Deferred.
    pub defer: Rgb,
    /// Bounced.
    pub bounce: Rgb,
    /// Held.
    pub hold: Rgb,
    /// Notes.
    pub dim: Rgb,
    /// Keys and second lines.
    pub accent: Rgb,
    /// The ground of the selected row.
    pub sel: Rgb,
    /// Frames and axes.
    pub frame: Rgb,
}

impl Rgb {
    /// From `0xrrggbb`.
    pub const fn hex(hex: u32) -> Self {
        let [_, r, g, b] = hex.to_be_bytes();
        Self(r, g, b)
    }

    /// The nearest of xterm's colours 16–255: the cube of 6×6×6 or the ramp of 24 greys.
    pub fn nearest_256(self) -> u8 {
        let Self(r, g, b) = self;
        let cube = [r, g, b].map(nearest_step);
        let in_cube = Self(STEPS[cube[0]], STEPS[cube[1]], STEPS[cube[2]]);
        let mean = (u16::from(r) + u16::from(g) + u16::from(b)) / 3;
        let grey_at = (mean.saturating_sub(3) / 10).min(23) as u8;
        let grey = 8 + 10 * grey_at;
        if self.square_to(Self(grey, grey, grey)) < self.square_to(in_cube) {
            232 + grey_at
        } else {
            (16 + 36 * cube[0] + 6 * cube[1] + cube[2]) as u8
        }
    }

    /// So many percent of the way from this colour to the other.
    pub(super) fn mixed(self, other: Self, percent: u32) -> Self {
        let part = |a: u8, b: u8| {
            ((u32::from(a) * (100 - percent.min(100)) + u32::from(b) * percent.min(100)) / 100)
                as u8
        };
        Self(
            part(self.0, other.0),
            part(self.1, other.1),
            part(self.2, other.2),
        )
    }

    /// Square of the distance in the cube.
    fn square_to(self, other: Self) -> u32 {
        [(self.0, other.0), (self.1, other.1), (self.2, other.2)]
            .iter()
            .map(|(a, b)| u32::from(a.abs_diff(*b)).pow(2))
            .sum()
    }
}

const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];

/// Index of the nearest of the cube's six steps.
fn nearest_step(value: u8) -> usize {
    match value {
        0..48 => 0,
        48..115 => 1,
        _ => (usize::from(value) - 35) / 40,
    }
}

/// Standard, dark ground.
pub(super) const STD_DARK: Palette = Palette {
    ground: Rgb::hex(0x0f_13_1a),
    text: Rgb::hex(0xd5_da_e3),
    ok: Rgb::hex(0x5f_d7_a7),
    defer: Rgb::hex(0xf0_cf_5a),
    bounce: Rgb::hex(0xf0_52_5c),
    hold: Rgb::hex(0xb0_8c_ff),
    dim: Rgb::hex(0x7d_86_95),
    accent: Rgb::hex(0x74_b8_f0),
    sel: Rgb::hex(0x2a_35_48),
    frame: Rgb::hex(0x43_4c_5c),
};

/// Standard, light ground.
pub(super) const STD_LIGHT: Palette = Palette {
    ground: Rgb::hex(0xfb_fb_f9),
    text: Rgb::hex(0x24_29_31),
    ok: Rgb::hex(0x0a_7d_56),
    defer: Rgb::hex(0x8b_60_07),
    bounce: Rgb::hex(0x7a_10_22),
    hold: Rgb::hex(0x5a_3f_d0),
    dim: Rgb::hex(0x6b_72_7d),
    accent: Rgb::hex(0x14_5f_b0),
    sel: Rgb::hex(0xdc_e6_f5),
    frame: Rgb::hex(0xb4_ba_c4),
};

/// Colour-blind, dark ground.
pub(super) const CB_DARK: Palette = Palette {
    ok: Rgb::hex(0x9f_e0_f2),
    defer: Rgb::hex(0xf4_d6_1e),
    bounce: Rgb::hex(0xea_55_60),
    hold: Rgb::hex(0xcf_6b_ff),
    ..STD_DARK
};

/// Colour-blind, light ground.
pub(super) const CB_LIGHT: Palette = Palette {
    ok: Rgb::hex(0x07_6d_99),
    defer: Rgb::hex(0x8b_60_07),
    bounce: Rgb::hex(0x5e_0f_22),
    hold: Rgb::hex(0x3a_1f_b8),
    ..STD_LIGHT
};

//! The promises of the palette: contrast, distance for three kinds of sight, and what the environment means.

use ratatui::style::{Color, Modifier};

use super::*;

const PALETTES: [(&str, &Palette, f64); 4] = [
    ("std-dark", &palette::STD_DARK, 20.0),
    ("std-light", &palette::STD_LIGHT, 20.0),
    ("cb-dark", &palette::CB_DARK, 40.0),
    ("cb-light", &palette::CB_LIGHT, 40.0),
];

/// Machado, Oliveira and Fernandes 2009, severity 1.0, over linear RGB: normal, deuteranope, protanope.
const SIGHTS: [[[f64; 3]; 3]; 3] = [
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
    [
        [0.367_322, 0.860_646, -0.227_968],
        [0.280_085, 0.672_501, 0.047_413],
        [-0.011_820, 0.042_940, 0.968_881],
    ],
    [
        [0.152_286, 1.052_583, -0.204_868],
        [0.114_503, 0.786_281, 0.099_216],
        [-0.003_882, -0.048_116, 1.051_998],
    ],
];

/// sRGB to linear light (IEC 61966-2-1).
fn linear(rgb: Rgb) -> [f64; 3] {
    [rgb.0, rgb.1, rgb.2].map(|byte| {
        let value = f64::from(byte) / 255.0;
        if value <= 0.040_45 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    })
}

fn times(matrix: &[[f64; 3]; 3], v: [f64; 3]) -> [f64; 3] {
    matrix.map(|row| row[0] * v[0] + row[1] * v[1] + row[2] * v[2])
}

/// Linear RGB to CIE L*a*b*, D65.
fn lab(rgb: [f64; 3]) -> [f64; 3] {
    let xyz = times(
        &[
            [0.412_456, 0.357_576, 0.180_437],
            [0.212_673, 0.715_152, 0.072_175],
            [0.019_334, 0.119_192, 0.950_304],
        ],
        rgb.map(|v| v.clamp(0.0, 1.0)),
    );
    let f = |t: f64| {
        if t > 0.008_856 {
            t.cbrt()
        } else {
            7.787 * t + 16.0 / 116.0
        }
    };
    let (x, y, z) = (f(xyz[0] / 0.950_47), f(xyz[1]), f(xyz[2] / 1.088_83));
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

/// CIE 1976.
fn distance(a: Rgb, b: Rgb, sight: &[[f64; 3]; 3]) -> f64 {
    let (a, b) = (lab(times(sight, linear(a))), lab(times(sight, linear(b))));
    a.iter()
        .zip(b)
        .map(|(a, b)| (a - b).powi(2))
        .sum::<f64>()
        .sqrt()
}

/// WCAG 2.1.
fn contrast(a: Rgb, b: Rgb) -> f64 {
    let light = |rgb: Rgb| {
        let [r, g, b] = linear(rgb);
        0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05
    };
    let (a, b) = (light(a), light(b));
    a.max(b) / a.min(b)
}

#[test]
fn the_four_states_can_be_told_apart_by_everybody() {
    for (name, p, least) in PALETTES {
        let states = [p.ok, p.defer, p.bounce, p.hold];
        for (at, a) in states.iter().enumerate() {
            for b in &states[..at] {
                for (which, sight) in SIGHTS.iter().enumerate() {
                    let d = distance(*a, *b, sight);
                    assert!(
                        d >= least,
                        "{name}: {a:?} and {b:?} in sight {which}: {d:.1}"
                    );
                }
            }
        }
    }
}

#[test]
fn what_matters_is_readable() {
    for (name, p, _) in PALETTES {
        for color in [p.ok, p.defer, p.bounce, p.hold, p.accent, p.text] {
            let ratio = contrast(color, p.ground);
            assert!(ratio >= 4.5, "{name}: {color:?} {ratio:.2}");
            let ratio = contrast(color, p.sel);
            assert!(ratio >= 3.0, "{name}, selected: {color:?} {ratio:.2}");
        }
        assert!(
            contrast(p.dim, p.ground) >= 4.0,
            "{name}: dim {:.2}",
            contrast(p.dim, p.ground)
        );
    }
}

/// What xterm shows for the colours 16 to 255.
fn indexed(index: u8) -> Rgb {
    const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    if let Some(grey) = index.checked_sub(232) {
        let value = 8 + 10 * grey;
        return Rgb(value, value, value);
    }
    let at = usize::from(index - 16);
    Rgb(STEPS[at / 36], STEPS[at / 6 % 6], STEPS[at % 6])
}

#[test]
fn numbers_are_readable_upon_every_shade_and_shades_rise() {
    let rgb = |color: Option<Color>| match color {
        Some(Color::Rgb(r, g, b)) => Rgb(r, g, b),
        Some(Color::Indexed(index)) => indexed(index),
        other => panic!("{other:?}"),
    };
    for depth in [Depth::TrueColor, Depth::Ansi256] {
        for tone in [Tone::Dark, Tone::Light] {
            for sight in [Sight::Standard, Sight::ColourBlind] {
                let theme = Theme {
                    depth,
                    tone,
                    sight,
                    ..Theme::default()
                };
                let ground = theme.palette().ground;
                for role in Role::ALL {
                    let mut before = 1.0;
                    for level in 1..=SHADES {
                        let style = theme.shade(role, level).unwrap();
                        let (text, shade) = (rgb(style.fg), rgb(style.bg));
                        let ratio = contrast(text, shade);
                        let what = format!("{depth:?} {tone:?} {sight:?} {role:?} {level}");
                        assert!(ratio >= 4.5, "{what}: {ratio:.2}");
                        let off = contrast(ground, shade);
                        // Of 256 colours two neighbours may be the nearest to the same one.
                        let least = if depth == Depth::TrueColor { 0.01 } else { 0.0 };
                        assert!(off >= before + least, "{what}: {off:.2} after {before:.2}");
                        before = off;
                    }
                    assert!(before >= 1.15, "{depth:?} {tone:?} {role:?}: {before:.2}");
                    assert_eq!(theme.shade(role, 0), None);
                    assert_eq!(theme.shade(role, SHADES + 1), None);
                }
            }
        }
    }
    for depth in [Depth::Ansi16, Depth::Mono] {
        let theme = Theme {
            depth,
            ..Theme::default()
        };
        assert!((0..9).all(|level| theme.shade(Role::Defer, level).is_none()));
    }
}

#[test]
fn without_colour_there_is_no_colour() {
    let allowed = Modifier::BOLD | Modifier::DIM | Modifier::REVERSED | Modifier::UNDERLINED;
    let theme = Theme {
        depth: Depth::Mono,
        ..Theme::default()
    };
    for role in Role::ALL {
        let style = theme.style(role);
        assert_eq!((style.fg, style.bg), (None, None), "{role:?}");
        assert!(allowed.contains(style.add_modifier), "{role:?}");
    }
}

#[test]
fn the_background_is_painted_under_the_selection_only() {
    for depth in [Depth::TrueColor, Depth::Ansi256, Depth::Ansi16, Depth::Mono] {
        for tone in [Tone::Dark, Tone::Light] {
            let theme = Theme {
                depth,
                tone,
                ..Theme::default()
            };
            for role in Role::ALL.into_iter().filter(|role| *role != Role::Sel) {
                assert_eq!(theme.style(role).bg, None, "{depth:?} {role:?}");
            }
        }
    }
}

#[test]
fn sixteen_colours_are_those_that_every_ground_can_show() {
    for tone in [Tone::Dark, Tone::Light] {
        let theme = Theme {
            depth: Depth::Ansi16,
            tone,
            ..Theme::default()
        };
        let states =
            [Role::Ok, Role::Defer, Role::Bounce, Role::Hold].map(|role| theme.style(role).fg);
        for (at, color) in states.iter().enumerate() {
            assert!(!states[..at].contains(color), "{tone:?}: {color:?} twice");
            assert!(!matches!(
                color,
                None | Some(Color::Black | Color::White | Color::Gray | Color::DarkGray)
            ));
        }
    }
    let light = Theme {
        depth: Depth::Ansi16,
        tone: Tone::Light,
        ..Theme::default()
    };
    assert!(
        Role::ALL
            .iter()
            .all(|role| light.style(*role).fg != Some(Color::Yellow)),
        "yellow on white cannot be read"
    );
}

#[test]
fn nearest_of_256() {
    assert_eq!(Rgb::hex(0x5f_d7_a7).nearest_256(), 79);
    assert_eq!(Rgb::hex(0x00_00_00).nearest_256(), 16);
    assert_eq!(Rgb::hex(0xff_ff_ff).nearest_256(), 231);
    assert_eq!(Rgb::hex(0x80_80_80).nearest_256(), 244);
    assert_eq!(Rgb::hex(0xff_00_00).nearest_256(), 196);
}

fn detect(vars: &[(&str, &str)]) -> Theme {
    Theme::detect(|name| {
        vars.iter()
            .find(|(n, _)| *n == name)
            .map(|(_, value)| (*value).to_owned())
    })
}

#[test]
fn depth_from_the_environment() {
    let depth = |vars: &[(&str, &str)]| detect(vars).depth;
    assert_eq!(
        depth(&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")]),
        Depth::TrueColor
    );
    assert_eq!(depth(&[("TERM", "tmux-256color")]), Depth::Ansi256);
    assert_eq!(depth(&[("TERM", "xterm-direct")]), Depth::TrueColor);
    assert_eq!(depth(&[("TERM", "xterm-kitty")]), Depth::TrueColor);
    assert_eq!(
        depth(&[("TERM", "screen"), ("COLORTERM", "truecolor")]),
        Depth::Ansi16
    );
    assert_eq!(
        depth(&[("TERM", "screen-256color"), ("COLORTERM", "truecolor")]),
        Depth::Ansi256
    );
    assert_eq!(depth(&[("TERM", "xterm")]), Depth::Ansi16);
    assert_eq!(depth(&[("TERM", "linux")]), Depth::Ansi16);
    assert_eq!(depth(&[("TERM", "vt100")]), Depth::Mono);
    assert_eq!(
        depth(&[("TERM", "dumb"), ("COLORTERM", "truecolor")]),
        Depth::Mono
    );
    assert_eq!(depth(&[]), Depth::Mono);
    assert_eq!(
        depth(&[("TERM", "xterm-256color"), ("NO_COLOR", "1")]),
        Depth::Mono
    );
    assert_eq!(
        depth(&[("TERM", "xterm-256color"), ("NO_COLOR", "")]),
        Depth::Ansi256,
        "no-color.org: not when empty"
    );
}

#[test]
fn glyphs_from_the_environment() {
    let glyphs = |vars: &[(&str, &str)]| detect(vars).glyphs;
    assert_eq!(glyphs(&[("LANG", "en_US.UTF-8")]), GlyphSet::Braille);
    assert_eq!(glyphs(&[("LANG", "de_DE.utf8")]), GlyphSet::Braille);
    assert_eq!(glyphs(&[]), GlyphSet::Ascii);
    assert_eq!(glyphs(&[("LANG", "C")]), GlyphSet::Ascii);
    assert_eq!(
        glyphs(&[("LC_ALL", "C"), ("LANG", "en_US.UTF-8")]),
        GlyphSet::Ascii,
        "LC_ALL decides"
    );
    assert_eq!(
        glyphs(&[("LC_ALL", ""), ("LC_CTYPE", "C.UTF-8"), ("LANG", "C")]),
        GlyphSet::Braille
    );
    assert_eq!(
        glyphs(&[("LANG", "C.UTF-8"), ("TERM", "linux")]),
        GlyphSet::Cp437
    );
}

#[test]
fn every_sign_is_one_column_and_every_set_keeps_its_promise() {
    for set in [GlyphSet::Braille, GlyphSet::Cp437, GlyphSet::Ascii] {
        let signs = set.signs();
        let debug = format!("{signs:?}");
        let words: Vec<&str> = debug.split('"').skip(1).step_by(2).collect();
        assert!(
            words.len() >= 44,
            "all signs are looked at: {}",
            words.len()
        );
        for sign in words {
            assert_eq!(
                crate::safe_text::SafeText::from(sign).as_str(),
                sign,
                "passes as it is"
            );
            assert_eq!(
                crate::safe_text::SafeText::from(sign).width(),
                1,
                "{sign:?}"
            );
            assert!(
                set != GlyphSet::Ascii || sign.is_ascii(),
                "{sign:?} is no ASCII"
            );
            assert!(
                set != GlyphSet::Cp437 || IN_CP437.contains(sign) || sign.is_ascii(),
                "{sign:?} is not in code page 437"
            );
        }
    }
}

/// What is used of code page 437, including the pictures of its control codes.
const IN_CP437: &str = "■·▌▲▼•√~─│┤┼┬┴├┌┐└┘░▒▓█►◄»‼δ≥→←↑↓";

#[test]
fn words_are_spelt_in_glyphs_that_exist() {
    use crate::safe_text::SafeText;
    let words = SafeText::from("▲ mx1 › domain · ■■▒ … é");
    assert_eq!(GlyphSet::Braille.spell(&words), words);
    assert_eq!(
        GlyphSet::Cp437.spell(&words).as_str(),
        "▲ mx1 » domain · ■■▒ ~ é"
    );
    assert_eq!(
        GlyphSet::Ascii.spell(&words).as_str(),
        "! mx1 > domain . ##: ~ \\u{e9}"
    );
}

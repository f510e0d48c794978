//! Matrix and heat map.

use super::*;

const ROWS: [(&str, [u32; 5]); 3] = [
    ("Google", [18612, 0, 9, 71, 88]),
    ("Yahoo/AOL", [187, 0, 0, 4226, 9]),
    ("Apple", [1359, 0, 0, 0, 6]),
];

fn heads() -> Vec<Head> {
    let head = |(title, role): (&str, Role)| Head {
        title: title.into(),
        role,
    };
    [
        ("2.0.0", Role::Ok),
        ("4.2.1", Role::Defer),
        ("4.2.2", Role::Defer),
        ("4.7.0", Role::Defer),
        ("5.1.1", Role::Bounce),
    ]
    .map(head)
    .into()
}

fn row(at: usize) -> MatrixRow {
    let (name, counts) = ROWS[at];
    let all: u32 = counts.iter().sum();
    let cells = counts.map(|count| MatrixCell {
        text: if count == 0 {
            SafeText::default()
        } else {
            count.to_string().into()
        },
        share: f64::from(count) / f64::from(all),
    });
    MatrixRow {
        sign: (at == 1).then(|| Span {
            text: "▲".into(),
            role: Role::Alert,
        }),
        name: name.into(),
        note: Line::from("73.7"),
        cells: cells.into(),
    }
}

fn matrix(pen: &mut Pen<'_>, area: Rect, selected: Option<(usize, usize)>) -> MatrixShown {
    let heads = heads();
    Matrix::new(&heads, ROWS.len(), "Provider", 12)
        .note("att/m", 7)
        .selected(selected)
        .footer(Some(row(0)))
        .unit("code")
        .draw(pen, area, row)
}

#[test]
fn a_matrix_without_colour_says_shares_by_signs() {
    let mono = Theme {
        depth: Depth::Mono,
        ..Theme::default()
    };
    let buffer = drawn(60, 6, mono, |pen, area| {
        matrix(pen, area, Some((1, 3)));
    });
    let wanted = "  Provider      att/m  2.0.0  4.2.1  4.2.2  4.7.0  5.1.1\n\
                  \x20 Google         73.7 █18612      ·      9     71     88\n\
                  ▲ Yahoo/AOL      73.7   ░187      ·      ·[ █4226]     9\n\
                  \x20 Apple          73.7  █1359      ·      ·      ·      6\n\
                  \n\
                  \x20 Google         73.7 █18612      ·      9     71     88\n";
    assert_eq!(text_of(&buffer), wanted);
}

#[test]
fn a_matrix_in_colour_paints_the_ground() {
    let theme = theme(GlyphSet::Braille);
    let buffer = drawn(60, 6, theme, |pen, area| {
        matrix(pen, area, None);
    });
    let ground = |x: u16, y: u16| Some(buffer.cell((x, y)).unwrap().bg);
    let shade = |role, level| theme.shade(role, level).unwrap().bg;
    assert_eq!(ground(26, 1), shade(Role::Ok, 4));
    assert_eq!(ground(47, 2), shade(Role::Defer, 4));
    assert_eq!(ground(26, 2), shade(Role::Ok, 1));
    assert_eq!(
        ground(54, 1),
        Some(ratatui::style::Color::Reset),
        "what is rare stays calm"
    );
    assert!(!text_of(&buffer).contains('█'));
}

#[test]
fn columns_that_do_not_fit_are_scrolled_in() {
    let shown = |selected| {
        let mut columns = 0..0;
        let text = text(40, 6, |pen, area| {
            columns = matrix(pen, area, selected).columns
        });
        (columns, text)
    };
    let (columns, text) = shown(None);
    assert_eq!(columns, 0..2);
    assert!(text.contains("→ 3 more codes: scroll right"), "{text}");
    let (columns, text) = shown(Some((0, 4)));
    assert_eq!(columns, 3..5);
    assert!(text.contains("← 3 more codes: scroll left"), "{text}");
    let (columns, text) = shown(Some((0, 2)));
    assert_eq!(columns, 1..3);
    assert!(text.contains("← 1 · → 2 more codes"), "{text}");
}

fn map(pen: &mut Pen<'_>, area: Rect, many: usize) {
    let columns: Vec<Option<Vec<f64>>> = (0..many)
        .map(|at| (at % 7 != 3).then(|| vec![0.05, 0.0, at as f64 / many as f64, 1.0]))
        .collect();
    let rows = ["1h", "1m", "10s", "1s"].map(SafeText::from);
    HeatMap::new(&columns, &rows, Role::Accent)
        .labels(vec![
            (0.0, "10:09".into()),
            (0.5, "10:39".into()),
            (0.52, "10:40".into()),
            (1.0, "11:09".into()),
        ])
        .cursor(Some(0.5))
        .draw(pen, area);
}

#[test]
fn a_heat_map_has_shades_gaps_labels_and_a_cursor() {
    let mono = Theme {
        depth: Depth::Mono,
        ..Theme::default()
    };
    let buffer = drawn(32, 6, mono, |pen, area| map(pen, area, 28));
    let wanted = " 1h│░░░ ░░░░░░ ░░░░░░ ░░░░░░ ░░░\n\
                  \x201m│              │\n\
                  10s│ ░░ ░░░░▒▒ ▒▒▒▒▓▓ ▓▓▓▓██ ███\n\
                  \x201s│███·██████·██████·██████·███\n\
                  \x20   ┬─────────────┬────────────┬\n\
                  \x20 10:09         10:39      11:09\n";
    assert_eq!(text_of(&buffer), wanted);
}

#[test]
fn no_size_and_no_number_breaks_them() {
    for set in SETS {
        for depth in [Depth::TrueColor, Depth::Ansi256, Depth::Ansi16, Depth::Mono] {
            let theme = Theme {
                depth,
                ..theme(set)
            };
            for width in 0..50 {
                for height in 0..9 {
                    drawn(width, height, theme, |pen, area| {
                        matrix(
                            pen,
                            area,
                            Some((usize::from(height), usize::from(width) % 7)),
                        );
                    });
                    for many in [0, 1, 5, 400] {
                        drawn(width, height, theme, |pen, area| map(pen, area, many));
                    }
                }
            }
        }
    }
    let odd = [
        Some(vec![f64::NAN, f64::INFINITY, -1.0, 2.0]),
        Some(vec![]),
        None,
    ];
    let rows = ["a", "b", "c", "d"].map(SafeText::from);
    text(20, 6, |pen, area| {
        HeatMap::new(&odd, &rows, Role::Ok)
            .cursor(Some(f64::NAN))
            .draw(pen, area)
    });
    text(20, 6, |pen, area| {
        HeatMap::new(&odd, &[], Role::Ok).draw(pen, area)
    });
    text(9, 3, |pen, area| {
        Matrix::new(&[], 3, "x", 200)
            .selected(Some((9, 9)))
            .draw(pen, area, |_| MatrixRow::default());
    });
}

//! Charts over time, at several sizes and with gaps.

use super::*;

fn hill() -> Vec<Option<f64>> {
    (0..60)
        .map(|x| Some(300.0 + 75.0 * f64::from((x - 30_i32).max(0))))
        .collect()
}

fn labels() -> Vec<(f64, SafeText)> {
    [
        (0.0, "10:09"),
        (0.25, "10:24"),
        (0.5, "10:39"),
        (0.75, "10:54"),
        (1.0, "11:09"),
    ]
    .map(|(at, text)| (at, text.into()))
    .to_vec()
}

#[test]
fn a_hill_in_every_set_of_glyphs() {
    let hill = hill();
    let line: Vec<Option<f64>> = (0..60).map(|x| Some(f64::from(60 - x) * 30.0)).collect();
    let all = SETS.map(|set| {
        both(&drawn(50, 10, theme(set), |pen, area| {
            TimeSeries::new(&hill, Role::Defer)
                .line(&line, Role::Accent)
                .threshold(2_000.0, "warn 2 000")
                .labels(labels())
                .draw(pen, area);
        }))
    });
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn a_gap_is_not_zero() {
    let values: Vec<Option<f64>> = (0..20)
        .map(|x| (!(5..10).contains(&x)).then_some(if x < 5 { 4.0 } else { 0.0 }))
        .collect();
    let rows = text(20, 3, |pen, area| {
        TimeSeries::new(&values, Role::Ok).draw(pen, Rect { width: 10, ..area });
    });
    let last = rows.lines().last().unwrap();
    assert_eq!(last.chars().nth(3), Some('·'), "{rows}");
    assert_eq!(
        last.trim_end().chars().count(),
        5,
        "zero draws nothing: {rows}"
    );
}

/// Where the ink of a chart of one value for all of its time is, row by row from the top: how much of a cell, 0 to 1.
fn ink(buffer: &Buffer, x: u16, set: GlyphSet) -> Vec<f64> {
    let part = |sign: &str| match (sign.chars().next().unwrap_or(' '), set) {
        (' ', _) => 0.0,
        (sign @ '\u{2800}'..='\u{28ff}', _) => f64::from((sign as u32 - 0x2800).count_ones()) / 8.0,
        ('▄', GlyphSet::Cp437) => 0.5,
        ('▓' | '█', _) | ('#' | '=', GlyphSet::Ascii) => 1.0,
        (':', GlyphSet::Ascii) => 2.0 / 3.0,
        ('.', GlyphSet::Ascii) => 1.0 / 3.0,
        (sign @ '▁'..='█', GlyphSet::Blocks) => f64::from(sign as u32 - 0x2580) / 8.0,
        (sign, _) => panic!("{sign}"),
    };
    let rows = buffer.area.top()..buffer.area.bottom();
    rows.map(|y| part(buffer.cell((x, y)).unwrap().symbol()))
        .collect()
}

#[test]
fn the_line_takes_nothing_from_the_area() {
    for set in SETS {
        for line in [0.0, 1.0, 30.0, 55.0, 99.0] {
            let (values, second) = ([Some(60.0); 20], [Some(line); 20]);
            let draw = |both: bool| {
                drawn(20, 6, theme(set), |pen, area| {
                    let mut series = TimeSeries::new(&values, Role::Defer).up_to(100.0);
                    if both {
                        series = series.line(&second, Role::Accent);
                    }
                    series.draw(pen, area);
                })
            };
            let (alone, both) = (draw(false), draw(true));
            for x in 6..20 {
                let pairs = ink(&alone, x, set)
                    .into_iter()
                    .zip(ink_or_line(&both, x, set));
                for (y, (before, after)) in pairs.enumerate() {
                    assert!(
                        after >= before,
                        "{set:?}, line at {line}, row {y}:\n{}",
                        super::both(&both)
                    );
                }
                let lowest = both.cell((x, 5)).unwrap();
                assert_ne!(lowest.symbol(), " ", "an area stands on its axis: {set:?}");
                let own = (0..6).any(|y| both.cell((x, y)).unwrap().fg == accent());
                assert_eq!(
                    own,
                    line >= 30.0,
                    "not along the axis: {set:?}, line at {line}:\n{}",
                    super::both(&both)
                );
            }
        }
    }
}

/// The same where a line may be: it counts as nothing.
fn ink_or_line(buffer: &Buffer, x: u16, set: GlyphSet) -> Vec<f64> {
    let mut without = buffer.clone();
    for cell in &mut without.content {
        if matches!(cell.symbol(), "─" | "-") {
            cell.set_symbol(" ");
        }
    }
    ink(&without, x, set)
}

fn accent() -> ratatui::style::Color {
    Theme::default().style(Role::Accent).fg.unwrap()
}

#[test]
fn what_is_counted_by_the_minute_lies_where_its_minutes_are() {
    // Three minutes of which the chart shows from the middle of the first to the middle of the last.
    let values = [Some(1.0), None, Some(2.0)];
    for width in [8, 40, 41] {
        let text = text(width, 2, |pen, area| {
            let plot = Rect { width: 8, ..area };
            TimeSeries::new(&values, Role::Ok)
                .reaching((-0.25, 1.25))
                .draw(pen, plot);
        });
        assert_eq!(
            text.lines().next().unwrap().trim_end(),
            "      ⣿⣿",
            "{text}"
        );
        assert_eq!(
            text.lines().last().unwrap().trim_end(),
            "⣿⣿····⣿⣿",
            "{text}"
        );
    }
    let text = text(8, 1, |pen, area| {
        TimeSeries::new(&[Some(1.0)], Role::Ok)
            .reaching((0.5, 0.75))
            .draw(pen, area);
    });
    assert_eq!(text, "····⣿⣿··\n", "nothing is known before and after");
}

#[test]
fn the_threshold_is_shown_once_values_come_near() {
    let draw = |top: f64| {
        let values = [Some(0.0), Some(top)];
        text(40, 8, |pen, area| {
            TimeSeries::new(&values, Role::Ok)
                .threshold(4_000.0, "warn")
                .draw(pen, area);
        })
    };
    assert!(!draw(300.0).contains("warn"), "{}", draw(300.0));
    assert!(draw(2_100.0).contains("┈ warn ┈"), "{}", draw(2_100.0));
    assert!(draw(5_000.0).contains("┈ warn ┈"), "{}", draw(5_000.0));
}

#[test]
fn the_cursor_stands_where_it_is_put() {
    let buffer = drawn(41, 8, Theme::default(), |pen, area| {
        TimeSeries::new(&hill(), Role::Ok)
            .labels(labels())
            .cursor(Some(0.5))
            .draw(pen, area);
    });
    for row in roles_of(&buffer).lines().take(6) {
        assert_eq!(
            row.chars().position(|c| c == 's'),
            Some(23),
            "{}",
            roles_of(&buffer)
        );
    }
}

#[test]
fn a_threshold_has_its_name_even_where_all_is_above_it() {
    for set in SETS {
        let text = text_of(&drawn(40, 8, theme(set), |pen, area| {
            TimeSeries::new(&[Some(5_000.0); 9], Role::Ok)
                .threshold(4_000.0, "warn 4 000")
                .draw(pen, area);
        }));
        assert!(text.contains(" warn 4 000 "), "{text}");
    }
}

#[test]
fn the_cursor_is_seen_in_every_set_of_glyphs_and_depth_of_colour() {
    let (values, rows) = (hill(), ["1m", "1s"].map(SafeText::from));
    let shares: Vec<_> = (0..60)
        .map(|at| Some(vec![0.0, f64::from(at) / 60.0]))
        .collect();
    for set in SETS {
        for depth in [Depth::TrueColor, Depth::Ansi256, Depth::Ansi16, Depth::Mono] {
            let theme = Theme {
                depth,
                ..theme(set)
            };
            let draw = |cursor: Option<f64>, map: bool| {
                drawn(41, 6, theme, |pen, area| {
                    if map {
                        HeatMap::new(&shares, &rows, Role::Accent)
                            .cursor(cursor)
                            .draw(pen, area);
                    } else {
                        TimeSeries::new(&values, Role::Ok)
                            .cursor(cursor)
                            .draw(pen, area);
                    }
                })
            };
            for map in [false, true] {
                let (without, with) = (draw(None, map), draw(Some(0.5), map));
                let changed: Vec<_> = with
                    .area
                    .positions()
                    .filter(|at| with[*at] != without[*at])
                    .collect();
                let height = if map { 2 } else { 6 };
                assert_eq!(
                    changed.len(),
                    height,
                    "{set:?} {depth:?}: a column from top to bottom"
                );
                let x = changed[0].x;
                assert!(changed.iter().all(|at| at.x == x), "{changed:?}");
                let sel = theme.style(Role::Sel);
                for at in changed {
                    let style = with[at].style();
                    assert!(style.bg == sel.bg || sel.bg.is_none(), "{style:?}");
                    assert!(style.add_modifier.contains(sel.add_modifier), "{style:?}");
                }
            }
            let line = marked(sparkline(&values, 3_000.0, 21, Role::Ok, &theme), Some(0.5));
            let parts: Vec<_> = line
                .spans
                .iter()
                .map(|span| (span.text.width(), span.role))
                .collect();
            assert_eq!(parts, [(10, Role::Ok), (1, Role::Sel), (10, Role::Ok)]);
        }
    }
}

/// Words of the row of times; each must be whole and apart from the next.
#[test]
fn times_never_collide_and_the_newest_is_always_there() {
    let hill = hill();
    for width in 0..140 {
        let text = text(width, 8, |pen, area| {
            TimeSeries::new(&hill, Role::Ok)
                .labels(labels())
                .draw(pen, area);
        });
        let words: Vec<&str> = text
            .lines()
            .last()
            .unwrap_or_default()
            .split_whitespace()
            .collect();
        if width >= 6 {
            assert_eq!(words.last(), Some(&"11:09"), "{width}\n{text}");
        }
        let known = ["10:09", "10:24", "10:39", "10:54", "11:09"];
        assert!(
            words.iter().all(|word| known.contains(word)),
            "{width}\n{text}"
        );
    }
}

#[test]
fn the_axis_has_round_numbers() {
    let values = [Some(0.0), Some(4_712.0)];
    let text = text(60, 16, |pen, area| {
        TimeSeries::new(&values, Role::Ok)
            .labels(labels())
            .draw(pen, area);
    });
    for tick in ["   0┼", "  2k┤", "  4k┤"] {
        assert!(text.contains(tick), "{tick}:\n{text}");
    }
    let small = super::text(60, 16, |pen, area| {
        TimeSeries::new(&[Some(0.0), Some(0.02)], Role::Ok).draw(pen, area);
    });
    assert!(!small.contains("-0"), "{small}");
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(300))]

    /// Every time is whole, apart from its neighbours, and below its tick.
    #[test]
    fn times_are_whole_and_below_their_ticks(
        width in 20_u16..=200, height in 4_u16..14, set in 0_usize..4,
        ats in proptest::collection::vec(0.0..1.0_f64, 0..30), day in proptest::bool::ANY,
    ) {
        let word = |at: f64| {
            let minute = (at * 1_439.0) as u32;
            format!("{}{:02}:{:02}", if day { "Sun " } else { "" }, minute / 60, minute % 60)
        };
        let mut labels: Vec<(f64, SafeText)> = ats.iter().map(|at| (*at, word(*at).into())).collect();
        labels.push((1.0, word(1.0).into()));
        let buffer = drawn(width, height, theme(SETS[set]), |pen, area| {
            TimeSeries::new(&[Some(4.0), Some(2_600.0)], Role::Ok).labels(labels).draw(pen, area);
        });
        let text = text_of(&buffer);
        let rows: Vec<&str> = text.lines().collect();
        let [.., axis, times] = &rows[..] else { panic!("{text}") };
        let signs = theme(SETS[set]).glyphs().axis;
        let corner = axis.chars().position(|sign| signs[1].contains(sign)).unwrap();
        let found: Vec<(usize, String)> = words(times, day);
        let known: Vec<String> = ats.iter().chain(&[1.0]).map(|at| word(*at)).collect();
        proptest::prop_assert_eq!(&found.last().unwrap().1, known.last().unwrap(), "{}", &text);
        for (start, word) in &found {
            proptest::prop_assert!(known.contains(word), "{:?} in\n{}", word, &text);
            let below = *start..start + word.len();
            let ticks = axis.chars().enumerate().skip(corner + 1).filter(|(_, sign)| signs[2].contains(*sign));
            proptest::prop_assert_eq!(ticks.filter(|(at, _)| below.contains(at)).count(), 1, "{}", &text);
        }
    }

    /// A number at the left stands in the row where a value so large ends, all of its digits are written, and their right ends are one below the other.
    #[test]
    fn numbers_stand_where_they_are_true(
        width in 20_u16..=200, height in 1_u16..24, set in 0_usize..4, top in 0.001..9e9_f64, times in proptest::bool::ANY,
    ) {
        let draw = |value: f64| drawn(width, height, theme(SETS[set]), |pen, area| {
            let mut series = TimeSeries::new(&[], Role::Ok).up_to(top);
            let values = [Some(value)];
            if value > 0.0 {
                series = TimeSeries::new(&values, Role::Ok).up_to(top);
            }
            if times {
                series = series.labels(labels());
            }
            series.draw(pen, area);
        });
        let buffer = draw(0.0);
        let text = text_of(&buffer);
        let axis = theme(SETS[set]).glyphs().axis;
        let mut seen = 0;
        for (y, row) in text.lines().enumerate() {
            let Some(end) = row.char_indices().find(|(_, sign)| axis[..2].iter().any(|one| one.contains(*sign))) else { continue };
            let label = row[..end.0].trim_start();
            if label.is_empty() { continue }
            let value = number(label);
            seen += 1;
            proptest::prop_assert!(!row[..end.0].ends_with(' '), "right-aligned:\n{}", &text);
            if value == 0.0 { continue }
            proptest::prop_assert!(value <= top.max(1.0) * 1.000_001, "{}\n{}", value, &text);
            let with = draw(value);
            let x = width - 1;
            let first = (0..height).find(|y| with.cell((x, *y)).unwrap().symbol() != " ");
            proptest::prop_assert_eq!(first, Some(y as u16), "{}", text_of(&with));
        }
        if height >= 4 {
            proptest::prop_assert!(seen > 0, "{}", &text);
        }
    }
}

/// A label of the axis as a number.
fn number(label: &str) -> f64 {
    let (digits, scale) = match label.chars().last() {
        Some('k') => (&label[..label.len() - 1], 1e3),
        Some('M') => (&label[..label.len() - 1], 1e6),
        Some('G') => (&label[..label.len() - 1], 1e9),
        _ => (label, 1.0),
    };
    digits.parse::<f64>().unwrap_or_else(|_| panic!("{label}")) * scale
}

/// The words of a row with their columns; with a day before each time.
fn words(row: &str, day: bool) -> Vec<(usize, String)> {
    let signs: Vec<char> = row.chars().collect();
    let mut found: Vec<(usize, String)> = Vec::new();
    let mut at = 0;
    for word in signs.split(|sign| *sign == ' ') {
        if !word.is_empty() {
            found.push((at, word.iter().collect()));
        }
        at += word.len() + 1;
    }
    if !day {
        return found;
    }
    let pairs = found.chunks(2);
    pairs
        .map(|pair| match pair {
            [(at, day), (_, time)] => (*at, format!("{day} {time}")),
            other => panic!("{other:?}"),
        })
        .collect()
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(400))]
    #[test]
    fn no_size_and_no_value_breaks_a_chart(
        width in 0_u16..90, height in 0_u16..20, set in 0_usize..4,
        values in proptest::collection::vec(proptest::option::of(proptest::num::f64::ANY), 0..200),
        second in proptest::collection::vec(proptest::option::of(proptest::num::f64::ANY), 0..200),
        limit in proptest::num::f64::ANY, at in proptest::num::f64::ANY, name in ".{0,12}",
    ) {
        let theme = theme(SETS[set]);
        let buffer = drawn(width, height, theme, |pen, area| {
            TimeSeries::new(&values, Role::Defer)
                .line(&second, Role::Accent)
                .threshold(limit, name.as_str())
                .labels(vec![(at, name.as_str().into()), (0.5, "x".into()), (1.0, name.as_str().into())])
                .cursor(Some(at))
                .draw(pen, area);
        });
        if SETS[set] == GlyphSet::Ascii {
            proptest::prop_assert!(text_of(&buffer).is_ascii());
        }
    }
}

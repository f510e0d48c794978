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

//! Tables and the bars in them.

use crate::numbers;
use std::cell::RefCell;

use super::*;

fn columns() -> Vec<Column> {
    vec![
        Column::new("Domain", Width::Flex(12)),
        Column::new("Total", Width::Fixed(6))
            .right()
            .sorted(Some(Sort::Down)),
        Column::new("Oldest", Width::Fixed(4)).right().drop(1),
        Column::new("Reason", Width::Flex(10)).drop(2),
    ]
}

fn row(index: usize) -> Row {
    let row = Row::new(vec![
        format!("d{index}.example").into(),
        Line::of(numbers::count(index as u64 * 37), Role::Defer),
        "5m".into(),
        Line::of("TSS04 user complaints", Role::Dim),
    ]);
    match index {
        4 => row.marked(true),
        5 => row.marked(true).sign("▲", Role::Alert),
        7 => row.sign("▲", Role::Alert),
        _ => row,
    }
}

#[test]
fn table_with_selection_marks_and_total() {
    let total = Row::new(vec![
        Line::of("TOTAL", Role::Head),
        Line::of("4 712", Role::Head),
    ]);
    let draw = |pen: &mut Pen<'_>, area| {
        let columns = columns();
        let shown = Columns::new(&columns, 100)
            .selected(Some(5))
            .footer(Some(total.clone()))
            .draw(pen, area, row);
        assert_eq!(
            shown,
            Shown {
                rows: 2..8,
                top: 1,
                columns: vec![0, 1, 2, 3]
            }
        );
    };
    insta::assert_snapshot!(both(&drawn(60, 8, theme(GlyphSet::Braille), draw)));
    insta::assert_snapshot!(text_of(&drawn(
        60,
        8,
        Theme {
            depth: Depth::Mono,
            ..theme(GlyphSet::Ascii)
        },
        draw
    )));
}

#[test]
fn only_visible_rows_are_made() {
    let made = RefCell::new(Vec::new());
    drawn(80, 24, Theme::default(), |pen, area| {
        Columns::new(&columns(), 100_000)
            .selected(Some(70_000))
            .draw(pen, area, |index| {
                made.borrow_mut().push(index);
                row(index)
            });
    });
    assert_eq!(*made.borrow(), (69_989..70_012).collect::<Vec<_>>());
}

#[test]
fn columns_are_left_out_in_their_order_and_titles_are_never_cut() {
    let titles = |width| {
        text(width, 1, |pen, area| {
            Columns::new(&columns(), 0).draw(pen, area, row);
        })
    };
    for width in 41..100 {
        assert!(
            titles(width).contains("Reason"),
            "{width}: {}",
            titles(width)
        );
    }
    for width in 0..100 {
        let titles = titles(width);
        for word in titles.split_whitespace() {
            assert!(
                width < 16 || ["Domain", "Total▼", "Oldest", "Reason"].contains(&word),
                "{width}: {titles}"
            );
        }
        assert!(
            titles.contains("Oldest") || !titles.contains("Reason"),
            "{width}: the reason goes first"
        );
        assert!(width < 24 || titles.contains("Total▼"), "{width}");
    }
}

#[test]
fn the_cell_cursor_is_always_in_sight() {
    let columns: Vec<Column> = (0..12)
        .map(|n| {
            Column::new(format!("4.7.{n}"), Width::Fixed(6))
                .right()
                .drop(n)
        })
        .collect();
    let row = |_| Row::new((0..12).map(|n| numbers::count(1_000 + n).into()).collect());
    for cursor in 0..12 {
        for width in 14..100 {
            let text = text(width, 2, |pen, area| {
                let shown = Columns::new(&columns, 1)
                    .selected(Some(0))
                    .cursor(Some(cursor))
                    .draw(pen, area, row);
                assert!(shown.columns.contains(&cursor), "{width}");
            });
            assert!(
                text.contains(&format!("[ {}]", numbers::count(1_000 + cursor as u64))),
                "{width} {cursor}\n{text}"
            );
        }
    }
}

#[test]
fn a_table_without_titles_has_no_row_for_them() {
    let columns = [Column::new("", Width::Fixed(8))];
    let text = text(12, 2, |pen, area| {
        let shown = Columns::new(&columns, 9)
            .gutter(0)
            .draw(pen, area, |i| Row::new(vec![format!("row {i}").into()]));
        assert_eq!((shown.rows, shown.top), (0..2, 0));
    });
    assert_eq!(text, "row 0\nrow 1\n");
}

#[test]
fn without_focus_the_selected_row_keeps_its_mark_only() {
    let buffer = drawn(40, 3, Theme::default(), |pen, area| {
        Columns::new(&columns(), 2)
            .selected(Some(1))
            .focused(false)
            .draw(pen, area, row);
    });
    assert!(text_of(&buffer).contains("▌"));
    assert!(!roles_of(&buffer).contains('s'));
}

proptest::proptest! {
    #[test]
    fn the_selection_is_always_visible(len in 0_usize..1_000, selected in 0_usize..1_200, height in 0_usize..60) {
        let rows = visible(len, selected, height);
        proptest::prop_assert!(rows.end <= len);
        proptest::prop_assert_eq!(rows.len(), height.min(len));
        if height > 0 && selected < len {
            proptest::prop_assert!(rows.contains(&selected));
        }
    }

    #[test]
    fn no_size_breaks_a_table(width in 0_u16..90, height in 0_u16..12, gutter in 0_u16..5, len in 0_usize..30, selected in proptest::option::of(0_usize..40), set in 0_usize..4) {
        drawn(width, height, theme(SETS[set]), |pen, area| {
            Columns::new(&columns(), len).gutter(gutter).selected(selected).footer(Some(Row::default())).draw(pen, area, row);
        });
    }

    #[test]
    fn stacked_bars_fill_their_width(values in proptest::collection::vec(proptest::num::f64::ANY, 0..6), width in 0_u16..40) {
        let parts: Vec<Part> = values.iter().map(|value| Part { value: *value, sign: "■", role: Role::Ok }).collect();
        proptest::prop_assert_eq!(stacked(&parts, width, &Theme::default()).width(), usize::from(width));
    }

    #[test]
    fn bars_and_sparklines_fit(value in proptest::num::f64::ANY, max in proptest::num::f64::ANY, width in 0_u16..40, values in proptest::collection::vec(proptest::option::of(proptest::num::f64::ANY), 0..90)) {
        let theme = Theme::default();
        proptest::prop_assert!(bar(value, max, width, Role::Ok, &theme).width() <= usize::from(width));
        proptest::prop_assert_eq!(meter(value, max, width, Role::Ok, &theme).width(), usize::from(width));
        proptest::prop_assert_eq!(sparkline(&values, 1e9, width, Role::Ok, &theme).width(), usize::from(width));
    }
}

#[test]
fn bars() {
    let theme = Theme::default();
    let words = |line: Line| {
        line.spans
            .iter()
            .map(|span| span.text.as_str().to_owned())
            .collect::<String>()
    };
    assert_eq!(
        words(bar(1.0, 1_000.0, 8, Role::Ok, &theme)),
        "■",
        "something is never nothing"
    );
    assert_eq!(words(bar(0.0, 1_000.0, 8, Role::Ok, &theme)), "");
    assert_eq!(words(bar(2_000.0, 1_000.0, 4, Role::Ok, &theme)), "■■■■");
    assert_eq!(
        words(meter(34.0, 100.0, 10, Role::Ok, &theme)),
        "━━━───────"
    );
    let signs = theme.glyphs();
    let stack = |values: [f64; 3]| {
        let [a, b, c] = values;
        let parts = [
            (a, signs.bar, Role::Ok),
            (b, signs.bar_deferred, Role::Defer),
            (c, signs.bar_bounced, Role::Bounce),
        ];
        words(stacked(
            &parts.map(|(value, sign, role)| Part { value, sign, role }),
            12,
            &theme,
        ))
    };
    assert_eq!(stack([989.0, 4.0, 7.0]), "■■■■■■■■■■■■");
    assert_eq!(stack([972.0, 21.0, 7.0]), "■■■■■■■■■■■▒");
    assert_eq!(stack([114.0, 846.0, 40.0]), "■▒▒▒▒▒▒▒▒▒▒x");
    assert_eq!(stack([0.0, 0.0, 0.0]), "············");
    assert_eq!(
        [0.0, 0.01, 0.25, 0.26, 0.75, 1.0, 9.0, f64::NAN]
            .map(|share| shade(share, &theme))
            .concat(),
        " ░░▒▓██ "
    );
    let values = [
        None,
        Some(0.0),
        Some(1.0),
        Some(4.0),
        Some(8.0),
        None,
        Some(8.0),
    ];
    assert_eq!(
        words(sparkline(&values, 8.0, 9, Role::Ok, &theme)),
        "   ▁▂▅█ █"
    );
    assert_eq!(
        words(sparkline(&values, 16.0, 9, Role::Ok, &theme)),
        "   ▁▁▃▅ ▅"
    );
    assert_eq!(
        words(sparkline(&values, 0.0, 9, Role::Ok, &theme)),
        "   ▁▁▁▁ ▁"
    );
    assert_eq!(words(sparkline(&values, 8.0, 3, Role::Ok, &theme)), "▁▅█");
}

//! The columns of the age buckets: qshape(1) has ten, and a screen has room for all of them, for six or for three.
//!
//! A width goes in, the columns that fit come out, and what is said beside them of why mail waits.

use crate::widgets::{Column, Width};

/// From this many columns on all ten buckets are shown; below they are gathered.
pub(super) const WIDE: u16 = 100;

/// Below this many columns they are gathered once more, and why mail waits is said below only.
const NARROW: u16 = 76;

/// How many of qshape's ten buckets go into each column, and its title. No bucket is ever left out: mail that is in none of
/// the columns would be mail that nobody sees.
pub(super) const ALL_BUCKETS: &[(usize, &str)] = &[
    (1, "<5m"),
    (1, "10m"),
    (1, "20m"),
    (1, "40m"),
    (1, "80m"),
    (1, "160m"),
    (1, "320m"),
    (1, "640m"),
    (1, "1280m"),
    (1, ">21h"),
];
const FEW_BUCKETS: &[(usize, &str)] = &[
    (1, "<5m"),
    (2, "20m"),
    (2, "80m"),
    (2, "5h"),
    (2, "21h"),
    (1, ">21h"),
];

const THREE_BUCKETS: &[(usize, &str)] = &[(1, "<5m"), (4, "80m"), (5, ">80m")];

/// The buckets that there is room for, and what is said of why mail waits: all, the code only, or nothing.
pub(super) fn buckets(width: u16) -> (&'static [(usize, &'static str)], Option<Column>) {
    match width {
        WIDE.. => (
            ALL_BUCKETS,
            Some(Column::new("Main reason", Width::Flex(19))),
        ),
        NARROW.. => (FEW_BUCKETS, Some(Column::new("DSN", Width::Fixed(7)))),
        _ => (THREE_BUCKETS, None),
    }
}

/// The ten counts gathered into these columns.
pub(super) fn gathered(ages: &[usize; 10], buckets: &[(usize, &str)]) -> Vec<usize> {
    let mut ages = ages.iter();
    buckets
        .iter()
        .map(|(many, _)| ages.by_ref().take(*many).sum())
        .collect()
}

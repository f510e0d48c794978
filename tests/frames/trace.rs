//! Frames of the view Trace, as text and as roles.

use crate::lines::{answered_empty, looked, unanswered, waiting};
use crate::paint::frames;

fn on(keys: &'static str) -> String {
    frames("", |theme, size| looked(theme, size, keys))
}

screens! {
    nothing_asked: frames("", |theme, size| unanswered(theme, size, "2<enter><space><space>4"));
    searching: frames("", |theme, size| unanswered(theme, size, "4/to:ann@yahoo.com<enter>"));
    nothing_found: frames("", |theme, size| answered_empty(theme, size, "4/to:nobody@nowhere.example<enter>"));
    nothing_to_look_for: frames("", |theme, size| answered_empty(theme, size, "4/age:>2h<enter>"));
    an_address: on("4/to:ann@yahoo.com<enter>");
    a_bounce_of_two: on("4/to:ann@yahoo.com<enter>jj");
    the_timeline: on("4/to:ann@yahoo.com<enter><tab>");
    raw_lines: on("4/to:ann@yahoo.com<enter><enter>");
    a_queued_message: frames("", |theme, size| waiting(theme, size, "2<enter><enter>"));
    a_queued_message_raw: frames("", |theme, size| waiting(theme, size, "2<enter><enter><enter>"));
    one_id: on("4/qid:4jXr1C1BQKz2BDxV<enter>");
}

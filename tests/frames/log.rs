//! Frames of the view Log, as text and as roles.

use crate::lines::{answered_empty, looked, unanswered};
use crate::paint::frames;

fn on(keys: &'static str) -> String {
    frames("", |theme, size| looked(theme, size, keys))
}

screens! {
    searching: frames("", |theme, size| unanswered(theme, size, "8"));
    nothing_logged: frames("", |theme, size| answered_empty(theme, size, "8"));
    all_lines: on("8");
    filtered: on("8/status:deferred domain:yahoo.com<enter>");
    no_match: on("8/to:nobody@nowhere.example<enter>");
    raw: on("8w");
    scrolled_back_and_marked: on("8kkkk<space>k<right><right>");
    facets: on("8/status:deferred<enter><tab>j<right>");
}

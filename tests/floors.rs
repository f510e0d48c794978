//! The house is tidy: every source of the repository keeps the rules of `floors/rules.rs`, and the rules can be broken.
//!
//! Reads the `.rs` files below `src/`, `parsers/`, `tests/` and `examples/`. Each complaint names the file, the line and the rule
//! in a sentence. What Cargo and Clippy already enforce is left to them: that `parsers` imports nothing of the program, for one.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

#[path = "floors/names.rs"]
mod names;
#[path = "floors/rules.rs"]
mod rules;

use names::names;
use rules::{Complaint, LONG, check, is_test};
use std::fs;
use std::path::{Path, PathBuf};

const PLACES: [&str; 6] = [
    "src",
    "parsers/src",
    "parsers/tests",
    "parsers/benches",
    "tests",
    "examples",
];

#[test]
fn every_source_keeps_the_rules() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for place in PLACES {
        collect(&root.join(place), &mut files);
    }
    let mut complaints = Vec::new();
    for path in &files {
        let text = fs::read_to_string(path).unwrap();
        let file = path.strip_prefix(root).unwrap().to_str().unwrap();
        complaints.extend(check(file, &text));
        let lines = text.lines().count();
        if lines > LONG && !is_test(file) {
            println!("{file} has {lines} lines; is it one subject?");
        }
    }
    for anchor in ["src/main.rs", "parsers/src/lib.rs", "tests/floors/rules.rs"] {
        assert!(
            files.contains(&root.join(anchor)),
            "{anchor} was not looked at"
        );
    }
    let said: Vec<String> = complaints.iter().map(Complaint::to_string).collect();
    assert!(
        said.is_empty(),
        "{} complaints:\n{}",
        said.len(),
        said.join("\n")
    );
}

#[test]
fn what_waits_is_run_by_make_test() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let makefile = fs::read_to_string(root.join("Makefile")).unwrap();
    let run: Vec<&str> = makefile.split_whitespace().collect();
    let mut seen = 0;
    for entry in fs::read_dir(root.join("tests")).expect("there are tests") {
        let path = entry.expect("an entry").path();
        let text = fs::read_to_string(&path).unwrap_or_default();
        if text.contains(": make test runs it beside the others\"]") {
            let name = path.file_stem().and_then(|name| name.to_str()).unwrap();
            let named = run.windows(2).any(|words| words == ["--test", name]);
            assert!(named, "the Makefile does not run {}", path.display());
            seen += 1;
        }
    }
    assert!(seen > 2, "{seen}");
}

/// The Rust sources below a directory.
fn collect(directory: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).expect("the directory can be read") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
}

/// What is said of a source with a good header, as `line: found`.
fn said(file: &str, source: &str) -> Vec<String> {
    let text = format!("//! A made-up source.\n{source}");
    let complaints = check(file, &text).into_iter();
    complaints
        .map(|one| format!("{}: {}", one.line, one.found))
        .collect()
}

/// A source with a rule broken on its second line, in the place where that is wrong.
#[track_caller]
fn wrong(file: &str, source: &str, found: &str) {
    assert_eq!(
        said(file, source),
        [format!("2: `{found}`")],
        "{file}: {source}"
    );
}

#[track_caller]
fn right(file: &str, source: &str) {
    assert_eq!(said(file, source), Vec::<String>::new(), "{file}: {source}");
}

#[test]
fn paths_are_read_as_the_compiler_reads_them() {
    let source = "use crate::{a::{self, B as C}, d::*};\nuse super::e;\nfn f() { std::fs::read(x); self::g::<u8>(); }\n\
                  // crate::comment\nconst S: &str = \"crate::text\"; /* crate::block */\nmod inner { use super::super::h; }";
    let module = ["top".to_owned(), "here".to_owned()];
    let all = names(source, &module).unwrap();
    let paths: Vec<(usize, String)> = all
        .iter()
        .filter(|name| name.path.len() > 1)
        .map(|name| (name.line, name.path.join("::")))
        .collect();
    let expected = [
        (1, "crate::a"),
        (1, "crate::a::B"),
        (1, "crate::d::*"),
        (2, "crate::top::e"),
        (3, "std::fs::read"),
        (3, "crate::top::here::g"),
        (6, "crate::top::h"),
    ];
    assert_eq!(paths, expected.map(|(line, path)| (line, path.to_owned())));
    let imported = all.iter().filter(|name| name.imported).count();
    assert_eq!(imported, 5, "{all:?}");
}

#[test]
fn what_is_under_cfg_test_is_known_as_a_test_and_nothing_after_it() {
    let source = "#[cfg(test)]\nmod tests { use a::b; }\nuse c::d;\n#[cfg(test)]\n#[derive(X)]\nstruct E { f: g::h }\nuse i::j;\n\
                  #[cfg(test)]\nuse k::{l};\nuse m::n;";
    let all = names(source, &[]).unwrap();
    let tests: Vec<String> = all
        .iter()
        .filter(|name| name.test && name.path.len() > 1)
        .map(|name| name.path.join("::"))
        .collect();
    assert_eq!(tests, ["a::b", "g::h", "k::l"]);
}

#[test]
fn a_floor_imports_only_what_is_below() {
    wrong(
        "src/model/queue.rs",
        "use crate::app::msg::Msg;",
        "crate::app::msg::Msg",
    );
    wrong(
        "src/model/queue.rs",
        "fn f() { crate::views::age(); }",
        "crate::views::age",
    );
    wrong(
        "src/model.rs",
        "use super::theme::Role;",
        "crate::theme::Role",
    );
    wrong(
        "src/views/queue.rs",
        "use crate::actions::Tools;",
        "crate::actions::Tools",
    );
    wrong(
        "src/app.rs",
        "use crate::runtime::Desk;",
        "crate::runtime::Desk",
    );
    wrong(
        "src/sources/tail.rs",
        "use crate::commands;",
        "crate::commands",
    );
    wrong("src/app.rs", "use crate::*;", "crate::*");
    right(
        "src/model/queue.rs",
        "use crate::safe_text::SafeText;\nuse super::history;\nuse mailtop_parsers::QueueId;",
    );
    right(
        "src/app.rs",
        "use crate::{model::Model, views, theme::Theme};\nuse regex::Regex;",
    );
    right("src/runtime.rs", "use crate::{app::App, terminal::Screen};");
    right(
        "src/model/queue.rs",
        "#[cfg(test)]\nmod tests { use crate::app::App; }",
    );
    right("src/model/tests.rs", "use crate::app::App;");
}

#[test]
fn the_third_floor_knows_only_the_road() {
    wrong(
        "src/sources/tail.rs",
        "use crate::app::{msg::Msg, App};",
        "crate::app::App",
    );
    wrong("src/sources/tail.rs", "use crate::app;", "crate::app");
    wrong(
        "src/terminal.rs",
        "use crate::widgets::Pen;",
        "crate::widgets::Pen",
    );
    right(
        "src/actions.rs",
        "use crate::app::effect::{Action, Scope};\nuse crate::app::{key, msg::Msg};\nuse std::process::Command;",
    );
}

#[test]
fn the_lower_floors_have_no_world_and_no_clock() {
    wrong(
        "parsers/src/calendar.rs",
        "fn f() { chrono::Utc::now(); }",
        "chrono::Utc::now",
    );
    wrong(
        "src/model/queue.rs",
        "fn f() { Instant::now(); }",
        "Instant::now",
    );
    wrong(
        "src/model/queue.rs",
        "use std::time::SystemTime;",
        "std::time::SystemTime",
    );
    wrong("src/knowledge.rs", "use std::{fmt, fs};", "std::fs");
    wrong(
        "src/model/queue.rs",
        "use ratatui::style::Color;",
        "ratatui::style::Color",
    );
    wrong(
        "src/model/queue.rs",
        "async fn f() { tokio::task::yield_now(); }",
        "tokio::task::yield_now",
    );
    wrong(
        "src/views/queue.rs",
        "use crossterm::event::Event;",
        "crossterm::event::Event",
    );
    wrong(
        "src/theme.rs",
        "fn f() { std::process::id(); }",
        "std::process::id",
    );
    wrong(
        "src/reports/json.rs",
        "fn f() { chrono::Local::now(); }",
        "chrono::Local::now",
    );
    wrong("src/app.rs", "use notify;", "notify");
    right(
        "src/views/queue.rs",
        "use ratatui::layout::Rect;\nfn f(notify: bool) -> bool { notify }",
    );
    right(
        "src/model/queue.rs",
        "/// Never `Instant::now()`.\nfn f() -> &'static str { \"std::fs::read\" }",
    );
    right("src/runtime.rs", "fn f() { chrono::Utc::now(); }");
    right(
        "src/sources/tail.rs",
        "use std::fs;\nuse std::time::Instant;\nfn f() { Instant::now(); }",
    );
}

#[test]
fn views_stand_apart_and_widgets_know_no_mail() {
    wrong(
        "src/views/queue.rs",
        "use crate::views::message::Message;",
        "crate::views::message::Message",
    );
    wrong(
        "src/views/queue.rs",
        "use super::message::Message;",
        "crate::views::message::Message",
    );
    wrong(
        "src/views/overview/panels.rs",
        "use super::super::queue::Queue;",
        "crate::views::queue::Queue",
    );
    right(
        "src/views/overview/panels.rs",
        "use super::Overview;\nuse crate::views::{Facts, clock};",
    );
    right(
        "src/views.rs",
        "use queue::Queue;\nfn f() { self::message::open(); }",
    );
    wrong(
        "src/widgets/bars.rs",
        "use crate::model::Model;",
        "crate::model::Model",
    );
    wrong(
        "src/widgets/bars.rs",
        "use mailtop_parsers::QueueId;",
        "mailtop_parsers::QueueId",
    );
    wrong(
        "src/theme.rs",
        "use crate::app::key::Key;",
        "crate::app::key::Key",
    );
    right(
        "src/widgets/bars.rs",
        "use crate::theme::Role;\nuse super::Pen;\nuse crate::safe_text::SafeText;",
    );
}

#[test]
fn nothing_is_shared_above_the_sources() {
    wrong(
        "src/app.rs",
        "use std::sync::{Arc, Mutex};",
        "std::sync::Mutex",
    );
    wrong(
        "src/runtime.rs",
        "struct S(std::sync::RwLock<u8>);",
        "std::sync::RwLock",
    );
    right("src/terminal.rs", "use std::sync::Mutex;");
    right("src/app.rs", "use std::sync::Arc;");
}

#[test]
fn a_file_has_a_form() {
    let headless = check("tests/a.rs", "use std::fmt;\n");
    assert_eq!(headless.len(), 1);
    assert!(
        headless[0]
            .to_string()
            .starts_with("tests/a.rs:1: `use std::fmt;`: a file begins with a `//!` line")
    );
    assert_eq!(check("src/cli.rs", "//! stub\n").len(), 1);
    assert_eq!(check("src/cli.rs", "").len(), 1);
    assert_eq!(
        check("src/cli.rs", "#![no_std]\n//! The command line.\n"),
        []
    );

    let lines = |count: usize| "\n".repeat(count - 1);
    assert_eq!(said("src/app.rs", &lines(501)), ["501: 501 lines"]);
    right("src/app.rs", &lines(500));
    right("src/app/tests.rs", &lines(501));

    wrong(
        "src/cli.rs",
        concat!("// TO", "DO: more"),
        concat!("TO", "DO"),
    );
    wrong("src/cli.rs", "#[allow(dead_code)]\nfn f() {}", "allow");
    right(
        "src/cli.rs",
        "#[expect(dead_code, reason = \"shown\")]\nfn allow() { allow() }",
    );
    assert_eq!(said("src/new.rs", ""), ["1: src/new.rs"]);
    assert_eq!(
        said("src/cli.rs", "fn f() { \" }"),
        ["1: not Rust: cannot parse string into token stream"]
    );
}

#[test]
fn a_test_that_sleeps_says_what_it_waits_for() {
    wrong(
        "tests/a.rs",
        "fn f() { std::thread::sleep(POLL); }",
        "std::thread::sleep",
    );
    wrong(
        "src/app.rs",
        "#[cfg(test)] mod tests { fn f() { thread::sleep(POLL); } }",
        "thread::sleep",
    );
    wrong(
        "src/app/tests.rs",
        "use tokio::time::sleep;",
        "tokio::time::sleep",
    );
    right(
        "tests/a.rs",
        "// waits for: the queue to be empty\nfn f() { thread::sleep(POLL); }",
    );
    right("src/terminal/job.rs", "fn f() { thread::sleep(POLL); }");
    right(
        "tests/lab/providers/session.rs",
        "fn f() { thread::sleep(DELAY); }",
    );
}

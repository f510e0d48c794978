//! A filter that is typed, taken from the screen and dropped again; the palette; `--where`: in a real terminal on real mail.

use crate::console::{Console, rows};
use crate::ground::{MAILTOP, WINDOW, lab, open, stuck_at_yahoo};
use crate::harness::Lab;

#[test]
fn what_is_shown_is_narrowed_and_widened_and_commands_run_by_name() {
    let Some(lab) = lab() else { return };
    stuck_at_yahoo(
        &lab,
        &[
            ("orders@shop.example", "maria1@yahoo.com"),
            ("bob@shop.example", "maria2@yahoo.com"),
            ("news@shop.example", "lisa@aol.com"),
        ],
    );
    let mut console = open(&lab, WINDOW);
    console.keys("2");
    console.wait_for("▌  yahoo.com ");
    facets(&mut console);
    palette(&mut console);
    from_the_command_line(&lab);
}

/// How many domains the table has, as its frame says.
fn domains(console: &mut Console, count: usize) {
    console.wait_until(&format!("{count} domains"), |screen| {
        let of = format!(" of {count} · sort:");
        rows(screen).iter().any(|row| row.contains(&of))
    });
}

fn facets(console: &mut Console) {
    domains(console, 2);
    console.keys("/to:*@yahoo.com");
    domains(console, 1);
    console.keys("<esc>");
    domains(console, 2);
    console.keys("=");
    console.wait_for("filter: domain:yahoo.com");
    domains(console, 1);
    console.keys("!");
    console.wait_for("filter: -domain:yahoo.com");
    console.wait_for("▌  aol.com ");
    console.keys("<backspace>");
    console.wait_gone("filter:");
    domains(console, 2);
    // A domain's messages: the sender is what is added to what led there.
    console.keys("=<enter>");
    console.wait_for("Messages to ");
    console.keys("=");
    console.wait_for(" from:");
    console.wait_for("1 of 1 · sort: newest");
    console.keys("<backspace>");
    console.wait_gone(" from:");
    console.keys("<esc>");
    console.wait_for("Domain × age");
    console.keys("<backspace>");
    console.wait_gone("filter:");
}

fn palette(console: &mut Console) {
    console.keys(":");
    console.wait_for("Commands");
    console.keys("sort old");
    console.wait_for("sort oldest");
    console.keys("<enter>");
    console.wait_gone("Commands");
    console.wait_for("sort: oldest");
    // What is wrong is marked under its place, and nothing is done.
    console.keys(":queue sise:>1M<enter>");
    console.wait_for("did you mean size:?");
    let marked = console.row_with("did you mean size:?");
    let typed = console.row_with(" : queue sise");
    let column = |row: &str, text: &str| row.find(text).expect("it is there");
    assert_eq!(column(&marked, "^^^^"), column(&typed, "sise"));
    console.keys("<esc>");
    console.wait_gone("Commands");
    console.keys(":queue deferred domain:a<tab><enter>");
    console.wait_for("filter: domain:aol.com");
    console.wait_for("Queue deferred ");
    // Esc takes the filter off, then leaves the view.
    console.keys("<esc>");
    console.wait_gone("filter:");
    console.keys("<esc>");
    console.wait_for("Queue deferred + hold");
    domains(console, 2);
    console.keys(":quit-leaving<enter>");
    assert!(console.exit().success());
}

fn from_the_command_line(lab: &Lab) {
    let run = |arguments: &[&str]| {
        let mut command = lab.inside(None, MAILTOP);
        command.args(arguments);
        let ran = command.output().expect("it runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (ran.status.code(), text(&ran.stdout), text(&ran.stderr))
    };
    let (code, out, _) = run(&["queue", "--where", "domain:aol.com code:4.7.*"]);
    assert_eq!(code, Some(0));
    assert!(
        out.contains("lisa@aol.com") && !out.contains("maria"),
        "{out}"
    );
    let (code, out, err) = run(&["queue", "--json", "--where", "age:>5d"]);
    assert_eq!((code, out.as_str()), (Some(0), ""));
    assert!(
        err.contains("0 of 3 messages match --where age:>5d"),
        "{err}"
    );
    let (code, out, err) = run(&["queue", "--where", "-from:bob@* sise:>1M"]);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(
        err.contains("\n  -from:bob@* sise:>1M\n              ^^^^\n"),
        "{err}"
    );
    let (code, out, _) = run(&["--where", "domain:aol.com", "--keys", "2"]);
    assert_eq!(code, Some(0));
    assert!(
        out.contains("filter: domain:aol.com") && !out.contains("yahoo.com "),
        "{out}"
    );
}

//! Filter, sort, freeze and help, on real mail.

use crate::console::{Console, rows};
use crate::ground::{WINDOW, lab, open, stuck_at_yahoo};
use crate::harness::Lab;

#[test]
fn what_is_shown_is_filtered_sorted_frozen_and_explained() {
    let Some(lab) = lab() else { return };
    stuck_at_yahoo(
        &lab,
        &[
            ("orders@shop.example", "maria1@yahoo.com"),
            ("bob@shop.example", "maria2@yahoo.com"),
            ("news@shop.example", "maria3@yahoo.com"),
            ("news@shop.example", "lisa@aol.com"),
        ],
    );
    let mut console = open(&lab, WINDOW);
    console.keys("2");
    console.wait_for("▌  yahoo.com ");
    filter(&mut console);
    sort(&mut console);
    freeze(&mut console, &lab);
    help(&mut console);
}

fn filter(console: &mut Console) {
    console.keys("/domain:aol.com");
    console.wait_for("1 of 1");
    assert!(console.selected().contains("aol.com"));
    console.keys("<enter>");
    console.wait_for("filter: domain:aol.com");
    // What is wrong is said with its place while it is typed, and Enter does not take it.
    console.keys("/ colour:red");
    console.wait_for("no field colour");
    let (typed, marked) = (
        console.row_with("/ domain:aol.com"),
        console.row_with("^^^^^^"),
    );
    assert_eq!(
        typed.find("colour"),
        marked.find("^^^^^^"),
        "{typed}\n{marked}"
    );
    console.keys("<enter>");
    console.wait_for("mend it first");
    console.keys("<esc>");
    console.wait_for("filter: domain:aol.com");
    // The selection stays where it was put.
    console.keys("g");
    console.keys("<esc>");
    console.wait_gone("filter: domain:aol.com");
    console.wait_for("2 of 2");

    // Each field of a message can be asked for.
    for (text, count) in [
        ("code:4.7.*", "of 2"),
        ("from:bob@*", "1 of 1"),
        ("-from:news@*", "1 of 1"),
        ("age:>2h", "0 of 0"),
        ("reason:TSS04", "of 2"),
    ] {
        console.keys(&format!("/{}", text.replace('<', "<lt>")));
        console.wait_for(count);
        console.keys("<enter>");
        console.wait_for(&format!("filter: {text}"));
        console.keys("<esc>");
        console.wait_gone("filter:");
    }
}

/// The column of senders, by their first letters.
fn senders(rows: &[String]) -> Vec<String> {
    let of_mail = rows.iter().filter(|row| row.contains("@shop.example"));
    of_mail
        .filter_map(|row| row.split_whitespace().find(|word| word.contains('@')))
        .map(|from| from.split('@').next().unwrap_or_default().to_owned())
        .collect()
}

/// Waits until the senders stand in this order.
fn ordered(console: &mut Console, order: [&str; 3]) {
    console.wait_until(&format!("the order {order:?}"), |screen| {
        senders(&rows(screen)) == order
    });
}

fn sort(console: &mut Console) {
    console.keys("<enter>");
    console.wait_for("Messages to yahoo.com");
    console.wait_for("sort: newest");
    // Three messages of one second have no order of arrival.
    console.wait_until("three messages", |screen| senders(&rows(screen)).len() == 3);
    console.keys(">>");
    console.wait_for("sort: from");
    ordered(console, ["bob", "news", "orders"]);
    console.keys("S");
    ordered(console, ["orders", "news", "bob"]);
    console.keys("<esc>");
    console.wait_for("Domain × age");
}

fn freeze(console: &mut Console, lab: &Lab) {
    console.keys("p");
    console.wait_for("FROZEN");
    let body = |rows: Vec<String>| rows[1..].join("\n");
    let frozen = body(console.rows());
    assert!(
        frozen
            .lines()
            .any(|row| row.contains("yahoo.com ") && row.contains(" 3 ")),
        "{frozen}"
    );
    let behind = |screen: &vt100::Screen| {
        let text = screen.contents();
        let seconds = text.split_once("FROZEN ")?.1.split_once('-')?.1;
        seconds.split_once('s')?.0.parse::<u64>().ok()
    };
    stuck_at_yahoo(lab, &[("orders@shop.example", "maria4@yahoo.com")]);
    // The clock of the frozen screen says when at least two listings have had the message.
    console.wait_until("the freeze to say how old it is", |screen| {
        behind(screen).is_some()
    });
    console.wait_until("some seconds to pass", |screen| {
        behind(screen).is_none_or(|seconds| seconds >= 6)
    });
    assert_eq!(body(console.rows()), frozen);
    console.keys("p");
    console.wait_gone("FROZEN");
    console.wait_until("the message that came meanwhile", |screen| {
        screen
            .contents()
            .lines()
            .any(|row| row.contains("yahoo.com ") && row.contains(" 4 "))
    });
}

fn help(console: &mut Console) {
    console.keys("?");
    console.wait_for("Keys of this view");
    for row in [
        "/ show only what matches",
        "s choose what the rows are sorted by",
        "Space mark or unmark",
        "h hold: postsuper -h",
        "H release from hold: postsuper -H",
        "r queue again with a new queue id: postsuper -r",
        "f try now: postqueue -i",
        "p freeze what is shown",
        "Enter open what is selected",
        "Esc back",
    ] {
        let screen = console.screen();
        let words: Vec<&str> = screen.split_whitespace().collect();
        assert!(
            words.join(" ").contains(row),
            "{row}:\n{}",
            console.screen()
        );
    }
    console.keys("<esc>");
    console.wait_gone("Keys of this view");
}

//! What is copied and what is exported: rows and tables of every kind of panel.

use crate::mails::press;
use crate::states::app;
use mailtop::app::App;
use mailtop::app::effect::Effect;

/// What a key puts into the clipboard.
fn copied(app: &mut App, keys: &str) -> String {
    let effects = press(app, keys);
    let [Effect::Copy(text)] = effects.as_slice() else {
        unreachable!("{keys}: {effects:?}");
    };
    text.clone()
}

/// What is written to a file as CSV, and its name.
fn exported(app: &mut App) -> (String, String) {
    let effects = press(app, "E<enter>");
    let [Effect::Export { name, text }] = effects.as_slice() else {
        unreachable!("{effects:?}");
    };
    (name.clone(), text.clone())
}

#[test]
fn the_overview_is_copied_and_exported_panel_by_panel() {
    let mut app = app();
    let row = copied(&mut app, "y");
    assert!(
        row.starts_with("yahoo.com  31  1h  4.7.0  [TSS04] Messages"),
        "{row}"
    );
    let table = copied(&mut app, "Y");
    assert!(
        table.contains("| Domain | Count | Oldest | DSN | Reason |"),
        "{table}"
    );
    assert!(table.contains("| dead.example | 9 |"), "{table}");
    let (name, csv) = exported(&mut app);
    assert_eq!(name, "mailtop-stuck-domains-20261124-110931.csv");
    assert!(
        csv.starts_with("Domain,Count,Oldest,DSN,Reason\r\n"),
        "{csv}"
    );
    assert_eq!(csv.lines().count(), 1 + 4, "{csv}");
    let queues = copied(&mut app, "<tab>Y");
    assert!(queues.contains("| deferred | 40 | 19 |"), "{queues}");
    assert_eq!(copied(&mut app, "jy").split("  ").next(), Some("active"));
    let providers = copied(&mut app, "<tab>Y");
    assert!(
        providers.contains("| Provider | Attempts | Sent % |"),
        "{providers}"
    );
    assert!(providers.contains("| Google | "), "{providers}");
    // Privacy is for the clipboard too.
    let hidden = copied(&mut app, "<tab>xY");
    assert!(!hidden.contains("192.0.2.25"), "{hidden}");
}

#[test]
fn the_queue_is_copied_and_exported_with_all_its_buckets_and_as_filtered() {
    let mut app = app();
    press(&mut app, "2");
    let row = copied(&mut app, "y");
    assert!(
        row.starts_with("yahoo.com  31  17  13  0  0  1  0  0  0  0  0  1h  421 4.7.0 [TSS04]"),
        "{row}"
    );
    let (name, csv) = exported(&mut app);
    assert!(name.starts_with("mailtop-queue-"), "{name}");
    assert!(
        csv.starts_with(
            "Domain,Total,<5m,10m,20m,40m,80m,160m,320m,640m,1280m,>21h,Oldest,Main reason\r\n"
        ),
        "{csv}"
    );
    press(&mut app, "/domain:dead.example<enter>");
    let table = copied(&mut app, "Y");
    assert!(
        table.contains("| dead.example | 9 |") && !table.contains("yahoo"),
        "{table}"
    );
}

#[test]
fn messages_and_one_message_are_copied_as_shown() {
    let mut app = app();
    press(&mut app, "2<enter>j");
    let row = copied(&mut app, "y");
    assert!(row.starts_with("4jYg7l0001zBGQD  37s  "), "{row}");
    assert!(
        row.contains("news@shop.example  user1@yahoo.com  421 4.7.0"),
        "{row}"
    );
    let table = copied(&mut app, "Y");
    assert!(
        table.contains("| Queue-ID | Age | Next | Size | Queue | From | To | Reason |"),
        "{table}"
    );
    assert_eq!(
        table.lines().filter(|line| line.contains("4jYg7l")).count(),
        31
    );
    press(&mut app, "<enter>");
    let (_, csv) = exported(&mut app);
    assert!(csv.contains("From     news@shop.example"), "{csv}");
    assert!(
        !csv.contains("searching"),
        "what is not known yet is no row\n{csv}"
    );
    assert!(copied(&mut app, "y").starts_with("Queue"));
}

#[test]
fn the_panel_of_logins_is_exported_as_what_it_counts() {
    let mut app = app();
    let (name, csv) = {
        press(&mut app, "6<tab><tab>");
        exported(&mut app)
    };
    assert!(name.starts_with("mailtop-logins-"), "{name}");
    assert!(
        csv.starts_with("What,Count,Per minute\r\nlogins by imap,0,"),
        "{csv}"
    );
    assert!(csv.contains("failures,3,"), "{csv}");
}

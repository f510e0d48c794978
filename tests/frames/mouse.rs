//! The mouse: a click means what lies there, in every view, at every size.

use crate::lines::looked;
use crate::mails::{busy, full, press};
use crate::{accounts, dovecot, paint, providers, system};
use mailtop::app::App;
use mailtop::app::effect::Effect;
use mailtop::app::msg::{Mouse, Msg};
use mailtop::theme::Theme;

const SIZE: (u16, u16) = (120, 36);

type Make = fn(Theme, (u16, u16)) -> App;

fn mails(theme: Theme, size: (u16, u16)) -> App {
    full(theme, size, &busy())
}

fn traced(theme: Theme, size: (u16, u16)) -> App {
    looked(theme, size, "4/to:ann@yahoo.com<enter>")
}

fn logged(theme: Theme, size: (u16, u16)) -> App {
    looked(theme, size, "8kkkk")
}

fn screen(app: &mut App) -> String {
    paint::text(app, SIZE)
}

/// Where words stand on the screen for the first time.
fn place(app: &mut App, words: &str) -> (u16, u16) {
    let text = screen(app);
    let found = text.lines().enumerate().find_map(|(row, line)| {
        let (before, _) = line.split_once(words)?;
        Some((before.chars().count() as u16, row as u16))
    });
    found.unwrap_or_else(|| unreachable!("no {words} in {text}"))
}

fn click_at(app: &mut App, (column, row): (u16, u16)) -> Vec<Effect> {
    app.update(Msg::Mouse(Mouse::Click { column, row }))
}

fn click(app: &mut App, words: &str) -> Vec<Effect> {
    let at = place(app, words);
    click_at(app, at)
}

/// The words that stand in rows with the sign of the selection.
fn selected(app: &mut App, words: &str) -> bool {
    let is = |line: &str| {
        let mut parts = line.split('▌').skip(1);
        parts.any(|part| {
            part.split('│')
                .next()
                .is_some_and(|row| row.contains(words))
        })
    };
    screen(app).lines().any(is)
}

/// Keys, words in a row, and what is seen when it was opened.
const ROWS: &[(Make, &str, &str, &str)] = &[
    (mails, "", "aol.com", "Domain × age"),
    (mails, "", "incoming", "Queue incoming"),
    (mails, "", "Apple", "[3 Providers]"),
    (mails, "2", "dead.example", "Messages to dead.example"),
    (
        mails,
        "2<enter>",
        "4jYg7l0003zBGQD",
        "Message 4jYg7l0003zBGQD",
    ),
    (
        accounts::incident,
        "5",
        "noreply@",
        "user:noreply@shop.example",
    ),
    (accounts::incident, "5", "203.0.113.201", "ip:203.0.113.201"),
    (accounts::incident, "5", "root   ", "user:root"),
    (dovecot::busy, "6", "Mailbox <mailbox>", "[8 Log]"),
    (dovecot::busy, "6", "bob1@", "user:bob1@shop.example"),
    (dovecot::busy, "6<tab>", "lmtp: save", "[8 Log]"),
    (system::incident, "7", "/var/spool space", "Queue all"),
    (system::incident, "7", "dovecot/lmtp", "[6 Dovecot]"),
    (system::incident, "7", "cleanup ", "Queue active"),
    (traced, "", "4jYc3r0TNPz2BDxS", "Enter: in the log"),
];

#[test]
fn a_click_selects_a_row_and_a_second_one_opens_it() {
    for (make, keys, words, opened) in ROWS {
        let mut app = make(Theme::default(), SIZE);
        press(&mut app, keys);
        let before = screen(&mut app);
        assert!(!selected(&mut app, words), "{words} in {before}");
        assert_eq!(click(&mut app, words), [], "{words}");
        let text = screen(&mut app);
        assert!(selected(&mut app, words), "{words} in {text}");
        assert!(!text.contains(opened), "{words} in {text}");
        // It may stand in another row now, and a title above may name it.
        let row = text
            .lines()
            .position(|line| line.contains('▌') && line.contains(words));
        let row = row.unwrap_or_default();
        let line = text.lines().nth(row).unwrap_or_default();
        let column = line.split(words).next().unwrap_or_default().chars().count();
        click_at(&mut app, (column as u16, row as u16));
        let text = screen(&mut app);
        assert!(text.contains(opened), "{words}: {opened} in {text}");
    }
}

#[test]
fn a_click_upon_a_cell_selects_it_and_a_second_one_opens_it() {
    let mut app = providers::incident(Theme::default(), SIZE);
    press(&mut app, "3");
    let (_, row) = place(&mut app, "Microsoft");
    let (column, _) = place(&mut app, "5.7.1");
    click_at(&mut app, (column + 2, row));
    let text = screen(&mut app);
    assert!(text.contains("Microsoft · 5.7.1"), "{text}");
    let line = text.lines().find(|line| line.contains("│  Microsoft"));
    assert!(line.is_some_and(|line| line.contains("[    10]")), "{text}");
    click_at(&mut app, (column + 2, row));
    let text = screen(&mut app);
    assert!(
        text.contains("[8 Log]") && text.contains("code:5.7.1"),
        "{text}"
    );
}

#[test]
fn a_click_upon_a_panel_gives_it_the_keys() {
    let panels: &[(Make, &str, &[&str])] = &[
        (
            mails,
            "",
            &["Providers ──", "Queues ──", "Stuck domains ──"],
        ),
        (
            providers::incident,
            "3",
            &["Delay to 250 ──", "Provider × DSN ──"],
        ),
        (traced, "", &["Timeline ", "Raw ──", "Messages ──"]),
        (
            accounts::incident,
            "5",
            &[
                "Targeted users ──",
                "Failed logins by source ──",
                "Senders ──",
            ],
        ),
        (
            dovecot::busy,
            "6",
            &[
                "Logins per minute ──",
                "Sessions now ──",
                "LMTP delivery ──",
                "Login failures ──",
                "Errors & warnings ──",
            ],
        ),
        (
            system::incident,
            "7",
            &[
                "CPU 30 % ──",
                "Disk vda ",
                "Memory 29 %",
                "Mail processes ──",
                "Headroom ──",
            ],
        ),
        (logged, "", &["Facets of this filter", "Live ──"]),
    ];
    for (make, keys, titles) in panels {
        let theme = Theme::default();
        let mut app = make(theme, SIZE);
        press(&mut app, keys);
        for title in *titles {
            let (column, row) = place(&mut app, title);
            click_at(&mut app, (column, row));
            let roles = paint::roles(&paint::draw(&mut app, SIZE), theme);
            let (column, row) = place(&mut app, title);
            // Its corner has the colour of what has the keys.
            let corner = roles.lines().nth(usize::from(row));
            let corner = corner.and_then(|line| line.chars().nth(usize::from(column) - 2));
            assert_eq!(corner, Some('k'), "{title}: {}", screen(&mut app));
        }
    }
}

#[test]
fn a_click_upon_a_head_sorts_and_a_second_one_reverses() {
    let heads: &[(Make, &str, &str, &str, &str)] = &[
        (mails, "2", "Oldest", "Oldest▲", "Oldest▼"),
        (mails, "2", "Domain  ", "Domain ▲", "Domain ▼"),
        (mails, "2<enter>", "Size", "Size ▼", "Size ▲"),
        (accounts::incident, "5", "Rcpts", "Rcpts▼", "Rcpts▲"),
        (accounts::incident, "5", "IPs ", "IPs▼", "IPs▲"),
        (
            accounts::incident,
            "5",
            "Source IP",
            "Source IP ▲",
            "Source IP ▼",
        ),
        (traced, "", "Delay", "Delay ▼", "Delay ▲"),
        (system::incident, "7", "RSS", "RSS ▼", "RSS ▲"),
        (
            dovecot::busy,
            "6",
            "Source IP",
            "Source IP ▲",
            "Source IP ▼",
        ),
        (
            dovecot::busy,
            "6",
            "Over quota",
            "Over quota ▲",
            "Over quota ▼",
        ),
    ];
    for (make, keys, head, once, twice) in heads {
        let mut app = make(Theme::default(), SIZE);
        press(&mut app, keys);
        let at = place(&mut app, head);
        for wanted in [once, twice] {
            click_at(&mut app, at);
            let text = screen(&mut app);
            assert!(text.contains(wanted), "{wanted} in {text}");
        }
    }
}

#[test]
fn the_first_line_and_the_wheel_go_on_as_before_and_nothing_else_is_hit() {
    let mut app = mails(Theme::default(), SIZE);
    click(&mut app, "7 System");
    assert!(screen(&mut app).contains("[7 System]"));
    click(&mut app, "2 Queue");
    let before = screen(&mut app);
    app.update(Msg::Mouse(Mouse::WheelDown));
    assert!(selected(&mut app, "dead.example"));
    app.update(Msg::Mouse(Mouse::WheelUp));
    // The second line, the keys, what is said of the selected domain, the frame and the total.
    for words in [
        "4 domains",
        "?help",
        "Newest messages",
        "news@shop.example",
        "from news@",
        "Domain × age",
        "TOTAL",
    ] {
        assert_eq!(click(&mut app, words), []);
        assert_eq!(screen(&mut app), before, "{words}");
    }
    assert_eq!(click_at(&mut app, (500, 500)), []);
}

/// Rows that arrived since the last frame are not on the screen yet: the click was meant for what stood there.
#[test]
fn a_click_means_the_row_that_was_on_the_screen() {
    let mut app = mails(Theme::default(), SIZE);
    press(&mut app, "2<enter>");
    let at = place(&mut app, "4jYg7l0003zBGQD");
    let mut mails = busy();
    for n in 60..70 {
        let newer = crate::fixture::mail(n, 1, "new@shop.example", "new@yahoo.com", "");
        mails.insert(0, newer);
    }
    crate::fixture::list(&mut app, &mails, true);
    click_at(&mut app, at);
    assert!(
        selected(&mut app, "4jYg7l0003zBGQD"),
        "{}",
        screen(&mut app)
    );
}

#[test]
fn what_lies_over_a_view_takes_no_clicks() {
    for over in ["?", "2h", "2s", "D", "7T", ":", "/"] {
        let mut app = mails(Theme::default(), SIZE);
        press(&mut app, "2");
        press(&mut app, over);
        let before = screen(&mut app);
        for row in 0..SIZE.1 {
            assert_eq!(click_at(&mut app, (30, row)), []);
        }
        assert_eq!(screen(&mut app), before, "{over}");
    }
}

/// Row by row in one go: what a click opens is clicked on in its turn.
#[test]
fn every_place_of_every_view_can_be_clicked() {
    let views: &[(Make, &str)] = &[
        (mails, "1"),
        (mails, "2"),
        (mails, "2<enter>"),
        (mails, "2<enter><enter>"),
        (providers::incident, "3"),
        (traced, ""),
        (accounts::incident, "5"),
        (dovecot::busy, "6"),
        (system::incident, "7"),
        (logged, ""),
        (logged, "w"),
    ];
    for (make, keys) in views {
        for size in [SIZE, (60, 18), (40, 10)] {
            let mut app = make(Theme::default(), size);
            press(&mut app, keys);
            for row in 0..size.1 {
                for column in [6, size.0 - 20] {
                    app.update(Msg::Mouse(Mouse::Click { column, row }));
                    let drawn = paint::draw(&mut app, size);
                    assert_eq!(paint::unsafe_cell(&drawn), None, "{keys} {column} {row}");
                }
            }
        }
    }
}

/// Between two clicks upon a row of the Overview another provider may come before it.
#[test]
fn a_provider_stays_selected_when_another_overtakes_it() {
    let mut app = mails(Theme::default(), SIZE);
    click(&mut app, "Microsoft");
    assert!(selected(&mut app, "Microsoft"));
    let time = crate::fixture::now().to_rfc3339();
    let line = format!(
        "{time} mx1 postfix/smtp[4]: 4jYg00001zBGQD: to=<a@yahoo.com>, relay=mta5.am0.yahoodns.net[203.0.113.6]:25, \
         delay=0.5, dsn=2.0.0, status=sent (250 ok)\n"
    );
    let lines = line.repeat(200);
    crate::fixture::log(&mut app, lines.into_bytes());
    let text = screen(&mut app);
    assert!(
        text.find("Yahoo/AOL  ") < text.find("Microsoft  "),
        "{text}"
    );
    assert!(selected(&mut app, "Microsoft"), "{text}");
}

//! Frames of every view at several sizes, as text and as roles.
//!
//! Roles are shown for one set of glyphs only; they are the same for all.

use crate::fixture::{self, list, mail, many};
use crate::mails::{YAHOO, busy, full, hostile, lost, outlook, press};
use crate::paint::frames;
use chrono::TimeDelta;
use mailtop::app::App;
use mailtop::app::msg::Msg;
use mailtop::model::attempts::Attempts;
use mailtop::model::feeds::Feed;
use mailtop::model::journal::{Receipt, Verb};
use mailtop::model::settings::Settings;
use mailtop::safe_text::SafeText;
use mailtop::theme::Theme;
use std::fmt::Write;
use std::time::Duration;

fn on_busy(keys: &str) -> String {
    frames(keys, |theme, size| full(theme, size, &busy()))
}

fn on_nothing(theme: Theme, size: (u16, u16)) -> App {
    fixture::app(theme, size, None)
}

screens! {
    overview: on_busy("");
    overview_other_panel: on_busy("<tab>j");
    queue: on_busy("2");
    queue_sorted_marked: on_busy("2>><space>");
    queue_hold: on_busy("2<right><right>");
    messages: on_busy("2<enter>");
    message: on_busy("2<enter><enter>");
    help: on_busy("2?");
    help_search: on_busy("2?hold");
    sheet: on_busy("2h");
    sheet_of_a_message: on_busy("2<enter>f<tab>");
    filter_line: on_busy("2/from:news@* age:>1m");
    filter_line_wrong: on_busy("2/yahoo age:1m");
    filter_without_match: on_busy("2/nobody<enter>");
    frozen: on_busy("2p");
    nothing_known_overview: frames("", on_nothing);
    nothing_known_queue: frames("2", on_nothing);
    empty_overview: frames("", |theme, size| full(theme, size, &[]));
    empty_queue: frames("2", |theme, size| full(theme, size, &[]));
    one_message_overview: frames("", |theme, size| full(theme, size, &[mail(1, 4000, "<x>@shop.example", "ann@corp.example", "")]));
    many_queue: frames("2G", |theme, size| full(theme, size, &many(10_000, 300)));
    many_messages: frames("2<enter>G", |theme, size| full(theme, size, &many(10_000, 3)));
    hostile_overview: frames("", |theme, size| full(theme, size, &hostile()));
    hostile_queue: frames("2", |theme, size| full(theme, size, &hostile()));
    hostile_message: frames("2><enter><enter>", |theme, size| full(theme, size, &hostile()));
    hostile_sheet: frames("2>h", |theme, size| full(theme, size, &hostile()));
    lost_sources: frames("", |theme, size| {
        let mut app = full(theme, size, &busy());
        lost(&mut app, Feed::Log("/var/log/mail.log".into()), "cannot read /var/log/mail.log: permission denied: add this user to group adm");
        lost(&mut app, Feed::Queue, "postqueue ended with status 69: fatal: Queue report unavailable: mail system is down");
        app
    });
    queue_never_listed: frames("2", |theme, size| {
        let mut app = on_nothing(theme, size);
        lost(&mut app, Feed::Queue, "postqueue is not there: is Postfix installed?");
        app
    });
    partial_listing: frames("", |theme, size| {
        let mut app = full(theme, size, &busy());
        list(&mut app, &busy()[..7], false);
        app
    });
    ordinary_user_sheet: frames("2h", |theme, size| {
        let mut app = fixture::app(theme, size, Some("only root can hold mail; run as root"));
        list(&mut app, &busy(), true);
        app
    });
    ordinary_user_overview: frames("", |theme, size| {
        let mut app = full(theme, size, &busy());
        app.update(Msg::Settings(Settings::default()));
        app.update(Msg::Attempts(Attempts::Unreadable("the spool is for root only".into())));
        app
    });
    growing: frames("", incident);
    receipt_good: frames("", |theme, size| received(full(theme, size, &busy()), None));
    receipt_bad: frames("", |theme, size| received(full(theme, size, &busy()), Some("postsuper ended with status 1")));
}

/// From five minutes ago on much mail to one provider is deferred.
fn incident(theme: Theme, size: (u16, u16)) -> App {
    let mut app = full(theme, size, &busy());
    let (mut lines, mut mails) = (String::new(), busy());
    for n in 0..145 {
        let ago = 300 - 2 * n;
        let time = (fixture::now() - TimeDelta::seconds(ago)).to_rfc3339();
        let mail = mail(
            5000 + n as usize,
            ago,
            "news@shop.example",
            &format!("user{n}@yahoo.com"),
            YAHOO,
        );
        let id = &mail.id;
        let _ = writeln!(
            lines,
            "{time} mx1 postfix/cleanup[2]: {id}: message-id=<{n}@shop.example>\n\
             {time} mx1 postfix/qmgr[3]: {id}: from=<news@shop.example>, size=6214, nrcpt=1 (queue active)\n\
             {time} mx1 postfix/smtp[4]: {id}: to=<user{n}@yahoo.com>, relay=mta5.am0.yahoodns.net[203.0.113.6]:25, \
             delay=0.5, dsn=4.7.0, status=deferred ({YAHOO})"
        );
        mails.push(mail);
    }
    fixture::log(&mut app, lines.into_bytes());
    list(&mut app, &mails, true);
    outlook(&mut app, &mails);
    app
}

fn received(mut app: App, failure: Option<&str>) -> App {
    press(&mut app, "2");
    let key = app
        .model()
        .queue
        .at(0)
        .map(|message| message.target.key.clone());
    let receipt = Receipt {
        verb: Verb::Hold,
        asked: 31,
        matched: 30,
        done: if failure.is_some() { 0 } else { 30 },
        skipped: failure
            .and(key)
            .map(|key| (key, SafeText::from("it is no longer in the queue")))
            .into_iter()
            .collect(),
        command: SafeText::from("postsuper -h -   (30 queue ids on standard input)"),
        exit: Some(i32::from(failure.is_some())),
        stderr: SafeText::from(
            "postsuper: fatal: use of this command is reserved for the superuser",
        ),
        took: Duration::from_millis(210),
        failure: failure.map(SafeText::from),
    };
    app.update(Msg::Receipt(Box::new(receipt)));
    app
}

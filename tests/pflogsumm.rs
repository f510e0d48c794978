//! `mailtop report` beside the real pflogsumm(1): the same counts of the same log, and where they differ, the line that makes the difference.
//!
//! In: a log of the lab under traffic of every kind (rejects, holds, discards, warnings, bounces, deferrals, forwards by local aliases, deletions), and
//! short logs that the two read differently. Checked: messages, recipients, bytes, and every hour. What differs is explained in
//! `docs/report.md`. Needs the package pflogsumm; `LIVE=0` skips, and says so.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

#[path = "lab/harness.rs"]
mod harness;
#[path = "pflogsumm/kinds.rs"]
mod kinds;

use harness::{Lab, Options};
use mailtop_parsers::QueueName;
use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

const LIMIT: Duration = Duration::from_mins(1);

/// The names in pflogsumm's totals, and ours.
const TOTALS: [(&str, &str); 12] = [
    ("received", "received"),
    ("delivered", "delivered"),
    ("forwarded", "forwarded"),
    ("deferred", "deferred"),
    ("deferrals", "deferrals"),
    ("bounced", "bounced"),
    ("rejected", "rejected"),
    ("reject warnings", "reject_warnings"),
    ("held", "held"),
    ("discarded", "discarded"),
    ("bytes received", "bytes_received"),
    ("bytes delivered", "bytes_delivered"),
];

/// What a report counts: the totals by name, and the rows by hour of the day.
#[derive(Debug, Default, PartialEq)]
struct Counts {
    totals: BTreeMap<&'static str, String>,
    hours: BTreeMap<u64, [u64; 5]>,
}

/// What pflogsumm says of a log of one day.
fn theirs(log: &Path) -> Counts {
    let output = Command::new("pflogsumm")
        .args(["--detail", "0", "-q"])
        .arg(log)
        .env("LC_ALL", "C")
        .output()
        .expect("pflogsumm runs: it is one of tests/lab/packages");
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut counts = Counts::default();
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        if let [hours, row @ ..] = words.as_slice()
            && let Some((begin, _)) = hours.split_once('-')
            && let Ok(begin) = begin.parse::<u64>()
            && let Ok(row) = row
                .iter()
                .map(|count| count.parse())
                .collect::<Result<Vec<u64>, _>>()
            && let Ok(row) = row.try_into()
        {
            counts.hours.insert(begin / 100, row);
        }
        let Some((count, name)) = line.trim().split_once(char::is_whitespace) else {
            continue;
        };
        let (name, more) = name.trim().split_once("  (").unwrap_or((name.trim(), ""));
        let name = name.split(" (").next().unwrap_or_default();
        let ours = TOTALS.iter().find(|(known, _)| *known == name);
        if let Some((_, ours)) = ours {
            counts.totals.insert(ours, count.to_owned());
        }
        if let Some((deferrals, _)) = more.split_once(" deferrals)") {
            counts
                .totals
                .insert("deferrals", deferrals.trim().to_owned());
        }
    }
    counts.totals.entry("deferrals").or_insert_with(|| shown(0));
    assert_eq!(counts.totals.len(), TOTALS.len(), "{text}");
    counts
        .hours
        .retain(|_, row| row.iter().any(|count| *count > 0));
    counts
}

/// What `mailtop report --json` says.
fn ours(log: &Path) -> Counts {
    let output = Command::new(env!("CARGO_BIN_EXE_mailtop"))
        .args(["report", "--json"])
        .arg(log)
        .stdin(Stdio::null())
        .output()
        .expect("it runs");
    assert!(output.status.success(), "{output:?}");
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let number = |value: &serde_json::Value| value.as_u64().expect("a number");
    let mut counts = Counts::default();
    for (_, name) in TOTALS {
        counts
            .totals
            .insert(name, shown(number(&report["messages"][name])));
    }
    for hour in report["hours"].as_array().expect("hours") {
        let begin = hour["hour"].as_str().expect("a time")[11..13]
            .parse()
            .expect("an hour");
        let row = ["received", "delivered", "deferred", "bounced", "rejected"]
            .map(|name| number(&hour[name]));
        counts.hours.insert(begin, row);
    }
    counts
        .hours
        .retain(|_, row| row.iter().any(|count| *count > 0));
    counts
}

/// A count as pflogsumm shows it: large ones in thousands.
fn shown(count: u64) -> String {
    match count {
        0..=524_288 => count.to_string(),
        524_289..=536_870_912 => format!("{}k", count / 1024),
        _ => format!("{}m", count / 1_048_576),
    }
}

fn skipped() -> bool {
    let skip = std::env::var("LIVE").is_ok_and(|live| live == "0");
    if skip {
        writeln!(
            std::io::stderr(),
            "\nSKIPPED: nothing was compared with pflogsumm, because LIVE=0"
        )
        .expect("stderr is open");
    }
    skip
}

#[test]
#[ignore = "waits for a mail server's own times: make test runs it beside the others"]
fn the_counts_of_a_real_log_are_those_of_pflogsumm() {
    let options = Options {
        minimal_backoff: Duration::from_secs(2),
        queue_run: Duration::from_secs(2),
        ..Options::default()
    };
    let Some(lab) = Lab::start(&options) else {
        return;
    };
    configure(&lab);
    lab.mood("yahoo", "incident");
    lab.traffic(&["19", "--mix", "each"]);
    lab.traffic(&["150", "--mix", "shop"]);
    conversations(&lab);
    let wanted = [
        "forwarded as ",
        ": reject: RCPT",
        ": reject: header",
        ": reject: body",
        ": warning: header",
        ": hold: header",
        ": discard: header",
        ": hold: RCPT",
        ": discard: RCPT",
        ": reject_warning: RCPT",
        "status=bounced",
        ": uid=",
        "status=expired, returned to sender",
        "sender non-delivery notification",
    ];
    for text in wanted {
        lab.wait_until(|lab| lab.log_text().contains(text), LIMIT, text);
    }
    lab.wait_until(
        |lab| retried(&lab.log_text()),
        LIMIT,
        "a message that is deferred for the second time",
    );
    delete_one(&lab);
    let log = lab.dir().join("compared.log");
    fs::write(&log, of_one_day(&lab.log_text())).expect("a file");
    let (ours, theirs) = (ours(&log), theirs(&log));
    assert_eq!(ours, theirs);
    for (name, count) in &ours.totals {
        assert!(count != "0", "{name}: {ours:?}");
    }
}

/// pflogsumm shows averages for a log of several days, so lines of one day are made of those of a night.
fn of_one_day(log: &str) -> String {
    let day = log.get(..10).expect("a stamp");
    let whole = log.rfind('\n').map_or(log, |end| &log[..=end]);
    let lines = whole.lines().map(|line| [day, &line[10..], "\n"].concat());
    lines.collect()
}

/// Whether a recipient was deferred twice.
fn retried(log: &str) -> bool {
    let mut seen = BTreeMap::new();
    log.lines()
        .filter(|line| line.contains("status=deferred"))
        .filter_map(|line| line.split(": ").nth(1))
        .any(|id| {
            let count: &mut u64 = seen.entry(id).or_default();
            *count += 1;
            *count > 1
        })
}

fn configure(lab: &Lab) {
    let dir = lab.config_dir();
    let file = |name: &str, text: &str| {
        let path = dir.join(name);
        fs::write(&path, text).expect("the lab's directory");
        path.display().to_string()
    };
    let headers = "/^Subject: hold me/ HOLD on hold\n/^Subject: discard me/ DISCARD gone\n/^Subject: reject me/ REJECT no\n/^Subject: warn me/ WARN odd\n";
    let headers = file("header_checks", headers);
    let body = file("body_checks", "/^EICAR/ REJECT virus\n");
    let recipients = file(
        "recipients",
        "hold@shop.example HOLD parked\ndiscard@shop.example DISCARD sunk\n",
    );
    let warned = file("warned", "warn@shop.example REJECT sometime\n");
    let aliases = file("local_aliases", "team bob@shop.example, maria@yahoo.com\n");
    let restrictions = format!(
        "check_recipient_access texthash:{recipients}, warn_if_reject check_recipient_access texthash:{warned}, permit_mynetworks, reject"
    );
    let mut mailboxes = fs::read_to_string(dir.join("mailboxes")).expect("the lab's mailboxes");
    mailboxes.push_str("hold@shop.example x\ndiscard@shop.example x\nwarn@shop.example x\n");
    file("mailboxes", &mailboxes);
    let settings = [
        format!("header_checks=regexp:{headers}"),
        format!("body_checks=regexp:{body}"),
        format!("alias_maps=texthash:{aliases}"),
        String::from("mydestination=lists.example"),
        format!("smtpd_recipient_restrictions={restrictions}"),
        // So that something expires while the test looks.
        String::from("maximal_queue_lifetime=15s"),
        String::from("bounce_queue_lifetime=15s"),
    ];
    for setting in settings {
        lab.postfix("postconf", &["-e", &setting], b"");
    }
    let reload = lab
        .inside(None, "postfix")
        .arg("reload")
        .output()
        .expect("it runs");
    assert!(reload.status.success(), "{reload:?}");
}

fn conversations(lab: &Lab) {
    let to = lab.submission();
    for subject in ["hold me", "discard me", "reject me", "warn me", "hello"] {
        smtp(to, &["bob@shop.example"], subject, "hello");
    }
    smtp(to, &["bob@shop.example"], "virus", "EICAR");
    let many = [
        "bob@shop.example",
        "nosuchuser@shop.example",
        "anna@icloud.com",
        "x@nxdomain.example",
        "maria@yahoo.com",
    ];
    smtp(to, &many, "to many", "hello");
    for to_whom in ["hold", "discard", "warn"] {
        smtp(to, &[&format!("{to_whom}@shop.example")], "hello", "hello");
    }
    smtp(to, &["team@lists.example"], "to all", "hello");
    lab.postfix(
        "sendmail",
        &["-f", "cron@shop.example", "alice@shop.example"],
        b"Subject: cron\n\nhello\n",
    );
}

/// Speaks SMTP from beginning to end; what is refused is refused.
fn smtp(server: SocketAddr, recipients: &[&str], subject: &str, body: &str) {
    let mut stream = BufReader::new(TcpStream::connect(server).expect("Postfix listens"));
    stream
        .get_ref()
        .set_read_timeout(Some(LIMIT))
        .expect("a socket");
    let mut say = |text: &str| {
        stream
            .get_mut()
            .write_all(text.as_bytes())
            .expect("it is open");
        loop {
            let mut line = String::new();
            assert!(
                stream.read_line(&mut line).expect("a reply") > 0,
                "closed after {text}"
            );
            if line.as_bytes().get(3) == Some(&b' ') {
                return line;
            }
        }
    };
    say("");
    say("EHLO client.example\r\n");
    say("MAIL FROM:<Orders@Shop.Example>\r\n");
    for to in recipients {
        say(&format!("RCPT TO:<{to}>\r\n"));
    }
    if say("DATA\r\n").starts_with("354") {
        say(&format!("Subject: {subject}\r\n\r\n{body}\r\n.\r\n"));
    }
    say("QUIT\r\n");
}

/// An administrator deletes a message.
fn delete_one(lab: &Lab) {
    let held = |lab: &Lab| {
        let listed = lab.postqueue().into_iter();
        listed
            .filter(|entry| entry.queue_name == QueueName::Hold)
            .map(|entry| entry.queue_id)
            .collect::<Vec<_>>()
    };
    let id = held(lab).pop().expect("two are on hold");
    lab.postfix("postsuper", &["-d", "-"], format!("{id}\n").as_bytes());
    let line = format!("{id}: removed");
    lab.wait_until(
        |lab| lab.log_text().contains(&line),
        LIMIT,
        "the deletion in the log",
    );
}

/// Lines that both count alike.
#[test]
fn what_both_count_alike() {
    if skipped() {
        return;
    }
    let dir = tempfile::tempdir().expect("a directory");
    for (name, log) in kinds::ALIKE {
        let path = dir.path().join("mail.log");
        fs::write(&path, log).expect("a file");
        assert_eq!(ours(&path), theirs(&path), "{name}");
        let counted = ours(&path).totals.values().any(|count| count != "0");
        assert!(counted, "{name}: nothing is counted");
    }
}

/// Lines that pflogsumm counts otherwise; `docs/report.md` says why.
#[test]
fn what_pflogsumm_counts_otherwise() {
    if skipped() {
        return;
    }
    let dir = tempfile::tempdir().expect("a directory");
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/report.md"))
        .expect("the page");
    for kind in kinds::DIFFERENT {
        let path = dir.path().join("mail.log");
        fs::write(&path, kind.log).expect("a file");
        let (ours, theirs) = (ours(&path).totals, theirs(&path).totals);
        let differ: Vec<(&str, String, String)> = ours
            .iter()
            .filter(|(name, count)| theirs[*name] != **count)
            .map(|(name, count)| (*name, count.clone(), theirs[name].clone()))
            .collect();
        let expected: Vec<_> = kind
            .differ
            .iter()
            .map(|(name, ours, theirs)| (*name, shown(*ours), shown(*theirs)))
            .collect();
        assert_eq!(differ, expected, "{} (name, ours, theirs)", kind.about);
        assert!(
            page.contains(kind.about),
            "docs/report.md does not explain: {}",
            kind.about
        );
    }
}

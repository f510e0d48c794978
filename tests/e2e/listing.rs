//! `mailtop queue` on a real queue: the messages are those of `postqueue -j`, the groups those of the real qshape(1), and a listing
//! that was copied elsewhere tells the same.

use crate::ground::{LIMIT, MAILTOP, lab, stuck_at_yahoo};
use crate::harness::Lab;
use crate::misfortune::with_postqueue_running;
use mailtop_parsers::QueueName;
use serde_json::Value;
use std::collections::BTreeMap;
use std::process::{Command, Output, Stdio};

fn run(command: &mut Command) -> Output {
    command.stdin(Stdio::null()).output().expect("it runs")
}

fn objects(output: &Output) -> Vec<Value> {
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines()
        .map(|line| serde_json::from_str(line).expect("an object"))
        .collect()
}

fn queue(lab: &Lab, arguments: &[&str]) -> Output {
    run(lab.inside(None, MAILTOP).arg("queue").args(arguments))
}

#[test]
fn the_queue_is_listed_and_gathered_as_postfix_itself_does() {
    let Some(lab) = lab() else { return };
    let mail = [
        ("orders@shop.example", "maria1@yahoo.com"),
        ("orders@shop.example", "maria2@yahoo.com"),
        ("news@shop.example", "old@aol.com"),
    ];
    stuck_at_yahoo(&lab, &mail);
    lab.wait_until(
        |lab| lab.postqueue().len() == mail.len(),
        LIMIT,
        "nothing else in the queue",
    );

    let listed = lab.postqueue();
    let messages = objects(&queue(&lab, &["--json"]));
    assert_eq!(messages.len(), listed.len());
    for entry in &listed {
        let message = messages
            .iter()
            .find(|message| message["queue_id"] == *entry.queue_id);
        let message = message.expect("every message");
        assert_eq!(message["sender"], *entry.sender);
        assert_eq!(message["arrival_time"], entry.arrival_time);
        assert_eq!(message["message_size"], entry.message_size);
        assert_eq!(
            message["recipients"][0]["address"],
            *entry.recipients[0].address
        );
        assert_eq!(
            (&message["provider"], &message["dsn"]),
            (&"Yahoo/AOL".into(), &"4.7.0".into())
        );
        assert_eq!(message["instance"], lab.instance());
        if entry.queue_name == QueueName::Deferred {
            let next = message["next_attempt"]
                .as_str()
                .expect("root reads the spool");
            let next = chrono::DateTime::parse_from_rfc3339(next).expect("a moment");
            assert!(next.timestamp() >= entry.arrival_time, "{message}");
        }
    }

    // Two columns of qshape: the domain and its total.
    let qshape = run(lab.inside(None, "qshape").arg("deferred"));
    let shape = String::from_utf8_lossy(&qshape.stdout).into_owned();
    let theirs: BTreeMap<String, u64> = shape
        .lines()
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            Some((words.next()?.to_owned(), words.next()?.parse().ok()?))
        })
        .filter(|(domain, _)| domain.contains('.'))
        .collect();
    let groups = objects(&queue(&lab, &["--by", "domain", "--json"]));
    let ours = groups.iter().map(|group| {
        let domain = group["domain"].as_str().expect("a domain").to_owned();
        (domain, group["messages"].as_u64().expect("a number"))
    });
    assert_eq!(ours.collect::<BTreeMap<_, _>>(), theirs, "{shape}");
    assert_eq!(theirs.len(), 2, "{shape}");

    let provider = objects(&queue(&lab, &["--by", "provider", "--json"]));
    assert_eq!(
        (&provider[0]["provider"], &provider[0]["messages"]),
        (&"Yahoo/AOL".into(), &3.into())
    );
    let table = queue(&lab, &["--by", "sender"]);
    let table = String::from_utf8_lossy(&table.stdout).into_owned();
    assert!(
        table.contains("orders@shop.example") && table.contains("\n3 messages, 3 recipients, "),
        "{table}"
    );

    // The same from a copy of the listing, without a mail server.
    let copy = lab.dir().join("copied.json");
    std::fs::write(&copy, lab.postfix("postqueue", &["-j"], b"")).expect("a file");
    let mut command = Command::new(MAILTOP);
    let copied = objects(&run(command
        .args(["queue", "--by", "domain", "--json", "--from"])
        .arg(&copy)));
    assert_eq!(copied.len(), groups.len());

    let failing =
        "echo 'postqueue: fatal: Queue report unavailable - mail system is down' >&2; exit 69";
    let failed = run(&mut with_postqueue_running(&lab, Some(failing), "queue"));
    let said = String::from_utf8_lossy(&failed.stderr).into_owned();
    assert!(
        !failed.status.success() && said.contains("start it with `postfix start`"),
        "{said}"
    );
    assert!(failed.stdout.is_empty());
}

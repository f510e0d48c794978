//! What the tests begin with: a lab whose Yahoo defers everything, with mail in the queue, and mailtop open on it.

use crate::console::Console;
use crate::harness::{Lab, Options};
use mailtop_parsers::{QueueEntry, QueueName};
use std::time::Duration;

/// The size of an ordinary window.
pub const WINDOW: (u16, u16) = (120, 36);

/// How long the lab's Postfix may take for anything.
pub const LIMIT: Duration = Duration::from_mins(1);

/// The program.
pub const MAILTOP: &str = env!("CARGO_BIN_EXE_mailtop");

/// A lab that does not try again by itself while a test looks at it.
pub fn lab() -> Option<Lab> {
    Lab::start(&Options {
        minimal_backoff: Duration::from_secs(115),
        ..Options::default()
    })
}

/// Sends one message from each of these users to each of these addresses, whose provider is Yahoo, and waits until all of them
/// are deferred.
pub fn stuck_at_yahoo(lab: &Lab, mail: &[(&str, &str)]) {
    lab.mood("yahoo", "incident");
    for (from, to) in mail {
        lab.mail(from, to);
    }
    for (_, to) in mail {
        let deferred = |lab: &Lab| {
            message_to(lab, to).is_some_and(|entry| {
                entry.queue_name == QueueName::Deferred
                    && entry.recipients[0].delay_reason.is_some()
            })
        };
        lab.wait_until(deferred, LIMIT, &format!("mail to {to} to be deferred"));
    }
}

/// The message in the queue to this address.
pub fn message_to(lab: &Lab, address: &str) -> Option<QueueEntry> {
    lab.postqueue()
        .into_iter()
        .find(|entry| entry.recipients.iter().any(|to| to.address == address))
}

/// The queue id of the message in the queue to this address.
pub fn id_of(lab: &Lab, address: &str) -> String {
    message_to(lab, address)
        .expect("it is in the queue")
        .queue_id
}

/// mailtop, as an administrator runs it, on its first view with the listing and the log in it.
pub fn open(lab: &Lab, size: (u16, u16)) -> Console {
    let mut console = Console::open(&lab.inside(None, MAILTOP), size);
    console.wait_until("the Overview with its facts", |screen| {
        let text = screen.contents();
        text.contains("[1 Overview]") && !text.contains("reading …")
    });
    console
}

//! An ordinary user in group adm: everything but hold, release, requeue and delete, and those say why not.

use crate::console::Console;
use crate::ground::{MAILTOP, WINDOW, lab, message_to, stuck_at_yahoo};
use crate::harness::Lab;
use mailtop_parsers::QueueName;
use std::fs;
use std::process::Command;

/// The program, in a place that everybody can reach, run by `nobody` with these groups.
pub fn as_nobody(lab: &Lab, groups: &str) -> Command {
    let program = lab.dir().join("mailtop");
    fs::copy(MAILTOP, &program).expect("a copy of the program");
    let mut command = lab.inside(None, "setpriv");
    command.args(["--reuid=nobody", "--regid=nogroup"]);
    command.arg(format!("--groups={groups}")).arg(program);
    command
}

#[test]
fn an_ordinary_user_sees_everything_and_is_told_the_command_for_root() {
    let Some(lab) = lab() else { return };
    stuck_at_yahoo(&lab, &[("orders@shop.example", "maria1@yahoo.com")]);
    let mut console = Console::open(&as_nobody(&lab, "adm"), WINDOW);
    console.wait_for("▌  yahoo.com ");
    console.wait_for("yahoo.com deferred 421");
    console.keys("<enter>");
    console.wait_for("[2 Queue]");
    console.keys("<enter>");
    console.wait_for("Messages to yahoo.com");
    let id = message_to(&lab, "maria1@yahoo.com")
        .expect("it waits")
        .queue_id;
    console.keys("h");
    console.wait_for("only root may");
    console.wait_for(&format!("postsuper -h {id}"));
    // Not even a y does it.
    console.keys("y");
    console.wait_gone("only root may");
    console.keys("d");
    console.wait_for("only root may");
    console.wait_for(&format!("postsuper -d {id}"));
    console.keys("y");
    console.wait_gone("only root may");
    // The message, and its lines as they were logged.
    console.keys("<enter><enter>");
    console.wait_for("status=deferred");
    let entry = message_to(&lab, "maria1@yahoo.com").expect("it waits");
    assert_eq!(entry.queue_name, QueueName::Deferred);
    console.keys("qqqq");
    assert!(console.exit().success());
    console.assert_given_back();
}

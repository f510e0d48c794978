//! The source against programs that answer, refuse, and hang; the real one is asked in the lab.

use super::*;
use tempfile::TempDir;

/// A directory with a `doveadm` that does this. Another process writes it: a file that this one has open for writing, perhaps in a child of
/// another test, cannot be run.
fn place(doveadm: &str) -> TempDir {
    let place = tempfile::tempdir().unwrap();
    let write = r#"printf '#!/bin/sh\n%s\n' "$2" > "$1" && chmod 755 "$1""#;
    let status = std::process::Command::new("/bin/sh")
        .args(["-c", write, "sh"])
        .arg(place.path().join("doveadm"))
        .arg(doveadm)
        .status();
    assert!(status.unwrap().success());
    place
}

#[tokio::test]
async fn a_list_is_read() {
    let place = place(
        r#"[ "$*" = "-f tab who -1" ] && printf 'username\tproto\tpid\tip\nann@shop.example\timap\t7\t192.0.2.1\n'"#,
    );
    let who = who(place.path(), Allowed::default()).await.unwrap();
    assert_eq!((who.open[0], who.users.len()), (1, 1));
}

#[tokio::test]
async fn what_it_says_when_it_has_no_list_is_the_reason() {
    let closed = place(
        "echo 'Fatal: net_connect_unix(/run/dovecot/anvil) failed: Permission denied' >&2; exit 75",
    );
    let refused = who(closed.path(), Allowed::default()).await;
    assert_eq!(refused, Err(Trouble::NotAllowed));
    let down = place(
        "echo 'Fatal: net_connect_unix(/run/dovecot/anvil) failed: No such file or directory' >&2; exit 75",
    );
    let down = who(down.path(), Allowed::default()).await.unwrap_err();
    assert_eq!(
        down.sentence(),
        "doveadm who: Fatal: net_connect_unix(/run/dovecot/anvil) failed: No such file or directory"
    );
    let silent = place("exit 0");
    let silent = who(silent.path(), Allowed::default()).await.unwrap_err();
    assert_eq!(
        silent.sentence(),
        "doveadm who: no list came; is Dovecot running?"
    );
}

#[tokio::test(start_paused = true)]
async fn one_that_hangs_is_given_up() {
    let place = place("exec sleep 1000");
    let hangs = who(place.path(), Allowed::default()).await.unwrap_err();
    assert_eq!(hangs.sentence(), "doveadm who took longer than 5 s");
}

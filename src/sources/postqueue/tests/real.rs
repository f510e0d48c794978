//! The real postqueue with a private instance that is never started: its own configuration, its own queue.

use super::*;

struct Instance(tempfile::TempDir);

impl Instance {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let made = Command::new("/bin/sh")
            .args([
                "-ec",
                r#"chmod 755 "$1"; cd "$1"; mkdir etc data spool; chown postfix data; : > etc/master.cf
                printf 'queue_directory = %s/spool\ndata_directory = %s/data\nmaillog_file = %s/mail.log\n' "$1" "$1" "$1" > etc/main.cf
                printf 'maillog_file_prefixes = %s\ncompatibility_level = 3.6\n' "$1" >> etc/main.cf
                cd spool; mkdir active bounce corrupt defer deferred flush hold incoming maildrop pid private public saved trace
                chown postfix active bounce corrupt defer deferred flush hold incoming private saved trace
                chown postfix:postdrop maildrop public; chmod 730 maildrop; chmod 710 public"#,
                "sh",
            ])
            .arg(directory.path())
            .status();
        assert!(made.unwrap().success(), "needs root and Postfix");
        Self(directory)
    }

    fn submit(&self, sender: &str) {
        let mut child = Command::new("/usr/sbin/sendmail")
            .arg("-C")
            .arg(self.0.path().join("etc"))
            .args(["-f", sender, "b@example.org"])
            .stdin(std::process::Stdio::piped())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"Subject: x\n\nhello\n")
            .unwrap();
        assert!(child.wait().unwrap().success());
    }

    fn options(&self) -> Options {
        Options {
            config_directory: Some(self.0.path().join("etc")),
            ..Options::default()
        }
    }
}

#[tokio::test]
#[ignore = "needs root and Postfix"]
async fn the_queue_of_a_stopped_instance_is_read_directly_and_that_is_said() {
    let instance = Instance::new();
    for sender in ["a@example.org", "b@example.org", "c@example.org"] {
        instance.submit(sender);
    }
    let (sender, mut receiver) = channel(4);
    let _lister = spawn(instance.options(), sender);
    let seen = listing(&mut receiver).await;
    assert_eq!(
        (seen.complete, &seen.state),
        (Some(true), &Some(FeedState::Up))
    );
    let mut senders: Vec<_> = seen
        .lines
        .split_inclusive(|&byte| byte == b'\n')
        .map(|line| {
            mailtop_parsers::postqueue::parse(line.trim_ascii_end())
                .unwrap()
                .sender
        })
        .collect();
    senders.sort();
    assert_eq!(senders, ["a@example.org", "b@example.org", "c@example.org"]);
    let Some(Msg::Feed(FeedReport::Remark(Feed::Queue, Some(remark)))) = receiver.recv().await
    else {
        panic!("no remark")
    };
    assert!(
        remark
            .as_str()
            .starts_with("Postfix is stopped: the queue was read directly"),
        "{remark}"
    );
}

#[tokio::test]
#[ignore = "needs root and Postfix"]
async fn an_instance_without_configuration_is_said() {
    let directory = tempfile::tempdir().unwrap();
    let options = Options {
        config_directory: Some(directory.path().to_owned()),
        ..Options::default()
    };
    let (sender, mut receiver) = channel(4);
    let _lister = spawn(options, sender);
    let seen = listing(&mut receiver).await;
    assert_eq!(seen.complete, Some(false));
    assert!(
        seen.why().starts_with("Postfix is not configured: "),
        "{}",
        seen.why()
    );
}

/// A started instance that listens on no network; stopped at the end.
struct Running(Instance);

const MASTER: &str = "\
postlog unix-dgram n - n - 1 postlogd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
";

impl Running {
    fn new() -> Self {
        let instance = Instance::new();
        std::fs::write(instance.0.path().join("etc/master.cf"), MASTER).unwrap();
        let running = Self(instance);
        assert!(running.postfix("start"), "postfix start");
        running
    }

    fn postfix(&self, verb: &str) -> bool {
        let mut command = Command::new("/usr/sbin/postfix");
        command.arg("-c").arg(self.0.0.path().join("etc")).arg(verb);
        command
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null());
        command.status().unwrap().success()
    }

    fn signal(&self, signal: rustix::process::Signal) {
        let pid = std::fs::read_to_string(self.0.0.path().join("spool/pid/master.pid")).unwrap();
        let pid = rustix::process::Pid::from_raw(pid.trim().parse().unwrap()).unwrap();
        rustix::process::kill_process(pid, signal).unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.postfix("stop");
    }
}

#[tokio::test]
#[ignore = "needs root and Postfix"]
async fn a_master_that_hangs_is_said_and_waited_out() {
    let running = Running::new();
    running.0.submit("a@example.org");
    let mut options = running.0.options();
    options.limits.silence = Duration::from_secs(2);
    options.limits.every = Duration::from_millis(100);
    let (sender, mut receiver) = channel(4);
    let lister = spawn(options, sender);
    let seen = listing(&mut receiver).await;
    assert_eq!(
        (seen.complete, &seen.state),
        (Some(true), &Some(FeedState::Up))
    );
    // Without a master nobody answers showq's socket any more, as soon as the showq that is there has ended.
    running.signal(rustix::process::Signal::STOP);
    let seen = loop {
        let mut seen = Seen::default();
        lister.list_now();
        if let Msg::Feed(FeedReport::State(_, state)) = receiver.recv().await.unwrap() {
            seen.state = Some(state);
            break seen;
        }
    };
    running.signal(rustix::process::Signal::CONT);
    assert!(
        seen.why()
            .starts_with("postqueue gave no answer for 2 s after 0 messages"),
        "{}",
        seen.why()
    );
    assert_eq!(listing(&mut receiver).await.state, Some(FeedState::Up));
}

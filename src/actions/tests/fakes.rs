//! Commands that write down how they were called, and then do what a test wants.

use crate::actions::child::Limit;
use crate::actions::perform::{self, Limits};
use crate::actions::tools::Tools;
use crate::app::effect::{Action, Scope};
use crate::model::identity::{MessageKey, Target};
use crate::model::journal::{Receipt, Verb};
use crate::safe_text::SafeText;
use mailtop_parsers::QueueName;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;

/// For commands that are expected to end by themselves, on a machine that may be busy.
pub(super) const PATIENT: Limit = Limit {
    silence: Duration::from_secs(30),
    total: Duration::from_secs(30),
    grace: Duration::from_secs(2),
};
/// For commands that hang. Long enough for a busy machine to have started them.
pub(super) const HURRIED: Limit = Limit {
    silence: Duration::from_millis(1500),
    total: Duration::from_secs(4),
    grace: Duration::from_millis(200),
};
pub(super) const NONE_HANGS: Limits = Limits {
    listing: PATIENT,
    acting: PATIENT,
};
pub(super) const LISTING_HANGS: Limits = Limits {
    listing: HURRIED,
    acting: PATIENT,
};
pub(super) const ACTING_HANGS: Limits = Limits {
    listing: PATIENT,
    acting: HURRIED,
};

/// An installation of commands that a test writes.
pub(super) struct Fakes {
    pub(super) at: TempDir,
    pub(super) tools: Tools,
}

impl Fakes {
    /// `postqueue -j` prints `listing`; every call is noted with its arguments, environment and standard input.
    pub(super) fn new(listing: &str, postsuper: &str) -> Self {
        let at = tempfile::tempdir().unwrap();
        let path = at.path().display();
        fs::write(at.path().join("listing"), listing).unwrap();
        let note = |name: &str| {
            format!(
                "{{ printf '%s' {name}; printf '|%s' \"$@\"; echo; }} >> {path}/calls\nenv > {path}/env.{name}\n"
            )
        };
        let tools = Tools {
            postqueue: at.path().join("postqueue"),
            postsuper: at.path().join("postsuper"),
            config_dir: None,
        };
        let list = format!(
            "{}case \"$*\" in *-j) cat {path}/listing;; esac\n",
            note("postqueue")
        );
        let act = format!("{}cat > {path}/stdin\n{postsuper}\n", note("postsuper"));
        script(&tools.postqueue, &list);
        script(&tools.postsuper, &act);
        fs::set_permissions(at.path(), fs::Permissions::from_mode(0o755)).unwrap();
        Self { at, tools }
    }

    pub(super) fn perform(&self, limits: Limits, verb: Verb, scope: Scope) -> Receipt {
        perform::perform(&self.tools, limits, &Action { verb, scope })
    }

    pub(super) fn act(&self, verb: Verb, ids: &[&str]) -> Receipt {
        self.perform(NONE_HANGS, verb, targets(ids))
    }

    pub(super) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.at.path().join(name)).unwrap_or_default()
    }
}

/// Makes a command. Another process writes it: while this one holds it open for writing, a child that another test is just
/// starting may hold it as well, and then it can't be run ("Text file busy").
pub(super) fn script(path: &Path, text: &str) {
    let source = path.with_extension("source");
    fs::write(&source, format!("#!/bin/sh\n{text}")).unwrap();
    let made = Command::new("install")
        .args(["-m", "755"])
        .arg(source)
        .arg(path)
        .status()
        .unwrap();
    assert!(made.success());
}

pub(super) fn entry(id: &str, queue: &str) -> String {
    format!(
        "{{\"queue_name\": \"{queue}\", \"queue_id\": \"{id}\", \"arrival_time\": 1000, \"message_size\": 1, \"forced_expire\": false, \"sender\": \"s@x.example\", \"recipients\": []}}\n"
    )
}

pub(super) fn target(id: &str) -> Target {
    let key = MessageKey {
        instance: "postfix".into(),
        queue_id: id.into(),
        arrival: 1000,
    };
    Target {
        key,
        sender: "s@x.example".into(),
        queue: QueueName::Deferred,
    }
}

pub(super) fn targets(ids: &[&str]) -> Scope {
    Scope::Messages(ids.iter().map(|id| target(id)).collect())
}

pub(super) fn reasons(receipt: &Receipt) -> Vec<(&str, &str)> {
    receipt
        .skipped
        .iter()
        .map(|(key, why)| (&*key.queue_id, why.as_str()))
        .collect()
}

pub(super) fn why(receipt: &Receipt) -> &str {
    receipt.failure.as_ref().map_or("", SafeText::as_str)
}

/// Says of every id on its standard input that it was deleted.
pub(super) const DELETES: &str = "sed 's/.*/postsuper: &: removed/' $(dirname $0)/stdin >&2\necho \"postsuper: Deleted: $(wc -l < $(dirname $0)/stdin) messages\" >&2";

/// Says of every id on its standard input that it was held.
pub(super) const HOLDS: &str = "sed 's/.*/postsuper: &: placed on hold/' $(dirname $0)/stdin >&2\necho \"postsuper: Placed on hold: $(wc -l < $(dirname $0)/stdin) messages\" >&2";

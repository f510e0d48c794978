//! Who may act: Postfix leaves `postsuper(1)` to the superuser, and asks `authorized_flush_users` for `postqueue(1)`.
//!
//! Flush is left to Postfix's own verdict, which comes back in words. mailtop never asks for a password and never runs sudo:
//! it says which command to run.

use crate::app::effect::{Action, Scope};
use crate::model::command_line::{Aim, command_line};
use crate::model::journal::Verb;
use crate::safe_text::SafeText;

/// Whether the current user may do `verb`.
///
/// # Errors
/// Why not, as the beginning of a sentence that the command line ends: "only root may hold, release, requeue or delete messages:
/// run mailtop as root, or run as root:" ([`advice`] says it all).
pub fn rights(verb: Verb) -> Result<(), SafeText> {
    rights_of(verb, rustix::process::geteuid().is_root())
}

fn rights_of(verb: Verb, is_root: bool) -> Result<(), SafeText> {
    if is_root || verb == Verb::Flush {
        return Ok(());
    }
    Err(SafeText::new(
        "only root may hold, release, requeue or delete messages — run mailtop as root, or run as root:",
    ))
}

/// The whole sentence for an ordinary user: why not, and the command to run instead.
pub(super) fn advice(why: &SafeText, action: &Action, config_dir: Option<&str>) -> SafeText {
    let aim = match &action.scope {
        Scope::WholeQueue => Aim::WholeQueue,
        Scope::Messages(targets) => match targets.as_slice() {
            [target] => Aim::One(&target.key.queue_id),
            targets => Aim::Many(targets.len()),
        },
    };
    let command = command_line(action.verb, aim, config_dir);
    SafeText::new(format!("{why} {command}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::identity::{MessageKey, Target};
    use mailtop_parsers::QueueName;

    #[test]
    fn only_flush_is_left_to_the_verdict_of_postfix() {
        for verb in [
            Verb::Hold,
            Verb::Release,
            Verb::Requeue,
            Verb::Flush,
            Verb::Delete,
        ] {
            assert!(rights_of(verb, true).is_ok());
            assert_eq!(rights_of(verb, false).is_ok(), verb == Verb::Flush);
        }
    }

    #[test]
    fn an_ordinary_user_is_told_the_command_to_run() {
        let why = rights_of(Verb::Hold, false).unwrap_err();
        let key = MessageKey {
            instance: "postfix".into(),
            queue_id: "ABC1234567".into(),
            arrival: 0,
        };
        let target = Target {
            key,
            sender: "s@x.example".into(),
            queue: QueueName::Deferred,
        };
        let said = |targets| {
            let verb = Verb::Hold;
            let scope = Scope::Messages(targets);
            advice(&why, &Action { verb, scope }, Some("/etc/postfix-out")).to_string()
        };
        assert_eq!(
            said(vec![target.clone()]),
            "only root may hold, release, requeue or delete messages — run mailtop as root, or run as root: \
             postsuper -c /etc/postfix-out -h ABC1234567"
        );
        assert!(
            said(vec![target.clone(), target]).ends_with("-h -   (2 queue ids on standard input)")
        );
    }
}

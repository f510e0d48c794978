//! The command as the operator reads it: on the confirm sheet before an action, in the receipt after it, and as advice to
//! a user who may not act. The same words everywhere, so that what is shown is what is run.
//!
//! A verb and what it is aimed at go in, one line of text comes out. Nothing is run here. The text for one message is a
//! command to copy (`postsuper -h ABC123`); what mailtop itself runs always reads queue ids from standard input, because
//! `ALL` is a word there and not an order (`postsuper(1)`).

use crate::model::journal::Verb;
use mailtop_parsers::QueueId;

/// What a command is aimed at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aim<'a> {
    /// One message, by its queue id.
    One(&'a str),
    /// So many messages, their queue ids on standard input.
    Many(usize),
    /// The whole queue (flush only).
    WholeQueue,
}

/// The command for `verb` as text for people: `postsuper -h ABC1234567`, `postsuper -c /etc/postfix-out -h -   (12 queue
/// ids on standard input)`, `postqueue -f`.
///
/// `config_dir` is the instance's configuration directory, where it is not the default one. The text still has to pass
/// `SafeText` when `config_dir` comes from outside. An id that is none ([`QueueId::new`]) is not written out.
pub fn command_line(verb: Verb, aim: Aim<'_>, config_dir: Option<&str>) -> String {
    let (program, option) = match (verb, aim) {
        (Verb::Flush, Aim::WholeQueue) => ("postqueue", "-f"),
        (Verb::Flush, _) => ("postqueue", "-i"),
        (Verb::Hold, _) => ("postsuper", "-h"),
        (Verb::Release, _) => ("postsuper", "-H"),
        (Verb::Requeue, _) => ("postsuper", "-r"),
        (Verb::Delete, _) => ("postsuper", "-d"),
    };
    let mut text = String::from(program);
    if let Some(config_dir) = config_dir {
        text.push_str(" -c ");
        text.push_str(config_dir);
    }
    text.push(' ');
    text.push_str(option);
    let count = match aim {
        Aim::WholeQueue => return text,
        Aim::One(id) if QueueId::new(id.as_bytes()).is_some() => {
            text.push(' ');
            text.push_str(id);
            return text;
        }
        Aim::One(_) => 1,
        Aim::Many(count) => count,
    };
    let how = match (verb, count) {
        (Verb::Flush, 1) => String::from(" ID   (once)"),
        (Verb::Flush, _) => format!(" ID   ({count} times, one queue id each)"),
        (_, 1) => String::from(" -   (1 queue id on standard input)"),
        (..) => format!(" -   ({count} queue ids on standard input)"),
    };
    text.push_str(&how);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_message_is_a_command_to_copy_and_many_go_on_standard_input() {
        let of = |verb, aim| command_line(verb, aim, None);
        assert_eq!(
            of(Verb::Hold, Aim::One("ABC1234567")),
            "postsuper -h ABC1234567"
        );
        assert_eq!(
            of(Verb::Flush, Aim::One("ABC1234567")),
            "postqueue -i ABC1234567"
        );
        assert_eq!(of(Verb::Flush, Aim::WholeQueue), "postqueue -f");
        assert_eq!(
            of(Verb::Release, Aim::Many(12)),
            "postsuper -H -   (12 queue ids on standard input)"
        );
        assert_eq!(
            command_line(Verb::Requeue, Aim::Many(1), Some("/etc/postfix-out")),
            "postsuper -c /etc/postfix-out -r -   (1 queue id on standard input)"
        );
        assert_eq!(
            of(Verb::Delete, Aim::Many(3904)),
            "postsuper -d -   (3904 queue ids on standard input)"
        );
    }

    #[test]
    fn what_is_no_queue_id_is_never_written_into_a_command() {
        for bad in ["ALL", "-", "$(reboot)", "ABC1234567; reboot", ""] {
            assert_eq!(
                command_line(Verb::Hold, Aim::One(bad), None),
                "postsuper -h -   (1 queue id on standard input)"
            );
        }
    }
}

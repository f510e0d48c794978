//! Who may act: Postfix leaves `postsuper(1)` to the superuser, and asks `authorized_flush_users` for `postqueue(1)`.
//!
//! Flush is left to Postfix's own verdict, which comes back in words. mailtop never asks for a password and never runs sudo:
//! it says which command to run.

use crate::model::journal::Verb;
use crate::safe_text::SafeText;

/// Whether the current user may do `verb`.
///
/// # Errors
/// Why not, as the beginning of a sentence that the command line ends: "only root may hold, release or requeue messages:
/// run mailtop as root, or run as root".
pub fn rights(verb: Verb) -> Result<(), SafeText> {
    rights_of(verb, rustix::process::geteuid().is_root())
}

fn rights_of(verb: Verb, is_root: bool) -> Result<(), SafeText> {
    if is_root || verb == Verb::Flush {
        return Ok(());
    }
    Err(SafeText::new(
        "only root may hold, release or requeue messages: run mailtop as root, or run as root",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_flush_is_left_to_the_verdict_of_postfix() {
        for verb in [Verb::Hold, Verb::Release, Verb::Requeue, Verb::Flush] {
            assert!(rights_of(verb, true).is_ok());
            assert_eq!(rights_of(verb, false).is_ok(), verb == Verb::Flush);
        }
    }
}

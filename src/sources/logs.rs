//! Where this host's mail log is: files, or the journal.
//!
//! In come what the operator named and where Postfix says it logs; out comes one of both. Files that are named are taken; else the journal when it is
//! asked for; else the file, if there is one; else the journal, if it has any mail or refuses to say so, because a refusal is a
//! sentence with a fix. Where nothing is found it is the file, whose absence the tail explains.

use crate::safe_text::SafeText;
use crate::sources::archive::Archive;
use crate::sources::journal::Journal;
use chrono::{DateTime, FixedOffset, Utc};
use std::path::{Path, PathBuf};

/// Where log lines come from.
#[derive(Debug, Clone)]
pub enum Logs {
    /// These files, each with the rotated ones beside it.
    Files(Vec<PathBuf>),
    /// systemd's journal.
    Journal(Journal),
}

impl Logs {
    /// Finds them. `file` is the log that Postfix or the distribution names; asking for it may take its time. Asks journalctl(1)
    /// only when that file does not exist.
    ///
    /// # Errors
    /// When the journal is asked for and there is no journalctl: a sentence.
    pub fn find(
        named: &[PathBuf],
        journal: bool,
        file: impl FnOnce() -> PathBuf,
        zone: FixedOffset,
    ) -> Result<Self, SafeText> {
        if !named.is_empty() {
            return Ok(Self::Files(named.to_vec()));
        }
        if journal {
            return Journal::find(zone).map(Self::Journal);
        }
        let file = file();
        if file.exists() {
            return Ok(Self::Files(vec![file]));
        }
        let journal = Journal::find(zone).ok();
        let speaks = |journal: &Journal| !matches!(journal.newest(), Ok(None));
        Ok(journal
            .filter(speaks)
            .map_or(Self::Files(vec![file]), Self::Journal))
    }

    /// All that there is to read now, each with the name that it is spoken of by.
    pub fn archives(&self, now: DateTime<Utc>) -> Vec<(PathBuf, Archive)> {
        match self {
            Self::Files(files) => {
                let archive = |file: &PathBuf| (file.clone(), Archive::of_log(file, now));
                files.iter().map(archive).collect()
            }
            Self::Journal(journal) => {
                let (archive, _) = Archive::before_journal(journal, now);
                vec![(Path::new("journal").to_owned(), archive)]
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Offset;

    fn find(named: &[PathBuf], file: &Path) -> Logs {
        Logs::find(named, false, || file.to_owned(), Utc.fix()).unwrap()
    }

    #[test]
    fn files_come_before_the_journal() {
        let dir = tempfile::tempdir().unwrap();
        let log = dir.path().join("mail.log");
        std::fs::write(&log, "").unwrap();
        let found = find(&[], &log);
        assert!(
            matches!(&found, Logs::Files(files) if files == std::slice::from_ref(&log)),
            "{found:?}"
        );
        let named = dir.path().join("named");
        let found = find(std::slice::from_ref(&named), &log);
        assert!(
            matches!(&found, Logs::Files(files) if files == &[named]),
            "{found:?}"
        );
    }

    #[test]
    fn without_a_file_it_is_the_journal_or_the_sentence_that_the_file_is_missing() {
        let dir = tempfile::tempdir().unwrap();
        let missing = dir.path().join("mail.log");
        let mail = Journal::find(Utc.fix()).map(|journal| journal.newest());
        let found = find(&[], &missing);
        let wanted = matches!(mail, Ok(Ok(Some(_)) | Err(_)));
        assert_eq!(matches!(found, Logs::Journal(_)), wanted, "{found:?}");
    }
}

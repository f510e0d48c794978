//! An entry of the journal as the line that rsyslogd(8) would have written to a file for it: `stamp host tag[pid]: text`.
//!
//! In comes an entry, out goes a line that [`crate::parse`] reads as the entry's own record, so that what keeps, shows or searches lines of files does
//! the same with entries. The stamp is RFC 3339 with microseconds and offset. `PRIORITY` is not written: Postfix and Dovecot write
//! their severity into the text, as in files.
//!
//! A line must stay one line and its head must stay a head: in the text newline and NUL become `#012` and `#000`, as rsyslogd(8)
//! writes them; in host and tag blanks, control characters and brackets become `_`. An entry without an identifier gets the tag
//! `journal`, as rsyslog's imjournal gives it, so that no text of a stranger is read as a tag. Of a text with its head at most
//! [`LINE_LIMIT`] bytes are kept. What is left out of an entry with several MESSAGE fields: all but the first.

use super::{Entry, Field};
use crate::grammar;
use chrono::{DateTime, FixedOffset, SecondsFormat};
use std::io::Write;

/// The longest line, its newline included.
pub const LINE_LIMIT: usize = 64 * 1024;

impl Entry {
    /// When journald received it, in microseconds since 1970 (`__REALTIME_TIMESTAMP`): what `--since` and `--until` go by.
    pub fn received(&self) -> Option<i64> {
        i64::try_from(grammar::number(self.field(Field::Realtime)?)?).ok()
    }

    /// Appends the entry as one line ended by `\n`, its stamp in this zone. `false`, and nothing is appended, for an entry that is broken or
    /// has no moment: it is none of journald's.
    pub fn write_line(&self, zone: FixedOffset, out: &mut Vec<u8>) -> bool {
        let Some(time) = self.instant().filter(|_| !self.is_broken()) else {
            return false;
        };
        let start = out.len();
        let time: DateTime<FixedOffset> = time.with_timezone(&zone);
        // Writing into a vector does not fail.
        let _ = write!(
            out,
            "{}",
            time.to_rfc3339_opts(SecondsFormat::Micros, false)
        );
        if let Some(host) = self.field(Field::Host).filter(|host| !host.is_empty()) {
            out.push(b' ');
            word(host, out);
        }
        out.push(b' ');
        word(self.tag(), out);
        if let Some(pid) = self.pid() {
            let _ = write!(out, "[{pid}]");
        }
        out.extend_from_slice(b": ");
        text(self.message().unwrap_or_default(), out);
        out.truncate(start + LINE_LIMIT - 1);
        out.push(b'\n');
        true
    }

    fn tag(&self) -> &[u8] {
        let tag = self.field(Field::Identifier).unwrap_or_default();
        if tag.is_empty() { b"journal" } else { tag }
    }
}

/// One word of the head.
fn word(bytes: &[u8], out: &mut Vec<u8>) {
    out.extend(bytes.iter().map(|&byte| match byte {
        0..=b' ' | b'[' | b']' | 0x7f => b'_',
        other => other,
    }));
}

fn text(mut bytes: &[u8], out: &mut Vec<u8>) {
    bytes = crate::envelope::clean(bytes);
    while let Some(at) = memchr::memchr2(b'\n', 0, bytes) {
        let (before, rest) = bytes.split_at(at);
        out.extend_from_slice(before);
        let newline = rest.first() == Some(&b'\n');
        out.extend_from_slice(if newline { b"#012" } else { b"#000" });
        bytes = rest.get(1..).unwrap_or_default();
    }
    out.extend_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use super::super::{Format, Journal};
    use super::*;
    use crate::{Calendar, Event, parse};
    use proptest::prelude::*;

    const EXPORT: &[u8] = include_bytes!("../../tests/corpus/journal/captured.export");

    fn calendar() -> Calendar {
        Calendar {
            anchor: DateTime::parse_from_rfc3339("2026-11-24T12:00:00+01:00").unwrap(),
        }
    }

    fn entries(stream: &[u8]) -> Vec<Entry> {
        let (mut journal, mut entries) = (Journal::new(Format::Export), Vec::new());
        journal.take(stream, |entry| entries.push(entry.clone()));
        journal.finish(|entry| entries.push(entry.clone()));
        entries
    }

    fn line(entry: &Entry) -> Vec<u8> {
        let mut line = Vec::new();
        assert!(entry.write_line(*calendar().anchor.offset(), &mut line));
        assert_eq!(line.pop(), Some(b'\n'));
        assert!(!line.contains(&b'\n') && !line.contains(&0));
        line
    }

    /// A field in the export format, binary where it must be.
    fn field(name: &str, value: &[u8]) -> Vec<u8> {
        let mut field = name.as_bytes().to_vec();
        if value.iter().any(|&byte| byte < b' ') {
            field.push(b'\n');
            field.extend((value.len() as u64).to_le_bytes());
        } else {
            field.push(b'=');
        }
        field.extend(value);
        field.push(b'\n');
        field
    }

    fn entry(identifier: &[u8], pid: Option<u32>, message: &[u8]) -> Entry {
        let mut stream =
            b"__CURSOR=s=1\n__REALTIME_TIMESTAMP=1795531537588272\n_HOSTNAME=mail\n".to_vec();
        stream.extend(field("SYSLOG_IDENTIFIER", identifier));
        if let Some(pid) = pid {
            stream.extend(field("SYSLOG_PID", pid.to_string().as_bytes()));
        }
        stream.extend(field("MESSAGE", message));
        entries(&stream).remove(0)
    }

    #[test]
    fn a_line_is_as_rsyslog_would_have_written_it() {
        let entries = entries(EXPORT);
        let text = String::from_utf8(line(&entries[0])).unwrap();
        assert_eq!(
            text,
            "2026-11-24T15:45:37.584545+01:00 mail postfix/qmgr[2011]: 4D1A22001F: from=<ann@a.example>, size=2345, nrcpt=1 (queue active)"
        );
    }

    #[test]
    fn the_lines_of_a_real_journal_are_read_as_its_entries() {
        let mut same = 0;
        for entry in entries(EXPORT) {
            let message = entry.message().unwrap_or_default();
            if message.contains(&b'\n') {
                continue;
            }
            let line = line(&entry);
            let (read, own) = (parse(&line, &calendar()), entry.record(&calendar()));
            if entry.field(Field::Identifier).is_some() {
                assert_eq!(read, own);
                same += 1;
            } else {
                assert_eq!(read.program, b"journal");
                assert!(matches!(read.event, Event::Unrecognized { .. }));
            }
        }
        assert!(same >= 8, "{same}");
    }

    #[test]
    fn no_text_makes_a_second_line_or_another_head() {
        let forged = entry(
            b"sshd",
            None,
            b"x\nNov 24 10:00:00 mail postfix/qmgr[1]: 4D1A22001F: removed\0y",
        );
        assert!(line(&forged).ends_with(
            b" mail sshd: x#012Nov 24 10:00:00 mail postfix/qmgr[1]: 4D1A22001F: removed#000y"
        ));
        let unnamed = entry(b"", None, b"postfix/qmgr[1]: 4D1A22001F: removed");
        let unnamed = line(&unnamed);
        assert_eq!(parse(&unnamed, &calendar()).program, b"journal");
        let blanks = entry(b"a postfix/qmgr[1]: b", Some(7), b"4D1A22001F: removed");
        let blanks = line(&blanks);
        let record = parse(&blanks, &calendar());
        assert_eq!(
            (record.program, record.pid),
            (&b"a_postfix/qmgr_1_:_b"[..], Some(7))
        );
    }

    #[test]
    fn what_is_no_entry_is_no_line() {
        let mut out = b"before".to_vec();
        for stream in [
            &b"MESSAGE=x\nSYSLOG_IDENTIFIER=postfix/smtp\n\n"[..],
            b"__CURSOR=x\nno field\n\n",
        ] {
            assert!(!entries(stream)[0].write_line(*calendar().anchor.offset(), &mut out));
        }
        assert_eq!(out, b"before");
    }

    #[test]
    fn a_line_is_never_too_long() {
        let long = entry(b"postfix/smtp", Some(1), &vec![b'x'; 100_000]);
        assert_eq!(line(&long).len(), LINE_LIMIT - 1);
    }

    proptest! {
        #[test]
        fn any_entry_is_read_as_itself(
            identifier in "(postfix(-out)?/(submission/)?(smtpd?|qmgr|cleanup|local|x)|dovecot|[!-Z\\^-~]{1,20})",
            pid in proptest::option::of(any::<u32>()),
            message in proptest::collection::vec(1_u8.., 0..200),
        ) {
            let mut message = message;
            message.retain(|&byte| byte != b'\n');
            // journald folds no repetitions, and does not pad a text.
            prop_assume!(message.first() != Some(&b' ') && !message.windows(8).any(|part| part == b"repeated"));
            let entry = entry(identifier.as_bytes(), pid, &message);
            let line = line(&entry);
            prop_assert_eq!(parse(&line, &calendar()), entry.record(&calendar()));
        }

        #[test]
        fn any_corpus_text_is_read_as_from_a_file(text in corpus_text(), pid: u32, program in "postfix/(smtpd?|lmtp|qmgr|cleanup|pickup|bounce|error)|dovecot") {
            let entry = entry(program.as_bytes(), Some(pid), &text);
            let line = line(&entry);
            prop_assert_eq!(parse(&line, &calendar()), entry.record(&calendar()));
        }
    }

    /// Texts after the tag of real lines.
    fn corpus_text() -> impl Strategy<Value = Vec<u8>> {
        let texts: Vec<Vec<u8>> = corpus()
            .split(|&byte| byte == b'\n')
            .filter_map(|line| {
                let at = line.windows(3).position(|part| part == b"]: ")?;
                line.get(at + 3..).map(<[u8]>::to_vec)
            })
            .filter(|text| text.first() != Some(&b' '))
            .collect();
        assert!(texts.len() > 50, "{}", texts.len());
        proptest::sample::select(texts)
    }

    fn corpus() -> Vec<u8> {
        [
            &include_bytes!("../../tests/corpus/captured.log")[..],
            include_bytes!("../../tests/corpus/delivery.log"),
            include_bytes!("../../tests/corpus/smtpd.log"),
            include_bytes!("../../tests/corpus/queue.log"),
            include_bytes!("../../tests/corpus/dovecot.log"),
            include_bytes!("../../tests/corpus/tls.log"),
        ]
        .concat()
    }
}

//! Tapes: recorded mornings. What came down the road, as text with times, so that a bug report can be read and replayed.
//!
//! Format: a first line `mailtop tape 1`, then one record a line: microseconds since 1970, a letter, and the rest.
//!
//! | letter | rest |
//! |---|---|
//! | `L` | log source, blank, one raw log line |
//! | `B` | Postfix instance: a listing begins |
//! | `Q` | one line of `postqueue -j` |
//! | `E` | `complete` or `partial`, blank, microseconds it took: the listing ended |
//! | `H` | host figures as JSON |
//! | `S` | Postfix's settings as JSON, in seconds |
//! | `P` | limits of Postfix and Dovecot as JSON: processes by service and what else they stop at |
//! | `A` | next attempts as JSON: seconds since 1970 by queue id; or a text that says why they can't be read |
//! | `W` | who is connected to Dovecot, as JSON |
//! | `K` | a key, as in `--keys` |
//!
//! A tape may be compressed with gzip. What is not on a tape: receipts, source states, the terminal's size.

pub mod player;
pub mod simulated;

use crate::app::key::Key;
use crate::app::msg::{Listing, LogBatch, Msg};
use crate::model::attempts::{Attempts, Due};
use crate::safe_text::SafeText;
use chrono::{DateTime, Utc};
use flate2::read::MultiGzDecoder;
use mailtop_parsers::secret;
use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::sync::Arc;
use std::time::Duration;

const HEAD: &[u8] = b"mailtop tape 1\n";
/// Lines of a listing that are handed on at once.
const LISTING_LINES: usize = 256;
/// A record longer than this is no tape.
const LONGEST: u64 = 64 << 20;

/// Writes a tape.
#[derive(Debug)]
pub struct Recorder<W> {
    out: W,
}

impl<W: Write> Recorder<W> {
    /// Starts a tape.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn new(mut out: W) -> io::Result<Self> {
        out.write_all(HEAD)?;
        Ok(Self { out })
    }

    /// Records what came down the road at `now`; what no tape holds is left out.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn record(&mut self, msg: &Msg, now: DateTime<Utc>) -> io::Result<()> {
        let time = now.timestamp_micros();
        match msg {
            Msg::Log(batch) => {
                for line in lines(&batch.lines) {
                    write!(self.out, "{time} L {} ", batch.source)?;
                    // A tape is sent to others: no password that the log gives away goes with it.
                    self.out.write_all(&secret::masked(line))?;
                    self.out.write_all(b"\n")?;
                }
                Ok(())
            }
            Msg::Listing(Listing::Begin { instance, .. }) => {
                writeln!(self.out, "{time} B {instance}")
            }
            Msg::Listing(Listing::Lines(all)) => {
                for line in lines(all) {
                    write!(self.out, "{time} Q ")?;
                    self.out.write_all(line)?;
                    self.out.write_all(b"\n")?;
                }
                Ok(())
            }
            Msg::Listing(Listing::End { took, complete, .. }) => {
                let how = if *complete { "complete" } else { "partial" };
                writeln!(self.out, "{time} E {how} {}", took.as_micros())
            }
            Msg::Host(sample) => {
                let json = serde_json::to_string(sample).map_err(io::Error::other)?;
                writeln!(self.out, "{time} H {json}")
            }
            Msg::Settings(settings) => {
                let json = serde_json::to_string(settings).map_err(io::Error::other)?;
                writeln!(self.out, "{time} S {json}")
            }
            Msg::Limits(limits) => {
                let json = serde_json::to_string(limits).map_err(io::Error::other)?;
                writeln!(self.out, "{time} P {json}")
            }
            Msg::Attempts(attempts) => {
                let json = match attempts {
                    Attempts::Unreadable(why) => serde_json::to_string(why.as_str()),
                    Attempts::Read(due) => {
                        serde_json::to_string(&due.by_id.iter().collect::<BTreeMap<_, _>>())
                    }
                };
                writeln!(self.out, "{time} A {}", json.map_err(io::Error::other)?)
            }
            Msg::Who(who) => {
                let json = serde_json::to_string(who).map_err(io::Error::other)?;
                writeln!(self.out, "{time} W {json}")
            }
            Msg::Key(key) => writeln!(self.out, "{time} K {}", key.script()),
            _ => Ok(()),
        }
    }

    /// Ends the tape and gives the writer back.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn finish(mut self) -> io::Result<W> {
        self.out.flush()?;
        Ok(self.out)
    }
}

/// The lines of a text, each ended by `\n`, without it.
fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
}

/// Reads a tape, record by record.
pub struct Tape<'a> {
    input: BufReader<Box<dyn Read + Send + 'a>>,
    line: Vec<u8>,
    pending: Option<(DateTime<Utc>, Msg)>,
}

impl<'a> Tape<'a> {
    /// Opens a tape, compressed or not.
    ///
    /// # Errors
    /// When it can't be read or is no tape.
    pub fn new(input: impl Read + Send + 'a) -> io::Result<Self> {
        let mut input = BufReader::new(input);
        let compressed = input.fill_buf()?.starts_with(&[0x1f, 0x8b]);
        let reader: Box<dyn Read + Send + 'a> = if compressed {
            Box::new(MultiGzDecoder::new(input))
        } else {
            Box::new(input)
        };
        let mut tape = Self {
            input: BufReader::new(reader),
            line: Vec::new(),
            pending: None,
        };
        tape.next_line()?;
        if HEAD.strip_suffix(b"\n") != Some(tape.line.as_slice()) {
            return Err(io::Error::other(
                "this is no mailtop tape: it does not begin with \"mailtop tape 1\"",
            ));
        }
        Ok(tape)
    }

    fn next_line(&mut self) -> io::Result<bool> {
        self.line.clear();
        let read = self
            .input
            .by_ref()
            .take(LONGEST)
            .read_until(b'\n', &mut self.line)?;
        if self.line.last() == Some(&b'\n') {
            self.line.pop();
        }
        Ok(read > 0)
    }

    /// The next thing on the tape with its time, lines of one source at one time together; `None` at the end.
    ///
    /// # Errors
    /// When the tape can't be read or a record is broken.
    pub fn next_msg(&mut self) -> io::Result<Option<(DateTime<Utc>, Msg)>> {
        let mut whole = self.pending.take();
        let mut count = 1;
        while self.next_line()? {
            let (time, msg) = record(&self.line).ok_or_else(|| {
                io::Error::other(format!("broken tape record: {}", SafeText::new(&self.line)))
            })?;
            let Some((at, so_far)) = whole.as_mut() else {
                whole = Some((time, msg));
                continue;
            };
            count += 1;
            if *at == time && count <= LISTING_LINES && join(so_far, &msg) {
                continue;
            }
            self.pending = Some((time, msg));
            break;
        }
        Ok(whole)
    }
}

/// Adds the lines of `next` to `first` when both are lines of the same thing.
fn join(first: &mut Msg, next: &Msg) -> bool {
    match (first, next) {
        (Msg::Log(a), Msg::Log(b)) if a.source == b.source => a.lines.extend_from_slice(&b.lines),
        (Msg::Listing(Listing::Lines(a)), Msg::Listing(Listing::Lines(b))) => {
            a.extend_from_slice(b);
        }
        _ => return false,
    }
    true
}

fn record(line: &[u8]) -> Option<(DateTime<Utc>, Msg)> {
    let mut parts = line.splitn(3, |byte| *byte == b' ');
    let time: i64 = std::str::from_utf8(parts.next()?).ok()?.parse().ok()?;
    let time = DateTime::from_timestamp_micros(time)?;
    let letter = parts.next()?;
    let rest = parts.next().unwrap_or_default();
    let text = || std::str::from_utf8(rest).ok();
    let ended = |line: &[u8]| [line, b"\n"].concat();
    let msg = match letter {
        b"L" => {
            let blank = memchr::memchr(b' ', rest)?;
            let source = std::str::from_utf8(rest.get(..blank)?).ok()?.into();
            Msg::Log(LogBatch {
                source,
                lines: ended(rest.get(blank + 1..)?),
                anchor: time,
            })
        }
        b"B" => Msg::Listing(Listing::Begin {
            at: time,
            instance: text()?.into(),
        }),
        b"Q" => Msg::Listing(Listing::Lines(ended(rest))),
        b"E" => {
            let (how, took) = text()?.split_once(' ')?;
            let took = Duration::from_micros(took.parse().ok()?);
            Msg::Listing(Listing::End {
                at: time,
                took,
                complete: how == "complete",
                next: time,
            })
        }
        b"H" => Msg::Host(serde_json::from_slice(rest).ok()?),
        b"S" => Msg::Settings(serde_json::from_slice(rest).ok()?),
        b"P" => Msg::Limits(serde_json::from_slice(rest).ok()?),
        b"A" if rest.starts_with(b"{") => {
            let all: BTreeMap<Box<str>, i64> = serde_json::from_slice(rest).ok()?;
            Msg::Attempts(Attempts::Read(Due {
                at: time,
                by_id: Arc::new(all.into_iter().collect()),
            }))
        }
        b"A" => {
            let why: String = serde_json::from_slice(rest).ok()?;
            Msg::Attempts(Attempts::Unreadable(SafeText::from(why)))
        }
        b"W" => Msg::Who(serde_json::from_slice(rest).ok()?),
        b"K" => Msg::Key(*Key::of_script(text()?).ok()?.first()?),
        _ => return None,
    };
    Some((time, msg))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::dovecot::who::{Allowed, Connections, Who};
    use crate::model::limits::{Asked, Limits, Why};
    use crate::model::settings::Settings;

    fn connections(at: DateTime<Utc>) -> Connections {
        let list = "username\tproto\tpid\tip\nann@shop.example\timap\t7\t192.0.2.1\n";
        Connections::read(list, at, Allowed::default()).unwrap()
    }

    fn tape() -> (Vec<(DateTime<Utc>, Msg)>, Vec<u8>) {
        let at = |second| DateTime::from_timestamp(second, 0).unwrap();
        let log = |lines: &[u8], second| {
            Msg::Log(LogBatch {
                source: "mail.log".into(),
                lines: lines.to_vec(),
                anchor: at(second),
            })
        };
        let msgs = vec![
            (at(1), log(b"one \x1b[2J\nt\xffwo\n", 1)),
            (
                at(2),
                Msg::Listing(Listing::Begin {
                    at: at(2),
                    instance: "postfix".into(),
                }),
            ),
            (
                at(2),
                Msg::Listing(Listing::Lines(b"{\"queue_name\": 1}\n{}\n".to_vec())),
            ),
            (
                at(3),
                Msg::Listing(Listing::End {
                    at: at(3),
                    took: Duration::from_millis(7),
                    complete: true,
                    next: at(3),
                }),
            ),
            (at(4), Msg::Key(Key::Enter)),
            (at(4), Msg::Host(Box::default())),
            (
                at(4),
                Msg::Settings(Settings {
                    queue_run_delay: Some(300),
                    ..Settings::default()
                }),
            ),
            (
                at(4),
                Msg::Limits(Box::new(Limits {
                    dovecot: Asked::Unknown(Why("no doveconf here".into())),
                    ..Limits::default()
                })),
            ),
            (
                at(4),
                Msg::Attempts(Attempts::Read(Due {
                    at: at(4),
                    by_id: Arc::new([(Box::from("ABCDEF1"), 1234)].into_iter().collect()),
                })),
            ),
            (
                at(5),
                Msg::Attempts(Attempts::Unreadable(SafeText::from("not \"yours\""))),
            ),
            (at(5), Msg::Who(Box::new(Who::Known(connections(at(5)))))),
            (
                at(5),
                Msg::Who(Box::new(Who::Unknown("for root only".into()))),
            ),
        ];
        let mut recorder = Recorder::new(Vec::new()).unwrap();
        for (time, msg) in &msgs {
            recorder.record(msg, *time).unwrap();
        }
        recorder.record(&Msg::Terminate, at(5)).unwrap();
        (msgs, recorder.finish().unwrap())
    }

    fn read(bytes: &[u8]) -> io::Result<Vec<(DateTime<Utc>, Msg)>> {
        let mut tape = Tape::new(bytes)?;
        let mut msgs = Vec::new();
        while let Some(msg) = tape.next_msg()? {
            msgs.push(msg);
        }
        Ok(msgs)
    }

    #[test]
    fn no_password_is_recorded() {
        let msg = Msg::Log(LogBatch {
            source: "mail.log".into(),
            lines: b"auth: x (given password: hunter2)\n".to_vec(),
            anchor: DateTime::default(),
        });
        let mut recorder = Recorder::new(Vec::new()).unwrap();
        recorder.record(&msg, DateTime::default()).unwrap();
        let tape = String::from_utf8(recorder.finish().unwrap()).unwrap();
        assert!(tape.ends_with("auth: x (given password: ***)\n"), "{tape}");
    }

    #[test]
    fn what_was_recorded_is_played_back() {
        let (msgs, bytes) = tape();
        assert_eq!(read(&bytes).unwrap(), msgs);
    }

    #[test]
    fn a_compressed_tape_is_the_same_tape() {
        let (msgs, bytes) = tape();
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gz.write_all(&bytes).unwrap();
        assert_eq!(read(&gz.finish().unwrap()).unwrap(), msgs);
    }

    #[test]
    fn another_file_is_refused_with_a_sentence() {
        assert!(
            read(b"Nov 24 mx1 postfix/smtp: hello\n")
                .unwrap_err()
                .to_string()
                .contains("no mailtop tape")
        );
        assert!(
            read(b"mailtop tape 1\n12 X what\n")
                .unwrap_err()
                .to_string()
                .contains("broken tape record")
        );
    }
}

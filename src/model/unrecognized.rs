//! What no grammar knew: counted by kind, with the newest lines as samples, so that a change of format is seen.

use crate::model::table::Join;
use crate::safe_text::SafeText;
use mailtop_parsers::{Unrecognized, secret};
use std::collections::VecDeque;

/// Samples kept.
const SAMPLES: usize = 50;

/// Lines by what became of them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Lines {
    /// All lines.
    pub read: u64,
    /// Warnings and errors without an event of their own.
    pub warnings: u64,
    /// Known daemons' texts that no grammar knows.
    pub other: u64,
    /// Other programs' lines.
    pub foreign: u64,
    /// Lines without a readable envelope.
    pub unparsed: u64,
    samples: VecDeque<(Unrecognized, SafeText)>,
}

impl Lines {
    /// Takes an unrecognized line in.
    pub fn unrecognized(&mut self, kind: Unrecognized, line: &[u8]) {
        match kind {
            Unrecognized::Warning => self.warnings += 1,
            Unrecognized::Other => self.other += 1,
            Unrecognized::Foreign => self.foreign += 1,
            Unrecognized::Unparsed => self.unparsed += 1,
        }
        if matches!(kind, Unrecognized::Other | Unrecognized::Unparsed) {
            if self.samples.len() == SAMPLES {
                self.samples.pop_front();
            }
            let line = secret::masked(line);
            let start = line.get(..line.len().min(400)).unwrap_or_default();
            self.samples.push_back((kind, SafeText::new(start)));
        }
    }

    /// The newest lines that a grammar should have known, newest first.
    pub fn samples(&self) -> impl Iterator<Item = &(Unrecognized, SafeText)> {
        self.samples.iter().rev()
    }
}

impl Join for Lines {
    fn join(&mut self, newer: Self) {
        self.read += newer.read;
        self.warnings += newer.warnings;
        self.other += newer.other;
        self.foreign += newer.foreign;
        self.unparsed += newer.unparsed;
        self.samples.extend(newer.samples);
        let old = self.samples.len().saturating_sub(SAMPLES);
        self.samples.drain(..old);
    }
}

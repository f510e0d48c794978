//! The moods of the providers, read from a small file whenever somebody asks: `yahoo incident`, one provider a line.
//!
//! The file is written by `tests/lab/mood` and by the incident of `traffic`, always by renaming a whole new file into place.
//! A provider that is not in it, or a missing file, is `healthy`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Where the moods are written.
pub struct Moods {
    file: PathBuf,
}

impl Moods {
    /// The moods of the lab in `dir`.
    pub fn in_lab(dir: &Path) -> Self {
        Self {
            file: dir.join("moods"),
        }
    }

    /// The mood of one provider.
    pub fn of(&self, provider: &str) -> String {
        let text = fs::read_to_string(&self.file).unwrap_or_default();
        text.lines()
            .filter_map(|line| line.split_once(' '))
            .find(|(name, _)| *name == provider)
            .map_or_else(|| "healthy".to_owned(), |(_, mood)| mood.trim().to_owned())
    }

    /// Sets the mood of one provider and leaves the others.
    pub fn set(&self, provider: &str, mood: &str) -> io::Result<()> {
        let text = fs::read_to_string(&self.file).unwrap_or_default();
        let others = text.lines().filter(|line| {
            line.split_once(' ')
                .is_some_and(|(name, _)| name != provider)
        });
        let mut lines: Vec<String> = others.map(str::to_owned).collect();
        lines.push(format!("{provider} {mood}\n"));
        let new = self.file.with_extension("new");
        fs::write(&new, lines.join("\n"))?;
        fs::rename(new, &self.file)
    }
}

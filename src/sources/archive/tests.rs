//! Histories with real files.

//! The real journald.

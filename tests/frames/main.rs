//! App and views, from outside: what keys mean, and frames of every view at several sizes as text and as roles.

/// Snapshots of frames: a name, and the keys and the facts that lead there.
macro_rules! screens {
    ($($name:ident: $frames:expr;)*) => {
        $(
            #[test]
            fn $name() {
                insta::assert_snapshot!($frames);
            }
        )*
    };
}

mod accounts;
mod any_keys;
mod app;
mod charts;
mod delete;
mod dovecot;
mod extracts;
mod fixture;
mod lines;
mod log;
mod mails;
mod mouse;
mod paint;
mod pieces;
mod providers;
mod rest;
mod rows;
mod screens;
mod start;
mod states;
mod system;
mod trace;
mod typing;

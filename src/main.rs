//! The command line: reads it, does it, and ends with what came of it.

use clap::Parser;
use mailtop::cli::Cli;
use mailtop::safe_text::SafeText;
use std::process::ExitCode;

fn main() -> ExitCode {
    match mailtop::commands::run(Cli::parse()) {
        Ok(code) => code,
        Err(error) => {
            // The sentence may quote a path or a file's content.
            eprintln!("mailtop: {}", SafeText::from(format!("{error:#}")));
            ExitCode::FAILURE
        }
    }
}

//! stub
use crate::cli::Live;
use std::process::ExitCode;
/// x
pub fn run(_live: &Live) -> anyhow::Result<ExitCode> { Ok(ExitCode::SUCCESS) }

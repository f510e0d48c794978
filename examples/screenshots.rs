//! Writes `screenshots/`: what the program really draws on the demo tape, as SVG and PNG.
//!
//! `cargo run --example screenshots`. A test fails when a picture no longer is what the program draws.

#[path = "screenshots/hash.rs"]
mod hash;
#[path = "screenshots/png.rs"]
mod png;
#[path = "screenshots/shots.rs"]
mod shots;

use std::fs;
use std::path::Path;

fn main() -> anyhow::Result<()> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("screenshots");
    fs::create_dir_all(&directory)?;
    let incident = shots::Incident::played()?;
    for shot in shots::SHOTS {
        let svg = incident.draw(shot)?;
        fs::write(directory.join(shot.name).with_extension("svg"), &svg)?;
        let picture = png::png(&svg)?;
        anyhow::ensure!(
            hash::hash_of(&picture) == Some(hash::hash(&svg)),
            "{}.png does not say what it was drawn from",
            shot.name
        );
        fs::write(directory.join(shot.name).with_extension("png"), picture)?;
        println!("screenshots/{}.svg and .png", shot.name);
    }
    Ok(())
}

//! The pictures in `screenshots/` are what the program draws: stale ones fail.

#[path = "../examples/screenshots/hash.rs"]
mod hash;
#[path = "../examples/screenshots/shots.rs"]
mod shots;

use std::fs;
use std::path::{Path, PathBuf};

fn picture(name: &str, ending: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("screenshots")
        .join(name)
        .with_extension(ending)
}

#[test]
fn every_picture_is_what_the_program_draws_now() {
    let incident = shots::Incident::played().expect("the tape can be read");
    for shot in shots::SHOTS {
        let drawn = incident.draw(shot).expect("the keys can be read");
        let kept = fs::read_to_string(picture(shot.name, "svg")).unwrap_or_default();
        let stale = "is stale: run `cargo run --example screenshots` and look at the pictures";
        assert!(drawn == kept, "screenshots/{}.svg {stale}", shot.name);
        let bytes = fs::read(picture(shot.name, "png")).unwrap_or_default();
        let of = hash::hash_of(&bytes).unwrap_or_default();
        assert_eq!(
            of,
            hash::hash(&drawn),
            "screenshots/{}.png {stale}",
            shot.name
        );
    }
}

#[test]
fn no_picture_is_left_over() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("screenshots");
    for file in fs::read_dir(directory).expect("screenshots/ is there") {
        let path = file.expect("screenshots/ can be read").path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        assert!(
            shots::SHOTS.iter().any(|shot| shot.name == name),
            "{} belongs to no shot",
            path.display()
        );
    }
}

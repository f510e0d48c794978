//! PNG from SVG: for pages that strip SVG.
//!
//! The picture carries the hash of the SVG that it was made from, in a `tEXt` chunk (PNG specification, 11.3.4.3), so that a test can notice a stale one
//! without rendering. Rendering is resvg's; the font is `DejaVu Sans Mono` (Debian: fonts-dejavu-core).

use crate::hash::{KEYWORD, hash};
use anyhow::{Context, Result, bail, ensure};
use resvg::{tiny_skia, usvg};

/// Pixels for one unit of the SVG.
const SCALE: f32 = 1.25;

/// Renders the picture and writes the SVG's hash into it.
///
/// # Errors
/// If the SVG is not well-formed, or the font is not installed.
pub fn png(svg: &str) -> Result<Vec<u8>> {
    let mut options = usvg::Options::default();
    options.fontdb_mut().load_system_fonts();
    ensure!(
        !svg.contains("<text")
            || options.fontdb.faces().any(|face| face
                .families
                .iter()
                .any(|(name, _)| name == "DejaVu Sans Mono")),
        "the font DejaVu Sans Mono is missing: apt-get install fonts-dejavu-core"
    );
    let tree = usvg::Tree::from_str(svg, &options).context("the SVG cannot be read")?;
    let size = tree
        .size()
        .to_int_size()
        .scale_by(SCALE)
        .context("the SVG has no size")?;
    let mut canvas =
        tiny_skia::Pixmap::new(size.width(), size.height()).context("the SVG is too large")?;
    resvg::render(
        &tree,
        tiny_skia::Transform::from_scale(SCALE, SCALE),
        &mut canvas.as_mut(),
    );
    with_hash(&canvas.encode_png()?, svg)
}

/// Puts the chunk behind IHDR, which is the first one and always 25 bytes long.
fn with_hash(png: &[u8], svg: &str) -> Result<Vec<u8>> {
    let Some((head, rest)) = png.split_at_checked(8 + 25) else {
        bail!("the PNG is too short")
    };
    let mut chunk = b"tEXt".to_vec();
    chunk.extend_from_slice(KEYWORD);
    chunk.push(0);
    chunk.extend_from_slice(hash(svg).as_bytes());
    let mut out = head.to_vec();
    out.extend_from_slice(&u32::try_from(chunk.len() - 4)?.to_be_bytes());
    out.extend_from_slice(&chunk);
    out.extend_from_slice(&crc(&chunk).to_be_bytes());
    out.extend_from_slice(rest);
    Ok(out)
}

/// The checksum of a chunk (PNG specification, annex D).
fn crc(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 == 1 {
                (crc >> 1) ^ 0xedb8_8320
            } else {
                crc >> 1
            }
        })
    };
    !bytes.iter().fold(u32::MAX, step)
}

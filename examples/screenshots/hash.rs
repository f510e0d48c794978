//! The hash that ties a PNG to the SVG that it was rendered from, so that a stale picture is noticed without rendering.
//!
//! It stands in a `tEXt` chunk (PNG specification, 11.3.4.3).

/// Keyword of the text chunk with the hash.
pub const KEYWORD: &[u8] = b"mailtop-svg-hash";
/// FNV-1a of the SVG, as hexadecimal digits.
pub fn hash(svg: &str) -> String {
    let hash = svg.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}

/// The hash that a picture carries; none if it was not made here.
pub fn hash_of(png: &[u8]) -> Option<String> {
    let mut rest = png.get(8..)?;
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (kind, after) = after.split_at_checked(4)?;
        let (body, after) = after.split_at_checked(length)?;
        if let Some(text) = body.strip_prefix(KEYWORD).filter(|_| kind == b"tEXt") {
            return String::from_utf8(text.strip_prefix(&[0])?.to_vec()).ok();
        }
        rest = after.get(4..)?;
    }
    None
}

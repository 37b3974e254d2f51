//! QR codes: made of parts, read from pictures.

use std::path::{Path, PathBuf};

use countersign_envelope::parts;
use image::{GrayImage, ImageEncoder as _, Luma};
use qrcode::{
    EcLevel, QrCode,
    render::{svg, unicode},
};
use zeroize::Zeroizing;

use crate::{
    failure::{Error, FileFlaw},
    files::{self, Together},
};

/// White around a code, in modules (ISO/IEC 18004 asks for four).
const QUIET: u32 = 4;
/// Pixels per module.
const SCALE: u32 = 6;

fn codes(envelope: &[u8]) -> Result<Vec<QrCode>, Error> {
    let parts = parts::split(envelope)
        .map_err(|_| Error::Usage("The envelope is too long for codes: use the file."))?;
    let code = |part: &String| QrCode::with_error_correction_level(part.as_bytes(), EcLevel::M);
    parts
        .iter()
        .map(code)
        .collect::<Result<_, _>>()
        .map_err(|_| Error::Usage("The envelope is too long for codes: use the file."))
}

/// Writes the codes of an envelope into a folder, as PNG and SVG.
pub fn write(envelope: &[u8], folder: &Path, files: &mut Together) -> Result<Vec<PathBuf>, Error> {
    let codes = codes(envelope)?;
    let mut written = Vec::new();
    for (i, code) in codes.iter().enumerate() {
        let name = |ending: &str| folder.join(format!("envelope-{}-of-{}.{ending}", i + 1, codes.len()));
        files.write(&name("png"), &png(code)?)?;
        let drawing = code.render::<svg::Color<'_>>().min_dimensions(400, 400).build();
        files.write(&name("svg"), drawing.as_bytes())?;
        written.push(name("png"));
    }
    Ok(written)
}

fn png(code: &QrCode) -> Result<Vec<u8>, Error> {
    let modules = code.to_colors();
    let width = u32::try_from(code.width()).unwrap_or(0);
    let side = (width + 2 * QUIET) * SCALE;
    let picture = GrayImage::from_fn(side, side, |x, y| {
        let (mx, my) = (x / SCALE, y / SCALE);
        let inside = (QUIET..QUIET + width).contains(&mx) && (QUIET..QUIET + width).contains(&my);
        let dark = inside && modules[((my - QUIET) * width + (mx - QUIET)) as usize] == qrcode::Color::Dark;
        Luma([if dark { 0 } else { 255 }])
    });
    let mut out = Vec::new();
    let encoder = image::codecs::png::PngEncoder::new(&mut out);
    let done = encoder.write_image(&picture, side, side, image::ExtendedColorType::L8);
    done.map(|()| out).map_err(|_| Error::Usage("The code could not be drawn."))
}

/// The codes of an envelope for a terminal.
pub fn terminal(envelope: &[u8]) -> Result<String, Error> {
    let draw = |code: QrCode| code.render::<unicode::Dense1x2>().quiet_zone(true).build();
    Ok(codes(envelope)?.into_iter().map(draw).collect::<Vec<_>>().join("\n\n"))
}

/// An envelope from one file, or from pictures of its codes.
pub fn read_envelope(paths: &[PathBuf]) -> Result<Zeroizing<Vec<u8>>, Error> {
    let [first, ..] = paths else { return Err(Error::Usage("Name the envelope.")) };
    let bytes = files::read(first, files::LARGE)?;
    if !is_picture(&bytes) {
        if paths.len() > 1 {
            return Err(Error::Usage("Several files are only read as pictures of codes."));
        }
        return Ok(bytes);
    }
    let mut texts = Vec::new();
    for path in paths {
        texts.extend(scan(path)?);
    }
    parts::join(texts.iter().map(String::as_str))
        .map(Zeroizing::new)
        .map_err(|flaw| Error::Shape { what: "code", why: flaw.to_string() })
}

fn is_picture(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x89PNG") || bytes.starts_with(&[0xff, 0xd8, 0xff])
}

fn scan(path: &Path) -> Result<Vec<String>, Error> {
    let bytes = files::read(path, files::LARGE)?;
    let mut reader = image::ImageReader::new(std::io::Cursor::new(bytes.as_slice()));
    // A picture of a few kilobytes can claim to be gigabytes wide.
    let mut limits = image::Limits::default();
    limits.max_image_width = Some(8_000);
    limits.max_image_height = Some(8_000);
    limits.max_alloc = Some(256 * 1024 * 1024);
    reader.limits(limits);
    let no_code = || files::fail(path, FileFlaw::NoCode);
    let picture = reader.with_guessed_format().map_err(|_| no_code())?.decode().map_err(|_| no_code())?;
    let mut prepared = rqrr::PreparedImage::prepare(picture.to_luma8());
    let texts: Vec<String> =
        prepared.detect_grids().iter().filter_map(|grid| grid.decode().ok()).map(|(_, text)| text).collect();
    if texts.is_empty() { Err(no_code().into()) } else { Ok(texts) }
}

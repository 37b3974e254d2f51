//! QR codes: made of parts, read from pictures.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use countersign_envelope::parts;
use image::{GrayImage, ImageEncoder as _, Luma};
use qrcode::{Color, EcLevel, QrCode, render::svg};
use zeroize::Zeroizing;

use crate::{
    failure::{Error, FileFlaw},
    files::{self, Together},
};

/// White around a code, in modules (ISO/IEC 18004 asks for four).
const QUIET: u32 = 4;
/// White around a code on a screen, where nothing dark stands close: with four a code would not fit 80 columns.
const QUIET_ON_SCREEN: usize = 3;
/// Pixels per module.
const SCALE: u32 = 6;
/// Codes in one picture: more could not be read from it reliably.
const MOST_ON_A_SHEET: usize = 16;
/// White between two codes, in points: more than is within one.
const GAP: u32 = 8;
/// The smallest code there is has 21 modules.
const SMALLEST: u32 = 21;
/// A picture with more pieces than this is no picture of codes.
const MOST_PIECES: usize = 100;
/// White put around a piece, in points.
const MARGIN: u32 = 24;

const TOO_LONG: Error = Error::Usage("The envelope is too long for codes: use the file.");

fn codes(envelope: &[u8], level: EcLevel) -> Result<Vec<QrCode>, Error> {
    let parts = parts::split(envelope).map_err(|_| TOO_LONG)?;
    parts.iter().map(|part| code(part, level)).collect()
}

fn code(part: &str, level: EcLevel) -> Result<QrCode, Error> {
    QrCode::with_error_correction_level(part.as_bytes(), level).map_err(|_| TOO_LONG)
}

/// Writes the codes of an envelope into a folder, as PNG and SVG.
pub fn write(envelope: &[u8], folder: &Path, files: &mut Together) -> Result<Vec<PathBuf>, Error> {
    let codes = codes(envelope, EcLevel::M)?;
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
    picture(core::slice::from_ref(code))
}

/// All codes of a document in one picture, row by row.
pub(crate) fn sheet(document: &[u8]) -> Result<Vec<u8>, Error> {
    let codes = codes(document, EcLevel::M)?;
    if codes.len() > MOST_ON_A_SHEET {
        return Err(Error::Usage("This is too long for one picture of codes: name a file or a text."));
    }
    picture(&codes)
}

/// One code that says a text: an address, which is short.
pub(crate) fn of_text(text: &str) -> Result<Zeroizing<Vec<u8>>, Error> {
    png(&code(text, EcLevel::M)?).map(Zeroizing::new)
}

fn picture(codes: &[QrCode]) -> Result<Vec<u8>, Error> {
    let side = codes.iter().map(QrCode::width).max().map_or(0, |width| (width as u32 + 2 * QUIET) * SCALE);
    let columns = (1..).find(|n| n * n >= codes.len()).unwrap_or(1);
    let rows = codes.len().div_ceil(columns);
    let mut picture = GrayImage::from_pixel(side * columns as u32, side * rows as u32, Luma([255]));
    for (i, code) in codes.iter().enumerate() {
        draw(&mut picture, code, (i % columns) as u32 * side, (i / columns) as u32 * side);
    }
    let mut out = Vec::new();
    let encoder = image::codecs::png::PngEncoder::new(&mut out);
    let (width, height) = picture.dimensions();
    let done = encoder.write_image(&picture, width, height, image::ExtendedColorType::L8);
    done.map(|()| out).map_err(|_| Error::Usage("The code could not be drawn."))
}

fn draw(picture: &mut GrayImage, code: &QrCode, left: u32, top: u32) {
    let width = code.width();
    for (at, color) in code.to_colors().into_iter().enumerate() {
        if color != Color::Dark {
            continue;
        }
        let (x, y) = ((at % width) as u32 + QUIET, (at / width) as u32 + QUIET);
        for (dx, dy) in (0..SCALE).flat_map(|dy| (0..SCALE).map(move |dx| (dx, dy))) {
            picture.put_pixel(left + x * SCALE + dx, top + y * SCALE + dy, Luma([0]));
        }
    }
}

/// The codes of an envelope for a terminal, two rows of a code in one of text. A screen has no stains: the lowest
/// correction does, and keeps a code within [`columns`].
pub fn terminal(envelope: &[u8]) -> Result<String, Error> {
    Ok(codes(envelope, EcLevel::L)?.iter().map(blocks).collect::<Vec<_>>().join("\n\n"))
}

/// How many columns the widest code in a terminal takes: one whose part is full.
pub fn columns() -> Result<usize, Error> {
    Ok(terminal(&[0xff; parts::BYTES])?.lines().map(|line| line.chars().count()).max().unwrap_or(0))
}

fn blocks(code: &QrCode) -> String {
    let (width, colors) = (code.width(), code.to_colors());
    let dark = |x: usize, y: usize| {
        let (x, y) = (x.checked_sub(QUIET_ON_SCREEN), y.checked_sub(QUIET_ON_SCREEN));
        let at = x.zip(y).filter(|(x, _)| *x < width).map(|(x, y)| y * width + x);
        at.and_then(|at| colors.get(at)).is_some_and(|color| *color == Color::Dark)
    };
    let side = width + 2 * QUIET_ON_SCREEN;
    let block = |x, y| match (dark(x, y), dark(x, y + 1)) {
        (false, false) => '█',
        (false, true) => '▀',
        (true, false) => '▄',
        (true, true) => ' ',
    };
    let row = |y| (0..side).map(|x| block(x, y)).collect::<String>();
    (0..side).step_by(2).map(row).collect::<Vec<_>>().join("\n")
}

/// Whether these bytes are a picture this reads.
pub(crate) fn is_picture(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x89PNG") || bytes.starts_with(&[0xff, 0xd8, 0xff])
}

/// The texts of the codes in a picture.
pub(crate) fn scan(path: &Path, bytes: &[u8]) -> Result<Vec<String>, Error> {
    let no_code = || files::fail(path, FileFlaw::NoCode);
    let mut reader = image::ImageReader::new(std::io::Cursor::new(bytes));
    // A picture of a few kilobytes can claim to be gigabytes wide.
    let mut limits = image::Limits::default();
    limits.max_image_width = Some(8_000);
    limits.max_image_height = Some(8_000);
    limits.max_alloc = Some(256 * 1024 * 1024);
    reader.limits(limits);
    let picture = reader.with_guessed_format().map_err(|_| no_code())?.decode().map_err(|_| no_code())?;
    let texts = texts(picture.to_luma8());
    if texts.is_empty() { Err(no_code().into()) } else { Ok(texts) }
}

/// The same in a picture that is in memory: `rgba` holds four bytes for each of `width` times `height` points.
pub(crate) fn scan_rgba(width: u32, height: u32, rgba: Vec<u8>) -> Vec<String> {
    let picture = image::RgbaImage::from_raw(width, height, rgba);
    picture.map(|picture| texts(image::DynamicImage::from(picture).to_luma8())).unwrap_or_default()
}

fn texts(picture: GrayImage) -> Vec<String> {
    let read = |picture: GrayImage| -> Vec<String> {
        let mut prepared = rqrr::PreparedImage::prepare(picture);
        prepared.detect_grids().iter().filter_map(|grid| grid.decode().ok()).map(|(_, text)| text).collect()
    };
    // Corners of neighbouring codes are easily taken for one code: where white runs between them, each is read alone.
    let mut all: Vec<String> = pieces(&picture).into_iter().flat_map(read).collect();
    all.extend(read(picture));
    let mut seen = BTreeSet::new();
    all.retain(|text| seen.insert(text.clone()));
    all
}

/// The parts of a picture between which white runs from edge to edge, first from left to right, then from top to bottom.
fn pieces(picture: &GrayImage) -> Vec<GrayImage> {
    let (width, height) = picture.dimensions();
    let dark = |x: u32, y: u32| picture.get_pixel(x, y).0[0] < 128;
    let mut pieces = Vec::new();
    for (top, bottom) in bands(height, |y| (0..width).any(|x| dark(x, y))) {
        for (left, right) in bands(width, |x| (top..bottom).any(|y| dark(x, y))) {
            let (wide, high) = (right - left, bottom - top);
            if wide.min(high) < SMALLEST || pieces.len() >= MOST_PIECES {
                continue;
            }
            // With the white around it that a reader looks for.
            let mut piece = GrayImage::from_pixel(wide + 2 * MARGIN, high + 2 * MARGIN, Luma([255]));
            let view = image::imageops::crop_imm(picture, left, top, wide, high);
            image::imageops::replace(&mut piece, &*view, MARGIN.into(), MARGIN.into());
            pieces.push(piece);
        }
    }
    pieces
}

/// From where to where lines are dark, with no white between them that is as wide as the one between two codes.
fn bands(length: u32, dark: impl Fn(u32) -> bool) -> Vec<(u32, u32)> {
    let mut bands: Vec<(u32, u32)> = Vec::new();
    for line in (0..length).filter(|line| dark(*line)) {
        match bands.last_mut() {
            Some((_, end)) if line - *end < GAP => *end = line + 1,
            _ => bands.push((line, line + 1)),
        }
    }
    bands
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a camera would see of a terminal: letters light, what is between them dark, each module six points wide.
    fn photographed(screen: &str) -> GrayImage {
        let rows: Vec<Vec<char>> = screen.lines().map(|line| line.chars().collect()).collect();
        let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
        GrayImage::from_fn(columns as u32 * SCALE, rows.len() as u32 * 2 * SCALE, |x, y| {
            let (column, half) = ((x / SCALE) as usize, (y / SCALE) as usize);
            let lit = match rows[half / 2].get(column) {
                Some('█') | None => true,
                Some('▀') => half % 2 == 0,
                Some('▄') => half % 2 == 1,
                Some(_) => false,
            };
            Luma([if lit { 255 } else { 0 }])
        })
    }

    #[test]
    fn codes_in_a_terminal_are_read_again_and_fit_eighty_columns() {
        let envelope: Vec<u8> = (0..2_600u32).map(|i| (i * 7 % 251) as u8).collect();
        let screen = terminal(&envelope).expect("codes");
        let widest = screen.lines().map(|line| line.chars().count()).max();
        assert!(widest <= Some(columns().expect("a width")), "what is asked for is enough: {widest:?}");
        assert!(columns().expect("a width") <= 80, "a usual terminal does");
        let codes: Vec<String> = screen.split("\n\n").flat_map(|code| texts(photographed(code))).collect();
        let read = parts::join(codes.iter().map(String::as_str)).expect("all parts");
        assert_eq!(read, envelope, "what was shown is what was sealed");
    }
}

//! Heads of requests, byte by byte before the parser has them: where they end, and what would let two servers read one in
//! two ways.

/// The lines that say where a body ends. A head has one of them at most.
const FRAMING: [&[u8]; 2] = [b"content-length", b"transfer-encoding"];
/// The longest of their names, and one more.
const NAME: usize = 18;

/// Finds the end of a head.
#[derive(Debug, Default)]
pub(super) struct Scan {
    last: u8,
    /// How much of CR LF CR LF was seen.
    matched: u8,
    begun: bool,
    /// The line so far, in small letters.
    name: [u8; NAME],
    /// How long it is, until its colon.
    length: Option<usize>,
    framed: bool,
}

impl Scan {
    /// How many of these bytes belong to the head, and whether it ends with them. A line that ends in LF alone, and one
    /// that says once more where the body ends, is spoilt with a byte that no head may have: the parser refuses it.
    pub(super) fn judge(&mut self, bytes: &mut [u8]) -> (usize, bool) {
        for (at, byte) in bytes.iter_mut().enumerate() {
            let last = core::mem::replace(&mut self.last, *byte);
            if self.frames_again(*byte) {
                *byte = 0;
            }
            // Empty lines before a request belong to no head.
            self.begun |= !matches!(*byte, b'\r' | b'\n');
            match *byte {
                b'\n' if last != b'\r' => {
                    *byte = 0;
                    self.matched = 0;
                }
                b'\n' => self.matched += 1,
                b'\r' => self.matched = if self.matched == 2 { 3 } else { 1 },
                _ => self.matched = 0,
            }
            if !self.begun {
                self.matched = 0;
            }
            if self.matched == 4 {
                return (at + 1, true);
            }
        }
        (bytes.len(), false)
    }

    /// Whether there was more than empty lines.
    pub(super) fn has_begun(&self) -> bool {
        self.begun
    }

    /// Whether a line that says where the body ends has its name with this byte, and is not the first.
    fn frames_again(&mut self, byte: u8) -> bool {
        match (byte, self.length) {
            (b'\n', _) => self.length = Some(0),
            (b':', Some(length)) => {
                self.length = None;
                let frames = self.name.get(..length).is_some_and(|name| FRAMING.contains(&name));
                let again = self.framed && frames;
                self.framed |= frames;
                return again;
            }
            (_, Some(length)) => {
                if let Some(place) = self.name.get_mut(length) {
                    *place = byte.to_ascii_lowercase();
                }
                self.length = Some(length + 1);
            }
            (_, None) => {}
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(pieces: &[&str]) -> (Vec<usize>, bool, String) {
        let mut scan = Scan::default();
        let (mut counts, mut over, mut shown) = (Vec::new(), false, String::new());
        for piece in pieces {
            let mut bytes = piece.as_bytes().to_vec();
            let (count, ended) = scan.judge(&mut bytes);
            counts.push(count);
            over = ended;
            shown.push_str(&String::from_utf8_lossy(&bytes));
        }
        (counts, over, shown)
    }

    #[test]
    fn a_head_ends_with_an_empty_line_wherever_it_is_cut() {
        let whole = "GET / HTTP/1.1\r\nhost: a\r\n\r\nrest";
        let end = whole.len() - 4;
        for cut in 1..end {
            let (before, behind) = whole.split_at(cut);
            let (counts, over, shown) = judged(&[before, behind]);
            assert_eq!((counts.as_slice(), over), ([cut, end - cut].as_slice(), true), "cut at {cut}");
            assert_eq!(shown, whole, "nothing was spoilt");
        }
    }

    #[test]
    fn empty_lines_before_a_head_do_not_end_it() {
        let (counts, over, _) = judged(&["\r\n\r\n\r\n", "GET / HTTP/1.1\r\n\r\n"]);
        assert_eq!(
            (counts, over),
            (vec![6, 18], true),
            "they are handed on, and the head ends where it ends"
        );
    }

    #[test]
    fn a_line_that_ends_in_lf_alone_is_spoilt() {
        for head in ["GET / HTTP/1.1\nhost: a\r\n", "GET / HTTP/1.1\r\nx: a\n\n", "\nGET /", "a\r\r\nb\n"] {
            let (_, over, shown) = judged(&[head]);
            assert!(shown.contains('\0') && !over, "{head:?} became {shown:?}");
        }
        let (_, over, _) = judged(&["GET / HTTP/1.1\r\nx: a\r\n\n"]);
        assert!(!over, "and such a line ends no head");
    }

    #[test]
    fn what_says_once_more_where_the_body_ends_is_spoilt() {
        for second in
            ["Content-Length: 5", "content-length:5", "TRANSFER-ENCODING: chunked", "transfer-encoding:"]
        {
            for first in ["content-length: 5", "Transfer-Encoding: chunked"] {
                let head = format!("POST / HTTP/1.1\r\n{first}\r\nx: y\r\n{second}\r\n\r\n");
                let (_, over, shown) = judged(&[&head]);
                assert!(over && shown.contains('\0'), "{head:?} became {shown:?}");
            }
        }
        for plain in ["x-content-length: 5", "content-lengthy: 5", "x: content-length: 5", "content-length 5"]
        {
            let head = format!("POST / HTTP/1.1\r\ncontent-length: 5\r\n{plain}\r\n\r\n");
            assert_eq!(judged(&[&head]).2, head, "nothing was spoilt");
        }
    }
}

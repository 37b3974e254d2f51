//! Every small change of some bytes, every other spelling of them, and the one checker that counts what passes.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// What became of many attempts.
pub(crate) struct Survey {
    name: String,
    tried: usize,
    accepted: Vec<String>,
    panicked: Vec<String>,
}

impl Survey {
    /// Nothing tried yet.
    pub(crate) fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), tried: 0, accepted: Vec::new(), panicked: Vec::new() }
    }

    /// Judges one attempt; `what` names it when it was accepted or panicked.
    pub(crate) fn attempt(&mut self, what: impl FnOnce() -> String, judge: impl FnOnce() -> bool) {
        self.tried += 1;
        match catch_unwind(AssertUnwindSafe(judge)) {
            Ok(false) => {}
            Ok(true) => self.accepted.push(what()),
            Err(_) => self.panicked.push(what()),
        }
    }

    /// Every change and every other spelling of these bytes.
    pub(crate) fn of(name: &str, original: &[u8], judge: impl Fn(&[u8]) -> bool) -> Self {
        let mut survey = Self::new(name);
        assert!(judge(original), "{name}: unchanged it is accepted, or nothing here means anything");
        each_change(original, |change, bytes| survey.attempt(|| format!("{change:?}"), || judge(bytes)));
        for (spelling, bytes) in spellings(original) {
            survey.attempt(|| spelling, || judge(&bytes));
        }
        survey
    }

    /// Takes over what another one counted.
    pub(crate) fn add(&mut self, other: Self) {
        self.tried += other.tried;
        self.accepted.extend(other.accepted);
        self.panicked.extend(other.panicked);
    }

    /// How many attempts were accepted or ended in a panic.
    pub(crate) fn passed(&self) -> usize {
        self.accepted.len() + self.panicked.len()
    }

    /// What was accepted.
    pub(crate) fn accepted(&self) -> &[String] {
        &self.accepted
    }

    /// Fails unless all of at least `least` attempts were refused.
    pub(crate) fn assert_all_refused(&self, least: usize) {
        println!(
            "{}: {} tried, {} accepted, {} panics",
            self.name,
            self.tried,
            self.accepted.len(),
            self.panicked.len()
        );
        let some = |list: &[String]| list.iter().take(5).cloned().collect::<Vec<_>>();
        assert_eq!(some(&self.panicked), Vec::<String>::new(), "{}: nothing panics", self.name);
        assert_eq!(some(&self.accepted), Vec::<String>::new(), "{}: nothing changed is accepted", self.name);
        assert!(self.tried >= least, "{}: only {} attempts of {least} were made", self.name, self.tried);
    }
}

/// One small change.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Change {
    /// This bit of this byte.
    Flip { byte: usize, bit: u8 },
    /// This byte is missing.
    Delete { byte: usize },
    /// Before this byte stands another.
    Insert { byte: usize, value: u8 },
    /// This byte stands twice.
    Double { byte: usize },
    /// This byte and the next change places.
    Swap { byte: usize },
    /// Only so many bytes are left.
    Truncate { left: usize },
    /// So many bytes of this value follow.
    Append { count: usize, value: u8 },
}

impl Change {
    fn apply(self, bytes: &mut Vec<u8>) {
        match self {
            Self::Flip { byte, bit } => bytes[byte] ^= 1 << bit,
            Self::Delete { byte } => _ = bytes.remove(byte),
            Self::Insert { byte, value } => bytes.insert(byte, value),
            Self::Double { byte } => bytes.insert(byte, bytes[byte]),
            Self::Swap { byte } => bytes.swap(byte, byte + 1),
            Self::Truncate { left } => bytes.truncate(left),
            Self::Append { count, value } => bytes.resize(bytes.len() + count, value),
        }
    }
}

/// Heads, breaks and ends that mean something to CBOR; all values when there is time.
fn inserted() -> Vec<u8> {
    if crate::soak() { (0..=255).collect() } else { vec![0x00, 0x18, 0x40, 0x58, 0xa0, 0xf6, 0xff] }
}

/// Calls `each` with every small change whose result differs from the original.
pub(crate) fn each_change(original: &[u8], mut each: impl FnMut(Change, &[u8])) {
    let mut work = Vec::with_capacity(original.len() + 16);
    let mut visit = |change: Change| {
        work.clear();
        work.extend_from_slice(original);
        change.apply(&mut work);
        if work != original {
            each(change, &work);
        }
    };
    let values = inserted();
    for byte in 0..original.len() {
        (0..8).for_each(|bit| visit(Change::Flip { byte, bit }));
        values.iter().for_each(|value| visit(Change::Insert { byte, value: *value }));
        visit(Change::Delete { byte });
        visit(Change::Double { byte });
        visit(Change::Truncate { left: byte });
        if byte + 1 < original.len() {
            visit(Change::Swap { byte });
        }
    }
    for value in values {
        [1, 2, 8].into_iter().for_each(|count| visit(Change::Append { count, value }));
    }
}

/// One head of the outermost structure: where it stands, its own length, its major type and argument.
struct HeadAt {
    at: usize,
    len: usize,
    major: u8,
    value: u64,
}

/// The heads of an item, without those inside its byte strings.
fn heads(bytes: &[u8]) -> Vec<HeadAt> {
    let (mut found, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let (major, short) = (bytes[at] >> 5, bytes[at] & 0x1f);
        let wide = if short < 24 { 0 } else { 1usize << (short - 24) };
        let value = bytes[at + 1..=at + wide].iter().fold(0, |sum, b| sum << 8 | u64::from(*b));
        let value = if wide == 0 { u64::from(short) } else { value };
        found.push(HeadAt { at, len: 1 + wide, major, value });
        at += 1 + wide + if matches!(major, 2 | 3) { value as usize } else { 0 };
    }
    found
}

/// The same data written otherwise, as a careless reader would take it.
fn spellings(original: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut all = vec![
        ("self-described".to_owned(), [&[0xd9, 0xd9, 0xf7], original].concat()),
        (
            "in a byte string".to_owned(),
            [&[0x59, (original.len() >> 8) as u8, original.len() as u8], original].concat(),
        ),
        ("without its tag".to_owned(), original[heads(original)[0].len..].to_vec()),
        ("twice".to_owned(), [original, original].concat()),
    ];
    for head in heads(original) {
        let (before, after) = (&original[..head.at], &original[head.at + head.len..]);
        for (short, width) in [(24u8, 1), (25, 2), (26, 4), (27, 8)] {
            if width + 1 > head.len {
                let argument = &head.value.to_be_bytes()[8 - width..];
                let wider = [before, &[head.major << 5 | short], argument, after].concat();
                all.push((format!("head at {} over {width} bytes", head.at), wider));
            }
        }
        let name = format!("item at {} of indefinite length", head.at);
        match head.major {
            2 => {
                let len = head.value as usize;
                let (string, rest) = after.split_at(len);
                let chunk = &original[head.at..head.at + head.len];
                all.push((name, [before, &[0x5f], chunk, string, &[0xff], rest].concat()));
            }
            5 if head.value == 0 => {
                all.push((name, [before, &[0xbf, 0xff], after].concat()));
                all.push((
                    format!("a header in the map at {}", head.at),
                    [before, &[0xa1, 0x0a, 0x00], after].concat(),
                ));
                all.push((
                    format!("crit in the map at {}", head.at),
                    [before, &[0xa1, 0x02, 0x81, 0x0a], after].concat(),
                ));
            }
            4 if head.at <= 2 => all.push((name, [before, &[0x9f], after, &[0xff]].concat())),
            _ => {}
        }
    }
    all
}

//! The message that a person sends on with a link. It holds the secret: it goes to the clipboard or into a file, never to a
//! page.

use std::path::Path;

use countersign_app::desk::LinkRelease;
use zeroize::Zeroizing;

use crate::{exports::time, failure::Error, paper::Language, qr};

/// What stands in a file of this name: the message; in `.png` the address of the page alone, as one code.
pub fn dress(
    path: &Path,
    language: Language,
    organisation: &str,
    link: &LinkRelease,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    if path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("png")) {
        return qr::of_text(&link.https);
    }
    Ok(Zeroizing::new(message(language, organisation, link).as_bytes().to_vec()))
}

/// Both forms of the address, and what to do with them.
pub fn message(language: Language, organisation: &str, link: &LinkRelease) -> Zeroizing<String> {
    let until = time(link.expires.0);
    let words = match language {
        Language::English => ENGLISH,
        Language::German => GERMAN,
    };
    let [sealed, paste, ends, warning] = words;
    let parts = [organisation, sealed, &link.https, paste, &link.app, ends, &until, warning];
    // Room for all of it at once: a buffer that grows leaves copies behind.
    let mut text = Zeroizing::new(String::with_capacity(parts.iter().map(|part| part.len()).sum()));
    parts.iter().for_each(|part| text.push_str(part));
    text
}

const ENGLISH: [&str; 4] = [
    " has sealed an API key for you. Only the profile that asked for it can open it.\n\nOpen this address, and press the button there:\n\n  ",
    "\n\nOr paste this one into the application, or into 'countersign envelope open':\n\n  ",
    "\n\nIt opens until ",
    ". Send it to nobody else. If the address was changed on its way (%23 stands where # belongs),\ndo not repair it: ask for a new delivery.\n",
];

const GERMAN: [&str; 4] = [
    " hat einen API-Schlüssel für Sie versiegelt. Nur das Profil, das ihn beantragt hat, kann ihn öffnen.\n\nÖffnen Sie diese Adresse und drücken Sie dort auf die Schaltfläche:\n\n  ",
    "\n\nOder fügen Sie diese in die Anwendung ein, oder in »countersign envelope open«:\n\n  ",
    "\n\nZu öffnen bis ",
    ". Schicken Sie sie sonst niemandem. Wurde die Adresse unterwegs verändert (statt # steht %23 darin),\nreparieren Sie sie nicht: Bitten Sie um eine neue Zustellung.\n",
];

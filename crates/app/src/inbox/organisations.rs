//! Pinned organisations. The root is typed once, read over the telephone; later cards follow it.

use countersign_contract::{CardView, PinView};
use countersign_documents::{
    Blob, Digest, Flag, Rejected, Time,
    card::{Card, VerifiedCard},
    decode, encode,
    fingerprint::Typed,
    id::OrganisationId,
    record,
    text::Line,
};
use countersign_ports::{Table, Write};

use super::Inbox;
use crate::{
    error::{Error, Result},
    ids::resolve,
};

record! {
    /// A pinned organisation.
    pub struct Pin {
        /// Which.
        1 => organisation: OrganisationId,
        /// Digest of version 1 of its root.
        2 => root: Digest,
        /// The newest card, a complete document.
        3 => card: Blob,
        /// Whether a person typed the fingerprint at a terminal or window.
        4 => attended: Flag,
        /// When it was pinned.
        5 => pinned: Time,
        /// Where the number called came from.
        6 => source: Line,
    }
}

impl Pin {
    fn row(organisation: OrganisationId) -> String {
        format!("organisation/{organisation}")
    }

    /// Its root and what its newest card says, whether that has ended or not.
    pub(crate) fn read(&self) -> Result<VerifiedCard> {
        Card::verify_ended(&self.card.0, Some(self.root)).map_err(Error::rejected("card"))
    }

    /// Its card, which must be valid now: what is sent is sealed to the key it names.
    pub(crate) fn verified(&self, now: Time) -> Result<VerifiedCard> {
        Card::verify(&self.card.0, Some(self.root), now).map_err(Error::rejected("card"))
    }
}

impl Inbox {
    /// Whether this card follows from what is pinned here: then no fingerprint need be typed. A root that the offline
    /// keys brought about does not follow: it is compared like the first.
    pub async fn knows(&self, card: &[u8]) -> Result<bool> {
        let verified = Card::verify(card, None, self.now()?).map_err(Error::rejected("card"))?;
        let known = self.pinned(verified.card.organisation).await?;
        Ok(known.is_some_and(|pin| pin.root == verified.trust.pinned))
    }

    async fn pinned(&self, organisation: OrganisationId) -> Result<Option<Pin>> {
        let bytes = self.vault.get(Table::Pins, &Pin::row(organisation)).await?;
        bytes.map(|b| decode(&b).map_err(|_| Error::BadSnapshot)).transpose()
    }

    /// What a card says of itself, before anybody vouched for it.
    pub async fn inspect_card(&self, card: &[u8]) -> Result<CardView> {
        let known = self.knows(card).await?;
        let verified = Card::verify(card, None, self.now()?).map_err(Error::rejected("card"))?;
        Ok(CardView { name: verified.card.name.to_string(), expires: verified.card.expires.0, known })
    }

    /// Pins an organisation by the fingerprint that was typed, or follows a pinned one to its newer card.
    pub async fn pin(
        &self,
        card: &[u8],
        typed: Option<&str>,
        source: Option<&str>,
        attended: bool,
    ) -> Result<PinView> {
        let now = self.now()?;
        let verified = Card::verify(card, None, now).map_err(Error::rejected("card"))?;
        let known = self.pinned(verified.card.organisation).await?;
        if let Some(known) = &known {
            check_follows(&known.read()?, &verified)?;
        }
        let pin = match known {
            Some(known) if known.root == verified.trust.pinned => Pin { card: Blob(card.to_vec()), ..known },
            _ => {
                self.own.about.check_sample(verified.trust.root.sample)?;
                match verified.trust.fingerprint().compare(typed.ok_or(Error::FingerprintIncomplete)?) {
                    Typed::Same => {}
                    Typed::Different => return Err(Error::FingerprintDiffers),
                    Typed::Incomplete => return Err(Error::FingerprintIncomplete),
                }
                let source = source.ok_or(Error::Value(
                    "Say with --source where the number you called came from: never from the card or its sender.",
                ))?;
                Pin {
                    organisation: verified.card.organisation,
                    root: verified.trust.pinned,
                    card: Blob(card.to_vec()),
                    attended: Flag(attended),
                    pinned: now,
                    source: Line::parse(source).map_err(Error::text("source"))?,
                }
            }
        };
        let row = Pin::row(pin.organisation);
        self.vault.write(&[Write::Put(Table::Pins, &row, &encode(&pin))]).await?;
        self.raise_highest(verified.card.made).await?;
        Ok(view(&pin, &verified))
    }

    /// All pinned organisations.
    pub async fn organisations(&self) -> Result<Vec<PinView>> {
        let mut views = Vec::new();
        for pin in self.pins().await? {
            views.push(view(&pin, &pin.read()?));
        }
        Ok(views)
    }

    pub(crate) async fn pins(&self) -> Result<Vec<Pin>> {
        let mut pins = Vec::new();
        for row in self.vault.ids(Table::Pins).await? {
            if row.starts_with("organisation/")
                && let Some(bytes) = self.vault.get(Table::Pins, &row).await?
            {
                pins.push(decode::<Pin>(&bytes).map_err(|_| Error::BadSnapshot)?);
            }
        }
        Ok(pins)
    }

    /// The pinned organisation with an id that begins like that; the only one where none is named.
    pub async fn organisation(&self, typed: Option<&str>) -> Result<Pin> {
        let mut pins = self.pins().await?;
        let id = match typed {
            Some(typed) => resolve("organisation", typed, pins.iter().map(|p| p.organisation))?,
            None => match pins.as_slice() {
                [one] => one.organisation,
                [] => return Err(Error::Value("No organisation is pinned yet: 'card pin' does it.")),
                _ => return Err(Error::Ambiguous { what: "organisation" }),
            },
        };
        pins.retain(|p| p.organisation == id);
        pins.pop().ok_or(Error::NotFound { what: "organisation" })
    }
}

/// What was followed once stays: no older card, and no other history of the root, which two retired certifying keys
/// could draw up.
fn check_follows(before: &VerifiedCard, after: &VerifiedCard) -> Result<()> {
    if after.trust.root.version < before.trust.root.version
        || (after.trust.extends(&before.trust) && after.card.version < before.card.version)
    {
        return Err(Error::Value("This card is older than the one that is pinned."));
    }
    if after.trust.extends(&before.trust) {
        Ok(())
    } else {
        Err(Error::Rejected { what: "card", why: Rejected::WrongOrganisation })
    }
}

fn view(pin: &Pin, verified: &VerifiedCard) -> PinView {
    let services = verified.card.catalogue.services.iter();
    let offer = |s: &countersign_documents::catalogue::Service| {
        let environments = s.environments.iter().map(|e| e.id.to_string()).collect::<Vec<_>>().join(", ");
        let scopes = s.scopes.iter().map(|s| s.name.to_string()).collect::<Vec<_>>().join(", ");
        format!("{} ({}): {environments}; scopes {scopes}", s.id, s.name)
    };
    PinView {
        id: pin.organisation.to_string(),
        name: verified.card.name.to_string(),
        card_expires: verified.card.expires.0,
        attended: pin.attended.0,
        offers: services.map(offer).collect(),
        questions: verified
            .card
            .catalogue
            .questions
            .iter()
            .map(|q| (q.id.to_string(), q.text.to_string()))
            .collect(),
    }
}

//! Pinned organisations. The root is typed once, read over the telephone; later cards follow it.

use countersign_contract::{CardView, OfferedEnvironment, OfferedScope, OfferedService, PinView};
use countersign_documents::{
    Blob, Digest, Flag, Rejected, Time,
    card::{Card, VerifiedCard},
    catalogue::{Endpoint, Environment, Scope, Service},
    decode, encode,
    grant::Channel,
    id::OrganisationId,
    record,
    relay::Invitation,
    text::Line,
};
use countersign_ports::{Table, Write};

use super::Inbox;
use crate::{
    desk::Heard,
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
        /// Over which channel it was heard. Nothing where it was pinned before this was kept.
        7 => channel?: Channel,
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

/// Where the ticket of an organisation's invitation lies.
pub(super) fn ticket_row(organisation: &OrganisationId) -> String {
    format!("ticket/{organisation}")
}

/// Where the seed of its key lies.
pub(super) fn seed_row(organisation: &OrganisationId) -> String {
    format!("ticket-seed/{organisation}")
}

/// The row that says that the organisation's relay knows this identity.
pub(super) fn known_row(organisation: &OrganisationId) -> String {
    format!("known/{organisation}")
}

/// A card, alone or within an invitation.
struct Offered {
    card: Vec<u8>,
    invitation: Option<Invitation>,
}

impl Offered {
    fn read(bytes: &[u8]) -> Self {
        match Invitation::parse(bytes) {
            Some(invitation) => Self { card: invitation.card.clone(), invitation: Some(invitation) },
            None => Self { card: bytes.to_vec(), invitation: None },
        }
    }

    /// A ticket that the relay of this card would take.
    fn check(&self, verified: &VerifiedCard, now: Time) -> Result<()> {
        let Some(invitation) = &self.invitation else { return Ok(()) };
        invitation.check_ticket(verified, now).map_err(Error::rejected("invitation"))?;
        Ok(())
    }
}

impl Inbox {
    /// Whether this card follows from what is pinned here: then no fingerprint need be typed. A root that the offline
    /// keys brought about does not follow: it is compared like the first.
    pub async fn knows(&self, card: &[u8]) -> Result<bool> {
        let verified =
            Card::verify(&Offered::read(card).card, None, self.now()?).map_err(Error::rejected("card"))?;
        let known = self.pinned(verified.card.organisation).await?;
        Ok(known.is_some_and(|pin| pin.root == verified.trust.pinned))
    }

    async fn pinned(&self, organisation: OrganisationId) -> Result<Option<Pin>> {
        let bytes = self.vault.get(Table::Pins, &Pin::row(organisation)).await?;
        bytes.map(|b| decode(&b).map_err(|_| Error::BadSnapshot)).transpose()
    }

    /// What a card, or the one in an invitation, says of itself, before anybody vouched for it.
    pub async fn inspect_card(&self, card: &[u8]) -> Result<CardView> {
        let offered = Offered::read(card);
        let known = self.knows(&offered.card).await?;
        let verified = Card::verify(&offered.card, None, self.now()?).map_err(Error::rejected("card"))?;
        offered.check(&verified, self.now()?)?;
        Ok(CardView { name: verified.card.name.to_string(), expires: verified.card.expires.0, known })
    }

    /// Pins an organisation by the fingerprint that was typed, or follows a pinned one to its newer card. Of an invitation the
    /// right to write through the relay is kept with it.
    pub async fn pin(&self, card: &[u8], heard: Option<&Heard<'_>>) -> Result<PinView> {
        let now = self.now()?;
        let offered = Offered::read(card);
        let card = offered.card.as_slice();
        let verified = Card::verify(card, None, now).map_err(Error::rejected("card"))?;
        offered.check(&verified, now)?;
        verified.card.name.check_scripts().map_err(Error::text("name"))?;
        let known = self.pinned(verified.card.organisation).await?;
        if let Some(known) = &known {
            check_follows(&known.read()?, &verified)?;
        }
        let pin = match known {
            Some(known) if known.root == verified.trust.pinned => Pin { card: Blob(card.to_vec()), ..known },
            _ => {
                self.own.about.check_sample(verified.trust.root.sample)?;
                let heard = heard.ok_or(Error::FingerprintIncomplete)?;
                let comparison = heard.compare(verified.trust.pinned, now)?;
                Pin {
                    organisation: verified.card.organisation,
                    root: verified.trust.pinned,
                    card: Blob(card.to_vec()),
                    attended: comparison.attended,
                    pinned: comparison.time,
                    source: comparison.source,
                    channel: Some(comparison.channel),
                }
            }
        };
        let (row, bytes) = (Pin::row(pin.organisation), encode(&pin));
        let (ticket, seed) = (ticket_row(&pin.organisation), seed_row(&pin.organisation));
        let mut batch = vec![Write::Put(Table::Pins, &row, &bytes)];
        if let Some(invitation) = &offered.invitation {
            batch.push(Write::Put(Table::Pins, &ticket, &invitation.ticket));
            batch.push(Write::Put(Table::Pins, &seed, invitation.seed.expose()));
        }
        self.vault.write(&batch).await?;
        self.raise_highest(verified.card.made).await?;
        Ok(view(&pin, &verified))
    }

    /// Whether a card of a pinned organisation is newer than the pinned one; what cannot be read is not.
    pub(super) fn is_newer(&self, card: &[u8], pin: &Pin) -> Result<bool> {
        let before = pin.read()?;
        let Ok(after) = Card::verify(card, None, self.now()?) else { return Ok(false) };
        let versions = |v: &VerifiedCard| (v.trust.root.version, v.card.version);
        Ok(after.card.organisation == pin.organisation && versions(&after) > versions(&before))
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
    let catalogue = &verified.card.catalogue;
    let offer = |s: &Service| {
        let environments = s.environments.iter().map(|e| e.id.to_string()).collect::<Vec<_>>().join(", ");
        let scopes = s.scopes.iter().map(|s| s.name.to_string()).collect::<Vec<_>>().join(", ");
        format!("{} ({}): {environments}; scopes {scopes}", s.id, s.name)
    };
    PinView {
        id: pin.organisation.to_string(),
        name: verified.card.name.to_string(),
        card_expires: verified.card.expires.0,
        attended: pin.attended.0,
        compared: pin.pinned.0,
        channel: pin.channel.map(|channel| channel.to_string()),
        source: pin.source.to_string(),
        offers: catalogue.services.iter().map(offer).collect(),
        services: catalogue.services.iter().map(offered).collect(),
        questions: catalogue.questions.iter().map(|q| (q.id.to_string(), q.text.to_string())).collect(),
    }
}

fn offered(service: &Service) -> OfferedService {
    let environment = |e: &Environment| OfferedEnvironment {
        id: e.id.to_string(),
        class: e.class.to_string(),
        base_url: e.base_url.to_string(),
        longest_days: e.longest_days,
    };
    let scope = |s: &Scope| OfferedScope {
        name: s.name.to_string(),
        class: s.class.to_string(),
        endpoints: s.endpoints.iter().map(endpoint).collect(),
    };
    OfferedService {
        id: service.id.to_string(),
        name: service.name.to_string(),
        text: service.text.as_ref().map(|text| text.to_string()),
        environments: service.environments.iter().map(environment).collect(),
        scopes: service.scopes.iter().map(scope).collect(),
    }
}

/// `GET HEAD /v1/orders/*`.
fn endpoint(endpoint: &Endpoint) -> String {
    let methods = endpoint.methods.iter().map(|m| m.to_string()).collect::<Vec<_>>().join(" ");
    format!("{methods} {}", endpoint.path.as_str())
}

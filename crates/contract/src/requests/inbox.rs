//! What a partner does.

use serde::{Deserialize, Serialize};

use super::{HeardFingerprint, Incoming, SaveForm};

requests! {
    /// Which form is being filled in.
    DraftOf {
        /// The request that it revises; none for a new one.
        revises: Option<String>,
        /// The key that it renews.
        renews: Option<String>,
    }
    /// Pins an organisation.
    PinCard {
        /// The card.
        card: Incoming,
        /// Its fingerprint; none for a pinned one's newer card.
        heard: Option<HeardFingerprint>,
    }
    /// What a contact fills in.
    Form {
        /// Whom it asks.
        organisation: String,
        /// The request that is revised.
        revises: Option<String>,
        /// The company.
        company: String,
        /// The person who asks.
        person: String,
        /// That person's role.
        role: String,
        /// Where the person is reached.
        email: String,
        /// Who is reached when a key leaks.
        incident_contact: String,
        /// Why the key is needed.
        why: String,
        /// The workflow it serves.
        workflow: String,
        /// How the interface will be used.
        usage: String,
        /// Which data it touches.
        data: String,
        /// Encryption and other safeguards.
        safeguards: String,
        /// Service.
        service: String,
        /// Environment.
        environment: String,
        /// Scopes.
        scopes: Vec<String>,
        /// Source networks.
        networks: Vec<String>,
        /// For how many days.
        days: u64,
        /// Answers to the organisation's questions: short name, answer.
        answers: Vec<(String, String)>,
        /// The grant to be renewed.
        renews: Option<String>,
    }
    /// Sends a request.
    SendForm {
        /// What was filled in.
        form: Form,
        /// Where the sealed request goes; empty where the relay brings it.
        out: String,
    }
    /// A letter about something of one's own.
    WriteAbout {
        /// Which.
        id: String,
        /// What is written.
        text: String,
        /// Where the sealed letter goes; empty where the relay brings it.
        out: String,
    }
    /// Where a file about something goes.
    Out {
        /// Which.
        id: String,
        /// Where; empty where the relay brings it.
        out: String,
    }
    /// An envelope and its secret.
    EnvelopeSource {
        /// The envelope.
        envelope: Incoming,
        /// The secret that travelled apart: 43 characters, or the whole link.
        secret: String,
    }
    /// Saves a key where it runs.
    SaveKey {
        /// Which.
        id: String,
        /// As what.
        form: SaveForm,
        /// Where.
        out: String,
        /// Name of the variable.
        name: Option<String>,
    }
}

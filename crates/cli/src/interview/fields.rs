//! The fields of text: how each is asked for, and where it stands in the form.

use countersign_app::inbox::RequestForm;

/// A field of text.
#[derive(PartialEq, Eq)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) ask: &'static str,
    /// Why it is asked and what a good answer has.
    pub(super) what: &'static str,
    pub(super) example: &'static str,
    pub(super) long: bool,
}

pub(super) const FIELDS: &[Field] = &[
    Field {
        name: "why",
        ask: "Why do you need the key?",
        what: "What your company wants to achieve with it. The people who decide know nothing of your project.",
        example: "Our customers want to see late parcels before their own customers call.",
        long: true,
    },
    Field {
        name: "workflow",
        ask: "Which workflow does it serve?",
        what: "What runs, how often, and what happens with the result.",
        example: "A job asks for the state of open shipments every ten minutes and raises an alert when one is late.",
        long: true,
    },
    Field {
        name: "usage",
        ask: "How will you use the interface?",
        what: "How many calls, from how many programs, from servers or from devices of customers.",
        example: "About 200,000 reads a day, from one program, never from a browser.",
        long: true,
    },
    Field {
        name: "data",
        ask: "Which data does it touch?",
        what: "Above all: are people named in it?",
        example: "Shipment numbers, depots and times. No names, no addresses.",
        long: true,
    },
    Field {
        name: "safeguards",
        ask: "How will you protect the key?",
        what: "Where it lies, who can read it, what happens when somebody leaves.",
        example: "In our secret store, read by one program; two people can see it, and every reading is logged.",
        long: true,
    },
    Field {
        name: "company",
        ask: "Your company",
        what: "Its full name, as it stands in the register.",
        example: "Oakbridge Analytics",
        long: false,
    },
    Field {
        name: "person",
        ask: "Your name",
        what: "They will call you: you read your fingerprint to them.",
        example: "Noor Haddad",
        long: false,
    },
    Field {
        name: "role",
        ask: "Your role",
        what: "What you do in your company.",
        example: "Integration engineer",
        long: false,
    },
    Field {
        name: "email",
        ask: "Your e-mail address",
        what: "At your company's own domain, if it has one.",
        example: "noor.haddad@oakbridge.example",
        long: false,
    },
    Field {
        name: "incident_contact",
        ask: "Who is reached when a key leaks?",
        what: "An address or number where somebody answers day and night.",
        example: "security@oakbridge.example",
        long: false,
    },
];

pub(super) fn slot<'a>(form: &'a RequestForm, name: &str) -> &'a str {
    match name {
        "company" => &form.company,
        "person" => &form.person,
        "role" => &form.role,
        "email" => &form.email,
        "incident_contact" => &form.incident_contact,
        "why" => &form.why,
        "workflow" => &form.workflow,
        "usage" => &form.usage,
        "data" => &form.data,
        _ => &form.safeguards,
    }
}

pub(super) fn slot_mut<'a>(form: &'a mut RequestForm, name: &str) -> &'a mut String {
    match name {
        "company" => &mut form.company,
        "person" => &mut form.person,
        "role" => &mut form.role,
        "email" => &mut form.email,
        "incident_contact" => &mut form.incident_contact,
        "why" => &mut form.why,
        "workflow" => &mut form.workflow,
        "usage" => &mut form.usage,
        "data" => &mut form.data,
        _ => &mut form.safeguards,
    }
}

//! The policy: how many people, how long, how strict. Data, versioned, and named by digest in every grant.

use crate::{Flag, catalogue::EnvironmentClass, digest::Digest};

words! {
    /// How bad a finding is.
    pub enum Severity {
        /// Worth knowing.
        1 => Note = "note",
        /// Worth a second thought.
        2 => Warning = "warning",
        /// Nobody signs over it without a recorded justification.
        3 => Blocking = "blocking",
    }
}

words! {
    /// What vetting can find without asking anybody.
    pub enum FindingCode {
        /// A scope that writes, in production.
        1 => WriteInProduction = "write-in-production",
        /// A scope that administers.
        2 => AdminScope = "admin-scope",
        /// A source network of more than 256 addresses.
        3 => WideNetwork = "wide-network",
        /// A source network the internet never sees.
        4 => PrivateNetwork = "private-network",
        /// No source network at all.
        5 => NoNetwork = "no-network",
        /// A lifetime of more than nine tenths of the longest.
        6 => LongLifetime = "long-lifetime",
        /// A contact address at a free-mail provider.
        7 => FreeMail = "free-mail",
        /// A company name that looks like a known partner's.
        8 => LookAlike = "look-alike",
        /// This partner holds a live key for the same service and environment.
        9 => LiveKey = "live-key",
        /// The sponsor signs too.
        10 => SponsorSigns = "sponsor-signs",
        /// The company name mixes scripts.
        11 => MixedScript = "mixed-script",
        /// The incident contact is not at the contact's own domain.
        12 => ForeignIncidentContact = "foreign-incident-contact",
    }
}

words! {
    /// What the reviewer answers, with evidence.
    pub enum Check {
        /// Who are they?
        1 => Who = "who",
        /// Why do they need it?
        2 => Why = "why",
        /// Is the scope the least that serves?
        3 => Scope = "scope",
        /// How will they protect it?
        4 => Protection = "protection",
    }
}

record! {
    /// How bad this organisation takes a finding to be.
    pub struct Weight {
        /// The finding.
        1 => finding: FindingCode,
        /// How bad.
        2 => severity: Severity,
    }
}

record! {
    /// A version of the policy. Version 0 is [`Policy::standard`], in force from the founding on.
    pub struct Policy {
        /// From 1 on; 0 for the standard one.
        1 => version: u64,
        /// Signatures under a grant, by as many persons: never below two.
        2 => quorum: u64,
        /// The same for production.
        3 => quorum_production: u64,
        /// The same for admin scopes.
        4 => quorum_admin: u64,
        /// Longest lifetime of a sandbox key, in days.
        5 => longest_sandbox: u64,
        /// Longest lifetime of a production key, in days.
        6 => longest_production: u64,
        /// How old an approval may be when the envelope is sealed, in days: at most 14.
        7 => approval_days: u64,
        /// How long an envelope may be opened, in days: at most 30.
        8 => envelope_days: u64,
        /// How often a key may be replaced within one grant.
        9 => rotations: u64,
        /// Whether the one who brought the partner may be one of the signers.
        10 => sponsor_signs: Flag,
        /// Whether a fingerprint check typed by a program counts.
        11 => unattended: Flag,
        /// Fingerprint checks by different members for a sandbox key.
        12 => calls_sandbox: u64,
        /// The same for production or admin scopes.
        13 => calls_production: u64,
        /// Keys one member may revoke in an hour before a second must agree.
        14 => pace_keys: u64,
        /// Partners likewise.
        15 => pace_partners: u64,
        /// Checks that must be answered before anybody signs.
        16 => checks: Vec<Check>,
        /// Severities, where they differ from the standard ones.
        17 => weights: Vec<Weight>,
    }
}

/// Why a policy is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PolicyFlaw {
    /// A quorum below two or above eight.
    #[error("a quorum must lie between 2 and 8 persons")]
    Quorum,
    /// A lifetime of zero or more than two years.
    #[error("a lifetime must lie between 1 and 730 days")]
    Lifetime,
    /// An approval that may be older than 14 days.
    #[error("an approval may be at most 14 days old")]
    ApprovalAge,
    /// An envelope that may be opened for more than 30 days.
    #[error("an envelope may be opened for 1 to 30 days")]
    EnvelopeLife,
    /// More than 12 rotations.
    #[error("a grant may be rotated at most 12 times")]
    Rotations,
    /// No fingerprint check at all, or more than eight.
    #[error("between 1 and 8 fingerprint checks are needed")]
    Calls,
    /// A pace of zero.
    #[error("the pace of revocation must be at least one key and one partner an hour")]
    Pace,
    /// A list out of order or doubled.
    #[error("checks and severities must stand once each, in order")]
    Order,
}

impl Policy {
    /// What is in force until two admins sign another.
    pub fn standard() -> Self {
        Self {
            version: 0,
            quorum: 2,
            quorum_production: 2,
            quorum_admin: 2,
            longest_sandbox: 90,
            longest_production: 365,
            approval_days: 14,
            envelope_days: 14,
            rotations: 2,
            sponsor_signs: Flag(true),
            unattended: Flag(false),
            calls_sandbox: 1,
            calls_production: 2,
            pace_keys: 10,
            pace_partners: 2,
            checks: Check::ALL.to_vec(),
            weights: Vec::new(),
        }
    }

    /// Digest of its encoding: what a grant names.
    pub fn digest(&self) -> Digest {
        Digest::of(&crate::encode(self))
    }

    /// Judges what it says on its own.
    pub fn check(&self) -> Result<(), PolicyFlaw> {
        let within = |value: u64, low: u64, high: u64, flaw| {
            if (low..=high).contains(&value) { Ok(()) } else { Err(flaw) }
        };
        for quorum in [self.quorum, self.quorum_production, self.quorum_admin] {
            within(quorum, 2, 8, PolicyFlaw::Quorum)?;
        }
        within(self.longest_sandbox, 1, 730, PolicyFlaw::Lifetime)?;
        within(self.longest_production, 1, 730, PolicyFlaw::Lifetime)?;
        within(self.approval_days, 1, 14, PolicyFlaw::ApprovalAge)?;
        within(self.envelope_days, 1, 30, PolicyFlaw::EnvelopeLife)?;
        within(self.rotations, 0, 12, PolicyFlaw::Rotations)?;
        within(self.calls_sandbox, 1, 8, PolicyFlaw::Calls)?;
        within(self.calls_production, 1, 8, PolicyFlaw::Calls)?;
        within(self.pace_keys.min(self.pace_partners), 1, 10_000, PolicyFlaw::Pace)?;
        let ordered = self.checks.windows(2).all(|w| w[0] < w[1])
            && self.weights.windows(2).all(|w| w[0].finding < w[1].finding);
        if ordered { Ok(()) } else { Err(PolicyFlaw::Order) }
    }

    /// How many persons must sign a grant of this class.
    pub fn quorum_for(&self, class: EnvironmentClass, admin: bool) -> u64 {
        let production =
            if class == EnvironmentClass::Production { self.quorum_production } else { self.quorum };
        let admin = if admin { self.quorum_admin } else { self.quorum };
        production.max(admin).max(self.quorum).max(2)
    }

    /// How many members must each have checked the fingerprint.
    pub fn calls_for(&self, class: EnvironmentClass, admin: bool) -> u64 {
        if admin || class == EnvironmentClass::Production {
            self.calls_production
        } else {
            self.calls_sandbox
        }
    }

    /// The longest lifetime for this class, in days.
    pub fn longest_for(&self, class: EnvironmentClass) -> u64 {
        match class {
            EnvironmentClass::Sandbox => self.longest_sandbox,
            EnvironmentClass::Production => self.longest_production,
        }
    }

    /// How bad a finding is here.
    pub fn severity(&self, finding: FindingCode) -> Severity {
        self.weights
            .iter()
            .find(|w| w.finding == finding)
            .map_or_else(|| standard_severity(finding), |w| w.severity)
    }

    /// Whether it only takes away compared with `before`: then one admin may put it in force alone.
    pub fn only_tightens(&self, before: &Self) -> bool {
        let rises = self.quorum >= before.quorum
            && self.quorum_production >= before.quorum_production
            && self.quorum_admin >= before.quorum_admin
            && self.calls_sandbox >= before.calls_sandbox
            && self.calls_production >= before.calls_production;
        let falls = self.longest_sandbox <= before.longest_sandbox
            && self.longest_production <= before.longest_production
            && self.approval_days <= before.approval_days
            && self.envelope_days <= before.envelope_days
            && self.rotations <= before.rotations
            && self.pace_keys == before.pace_keys
            && self.pace_partners == before.pace_partners;
        let flags = self.sponsor_signs <= before.sponsor_signs && self.unattended <= before.unattended;
        let checks = before.checks.iter().all(|c| self.checks.contains(c));
        let weights = FindingCode::ALL.iter().all(|f| self.severity(*f) >= before.severity(*f));
        rises && falls && flags && checks && weights
    }
}

fn standard_severity(finding: FindingCode) -> Severity {
    match finding {
        FindingCode::PrivateNetwork | FindingCode::LookAlike | FindingCode::MixedScript => Severity::Blocking,
        FindingCode::AdminScope | FindingCode::WriteInProduction | FindingCode::WideNetwork => {
            Severity::Warning
        }
        FindingCode::NoNetwork | FindingCode::FreeMail | FindingCode::LiveKey => Severity::Warning,
        FindingCode::LongLifetime | FindingCode::SponsorSigns | FindingCode::ForeignIncidentContact => {
            Severity::Note
        }
    }
}

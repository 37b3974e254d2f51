//! The catalogue: which services, environments and scopes there are to ask for, and the questions partners answer.

use crate::{
    cbor::{Decode, Encode, Malformed, Reader, Writer},
    digest::Digest,
    text::{Line, Prose, ScopeName, Slug},
};

words! {
    /// How much harm an environment can do.
    pub enum EnvironmentClass {
        /// Made-up records only.
        1 => Sandbox = "sandbox",
        /// Real records.
        2 => Production = "production",
    }
}

words! {
    /// How much harm a scope can do, in rising order.
    pub enum ScopeClass {
        /// Reads.
        1 => Read = "read",
        /// Changes records.
        2 => Write = "write",
        /// Changes settings or other people's access.
        3 => Admin = "admin",
    }
}

words! {
    /// HTTP methods a scope can allow.
    pub enum Method {
        /// GET
        1 => Get = "GET",
        /// HEAD
        2 => Head = "HEAD",
        /// POST
        3 => Post = "POST",
        /// PUT
        4 => Put = "PUT",
        /// PATCH
        5 => Patch = "PATCH",
        /// DELETE
        6 => Delete = "DELETE",
    }
}

/// A path such as `/v1/orders/*`: begins with `/`, printable ASCII, no `..`, no query.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(transparent)]
pub struct Path(String);

impl Path {
    /// From outside.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = (1..=120).contains(&text.len())
            && text.starts_with('/')
            && text.bytes().all(|b| b.is_ascii_graphic() && !b"?#\\\"'<>%".contains(&b))
            && text.split('/').all(|part| part != ".." && part != ".");
        fits.then(|| Self(text.to_owned()))
    }

    /// The path.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Encode for Path {
    fn encode(&self, w: &mut Writer) {
        w.text(&self.0);
    }
}

impl Decode<'_> for Path {
    fn decode(r: &mut Reader<'_>) -> Result<Self, Malformed> {
        Self::parse(r.text()?).ok_or(Malformed::OutOfRange)
    }
}

impl<'de> serde::Deserialize<'de> for Path {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("a path begins with / and has no query"))
    }
}

record! {
    /// Methods on a path.
    #[derive(PartialOrd, Ord)]
    pub struct Endpoint {
        /// In rising order.
        1 => methods: Vec<Method>,
        /// The path.
        2 => path: Path,
    }
}

record! {
    /// Something a key can be allowed to do.
    #[derive(PartialOrd, Ord)]
    pub struct Scope {
        /// Its name, such as `orders:read`.
        1 => name: ScopeName,
        /// How much harm it can do.
        2 => class: ScopeClass,
        /// What it opens.
        3 => endpoints: Vec<Endpoint>,
    }
}

record! {
    /// A place the service runs in. Keys are separate per environment.
    pub struct Environment {
        /// Short name.
        1 => id: Slug,
        /// Its class.
        2 => class: EnvironmentClass,
        /// Where the interface answers.
        3 => base_url: Line,
        /// The longest lifetime of a key, in days.
        4 => longest_days: u64,
        /// Which issuer makes its keys.
        5 => issuer: Slug,
    }
}

record! {
    /// An interface partners can ask keys for.
    pub struct Service {
        /// Short name.
        1 => id: Slug,
        /// Its name.
        2 => name: Line,
        /// What it is for.
        3 => text?: Prose,
        /// Where it runs.
        4 => environments: Vec<Environment>,
        /// What can be allowed.
        5 => scopes: Vec<Scope>,
    }
}

record! {
    /// A question every request answers.
    pub struct Question {
        /// Short name.
        1 => id: Slug,
        /// The question.
        2 => text: Line,
    }
}

record! {
    /// A version of the catalogue.
    pub struct Catalogue {
        /// From 1 on.
        1 => version: u64,
        /// What there is.
        2 => services: Vec<Service>,
        /// What is asked.
        3 => questions: Vec<Question>,
    }
}

/// Why a catalogue is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CatalogueFlaw {
    /// Two things share a name.
    #[error("two services, environments, scopes or questions share a short name")]
    Doubled,
    /// A service without environments or scopes.
    #[error("every service needs at least one environment and one scope")]
    Empty,
    /// A lifetime of zero or more than two years.
    #[error("the longest lifetime must be between 1 and 730 days")]
    Lifetime,
    /// A scope that opens nothing, or lists methods out of order.
    #[error(
        "every scope needs an endpoint, and every endpoint its methods once, in the order GET HEAD POST PUT PATCH DELETE"
    )]
    Endpoints,
    /// A base URL that is not https.
    #[error("the base URL must begin with https:// and hold no user name, query or fragment")]
    BaseUrl,
}

impl Catalogue {
    /// Digest of its encoding: what a grant names.
    pub fn digest(&self) -> Digest {
        Digest::of(&crate::encode(self))
    }

    /// Judges what it says on its own.
    pub fn check(&self) -> Result<(), CatalogueFlaw> {
        distinct(self.services.iter().map(|s| s.id.as_str()))?;
        distinct(self.questions.iter().map(|q| q.id.as_str()))?;
        self.services.iter().try_for_each(Service::check)
    }

    /// The service with this short name.
    pub fn service(&self, id: &Slug) -> Option<&Service> {
        self.services.iter().find(|s| s.id == *id)
    }
}

impl Scope {
    /// Whether it opens something, by methods that stand once and in order.
    pub fn is_sound(&self) -> bool {
        let sound = |e: &Endpoint| !e.methods.is_empty() && e.methods.windows(2).all(|w| w[0] < w[1]);
        !self.endpoints.is_empty() && self.endpoints.iter().all(sound)
    }
}

impl Service {
    fn check(&self) -> Result<(), CatalogueFlaw> {
        if self.environments.is_empty() || self.scopes.is_empty() {
            return Err(CatalogueFlaw::Empty);
        }
        distinct(self.environments.iter().map(|e| e.id.as_str()))?;
        distinct(self.scopes.iter().map(|s| s.name.as_str()))?;
        for environment in &self.environments {
            if !(1..=730).contains(&environment.longest_days) {
                return Err(CatalogueFlaw::Lifetime);
            }
            if !is_https(environment.base_url.as_str()) {
                return Err(CatalogueFlaw::BaseUrl);
            }
        }
        for scope in &self.scopes {
            if !scope.is_sound() {
                return Err(CatalogueFlaw::Endpoints);
            }
        }
        Ok(())
    }

    /// The environment with this short name.
    pub fn environment(&self, id: &Slug) -> Option<&Environment> {
        self.environments.iter().find(|e| e.id == *id)
    }

    /// The scope with this name.
    pub fn scope(&self, name: &ScopeName) -> Option<&Scope> {
        self.scopes.iter().find(|s| s.name == *name)
    }
}

/// Whether this is an https address without user name, query or fragment.
pub fn is_https(url: &str) -> bool {
    url.strip_prefix("https://").is_some_and(|rest| {
        !rest.is_empty()
            && !rest.starts_with('/')
            && rest.bytes().all(|b| b.is_ascii_graphic() && !b"@?#\\\"'<>".contains(&b))
    })
}

fn distinct<'a>(names: impl Iterator<Item = &'a str>) -> Result<(), CatalogueFlaw> {
    let mut seen = std::collections::BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(CatalogueFlaw::Doubled);
        }
    }
    Ok(())
}

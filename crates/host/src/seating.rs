//! Which process opens what was given: the one that has the profile that can read it, or a new one.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use countersign_contract::{GivenView, WaitingView, Window};

use crate::{
    claim::claim,
    door,
    failure::Error,
    given::{Given, Shape},
    host::{Host, Open},
    label::{self, Label},
    shell::Change,
};

/// The profiles of this machine, each with its label where it has one.
type Known = [(PathBuf, Option<Label>)];

/// What was given, by profile; under none, what a person is to be asked about.
#[derive(Default)]
struct Sorted {
    /// For profiles that alone can read it.
    decided: BTreeMap<PathBuf, Given>,
    /// For whichever profile a person names.
    open: Given,
}

/// What a program that has just been started is to do.
pub enum Placed {
    /// Nothing: a window that was open already has taken everything.
    Elsewhere,
    /// To open a window.
    Here {
        /// With this profile; none where a person is to choose.
        profile: Option<PathBuf>,
        /// What is shown once it is unlocked.
        given: Given,
        /// What other profiles can read, for a window each.
        others: BTreeMap<PathBuf, Given>,
    },
}

/// Finds out, for a program that has just been started with this profile, or with none.
///
/// # Errors
///
/// [`Error::InUse`] where a window has the profile and does not answer.
pub async fn place(profile: Option<PathBuf>, given: Given) -> Result<Placed, Error> {
    if let Some(folder) = profile {
        if is_claimed(&folder) {
            door::knock(&folder, &given).await?;
            return Ok(Placed::Elsewhere);
        }
        return Ok(Placed::Here { profile: Some(folder), given, others: BTreeMap::new() });
    }
    Ok(place_among(&label::profiles().unwrap_or_default(), given).await)
}

async fn place_among(known: &Known, given: Given) -> Placed {
    let asked = !given.is_empty();
    let Sorted { decided, open } = sort(given, known);
    let mut others = not_handed_over(decided).await;
    if asked && others.is_empty() && open.is_empty() {
        return Placed::Elsewhere;
    }
    // What a person is asked about is asked by a window without a profile.
    let first = if open.is_empty() { others.pop_first() } else { None };
    let (profile, given) = first.map_or((None, open), |(folder, given)| (Some(folder), given));
    Placed::Here { profile, given, others }
}

/// Hands over what windows elsewhere can read; what is left is for new ones.
async fn not_handed_over(decided: BTreeMap<PathBuf, Given>) -> BTreeMap<PathBuf, Given> {
    let mut left = BTreeMap::new();
    for (folder, part) in decided {
        if !is_claimed(&folder) || door::knock(&folder, &part).await.is_err() {
            left.insert(folder, part);
        }
    }
    left
}

/// Whether another process has a window on this folder.
fn is_claimed(folder: &Path) -> bool {
    matches!(claim(folder), Err(Error::InUse))
}

/// Each part to the profile that alone can read it. Where there is one profile only, there is nothing to ask.
fn sort(given: Given, known: &Known) -> Sorted {
    let mut sorted = Sorted::default();
    for part in given.apart() {
        let one = match (readers(&part, known).as_slice(), known) {
            ([one], _) | ([], [(one, _)]) => Some(one.clone()),
            _ => None,
        };
        match one {
            Some(folder) => sorted.decided.entry(folder).or_default().add(part),
            None => sorted.open.add(part),
        }
    }
    sorted
}

/// The profiles that say that they can read something.
fn readers(part: &Given, known: &Known) -> Vec<PathBuf> {
    let fits = |label: &Option<Label>| label.as_ref().is_some_and(|label| part.is_for(label));
    known.iter().filter(|(_, label)| fits(label)).map(|(folder, _)| folder.clone()).collect()
}

impl Host {
    /// Claims the profile that the program was started with, before it is unlocked: who starts it again is sent here. What
    /// cannot be claimed is told when it is to be unlocked.
    pub async fn settle(&self) {
        let mut profile = self.profile.lock().await;
        if let Some(folder) = profile.folder.clone().filter(|folder| folder.join("vault.db").is_file()) {
            let _told_when_it_is_unlocked = profile.claim(&folder);
        }
    }

    /// Takes what comes through the door, for as long as the program runs.
    pub async fn attend(&self) {
        let mut door = self.door.lock().await;
        while let Some((folder, given)) = door.recv().await {
            self.keep(Some(folder), given).await;
            self.show().await;
        }
    }

    /// Takes what the system hands to a program that runs already. What profiles of other windows can read goes there;
    /// what is returned is for windows that are not open yet.
    pub async fn receive(&self, given: Given) -> BTreeMap<PathBuf, Given> {
        let Sorted { mut decided, open } = sort(given, &label::profiles().unwrap_or_default());
        let (mine, is_locked) = {
            let profile = self.profile.lock().await;
            (profile.folder.clone(), matches!(profile.open, Open::Locked))
        };
        let own = mine.as_ref().and_then(|folder| decided.remove_entry(folder));
        let mut left = not_handed_over(decided).await;
        // A window without a profile takes one.
        let taken = own.or_else(|| if is_locked && mine.is_none() { left.pop_first() } else { None });
        if let Some((folder, given)) = taken {
            self.keep(Some(folder), given).await;
        }
        if !open.is_empty() {
            self.keep(None, open).await;
        }
        self.show().await;
        left
    }

    async fn keep(&self, folder: Option<PathBuf>, given: Given) {
        let mut waiting = self.given.lock().await;
        match waiting.iter_mut().find(|(whose, _)| *whose == folder) {
            Some((_, there)) => there.add(given),
            None => waiting.push((folder, given)),
        }
    }

    /// Brings the window to the front that has, or asks for, what waits.
    async fn show(&self) {
        let window = match self.profile.lock().await.open {
            Open::Locked => Window::Start,
            Open::Unattached(_) | Open::Desk(..) => Window::Desk,
            Open::Inbox(..) => Window::Inbox,
        };
        self.shell.open(window);
        self.shell.tell(Change::Given);
    }

    /// What waits for a profile, or for any.
    async fn collect(&self, folder: Option<&Path>) -> Given {
        let mut waiting = self.given.lock().await;
        let mut taken = Given::default();
        for (whose, given) in std::mem::take(&mut *waiting) {
            if whose.as_deref().is_none_or(|whose| Some(whose) == folder) {
                taken.add(given);
            } else {
                waiting.push((whose, given));
            }
        }
        taken
    }

    /// Sends what waits to the window that has a profile already, and brings that to the front.
    pub(crate) async fn send_on(&self, folder: &Path) -> Result<(), Error> {
        let given = self.collect(Some(folder)).await;
        let sent = door::knock(folder, &given).await;
        if sent.is_err() && !given.is_empty() {
            self.keep(None, given).await;
        }
        sent
    }

    /// What waits, for the page that asks for a profile.
    pub(crate) async fn waiting(&self) -> WaitingView {
        let folder = self.profile.lock().await.folder.clone();
        let known = label::profiles().unwrap_or_default();
        let mut view = WaitingView { files: Vec::new(), relay: None, readers: Vec::new() };
        for (whose, given) in &*self.given.lock().await {
            if whose.is_some() && *whose != folder {
                continue;
            }
            let name = |path: &String| Path::new(path).file_name().map(|n| n.to_string_lossy().into_owned());
            view.files.extend(given.files.iter().filter_map(name));
            view.relay = view.relay.or_else(|| given.addresses.first().map(|one| one.relay()));
            let can = readers(given, &known).into_iter().map(|folder| folder.to_string_lossy().into_owned());
            view.readers.extend(can);
        }
        view
    }

    /// What waits for the profile that is open, each to its place. Told once.
    pub(crate) async fn given_here(&self) -> GivenView {
        let (folder, inbox) = {
            let profile = self.profile.lock().await;
            (profile.folder.clone(), matches!(profile.open, Open::Inbox(..)))
        };
        let Given { files, mut addresses } = self.collect(folder.as_deref()).await;
        let mut view = GivenView::default();
        for path in files {
            let shelf = match if inbox { Shape::of(&path) } else { Shape::Other } {
                Shape::Letter(_) => &mut view.letters,
                Shape::Card => &mut view.cards,
                Shape::Envelope(_) | Shape::Other => &mut view.files,
            };
            shelf.push(path);
        }
        if !addresses.is_empty() && inbox {
            let address = addresses.remove(0);
            view.link = Some(address.relay());
            *self.link.lock().await = address.into_link();
        }
        // One link at a time: the next one is told when this one was dealt with.
        if !addresses.is_empty() {
            self.keep(folder, Given { files: Vec::new(), addresses }).await;
        }
        view
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(folder: &str, label: Label) -> (PathBuf, Option<Label>) {
        (PathBuf::from(folder), Some(label))
    }

    fn inbox(relay: &str) -> Label {
        Label { kind: "inbox".to_owned(), relays: vec![relay.to_owned()], ..Label::default() }
    }

    fn link(host: &str) -> Given {
        let text = format!("https://{host}/e/{}#{}", "A".repeat(22), "A".repeat(43));
        let address = crate::given::Address::parse(&text).expect("it is a link");
        Given { files: Vec::new(), addresses: vec![address] }
    }

    #[tokio::test]
    async fn what_nobody_else_has_open_is_opened_here_and_the_rest_in_windows_of_its_own() {
        let dir = tempfile::tempdir().expect("a folder");
        let folders = ["a", "b"].map(|name| dir.path().join(name));
        for folder in &folders {
            std::fs::create_dir(folder).expect("a folder");
        }
        let [a, b] = folders;
        let label = |relay: &str| Some(inbox(relay));
        let known = [(a.clone(), label("https://a.example")), (b.clone(), label("https://b.example"))];
        let mut both = link("a.example");
        both.add(link("b.example"));
        let Placed::Here { profile, given, others } = place_among(&known, both).await else {
            panic!("nobody has them open")
        };
        assert_eq!((profile, given.addresses.len()), (Some(a), 1));
        assert_eq!(others.into_keys().collect::<Vec<_>>(), std::slice::from_ref(&b));

        let mut unclear = link("a.example");
        unclear.add(link("c.example"));
        let Placed::Here { profile, given, others } = place_among(&known, unclear).await else {
            panic!("nobody has them open")
        };
        assert_eq!(
            (profile, given.addresses.len(), others.len()),
            (None, 1, 1),
            "a person is asked about one"
        );

        let (to, mut came) = tokio::sync::mpsc::unbounded_channel();
        let (_claim, _door) = (claim(&b).expect("it is free"), door::open(&b, to).expect("it opens"));
        assert!(matches!(place_among(&known, link("b.example")).await, Placed::Elsewhere), "a window has it");
        assert_eq!(came.recv().await.expect("it came in").1.addresses.len(), 1, "with its link");
        let nothing = place_among(&known, Given::default()).await;
        assert!(matches!(nothing, Placed::Here { profile: None, .. }), "who asks for nothing may choose");
    }

    #[test]
    fn a_link_goes_to_the_only_inbox_that_can_fetch_it_and_is_asked_about_otherwise() {
        let (a, b) = ("https://a.example", "https://b.example");
        let known = [profile("/a", inbox(a)), profile("/b", inbox(b)), (PathBuf::from("/c"), None)];
        let to = |host, known: &Known| {
            let sorted = sort(link(host), known);
            let decided: Vec<_> = sorted.decided.into_keys().collect();
            (decided, sorted.open.addresses.len())
        };
        assert_eq!(to("a.example", &known), (vec![PathBuf::from("/a")], 0));
        assert_eq!(to("b.example", &known), (vec![PathBuf::from("/b")], 0));
        assert_eq!(to("c.example", &known), (vec![], 1), "nobody knows this relay: a person is asked");
        let twice = [profile("/a", inbox(a)), profile("/b", inbox(a))];
        assert_eq!(to("a.example", &twice), (vec![], 1), "which of the two is not ours to choose");
        assert_eq!(to("c.example", &known[2..]), (vec![PathBuf::from("/c")], 0), "there is one profile only");
        assert_eq!(to("a.example", &[]), (vec![], 1), "there is no profile yet");
    }
}

//! A partner's own requests: written, revised, taken back, answered.

use std::path::{Path, PathBuf};

use countersign_app::inbox::{Draft, Inbox, RequestForm};
use countersign_documents::{card::Card, request::Request as Document};
use countersign_host::{files, ways};
use serde_json::json;

use super::{
    post::{self, NO_OUT},
    read_toml,
};
use crate::{
    args::{New, Request},
    failure::Failure,
    interview,
    output::{Done, fields, path, short, time},
    prompt::{self, Answer},
    session::Session,
};

pub(crate) async fn run(s: &Session, verb: Request) -> Result<Done, Failure> {
    match verb {
        Request::Template { out: None } => Ok(Done::said(TEMPLATE, json!({ "template": TEMPLATE }))),
        Request::Template { out: Some(out) } => {
            files::write_new(&out, TEMPLATE.as_bytes())?;
            let text =
                format!("Form written. Fill it in, then: countersign request new --file {}", out.display());
            Ok(Done::said(text, json!({ "written": path(&out) })))
        }
        Request::New(new) => ask(s, new).await,
        Request::Revise { id, form, out } => revise(s, &id, form, out).await,
        Request::Withdraw { id, out } => withdraw(s, &id, out.as_deref()).await,
        Request::Read { file } => {
            let bytes = ways::read(&file)?;
            let view = s.inbox().await?.read_message(&bytes).await?;
            let text = fields(&[
                ("From", view.organisation.clone()),
                ("Request", view.id.clone()),
                ("State", view.state.clone()),
                ("They write", view.message.clone().unwrap_or_default()),
                ("Next", view.next.clone()),
            ]);
            Ok(Done::new(&view, text))
        }
        _ => Err(Failure::Usage("This verb is a member's.")),
    }
}

async fn withdraw(s: &Session, id: &str, out: Option<&Path>) -> Result<Done, Failure> {
    out.map(files::check_new).transpose()?;
    let inbox = s.inbox().await?;
    let id = inbox.request(id).await?;
    let Some(out) = out else {
        if inbox.offer_for(id).await?.relay.is_none() {
            return Err(NO_OUT);
        }
        let told = inbox.send_withdrawal(id).await?;
        let text = post::text("The withdrawal", told.posted)?;
        return Ok(Done::said(text, json!({ "request": id, "posted": post::json(told.posted) })));
    };
    let letter = inbox.withdraw(id).await?;
    ways::write(out, &letter)?;
    Ok(Done::said(
        "Withdrawal written. Send it to the organisation.",
        json!({ "request": id, "written": path(out) }),
    ))
}

async fn ask(s: &Session, new: New) -> Result<Done, Failure> {
    let file = new.form.or(new.file);
    let asks = file.is_none() || new.edit;
    if asks && !prompt::interactive() {
        return Err(NO_TERMINAL);
    }
    if let Some(out) = &new.out {
        files::check_new(out)?;
    }
    let mut form: RequestForm = match &file {
        Some(file) => read_toml(file, "request")?,
        None => RequestForm::default(),
    };
    let inbox = s.inbox().await?;
    if let Some(renews) = &new.renews {
        let key = inbox.held_key(Some(renews)).await?;
        if file.is_none() {
            form = inbox.form_of_key(key).await?.unwrap_or_default();
        }
        form.renews = Some(key.to_string());
    }
    if !asks {
        let draft = inbox.draw_up(new.organisation.as_deref(), &form).await?;
        return send(&inbox, draft, new.out.as_deref()).await;
    }
    let organisation = which_organisation(&inbox, new.organisation).await?;
    let card = inbox.offer(Some(&organisation)).await?;
    loop {
        form = interview::fill(&card, form)?;
        let draft = inbox.draw_up(Some(&organisation), &form).await?;
        if let Some(done) = finish(&inbox, draft, &form, &card, new.out.as_deref()).await? {
            return Ok(done);
        }
    }
}

const NO_TERMINAL: Failure = Failure::Usage(
    "There is no terminal to ask at. Name a filled-in form: 'request template --out request.toml' writes one to fill in, 'request new --file request.toml' signs it and sends it through the relay, with --out request.letter it writes it.",
);

async fn revise(s: &Session, id: &str, form: Option<PathBuf>, out: Option<PathBuf>) -> Result<Done, Failure> {
    if form.is_none() && !prompt::interactive() {
        return Err(NO_TERMINAL);
    }
    if let Some(out) = &out {
        files::check_new(out)?;
    }
    let inbox = s.inbox().await?;
    let id = inbox.request(id).await?;
    if let Some(file) = form {
        let form: RequestForm = read_toml(&file, "request")?;
        return send(&inbox, inbox.draw_up_revision(id, &form).await?, out.as_deref()).await;
    }
    let mut form = inbox.form_of(id).await?;
    let card = inbox.offer_for(id).await?;
    loop {
        form = interview::fill(&card, form)?;
        let draft = inbox.draw_up_revision(id, &form).await?;
        if let Some(done) = finish(&inbox, draft, &form, &card, out.as_deref()).await? {
            return Ok(done);
        }
    }
}

async fn send(inbox: &Inbox, draft: Draft, out: Option<&Path>) -> Result<Done, Failure> {
    let Some(out) = out else { return send_by_relay(inbox, draft).await };
    let sent = ways::send_request(inbox, draft, out).await?;
    let (id, revision) = (sent.id, sent.revision);
    let text = format!(
        "Request {id} (revision {revision}) signed and sealed: {}\nSend this file to the organisation, by mail for instance; only they can open it. {CALL}",
        out.display()
    );
    Ok(Done::said(text, json!({ "request": id, "revision": revision, "written": path(out) })))
}

const CALL: &str =
    "They will call you to compare your fingerprint: 'identity show' shows what you read to them.";

async fn send_by_relay(inbox: &Inbox, draft: Draft) -> Result<Done, Failure> {
    let organisation = draft.request().organisation.to_string();
    if inbox.offer(Some(&organisation)).await?.relay.is_none() {
        return Err(NO_OUT);
    }
    let sent = inbox.seal(draft).await?;
    let posted = inbox.send_request(&sent).await?;
    let (id, revision) = (sent.id, sent.revision);
    let text = format!(
        "Request {id} (revision {revision}) signed and sealed.\n{} {CALL} 'relay sync' brings what they write.",
        post::text("It", posted)?
    );
    Ok(Done::said(text, json!({ "request": id, "revision": revision, "posted": post::json(posted) })))
}

/// Shows what would be signed and asks what to do with it; nothing where everything is to be asked again.
async fn finish(
    inbox: &Inbox,
    draft: Draft,
    form: &RequestForm,
    card: &Card,
    out: Option<&Path>,
) -> Result<Option<Done>, Failure> {
    prompt::say(&format!(
        "\nThis is what you would sign:\n\n{}\n",
        request_text(draft.request(), card.name.as_str())
    ));
    loop {
        let typed = match prompt::answer(
            "Type yes to sign it, save to keep it as a file, change to go through it again, no to leave:",
        )? {
            Answer::Text(typed) => typed,
            Answer::NotText => continue,
            Answer::End => return Err(Failure::LeftEarly),
        };
        match typed.as_str() {
            "yes" => {
                let out = match out {
                    Some(out) => Some(out.to_owned()),
                    None if card.relay.is_some() => None,
                    None => Some(new_file("Letter to write", "request.letter")?),
                };
                return send(inbox, draft, out.as_deref()).await.map(Some);
            }
            "save" => {
                let path = new_file("Draft to write", "draft.toml")?;
                let text =
                    toml::to_string(form).map_err(|_| Failure::Usage("This form cannot be written down."))?;
                files::write_new(&path, text.as_bytes())?;
                let said = format!(
                    "Nothing was signed. Your answers are kept in {path}; to go on:\n  countersign request new --file {path} --edit",
                    path = path.display()
                );
                return Ok(Some(Done::said(said, json!({ "draft": path }))));
            }
            "change" => return Ok(None),
            "no" => return Err(Failure::LeftEarly),
            _ => prompt::say("Please type one of the four words in full."),
        }
    }
}

/// A file that is not there yet.
fn new_file(question: &str, default: &str) -> Result<PathBuf, Failure> {
    loop {
        let path = match prompt::answer(&format!("{question} [Enter: {default}]:"))? {
            Answer::Text(typed) if typed.is_empty() => PathBuf::from(default),
            Answer::Text(typed) => PathBuf::from(typed),
            Answer::NotText => continue,
            Answer::End => return Err(Failure::LeftEarly),
        };
        match files::check_new(&path) {
            Ok(()) => return Ok(path),
            Err(flaw) => prompt::say(&format!("{flaw} Name another file.")),
        }
    }
}

/// The organisation to ask: the one that is named or the only one; chosen by number where there are several.
async fn which_organisation(inbox: &Inbox, named: Option<String>) -> Result<String, Failure> {
    let pins = inbox.organisations().await?;
    if named.is_some() || pins.len() < 2 {
        return Ok(inbox.organisation(named.as_deref()).await?.organisation.to_string());
    }
    let rows: Vec<String> =
        pins.iter().enumerate().map(|(i, p)| format!("  {}  {}", i + 1, p.name)).collect();
    prompt::say(&format!("Whom do you ask?\n{}", rows.join("\n")));
    loop {
        match prompt::answer("Number:")? {
            Answer::Text(typed) => {
                match typed.parse::<usize>().ok().and_then(|n| pins.get(n.wrapping_sub(1))) {
                    Some(pin) => return Ok(pin.id.clone()),
                    None => prompt::say(&format!("Choose a number from 1 to {}.", pins.len())),
                }
            }
            Answer::NotText => {}
            Answer::End => return Err(Failure::LeftEarly),
        }
    }
}

/// A request in full, as it is signed.
fn request_text(request: &Document, organisation: &str) -> String {
    let (a, p, asked) = (&request.applicant, &request.purpose, &request.asked);
    let networks: Vec<String> = asked.networks.iter().map(|n| n.to_string()).collect();
    let mut rows = vec![
        ("To", organisation.to_owned()),
        ("Request", format!("{}, revision {}", short(&request.id.to_string()), request.revision)),
        ("Written", time(request.made.0)),
        ("Service", format!("{} / {}", asked.service, asked.environment)),
        ("Scopes", asked.scopes.iter().map(|s| s.to_string()).collect::<Vec<_>>().join(", ")),
        ("From networks", if networks.is_empty() { "(cannot say)".to_owned() } else { networks.join(", ") }),
        ("Days", asked.days.to_string()),
        ("Why", p.why.to_string()),
        ("Workflow", p.workflow.to_string()),
        ("Usage", p.usage.to_string()),
        ("Data", p.data.to_string()),
        ("Safeguards", p.safeguards.to_string()),
        ("Company", a.company.to_string()),
        ("Person", format!("{}, {}", a.person, a.role)),
        ("E-mail", a.email.to_string()),
        ("When a key leaks", a.incident_contact.to_string()),
    ];
    if let Some(grant) = request.predecessor {
        rows.insert(2, ("Renews grant", grant.to_string()));
    }
    rows.extend(request.answers.iter().map(|answer| (answer.question.as_str(), answer.text.to_string())));
    fields(&rows)
}

const TEMPLATE: &str = r#"# A request for an API key. Fill in every field, then: countersign request new FILE
company = ""
person = ""
role = ""
email = ""
# Who is reached, day and night, when a key leaks.
incident_contact = ""

why = ""
workflow = ""
usage = ""
data = ""
safeguards = ""

# Short names from the organisation's card: countersign card list
service = ""
environment = ""
scopes = []
# Where your calls come from, such as "203.0.113.0/28". Leave empty only if you cannot say.
networks = []
days = 30

# For a renewal: the id of the grant.
# renews = ""

# Answers to the organisation's questions, by their short names.
[answers]
"#;

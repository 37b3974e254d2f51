//! A request, asked for field by field at a terminal. Every answer is judged at once, by the rules a file is judged by.
//!
//! Nothing is kept before the end: whoever leaves on the way leaves no trace.

mod fields;

use countersign_app::inbox::{
    RequestForm, check_day_count, check_email, check_line, check_network, check_prose,
};
use countersign_contract::Failure as View;
use countersign_documents::{
    card::Card,
    catalogue::{Environment, Scope, Service},
    text::visible,
};

use self::fields::{FIELDS, Field, slot, slot_mut};
use crate::{
    failure::Failure,
    layout,
    prompt::{self, Answer},
};

/// What is asked, in this order.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Service,
    Environment,
    Scopes,
    Networks,
    Days,
    Text(&'static Field),
    Question(usize),
}

/// Why an answer is asked for again.
enum Again {
    Because(String),
    /// Help was asked for.
    Help,
    Back,
}

/// Asks for everything the card wants to know. What the form holds already is kept with Enter.
pub(crate) fn fill(card: &Card, mut form: RequestForm) -> Result<RequestForm, Failure> {
    prompt::say(&format!(
        "A request to {}. Type ? for an example, < to go back, Ctrl-C to leave.\nNothing is signed or kept before you say so at the end.",
        card.name
    ));
    let mut steps = vec![Step::Service, Step::Environment, Step::Scopes, Step::Networks, Step::Days];
    steps.extend(FIELDS.iter().map(Step::Text));
    steps.extend((0..card.catalogue.questions.len()).map(Step::Question));
    // Answers to questions that this card does not ask would be refused at the end.
    form.answers.retain(|id, _| card.catalogue.questions.iter().any(|q| q.id.as_str() == id));
    let mut at = 0;
    while let Some(step) = steps.get(at) {
        prompt::say(&format!("\n({} of {}) {}", at + 1, steps.len(), heading(*step, card, &form)));
        at = match ask_until(*step, card, &mut form)? {
            true => at + 1,
            false => at.saturating_sub(1),
        };
    }
    Ok(form)
}

/// Asks until the answer holds; `false` where the person wants to go back.
fn ask_until(step: Step, card: &Card, form: &mut RequestForm) -> Result<bool, Failure> {
    loop {
        let typed = match prompt::answer(&label(step, card, form))? {
            Answer::End => return Err(Failure::LeftEarly),
            Answer::NotText => {
                prompt::say("That was no text. Please type it again.");
                continue;
            }
            Answer::Text(line) => continued(step, line)?,
        };
        let taken = match typed.as_str() {
            "?" => Err(Again::Help),
            "<" => Err(Again::Back),
            typed => take(step, typed, card, form),
        };
        match taken {
            Ok(()) => return Ok(true),
            Err(Again::Back) => return Ok(false),
            Err(Again::Help) => prompt::say(&help(step, card, form)),
            Err(Again::Because(why)) => {
                prompt::say(&format!("{why} Please answer again; ? shows an example."))
            }
        }
    }
}

/// A longer answer goes on below a line that ends in a backslash.
fn continued(step: Step, mut text: String) -> Result<String, Failure> {
    let long = matches!(step, Step::Text(Field { long: true, .. }) | Step::Question(_));
    while long && text.ends_with('\\') {
        text.pop();
        text.truncate(text.trim_end().len());
        text.push('\n');
        match prompt::answer("  more:")? {
            Answer::Text(line) => text.push_str(&line),
            Answer::NotText => prompt::say("That was no text. Please type this line again."),
            Answer::End => return Err(Failure::LeftEarly),
        }
    }
    Ok(text)
}

fn heading(step: Step, card: &Card, form: &RequestForm) -> String {
    match step {
        Step::Service => {
            let row = |s: &Service| {
                let text = s.text.as_ref().map(|t| format!(": {t}")).unwrap_or_default();
                format!("{} ({}){text}", s.name, s.id)
            };
            format!("Which service?\n{}", numbered(card.catalogue.services.iter().map(row)))
        }
        Step::Environment => {
            let row = |e: &Environment| {
                let class = if e.class.word() == e.id.as_str() { String::new() } else { format!(" ({})", e.class) };
                format!("{}{class}: {}, a key lives at most {} days", e.id, e.base_url, e.longest_days)
            };
            format!("Which environment? Each has keys of its own.\n{}", numbered(environments(card, form).iter().map(row)))
        }
        Step::Scopes => {
            let row = |s: &Scope| {
                let opens = s.endpoints.iter().map(|e| {
                    let methods = e.methods.iter().map(|m| m.word()).collect::<Vec<_>>().join("/");
                    format!("{methods} {}", e.path.as_str())
                });
                format!("{} ({}): {}", s.name, s.class, opens.collect::<Vec<_>>().join(", "))
            };
            format!(
                "What must the key be able to do? Ask for the least that serves.\n{}",
                numbered(scopes(card, form).iter().map(row))
            )
        }
        Step::Networks => "From which addresses will you call?\nThe public addresses of your servers. Enter alone says that you cannot tell; the company may insist.".to_owned(),
        Step::Days => format!(
            "For how many days?\nAt most {}. It can be renewed before it ends.",
            environment(card, form).map_or(0, |e| e.longest_days)
        ),
        Step::Text(field) => format!("{}\n{}", field.ask, field.what),
        Step::Question(n) => {
            let name = &card.name;
            format!("{name} asks: {}", card.catalogue.questions[n].text)
        }
    }
}

/// What stands before the answer, with what Enter keeps.
fn label(step: Step, card: &Card, form: &RequestForm) -> String {
    let kept = kept(step, card, form);
    let what = match step {
        Step::Service | Step::Environment => "Number",
        Step::Scopes => "Numbers, such as 1 or 1,2",
        Step::Networks => "Networks, such as 203.0.113.16/28",
        Step::Days => "Days",
        Step::Text(_) | Step::Question(_) => "Answer",
    };
    if kept.is_empty() {
        format!("{what}:")
    } else {
        format!("{what} [Enter keeps {}]:", visible(&kept.replace('\n', " ")))
    }
}

/// What was answered before, where it still fits the card.
fn kept(step: Step, card: &Card, form: &RequestForm) -> String {
    match step {
        Step::Service => service(card, form).map(|s| s.id.to_string()).unwrap_or_default(),
        Step::Environment => environment(card, form).map(|e| e.id.to_string()).unwrap_or_default(),
        Step::Scopes => {
            let offered = scopes(card, form);
            let fit = form.scopes.iter().all(|name| offered.iter().any(|s| s.name.as_str() == name));
            if fit { form.scopes.join(", ") } else { String::new() }
        }
        Step::Networks => form.networks.join(", "),
        Step::Days => {
            if form.days == 0 {
                String::new()
            } else {
                form.days.to_string()
            }
        }
        Step::Text(field) => slot(form, field.name).to_owned(),
        Step::Question(n) => {
            form.answers.get(card.catalogue.questions[n].id.as_str()).cloned().unwrap_or_default()
        }
    }
}

fn help(step: Step, card: &Card, form: &RequestForm) -> String {
    match step {
        Step::Service | Step::Environment => "Type the number in front of the line you want, or the short name.".to_owned(),
        Step::Scopes => format!(
            "Type the numbers of all you need, with commas between: 1,2. The names do as well: {}",
            scopes(card, form).iter().map(|s| s.name.as_str()).take(2).collect::<Vec<_>>().join(", ")
        ),
        Step::Networks => "An address and how many of its bits count, such as 203.0.113.16/28 (16 addresses) or 203.0.113.7/32 (one). Several with commas between. Addresses of your office network, such as 10.0.0.0/8, are not what the interface sees. A dash (-) says that you cannot tell.".to_owned(),
        Step::Days => "A whole number, such as 30.".to_owned(),
        Step::Text(field) => format!("For example: {}{}", field.example, if field.long { MORE } else { "" }),
        Step::Question(_) => format!("Answer in your own words.{MORE}"),
    }
}

const MORE: &str = "\nEnd a line with \\ to go on in another one.";

/// Judges an answer and takes it into the form.
fn take(step: Step, typed: &str, card: &Card, form: &mut RequestForm) -> Result<(), Again> {
    let typed = if typed.is_empty() { kept(step, card, form) } else { typed.to_owned() };
    match step {
        Step::Service => {
            let services = &card.catalogue.services;
            form.service = services[pick(&typed, services.iter().map(|s| s.id.as_str()))?].id.to_string();
        }
        Step::Environment => {
            let offered = environments(card, form);
            form.environment = offered[pick(&typed, offered.iter().map(|e| e.id.as_str()))?].id.to_string();
        }
        Step::Scopes => {
            let offered = scopes(card, form);
            let mut chosen = Vec::new();
            for word in words(&typed) {
                chosen.push(offered[pick(word, offered.iter().map(|s| s.name.as_str()))?].name.to_string());
            }
            if chosen.is_empty() {
                return Err(Again::Because("A key that may do nothing is no use.".to_owned()));
            }
            chosen.sort_unstable();
            chosen.dedup();
            form.scopes = chosen;
        }
        Step::Networks => {
            let given = if typed == "-" { "" } else { typed.as_str() };
            let networks = words(given).map(|text| check_network(text).map(|n| n.to_string()));
            form.networks = networks.collect::<Result<_, _>>().map_err(because)?;
        }
        Step::Days => {
            let days =
                typed.parse().map_err(|_| Again::Because("That is no whole number of days.".to_owned()))?;
            let environment = environment(card, form).ok_or(Again::Back)?;
            check_day_count(days, environment).map_err(because)?;
            form.days = days;
        }
        Step::Text(field) => {
            let judged = match field.name {
                "email" => check_email(&typed).map(drop),
                name if field.long => check_prose(name, &typed).map(drop),
                name => check_line(name, &typed).map(drop),
            };
            judged.map_err(because)?;
            *slot_mut(form, field.name) = typed;
        }
        Step::Question(n) => {
            check_prose("answers", &typed).map_err(because)?;
            form.answers.insert(card.catalogue.questions[n].id.to_string(), typed);
        }
    }
    Ok(())
}

fn because(error: countersign_app::Error) -> Again {
    let View { message, .. } = Failure::from(error).view();
    Again::Because(message)
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', ' ', ';']).map(str::trim).filter(|word| !word.is_empty())
}

/// By the number in front of it, or by its name.
fn pick<'a>(typed: &str, mut names: impl ExactSizeIterator<Item = &'a str>) -> Result<usize, Again> {
    let many = names.len();
    if let Ok(number) = typed.parse::<usize>()
        && (1..=many).contains(&number)
    {
        return Ok(number - 1);
    }
    let none = if many == 1 {
        "There is only number 1.".to_owned()
    } else {
        format!("Choose a number from 1 to {many}.")
    };
    names.position(|name| name == typed).ok_or(Again::Because(none))
}

fn numbered(rows: impl Iterator<Item = String>) -> String {
    // What goes on below stands under its text, not under its number.
    let width = layout::width_of(&std::io::stderr()).unwrap_or(80);
    let line = |(i, row): (usize, String)| layout::wrap(&format!("  {}  {row}", i + 1), width, 3);
    rows.enumerate().map(line).collect::<Vec<_>>().join("\n")
}

fn service<'a>(card: &'a Card, form: &RequestForm) -> Option<&'a Service> {
    card.catalogue.services.iter().find(|s| s.id.as_str() == form.service)
}

fn environments<'a>(card: &'a Card, form: &RequestForm) -> &'a [Environment] {
    service(card, form).map(|s| s.environments.as_slice()).unwrap_or_default()
}

fn environment<'a>(card: &'a Card, form: &RequestForm) -> Option<&'a Environment> {
    environments(card, form).iter().find(|e| e.id.as_str() == form.environment)
}

fn scopes<'a>(card: &'a Card, form: &RequestForm) -> &'a [Scope] {
    service(card, form).map(|s| s.scopes.as_slice()).unwrap_or_default()
}

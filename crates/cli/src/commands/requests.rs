//! The list of requests, on both sides.

use countersign_adapters::SystemClock;
use countersign_app::{ProfileKind, desk::Wanted};
use countersign_contract::{OwnRequestView, RequestView};
use countersign_ports::Clock as _;

use crate::{
    args::RequestList,
    failure::Failure,
    output::{Done, day, short, table},
    session::Session,
};

pub(crate) async fn list(s: &Session, wanted: RequestList) -> Result<Done, Failure> {
    if s.kind().await? == ProfileKind::Inbox {
        return own(s, wanted).await;
    }
    let wanted = Wanted {
        state: wanted.state,
        partner: wanted.partner,
        service: wanted.service,
        waiting_for: wanted.waiting_for,
        unread: wanted.unread,
        text: wanted.search,
    };
    let views = s.desk().await?.requests(&wanted).await?;
    let now = SystemClock.now().ok_or(countersign_app::Error::NoClock)?.0;
    let rows: Vec<_> = views.iter().map(|v| row(v, now)).collect();
    Ok(Done::new(
        &views,
        table(&["REQUEST", "STATE", "PARTNER", "SERVICE", "ASKED", "DUE", "WAITS FOR"], &rows),
    ))
}

fn row(view: &RequestView, now: u64) -> Vec<String> {
    let due = match view.due {
        Some(due) if due <= now => format!("{} LATE", day(due)),
        Some(due) => day(due),
        None => String::new(),
    };
    let mut waits = vec![if view.mine { format!("YOU: {}", view.waits_for) } else { view.waits_for.clone() }];
    if !view.blocked.is_empty() {
        waits.push(format!("BLOCKED by {}", view.blocked.join(", ")));
    }
    vec![
        short(&view.id),
        if view.unread { format!("{} (unread)", view.state) } else { view.state.clone() },
        view.company.clone(),
        format!("{} / {}", view.service, view.environment),
        day(view.received),
        due,
        waits.join("; "),
    ]
}

/// A partner's own requests: what happens next, in words.
async fn own(s: &Session, wanted: RequestList) -> Result<Done, Failure> {
    if wanted.partner.is_some() || wanted.waiting_for.is_some() || wanted.unread {
        return Err(Failure::Usage(
            "--partner, --waiting-for and --unread are for members; a partner has --state, --service and --search.",
        ));
    }
    let mut views = s.inbox().await?.requests().await?;
    let has = |v: &OwnRequestView, word: &str| {
        let all =
            format!("{} {} {} {} {}", v.id, v.organisation, v.service, v.environment, v.state).to_lowercase();
        all.contains(&word.to_lowercase())
    };
    views.retain(|v| {
        wanted.state.as_ref().is_none_or(|s| *s == v.state)
            && wanted
                .service
                .as_ref()
                .is_none_or(|s| *s == v.service || *s == format!("{}/{}", v.service, v.environment))
            && wanted.search.iter().flat_map(|text| text.split_whitespace()).all(|word| has(v, word))
    });
    // What asks something of the partner first, then the newest.
    views.sort_by_key(|v| (v.state != "changes-asked", core::cmp::Reverse(v.sent)));
    let row = |v: &OwnRequestView| {
        vec![
            short(&v.id),
            v.organisation.clone(),
            format!("{} / {}", v.service, v.environment),
            day(v.sent),
            v.state.clone(),
            v.next.clone(),
        ]
    };
    let rows: Vec<_> = views.iter().map(row).collect();
    Ok(Done::new(
        &views,
        table(&["REQUEST", "ORGANISATION", "SERVICE", "SENT", "STATE", "WHAT HAPPENS NEXT"], &rows),
    ))
}

//! What is due now, on both sides.

use countersign_app::ProfileKind;
use countersign_contract::DueView;

use crate::{
    args::Due,
    failure::Failure,
    layout,
    output::{Done, SOMETHING},
    session::Session,
};

pub(crate) async fn run(s: &Session, due: Due) -> Result<Done, Failure> {
    let list = match s.kind().await? {
        ProfileKind::Desk => s.desk().await?.due().await?,
        ProfileKind::Inbox => s.inbox().await?.due().await?,
    };
    if list.is_empty() {
        return Ok(Done::new(&list, if due.quiet { "" } else { "Nothing is due." }));
    }
    Ok(Done::new(&list, text(&list)).with_exit(SOMETHING))
}

fn text(list: &[DueView]) -> String {
    let width = layout::width_of(&std::io::stdout()).unwrap_or(usize::MAX);
    let one = |d: &DueView| {
        let said = layout::wrap(&format!("{:<4}  {}", d.urgency.to_uppercase(), d.text), width, 6);
        format!("{said}\n      {}", d.command)
    };
    list.iter().map(one).collect::<Vec<_>>().join("\n\n")
}

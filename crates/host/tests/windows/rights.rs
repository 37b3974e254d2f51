//! What a member may do is changed as anything of the organisation is: proposed by one admin, confirmed by another.

use countersign_contract::*;

use crate::world::{World, ok, refused};

#[tokio::test]
async fn rights_change_when_a_second_admin_confirms_and_not_before() {
    let world = World::founded().await;
    let (alice, ben) = (&world.alice, &world.ben);
    let of = |members: &[MemberView], me: bool| {
        members
            .iter()
            .find(|m| m.me == me)
            .map(|m| (m.id.clone(), m.rights.clone()))
            .expect("both are members")
    };
    let (id, before) = of(&ok(Team::members(&alice.host, Nothing {}).await), false);
    let wish = |rights: &[&str]| RenewMember {
        id: id.clone(),
        rights: Some(rights.iter().map(|&right| right.to_owned()).collect()),
    };

    assert_eq!(refused(Team::renew(&alice.host, wish(&["rule"])).await), "usage", "there is no such right");
    let code = refused(Team::renew(&alice.host, wish(&["audit", "vet"])).await);
    assert_eq!(code, "value-not-accepted", "who audits does nothing else");

    let changes = ok(Team::renew(&alice.host, wish(&["vet", "admin"])).await);
    let [change] = changes.as_slice() else { panic!("one change waits: {changes:?}") };
    let (_, now) = of(&ok(Team::members(&ben.host, Nothing {}).await), true);
    assert_eq!(now, before, "a proposal changes nothing");

    ok(Team::confirm(&ben.host, ById { id: change.id.clone() }).await);
    let view = ben.reads().await;
    let rights = view.fields.iter().find(|f| f.name == "rights").expect("the window shows the rights");
    assert_eq!(rights.after.as_deref(), Some("vet\nadmin"), "in the words of the certificate");
    ok(ben.answers(&view.id, true).await);
    let (_, now) = of(&ok(Team::members(&alice.host, Nothing {}).await), false);
    assert_eq!(now, ["vet", "admin"]);

    let kept = RenewMember { id: id.clone(), rights: None };
    ok(Team::renew(&alice.host, kept).await);
    let waiting = ok(Team::changes(&ben.host, Nothing {}).await);
    ok(Team::confirm(&ben.host, ById { id: waiting[0].id.clone() }).await);
    let view = ben.reads().await;
    ok(ben.answers(&view.id, true).await);
    let (_, now) = of(&ok(Team::members(&alice.host, Nothing {}).await), false);
    assert_eq!(now, ["vet", "admin"], "a renewal alone leaves them as they are");
}

"""How a team changes, in the windows: a person joins with an identity of her own, each fingerprint read by one side and typed
by the other; one admin proposes, another confirms; she works with the rights she was given; and members go again. What the
windows claim is looked up on the ledger, by the command line."""

import json

import prelude
from journeys import expect
from stage import DIALOG, DIGITS, Cast, alarmed, check, choose_request, confirm, newcomer
from webdriver import quoted

ALICE, BEN, CAROL = "Alice Lindqvist", "Ben Okafor", "Carol Nyberg"
FOUNDER = ["admin", "approve", "issue", "vet"]
# A fingerprint that nobody has.
MISHEARD = "12345 23456 34567 45678 56789 67890 78901"


def members(cast, person="alice"):
    """Who may what, as the ledger has it; whoever is suspended may nothing."""
    there = cast.ask(person, "member", "list")
    return {each["name"]: "suspended" if each["suspended"] else sorted(each["rights"]) for each in there}


def events(cast, since=0):
    return [each["event"] for each in cast.ask("alice", "ledger", "list")][since:]


def member(cast, name):
    """A member, as the ledger has it."""
    return next(each for each in cast.ask("alice", "member", "list") if each["name"] == name)


def heard(cast, name):
    """Who compared this member's fingerprint, and how."""
    there = member(cast, name)
    return [(each["by"], each["channel"], each["source"], each["attended"]) for each in there["compared"]]


def row(app, name):
    """The line of a member on the Team page."""
    return app.read(f"//main//tbody/tr[td/strong[normalize-space(.)={quoted(name)}]]", f"the line of {name}")


def offered(app, act):
    """Whether the page has this button, as it stands."""
    return app.find(f"//main//button[normalize-space(.)={quoted(app.says(act))}]", "", 0) is not None


def introduced(cast):
    """The first run of somebody who joins: a profile, and its identity card for an admin. Returns her desk."""
    carol = newcomer(cast, "carol", "desk", CAROL)
    carol.shows("own-fingerprint-help")
    carol.press("founding-card")
    carol.fill("founding-card-out", cast.path("carol.card"))
    carol.press("founding-card-do")
    carol.shows("founding-card-done")
    carol.picture("card-written")
    return carol


def attach(cast, carol, digits):
    """Carol attaches to the ledger, with the organisation's fingerprint as she hears it."""
    # From another way, so that nothing is left of what was typed before.
    carol.press("founding-card")
    carol.press("founding-attach")
    carol.fill("founding-ledger-in", cast.path("ledger.db"))
    carol.fill("channel-source", "the staff list")
    carol.hear(digits)
    carol.press("founding-attach-do")


def refused(app, name):
    """Waits until the page says why something was not done. Returns its words."""
    app.until(lambda: alarmed(app), f"{name} is refused")
    app.settle()
    app.picture(name)
    return alarmed(app)


def add(cast, alice, digits):
    """In the dialog that proposes a member: the card, and what Alice hears."""
    alice.press("member-add")
    alice.fill("member-card", cast.path("carol.card"), within=DIALOG)
    alice.fill("channel-source", "the contract of employment", within=DIALOG)
    alice.hear(digits)


def proposed(cast, alice, digits):
    """Alice calls Carol. What she mishears leaves no trace; what she hears is on the record, with how."""
    before = len(events(cast))
    alice.go("team")
    add(cast, alice, MISHEARD)
    alice.press("propose", within=DIALOG)
    said = refused(alice, "misheard-member")
    expect("The fingerprints differ" in said, f"what was misheard is refused by: {said}")
    expect(events(cast, before) == [], f"what was misheard came onto the record: {events(cast, before)}")
    # Read once more, and typed over what stands there.
    alice.click(f"{DIALOG}//fieldset//input[@inputmode='numeric']", "the first box of the fingerprint")
    alice.keys(digits.replace(" ", ""))
    alice.picture("member-add")
    alice.press("propose", within=DIALOG)
    waits_for_another(alice, CAROL)
    expect(events(cast, before) == ["member-checked", "change-proposed"], f"the record goes on with {events(cast, before)}")
    expect(CAROL not in members(cast), "one admin alone made a member")


def waits_for_another(alice, name):
    """Whoever proposed a change sees whom it is about and that it waits, and cannot confirm it."""
    waits = f"//main//li[contains(., {quoted(name)})]//*[normalize-space(.)={quoted(alice.says('change-waits'))}]"
    alice.find(waits, f"a change of {name} that waits")
    alice.picture("change-waits")
    expect(not offered(alice, "change-look"), "who proposed it could confirm it")


def too_early(cast, carol, organisation):
    """Half an admission opens no ledger."""
    before = events(cast)
    attach(cast, carol, organisation)
    said = refused(carol, "too-early")
    expect(events(cast) == before, f"somebody whom one admin proposed came onto the record: {said}")
    carol.shows("no-organisation")


def confirmed(cast, ben, digits):
    """Ben reads who it is, with which rights, and who heard her how; and confirms."""
    before = len(events(cast))
    ben.go("team")
    ben.press("change-look")
    shown = confirm(ben, "change")
    for words in (CAROL, digits, ben.says("right-vet"), ALICE, "the contract of employment", ben.says("channel-phone")):
        expect(words in shown, f"the confirm window does not show {words}:\n{shown}")
    expect(members(cast) == {ALICE: FOUNDER, BEN: FOUNDER, CAROL: ["vet"]}, f"the members are {members(cast)}")
    expect(events(cast, before) == ["change-confirmed", "keys-shared"], f"the record goes on with {events(cast, before)}")
    by = heard(cast, CAROL)
    expect(by == [(ALICE, "phone", "the contract of employment", True)], f"on the record Carol was heard by {by}")


def joined(cast, carol, alice, organisation):
    """Carol's desk opens once she has typed the organisation's fingerprint, and shows the same as the others."""
    attach(cast, carol, MISHEARD)
    said = refused(carol, "misheard-organisation")
    expect("The fingerprints differ" in said, f"another organisation's ledger is refused by: {said}")
    attach(cast, carol, organisation)
    carol.shows("Organisation · Larkfield Logistics")
    carol.go("team")
    carol.shows("this-desk")
    carol.picture("joined")
    for app in (carol, alice):
        line = row(app, CAROL)
        expect(app.says("right-vet") in line and f"{ALICE}, {app.says('channel-phone')}" in line, f"the Team page says of Carol: {line}")
    for act in ("member-add", "member-suspend", "member-rights"):
        expect(offered(alice, act) and not offered(carol, act), f"admins alone are offered: {act}")
    # Her own desk has the ledger, and said on it what she heard.
    expect(members(cast, "carol") == members(cast), f"Carol's desk knows other members: {members(cast, 'carol')}")
    compared = cast.ask("alice", "org", "show")["compared"]
    expect([(each["by"], each["source"], each["attended"]) for each in compared] == [(CAROL, "the staff list", True)], f"it was compared: {compared}")


def works(cast, carol, ben):
    """Carol calls the partner and gives the first signature, Ben the second."""
    request = prelude.received(cast, "request")
    choose_request(carol)
    check(carol, cast.fingerprint("noor"))
    carol.press("vet")
    confirm(carol, "vet")
    carol.shows("state-vetted")
    carol.picture("vetted")
    choose_request(ben)
    ben.press("countersign")
    confirm(ben, "countersign")
    ben.shows("state-countersigned")
    given = [(each["step"], each["name"]) for each in cast.ask("alice", "request", "show", request)["signatures"]]
    expect(given == [("vetted", CAROL), ("countersigned", BEN)], f"the signatures are {given}")


def rail(app):
    """Who sits at this desk, with which rights."""
    return app.read("//nav/footer/p", "who sits here")


def gets_a_right(cast, alice, ben, carol):
    """Another right is another certificate: nothing of it holds before Ben confirms."""
    alice.press(of(alice, "member-rights-of", CAROL))
    alice.click(f"{DIALOG}//input[@value='approve']", "the right to approve")
    alice.press("propose", within=DIALOG)
    waits_for_another(alice, CAROL)
    expect(members(cast)[CAROL] == ["vet"], "one admin alone gave a right")
    ben.go("team")
    ben.press("change-look")
    shown = confirm(ben, "change")
    for words in (CAROL, ben.says("right-approve")):
        expect(words in shown, f"the confirm window does not show {words}:\n{shown}")
    expect(members(cast)[CAROL] == ["approve", "vet"], f"the members are {members(cast)}")
    alice.until(lambda: alice.says("right-approve") in row(alice, CAROL), "the Team page shows the new right")
    carol.until(lambda: carol.says("right-approve") in rail(carol), "Carol's own desk knows the new right")


def of(app, text, name):
    """What a button of a member's line is called."""
    return app.text[text].replace("{ $name }", name)


def suspend(alice, name, why):
    alice.press(of(alice, "member-suspend-of", name))
    alice.fill("why", why, within=DIALOG)
    alice.press("member-suspend", within=DIALOG)


def founder_goes(cast, alice, carol, ben):
    """Of two admins none suspends the other alone; proposed by one and confirmed by a member who is no admin, it holds."""
    before = len(events(cast))
    suspend(alice, BEN, "He has left.")
    said = refused(alice, "too-few-admins")
    expect(events(cast, before) == [] and members(cast)[BEN] == FOUNDER, f"one admin alone suspended the only other: {said}")
    alice.fill("why", "He has left the company.", within=DIALOG)
    alice.press("member-suspend-propose", within=DIALOG)
    waits_for_another(alice, BEN)
    carol.press("change-look")
    shown = confirm(carol, "change")
    for words in (BEN, "He has left the company.", ALICE, carol.says("right-admin")):
        expect(words in shown, f"the confirm window does not show {words}:\n{shown}")
    expect(events(cast, before) == ["change-proposed", "change-confirmed"], f"the record goes on with {events(cast, before)}")
    expect(members(cast)[BEN] == "suspended", f"the members are {members(cast)}")
    ben.until(lambda: ben.says("suspended") in row(ben, BEN), "Ben's own desk says so")
    ben.until(lambda: not offered(ben, "member-add") and ben.says("right-admin") not in rail(ben), "a suspended admin is offered nothing")
    ben.picture("suspended")
    due = [each["kind"] for each in json.loads(cast.command("alice", "--json", "due", code=5))]
    expect("shared-keys" in due, f"nobody is told that Ben still has the keys, only: {due}")
    # Whatever his page still asks, the core does nothing for him.
    said, why = ben.invoke("team/suspend", {"member": member(cast, CAROL)["id"], "why": "Revenge.", "propose": False})
    expect(said == "refused" and why["code"] == "suspended", f"a desk that is suspended was answered: {why}")


def member_goes(cast, alice, carol):
    """Who is no admin goes by one admin's word, at once. The keys she knew are replaced; what she signed opens nothing any more."""
    before = len(events(cast))
    suspend(alice, CAROL, "Her laptop was stolen.")
    alice.until(lambda: alice.says("suspended") in row(alice, CAROL), "the Team page says that Carol is suspended")
    alice.picture("both-suspended")
    expect(events(cast, before) == ["member-suspended", "keys-replaced"], f"the record goes on with {events(cast, before)}")
    expect(members(cast) == {ALICE: FOUNDER, BEN: "suspended", CAROL: "suspended"}, f"the members are {members(cast)}")
    carol.until(lambda: carol.says("suspended") in row(carol, CAROL), "Carol's own desk says so")
    late = prelude.received(cast, "late", company="Birchwood Freight")
    expect(late not in [each["id"] for each in cast.ask("carol", "request", "list")], "who is suspended reads what comes later")
    choose_request(alice)
    # Nothing follows from what they signed: it is to be vetted once more, and no key is offered.
    alice.shows("The request must be vetted again.")
    alice.picture("vetted-anew")
    vet = f"//main//footer//button[starts-with(normalize-space(.), {quoted(alice.says('vet'))})]"
    expect(alice.find(vet, "", 0) is not None and not offered(alice, "issue"), "it is offered to be vetted, and not to be issued")
    fallen = next(each["id"] for each in cast.ask("alice", "request", "list") if each["id"] != late)
    said, why = alice.invoke("keys/issue", {"request": fallen, "pasted": None, "path": None})
    expect(said == "refused" and why["code"] == "signer-gone", f"a desk that would issue was answered: {why}")
    expect(cast.ask("alice", "key", "list") == [], "a key was made on the word of two who are suspended")


def joining(desktop, program):
    cast = Cast(desktop, program)
    prelude.organisation(cast)
    carol = introduced(cast)
    alice, ben = cast.sit_down("alice", "desk"), cast.sit_down("ben", "desk")
    alice.go("team")
    organisation, digits = alice.read(DIGITS, "the organisation's fingerprint"), carol.read(DIGITS, "a fingerprint")
    proposed(cast, alice, digits)
    too_early(cast, carol, organisation)
    confirmed(cast, ben, digits)
    joined(cast, carol, alice, organisation)
    print("joining: heard by an admin, confirmed by another, heard the organisation herself; three fingerprints typed, two misheard", flush=True)
    works(cast, carol, ben)
    gets_a_right(cast, alice, ben, carol)
    print("joining: gave the first signature of a grant, and got the right to approve", flush=True)
    carol.go("team")
    founder_goes(cast, alice, carol, ben)
    member_goes(cast, alice, carol)
    cast.command("alice", "ledger", "verify")
    print(f"joining: the ledger holds, and says: {members(cast)}", flush=True)

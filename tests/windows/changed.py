"""What is seen is what is signed: what changes between preview and press, or in the page alone, is never signed."""

import prelude
from stage import Cast, choose_request
from webdriver import Unexpected


def expect(true, what):
    if not true:
        raise Unexpected(what)


def signatures(cast, request):
    return cast.ask("alice", "request", "show", request)["signatures"]


def entries(cast, event):
    return sum(each["event"] == event for each in cast.ask("alice", "ledger", "list"))


def ask_in_window(app, act):
    """Presses, and reads what the confirm window shows."""
    app.press(act)
    app.window("confirm")
    app.shows(f"confirm-{act}")
    return app.page()


def leave(app):
    """Closes the confirm window by its own button, whatever that says by now."""
    words = [app.says("not-now"), app.says("close")]
    app.click("//footer//button[" + " or ".join(f"normalize-space(.)='{each}'" for each in words) + "]", "the button that leaves")
    app.until(lambda: "confirm" not in app.windows(), "the confirm window closes")
    app.window("desk")


def pressed_too_late(app, act):
    """Says yes to what has changed meanwhile. Returns what the window says to that."""
    app.press(f"confirm-{act}-yes")
    app.until(lambda: app.read("//*[@role='alert']", "an alert") != "", "the window says why nothing was signed")
    app.picture(f"changed-{act}")
    said = app.read("//*[@role='alert']", "an alert")
    expect(app.find(f"//button[normalize-space(.)='{app.says(f'confirm-{act}-yes')}']", "", 0) is None, "what was refused can be pressed again")
    leave(app)
    return said


def before_the_first(cast, alice, request):
    """The other desk narrows the grant while Alice reads what she would vet."""
    choose_request(alice)
    shown = ask_in_window(alice, "vet")
    expect("203.0.113.16/28" in shown, "the confirm window does not show the network")
    cast.command("ben", "request", "narrow", request, "--days", "7")
    said = pressed_too_late(alice, "vet")
    expect(signatures(cast, request) == [], f"what Alice did not see was signed; the window said: {said}")
    alice.shows("7 days")
    alice.shows("state-received")
    print(f"changed: narrowed before the first signature: {said.splitlines()[0]}", flush=True)


def before_the_second(cast, alice, request):
    """Ben has vetted. While Alice reads what she would countersign, the grant is narrowed, and vetted anew."""
    cast.command("ben", "request", "vet", request, "--yes")
    alice.shows("state-vetted")
    shown = ask_in_window(alice, "countersign")
    first = cast.ask("ben", "request", "show", request)["grant"]
    expect(first in shown, "the confirm window does not show the digest of the grant")
    cast.command("ben", "request", "narrow", request, "--days", "5")
    expect(signatures(cast, request) == [], "a signature outlived the grant that it was given for")
    cast.command("ben", "request", "vet", request, "--yes")
    said = pressed_too_late(alice, "countersign")
    given = signatures(cast, request)
    expect([each["step"] for each in given] == ["vetted"], f"the second signature was given for what nobody saw: {given}")
    print(f"changed: narrowed and vetted anew before the second: {said.splitlines()[0]}", flush=True)


def by_the_partner(cast, alice, request):
    """The partner sends a revision while Alice reads what she would countersign."""
    alice.shows("5 days")
    ask_in_window(alice, "countersign")
    (cast.folder / "revision.toml").write_text(prelude.form({"days": "4"}), encoding="utf-8")
    own = cast.ask("noor", "request", "list")[0]["id"]
    cast.command("noor", "request", "revise", own, "revision.toml", "--out", "revision.letter")
    cast.command("ben", "request", "import", "revision.letter")
    said = pressed_too_late(alice, "countersign")
    expect(signatures(cast, request) == [], "a signature outlived the request that it was given for")
    refused = cast.command("ben", "key", "issue", request, code=1)
    expect("larkfield_" not in refused, "a key was made without signatures")
    print(f"changed: revised by the partner before the second: {said.splitlines()[0]}", flush=True)


LIES = """const lies = document.createTreeWalker(document.getElementById('app'), NodeFilter.SHOW_TEXT);
    let count = 0;
    while (lies.nextNode()) {
        const at = lies.currentNode, said = at.data;
        at.data = said.replace('webhooks:admin', 'shipments:read').replace('production', 'sandbox');
        if (at.data !== said) count += 1;
    }
    return count;"""


def in_the_page(cast, alice, harmless, harmful):
    """A desk page that lies: it shows one thing, and asks the core for another."""
    choose_request(alice, "Birchwood Freight")
    alice.shows("webhooks:admin")
    changed = alice.script(LIES)
    expect(changed > 0 and "webhooks:admin" not in alice.page(), "the page does not lie")
    shown = ask_in_window(alice, "vet")
    alice.picture("lying-page")
    expect("webhooks:admin" in shown and "shipments / production" in shown, f"the confirm window repeats the page's lie:\n{shown}")
    leave(alice)

    choose_request(alice)
    asked = alice.invoke("requests/vet", {"id": harmful})
    expect(asked[0] == "answer", f"the page could not ask: {asked}")
    alice.window("confirm")
    alice.shows("webhooks:admin")
    shown = alice.page()
    expect("shipments / production" in shown, f"the confirm window shows another request than would be signed:\n{shown}")
    alice.window("desk")
    refused = [alice.invoke(call, request) for call, request in (
        ("confirm/read", {}), ("confirm/answer", {"id": "", "yes": True}), ("requests/countersign", {"id": harmless}),
        ("keys/issue", {"request": harmful, "pasted": None, "path": None}), ("reveal/read", {}), ("vault/read", {}),
    )]
    expect(all(said == "refused" for said, _ in refused), f"the page was answered what it may not ask: {refused}")
    alice.window("confirm")
    leave(alice)
    expect(signatures(cast, harmless) == [] and signatures(cast, harmful) == [], "something was signed that nobody said yes to")
    print(f"changed: {changed} texts of a lying page, and {len(refused)} calls that a page may not make: nothing of it was signed", flush=True)


def changed(desktop, program):
    cast = Cast(desktop, program)
    prelude.organisation(cast)
    request = prelude.checked(cast, "first")
    alice = cast.sit_down("alice", "desk")
    before_the_first(cast, alice, request)
    before_the_second(cast, alice, request)
    by_the_partner(cast, alice, request)
    harmful = prelude.checked(cast, "second", company="Birchwood Freight", environment="production", scopes="webhooks:admin")
    # For production two people call.
    cast.typed("ben", [cast.fingerprint("noor")], "identity", "check", harmful, "--channel", "phone", "--source", "the register")
    alice.shows("Birchwood Freight")
    in_the_page(cast, alice, request, harmful)
    events = {name: entries(cast, name) for name in ("grant-narrowed", "vetted", "countersigned", "request-received")}
    expect(events == {"grant-narrowed": 2, "vetted": 2, "countersigned": 0, "request-received": 3}, f"the ledger says otherwise: {events}")
    print(f"changed: on the ledger: {events}", flush=True)

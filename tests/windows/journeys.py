"""Whole journeys in the real windows: what people press and type, and what they must see."""

import os
import stat

import prelude
from stage import (
    ANSWERS, DIALOG, DIGITS, FORM, PASSPHRASE, Cast, check, choose_request, confirm, first_window, found, import_letter, pin,
    protect, send_request, set_up,
)
from webdriver import Unexpected


def expect(true, what):
    if not true:
        raise Unexpected(what)


def first_run(desktop, program):
    """(a) and (e): a newcomer makes a profile, confirms the recovery code, locks, and unlocks in both ways."""
    app = first_window(desktop, "newcomer", "desk", "Alice Lindqvist")
    app.fill("passphrase-new", PASSPHRASE)
    app.fill("passphrase-again", PASSPHRASE + "!")
    app.press("go-on")
    app.shows("The two passphrases differ")
    code = protect(app)
    app.fill("recovery-typed", code[:-1] + ("0" if code[-1] != "0" else "1"))
    app.press("go-on")
    app.until(lambda: app.read("//*[@role='alert']", "an alert") != "", "a code that was mistyped is refused")
    app.fill("recovery-typed", code)
    app.press("go-on")

    app.window("desk")
    app.shows("own-fingerprint-help")
    app.picture("unattached-desk")
    app.until(lambda: app.windows() == ["desk"], "only the desk is open")
    app.window("desk")
    fingerprint = app.read(DIGITS, "a fingerprint")

    for way, typed in (("passphrase", PASSPHRASE), ("recovery code", code)):
        app.press("lock")
        app.window("start")
        app.shows("start-locked")
        app.until(lambda: app.windows() == ["start"], "a locked profile has no other window")
        app.window("start")
        app.press("unlock")
        app.window("vault")
        app.fill("passphrase", "not this one, certainly not")
        app.press("go-on")
        app.until(lambda: app.read("//*[@role='alert']", "an alert") != "", "a wrong passphrase is refused")
        expect("desk" not in app.windows(), "a wrong passphrase opened the desk")
        app.window("vault")
        app.fill("passphrase", typed)
        app.press("go-on")
        app.window("desk")
        app.shows("own-fingerprint-help")
        again = app.read(DIGITS, "a fingerprint")
        expect(again == fingerprint, f"the {way} opened another identity: {again}, not {fingerprint}")


def prepared(desktop, program):
    """Alice and Ben at their desks with an organisation, Noor at her inbox with it pinned: by hand, all of it."""
    cast = Cast(desktop, program)
    for person, kind, name in (("alice", "desk", "Alice Lindqvist"), ("ben", "desk", "Ben Okafor"), ("noor", "inbox", "Noor Haddad")):
        cast.make(person, kind, name)
    alice, ben = cast.sit_down("alice", "desk"), cast.sit_down("ben", "desk")
    found(cast, alice, ben)
    alice.picture("founded")
    set_up(cast, alice, ben)
    noor = cast.sit_down("noor", "inbox")
    alice.go("team")
    pin(cast, noor, alice.read(DIGITS, "the organisation's fingerprint"))
    noor.picture("pinned")
    return cast, alice, ben, noor


def ask(cast, alice, noor):
    """(b), so far: the partner asks, and a desk takes the request in."""
    noor.go("asks")
    noor.press("ask-new")
    send_request(cast, noor, "request.letter", FORM, ANSWERS)
    import_letter(cast, alice, "request.letter", "request")
    choose_request(alice)
    alice.picture("request")


def exchange(cast, alice, ben, noor):
    """(b), from then on: two signatures, issue, hand over, open, receipt, active."""
    vet = f"//main//footer//button[starts-with(normalize-space(.), '{alice.says('vet')}')]"
    expect(alice.find(vet, "the button") and alice.find(f"{vet}[not(@disabled)]", "", 0) is None, "what nobody checked can be vetted")
    noor.go("identity")
    check(alice, noor.read(DIGITS, "a fingerprint"))
    # Asked twice, answered once: the window that is there begins again. Until it does, it shows a question that is over.
    alice.press("vet")
    alice.window("confirm")
    alice.shows("confirm-vet-help")
    alice.script("window.before = true")
    alice.window("desk")
    alice.press("vet")
    alice.window("confirm")
    alice.until(lambda: not alice.script("return window.before === true"), "the confirm window begins again")
    vetted = confirm(alice, "vet")
    alice.shows("state-vetted")
    expect(alice.find("//button[starts-with(normalize-space(.), 'Countersign') and not(@disabled) and not(ancestor::nav)]", "", 0) is None,
           "whoever vetted could countersign")

    choose_request(ben)
    ben.press("countersign")
    second = confirm(ben, "countersign")
    ben.shows("state-countersigned")
    ben.picture("countersigned")
    for line in ("shipments / sandbox", "shipments:read", "203.0.113.16/28"):
        expect(line in vetted and line in second, f"a confirm window did not show: {line}")

    alice.shows("state-countersigned")
    alice.press("issue")
    alice.press("hand-over")
    alice.fill("envelope-out", cast.path("key.countersign"), within=DIALOG)
    alice.press("hand-over-do", within=DIALOG)
    alice.shows("secret-apart")
    secret = alice.read("//*[contains(@class,'secret')]", "the secret")
    expect(len(secret) == 43, f"the secret has {len(secret)} characters")
    alice.press("close", within=DIALOG)

    noor.go("inbox")
    noor.fill("envelope-in", cast.path("key.countersign"))
    noor.fill("secret-in", secret)
    noor.press("inspect-do")
    noor.shows("Larkfield Logistics gives you a key for shipments")
    for words in ("Alice Lindqvist", "Ben Okafor", "shipments:read", "203.0.113.16/28"):
        noor.shows(words)
    noor.picture("inspected")
    noor.press("open-envelope")
    noor.fill("receipt-out", cast.path("receipt.letter"), within=DIALOG)
    noor.press("receipt-do", within=DIALOG)
    noor.until(lambda: noor.says("receipt-written") in noor.announced(), "the receipt is written")
    noor.press("save")
    noor.fill("save-out", cast.path("key.env"), within=DIALOG)
    noor.press("save-do", within=DIALOG)
    noor.until(lambda: noor.says("saved") in noor.announced(), "the key is saved")
    key = (cast.folder / "key.env").read_text(encoding="ascii").split("=", 1)[1].strip().strip("'")
    expect(key.startswith("larkfield_"), "the saved file holds no key of this issuer")
    expect(stat.S_IMODE(os.stat(cast.path("key.env")).st_mode) == 0o600, "the saved key is readable by others")
    expect(key not in noor.page(), "saving showed the key")

    import_letter(cast, alice, "receipt.letter", "receipt")
    held = cast.ask("alice", "key", "list")
    expect(held[0]["state"] == "active", f"the key is {held[0]['state']}, not active")
    alice.picture("active")
    return key


def reveal(cast, noor, key):
    """The key in a window of its own, once, and nowhere else."""
    noor.press("reveal")
    noor.window("reveal")
    noor.shows("never-send-on")
    expect(noor.read("//*[contains(@class,'key')]", "a key") == key, "the window shows another key than the file has")
    noor.picture("reveal")
    noor.script("location.reload()")
    noor.until(lambda: key not in noor.page() and noor.page() != "", "a reload shows nothing")
    noor.window("inbox")


def leak(cast, alice, key):
    """(d): a key stands in a log; whose it is, and that it stops."""
    (cast.folder / "build.log").write_text(f"step 3\nenv SHIPMENTS_API_KEY={key} ./start\ndone\n", encoding="ascii")
    alice.go("keys")
    alice.press("leak")
    alice.fill("leak-file", cast.path("build.log"), within=DIALOG)
    alice.press("leak-look", within=DIALOG)
    alice.shows("Line 2")
    expect("Oakbridge Analytics" in alice.page(), "the holder of the leaked key is not named")
    alice.picture("leak")
    alice.press("revoke", within=DIALOG)
    alice.shows("This stops 1 key")
    alice.press("Revoke 1 key", within=DIALOG)
    confirm(alice, "stop")
    stopped = cast.ask("alice", "key", "list")
    expect(stopped[0]["state"] == "revoked", f"the key is {stopped[0]['state']}, not revoked")
    hashes = (cast.folder / "gateway" / "keys.hashes").read_text(encoding="utf-8")
    expect(key not in hashes, "the hash file holds the key itself")
    alice.picture("revoked")


def decline_and_revise(cast, alice, noor):
    """(c): a question, a revision that comes as a text, a refusal with its reason as a picture of codes."""
    prelude.sent(cast, "second", scopes="shipments:read labels:write")
    import_letter(cast, alice, "second.letter", "request")
    choose_request(alice)
    narrow_and_undo(cast, alice)
    alice.press("ask-changes")
    alice.fill("ask-text", "Why do you need to write labels?", within=DIALOG)
    alice.fill("letter-out", cast.path("question.letter"), within=DIALOG)
    alice.press("ask-do", within=DIALOG)
    alice.shows("state-changes-asked")

    read_letter(cast, noor, "question.letter", "Why do you need to write labels?")
    noor.press("revise")
    # What was asked before stands there already.
    noor.until(lambda: noor.value("form-company") == FORM["company"], "the form begins with what was asked")
    send_request(cast, noor, "revised.txt", {"scopes": "shipments:read"})
    import_letter(cast, alice, "revised.txt", "request", pasted=True)
    choose_request(alice)
    alice.shows("state-received")
    alice.press("decline")
    alice.fill("decline-reason", "Your company has a live key for the same.", within=DIALOG)
    alice.fill("letter-out", cast.path("refusal.png"), within=DIALOG)
    alice.press("decline-do", within=DIALOG)
    alice.shows("state-declined")
    read_letter(cast, noor, "refusal.png", "Your company has a live key for the same.")
    noor.shows("ask-state-declined")


def narrow_and_undo(cast, alice):
    """A step back where one is honest: what would be granted is as it was, and both steps are on the record."""
    struck = "//del[contains(., 'labels:write')]"
    alice.press("narrow")
    alice.click(f"{DIALOG}//label[contains(., 'labels:write')]/input", "the scope")
    alice.press("narrow-do", within=DIALOG)
    alice.find(struck, "a scope that is struck out")
    alice.shows("What would be granted to Oakbridge Analytics was narrowed.")
    alice.picture("narrowed")
    alice.keys("z", held="\ue009")
    alice.until(lambda: alice.find(struck, "", 0) is None, "the scope is granted again")
    events = [each["event"] for each in cast.ask("alice", "ledger", "list")]
    expect(events[-2:] == ["grant-narrowed", "grant-narrowed"], f"the record ends with {events[-2:]}")


def read_letter(cast, noor, name, words):
    noor.go("asks")
    noor.press("read-message")
    noor.fill("letter-in", cast.path(name), within=DIALOG)
    noor.press("open", within=DIALOG)
    noor.shows(words)


HOSTILE = "<img src=x onerror=\"document.title='ran'\"><script>document.title='ran'</script>"


def hostile(cast, alice, noor):
    """(f): markup in every field that takes free text is shown as text, and nothing of it runs."""
    free = ("company", "person", "role", "why", "workflow", "usage", "data", "safeguards")
    prelude.sent(cast, "hostile", answer=HOSTILE, **{name: f"{HOSTILE} {name}" for name in free})
    noor.go("inbox")
    noor.go("asks")
    import_letter(cast, alice, "hostile.letter", "request")
    choose_request(alice, "<img src=x")
    page = alice.page()
    for name in ("company", "why", "workflow", "usage", "data", "safeguards"):
        expect(f"{HOSTILE} {name}" in page, f"the request does not show {name} as it was written")
    alice.picture("hostile")
    for app in (alice, noor):
        expect(app.script("return document.title") != "ran", "a script of the request ran")
        found_ = app.script("return document.querySelectorAll('img, #app script, iframe, object').length")
        expect(found_ == 0, f"{found_} elements of the request became part of the page")

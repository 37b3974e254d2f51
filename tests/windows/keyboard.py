"""Journey (b) with nothing but a keyboard, from the first run on: no press of a mouse, no focus by script, no command line,
and every stop shows where it is."""

import os
import stat

from hands import CONTROL, DOWN, ENTER, ESCAPE, UP, Hands
from stage import ANSWERS, CATALOGUE, CHOSEN, DIGITS, FORM, PASSPHRASE, Cast, gateway, plain
from webdriver import Unexpected

CONTRACT = "the contract of last year"


def newcomer(cast, person, kind, name):
    """The first run: a profile with its passphrase, and the recovery code written down."""
    app = cast.desktop.start(person)
    app.window("start")
    app.shows("start-lead")
    hands = Hands(app)
    hands.enter(f"start-{kind}")
    hands.on("start-name")
    hands.press(name + ENTER)
    app.window("vault")
    hands.on("passphrase-new")
    hands.press(PASSPHRASE)
    hands.to("passphrase-again")
    hands.press(PASSPHRASE + ENTER)
    app.shows("vault-recovery-help")
    code = app.read("//*[contains(@class,'code')]", "a recovery code")
    hands.on("recovery-typed")
    hands.press(code + ENTER)
    app.window(kind)
    return hands


def founded(cast, alice, ben):
    """Two people found an organisation, each with the other's voice in the ear."""
    alice.app.shows("own-fingerprint-help")
    alice.write("organisation-name", "Larkfield Logistics")
    alice.write("founding-offer-out", cast.path("founding.offer"))
    alice.write("founding-half-out", cast.path("alice.half"))
    alice.press(ENTER)
    alice.app.shows("founding-begin-done")

    ben.app.shows("own-fingerprint-help")
    ben.enter("founding-answer")
    ben.write("founding-offer-in", cast.path("founding.offer"))
    ben.hear(CONTRACT, alice.app.read(DIGITS, "a fingerprint"))
    ben.write("founding-answer-out", cast.path("founding.answer"))
    ben.write("founding-half-out", cast.path("ben.half"))
    ben.press(ENTER)
    ben.app.shows("founding-answer-done")

    alice.enter("founding-complete")
    alice.write("founding-answer-in", cast.path("founding.answer"))
    alice.hear(CONTRACT, ben.app.read(DIGITS, "a fingerprint"))
    alice.write("founding-ledger-out", cast.path("ledger.db"))
    alice.press(ENTER)
    alice.app.shows("Organisation · Larkfield Logistics")

    ben.enter("founding-attach")
    ben.write("founding-ledger-in", cast.path("ledger.db"))
    ben.press(ENTER)
    ben.app.shows("Organisation · Larkfield Logistics")


def look_and_confirm(hands, place):
    hands.command(hands.app.says(f"place-{place}"))
    hands.enter("change-look")
    hands.confirm("change")


def ruled(cast, alice, ben):
    """Issuer, catalogue and card: one proposes, the other looks and confirms. The card goes to the partner."""
    alice.command(alice.app.says("place-issuers"))
    alice.enter("issuer-add")
    alice.on("issuer-text")
    alice.replace(plain(gateway(cast)))
    alice.enter("propose")
    alice.app.shows("change-waits")
    look_and_confirm(ben, "issuers")

    alice.command(alice.app.says("place-catalogue"))
    alice.enter("propose-change")
    alice.on("place-catalogue")
    alice.replace(CATALOGUE)
    alice.enter("propose")
    alice.app.shows("change-waits")
    look_and_confirm(ben, "catalogue")

    ben.command(ben.app.says("place-partners"))
    ben.enter("card-propose")
    ben.on("card-relay")
    ben.press(ENTER)
    ben.app.shows("change-waits")
    look_and_confirm(alice, "partners")
    alice.enter("invite")
    alice.on("card-out")
    alice.press(cast.path("larkfield.card") + ENTER)
    alice.app.until(lambda: (cast.folder / "larkfield.card").is_file(), "the card is written")


def pinned(cast, noor, digits):
    """The partner pins the organisation."""
    noor.command(noor.app.says("place-organisations"))
    noor.enter("pin")
    noor.on("card-in")
    noor.press(cast.path("larkfield.card") + ENTER)
    noor.on("channel-source")
    noor.hear(CONTRACT, digits)
    noor.press(ENTER)
    noor.app.shows("Larkfield Logistics is pinned")


def asked(cast, noor, name, **changes):
    """The partner fills in the form. Where the organisation offers one service and one place, there is nothing to choose."""
    noor.command(noor.app.says("place-asks"))
    noor.enter("ask-new")
    fields = {**FORM, **changes}
    for field, value in fields.items():
        if field == "scopes":
            noor.to(value)
            noor.press(" ")
        elif field not in CHOSEN:
            noor.write(f"form-{field}", value)
    for question, answer in ANSWERS.items():
        noor.write(question, answer)
    noor.write("ask-out", cast.path(name))
    noor.press(ENTER)
    noor.app.shows("Signed and sealed")


def imported(cast, hands, name, what):
    """A desk takes in what came from a partner."""
    hands.press("i")
    hands.on("import-file")
    hands.press(cast.path(name) + ENTER)
    hands.app.until(lambda: f"Imported: {hands.app.says(f'import-{what}')}" in hands.app.announced(), f"{what} is imported")
    hands.app.until(lambda: hands.app.find("//dialog[@open]", "a dialog", 0) is None, "the dialog closes")
    hands.where()


def vet(alice, digits):
    """From the list to the first signature."""
    alice.app.shows("Oakbridge Analytics")
    alice.press("kk")
    first = alice.where()
    alice.press("j")
    alice.app.until(lambda: alice.where() != first, "j goes to the next request")
    alice.press(UP)
    alice.app.until(lambda: alice.where() == first, "the arrow goes back")
    if "Oakbridge" not in first:
        alice.press(DOWN)
    alice.app.until(lambda: "Oakbridge" in alice.where(), "the request of Oakbridge has the focus")
    alice.app.shows("identity-check")
    alice.enter("compare")
    alice.hear("switchboard in the company register", digits)
    alice.press(ENTER)
    alice.app.shows("matches")
    for each in ("who", "why", "scope", "protection"):
        alice.enter(f"Answer: {alice.app.says(f'check-{each}')}")
        alice.on("check-note")
        alice.press(f"Looked at {each}.")
        alice.enter("answer-do")
        alice.app.until(lambda: alice.app.find("//dialog[@open]", "a dialog", 0) is None, "the dialog closes")
        alice.where()
    alice.press("v")
    alice.confirm("vet")
    alice.app.shows("state-vetted")
    alice.where()


def countersign_and_issue(cast, ben):
    """The second desk, by palette and by keys."""
    ben.command(ben.app.says("place-requests"))
    ben.app.shows("Oakbridge Analytics")
    ben.command("oakbridge ship")
    ben.app.shows("identity-check")
    ben.where()
    ben.press("c")
    ben.confirm("countersign")
    ben.app.shows("state-countersigned")
    ben.where()
    ben.command(ben.app.says("issue"))
    ben.app.shows("hand-over")
    ben.enter("hand-over")
    ben.on("envelope-out")
    ben.press(cast.path("key.countersign") + ENTER)
    ben.app.shows("secret-apart")
    ben.where()
    secret = ben.app.read("//*[contains(@class,'secret')]", "the secret")
    ben.press(ESCAPE)
    ben.where()
    return secret


def receive(cast, noor, secret):
    """The partner's side."""
    noor.command(noor.app.says("place-inbox"))
    noor.write("envelope-in", cast.path("key.countersign"))
    noor.write("secret-in", secret)
    noor.press(ENTER)
    noor.app.shows("Larkfield Logistics gives you a key for shipments")
    noor.where()
    noor.enter("open-envelope")
    noor.on("receipt-out")
    noor.press(cast.path("receipt.letter") + ENTER)
    noor.app.until(lambda: noor.app.says("receipt-written") in noor.app.announced(), "the receipt is written")
    noor.where()
    noor.enter("save")
    noor.write("save-out", cast.path("key.env"))
    noor.press(ENTER)
    noor.app.until(lambda: noor.app.says("saved") in noor.app.announced(), "the key is saved")
    noor.where()


def keyboard(desktop, program):
    cast = Cast(desktop, program)
    alice, ben = newcomer(cast, "alice", "desk", "Alice Lindqvist"), newcomer(cast, "ben", "desk", "Ben Okafor")
    founded(cast, alice, ben)
    ruled(cast, alice, ben)
    noor = newcomer(cast, "noor", "inbox", "Noor Haddad")
    alice.command(alice.app.says("place-team"))
    pinned(cast, noor, alice.app.read(DIGITS, "the organisation's fingerprint"))
    asked(cast, noor, "first.letter")
    asked(cast, noor, "second.letter", company="Birchwood Freight")
    alice.command(alice.app.says("place-requests"))
    for letter in ("first.letter", "second.letter"):
        imported(cast, alice, letter, "request")
    noor.command(noor.app.says("place-identity"))
    vet(alice, noor.app.read(DIGITS, "a fingerprint"))
    receive(cast, noor, countersign_and_issue(cast, ben))

    imported(cast, alice, "receipt.letter", "receipt")
    alice.app.shows("delivery-active")
    if alice.app.find("//li[@aria-current='step' and normalize-space(.)='active']", "", 0) is None:
        raise Unexpected("the key is not active")
    if stat.S_IMODE(os.stat(cast.path("key.env")).st_mode) != 0o600:
        raise Unexpected(f"the key's file is {os.stat(cast.path('key.env'))}")
    print(f"keyboard: {Hands.presses} keys pressed, {Hands.stops} stops looked at, the focus shows at each", flush=True)

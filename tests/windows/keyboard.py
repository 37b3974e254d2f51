"""Journey (b) with nothing but a keyboard: no press of a mouse, no focus by script, and every stop shows where it is."""

import stat
import os

import prelude
from stage import Cast
from webdriver import Unexpected

TAB, ENTER, ESCAPE, DOWN, UP, CONTROL = "\ue004", "\ue007", "\ue00c", "\ue015", "\ue013", "\ue009"
# More stops than any screen has.
ROUND = 80
# Seconds after a key press in which a page has drawn what it changed.
SETTLED = 5
# What has the focus: its name, and whether that can be seen.
WHERE = """const at = document.activeElement, style = getComputedStyle(at);
    const label = at.getAttribute('aria-label') || (at.labels && at.labels[0] || at).textContent || '';
    const drawn = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
    return [at.tagName, label.trim().replace(/\\s+/g, ' '), at.matches(':focus-visible'), drawn];"""


class Hands:
    """A person without a mouse, at one application."""

    stops = 0
    presses = 0

    def __init__(self, app):
        self.app = app

    def press(self, keys, held=""):
        Hands.presses += len(keys)
        self.app.keys(keys, held)

    def where(self):
        """The name of what has the focus, which must show, as soon as a page has drawn what a key press changed."""
        at = []
        def shows():
            at[:] = self.app.script(WHERE)
            return at[0] != "BODY" and at[2] and at[3]
        try:
            self.app.until(shows, "the focus can be seen", SETTLED)
        except Unexpected as cause:
            raise Unexpected(f"{cause}\nWhat has the focus: {at}") from None
        Hands.stops += 1
        return at[1]

    def to(self, text):
        """Tab by Tab to what is called so."""
        words, seen = self.app.says(text), []
        for _ in range(ROUND):
            self.press(TAB)
            seen.append(self.where())
            if seen[-1].startswith(words):
                return
        raise Unexpected(f"{self.app.person}: {ROUND} times Tab never came to “{words}”, but to: {seen}")

    def on(self, text):
        """The focus is there already: a dialog that was opened by a key begins where one types."""
        words = self.app.says(text)
        self.app.until(lambda: self.app.script(WHERE)[1].startswith(words), f"the focus is on: {words}")
        self.where()

    def enter(self, text):
        """Tab to a button, and Enter."""
        self.to(text)
        self.press(ENTER)

    def command(self, words):
        """By the palette."""
        self.press("k", CONTROL)
        self.on("palette")
        self.press(words)
        self.press(ENTER)

    def confirm(self, act):
        """In the confirm window: reads, goes to the yes, and says it."""
        app = self.app
        app.window("confirm")
        yes = app.says(f"confirm-{act}-yes")
        app.until(lambda: app.find(f"//button[normalize-space(.)='{yes}' and not(@disabled)]", yes, 0), f"“{yes}” can be pressed")
        self.enter(f"confirm-{act}-yes")
        app.until(lambda: "confirm" not in app.windows(), "the confirm window closes")
        app.window("desk")


def sit_down(cast, person, window):
    """Unlocks by keyboard too."""
    app = cast.open(person)
    app.window("start")
    app.shows("start-locked")
    hands = Hands(app)
    hands.enter("unlock")
    app.window(window)
    return hands


def vet(alice, digits):
    """From the list to the first signature."""
    alice.app.shows("Oakbridge Analytics")
    alice.press("j")
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
    alice.to("channel-source")
    alice.press("switchboard in the company register" + TAB)
    alice.press(digits.replace(" ", "") + ENTER)
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
    noor.to("envelope-in")
    noor.press(cast.path("key.countersign"))
    noor.to("secret-in")
    noor.press(secret + ENTER)
    noor.app.shows("Larkfield Logistics gives you a key for shipments")
    noor.where()
    noor.enter("open-envelope")
    noor.on("receipt-out")
    noor.press(cast.path("receipt.letter") + ENTER)
    noor.app.until(lambda: noor.app.says("receipt-written") in noor.app.announced(), "the receipt is written")
    noor.where()
    noor.enter("save")
    noor.to("save-out")
    noor.press(cast.path("key.env") + ENTER)
    noor.app.until(lambda: noor.app.says("saved") in noor.app.announced(), "the key is saved")
    noor.where()


def keyboard(desktop, program):
    cast = Cast(desktop, program)
    prelude.organisation(cast)
    prelude.received(cast, "first")
    prelude.received(cast, "second", company="Birchwood Freight", environment="production")
    alice, ben, noor = sit_down(cast, "alice", "desk"), sit_down(cast, "ben", "desk"), sit_down(cast, "noor", "inbox")
    vet(alice, cast.fingerprint("noor"))
    secret = countersign_and_issue(cast, ben)
    receive(cast, noor, secret)

    alice.press("i")
    alice.on("import-file")
    alice.press(cast.path("receipt.letter") + ENTER)
    alice.app.until(lambda: alice.app.says("import-receipt") in alice.app.announced(), "the receipt is imported")
    alice.where()
    held = cast.ask("alice", "key", "list")
    if held[0]["state"] != "active" or stat.S_IMODE(os.stat(cast.path("key.env")).st_mode) != 0o600:
        raise Unexpected(f"the key is {held[0]['state']}, its file {os.stat(cast.path('key.env'))}")
    print(f"keyboard: {Hands.presses} keys pressed, {Hands.stops} stops looked at, the focus shows at each", flush=True)

"""A person without a mouse: what they press, and that the focus shows wherever it goes."""

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

    def write(self, text, value):
        """Tab to a field, and put this in place of whatever stands there."""
        self.to(text)
        self.replace(value)

    def replace(self, value):
        """Puts this in place of whatever stands in the field that has the focus."""
        self.press("a", CONTROL)
        self.press(value.replace("\n", ENTER))

    def hear(self, source, digits):
        """Says where the number is from, and types the fingerprint that is read aloud; box by box, as typing goes on."""
        self.write("channel-source", source)
        self.to("fingerprint-box")
        self.press(digits.replace(" ", ""))

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

"""What journeys share: people with profiles, and the steps that several of them begin with."""

import json
import os
import pathlib
import pty
import re
import select
import signal
import subprocess
import time

from webdriver import Unexpected, quoted

EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "examples"
DIALOG = "//dialog[@open]"
DIGITS = "//*[contains(@class,'digits')]"
PASSPHRASE = "four words that only I join"
PATIENCE = 120


class Cast:
    """The people of a journey, each with a profile that the command line made, and a window of their own."""

    def __init__(self, desktop, program, language="en"):
        self.desktop = desktop
        self.language = language
        self.program = pathlib.Path(program).resolve()
        self.folder = desktop.folder
        # Where a window has put somebody's profile; the others lie beside each other.
        self.profiles = {}
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "NO_COLOR": "1"}

    def path(self, name):
        return str(self.folder / name)

    def options(self, person):
        """Whose profile, and how it is opened without a question."""
        return ["--profile", str(self.profiles.get(person, self.path(person))), "--unlock", f"file:{self.path(person)}.unlock"]

    def command(self, person, *words, code=0, patience=PATIENCE):
        """What the command line answers for this person, where a journey is not about that."""
        run = subprocess.run(
            [self.program, *self.options(person), *words], cwd=self.folder, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=patience, check=False, env=self.environment,
        )
        if run.returncode != code:
            raise Unexpected(f"{person}: {' '.join(words)} ended with {run.returncode}:\n{run.stdout}{run.stderr}")
        return run.stdout

    def ask(self, person, *words):
        return json.loads(self.command(person, "--json", *words))

    def typed(self, person, lines, *words):
        """The same at a terminal, where each question is answered with the next line."""
        child, terminal = pty.fork()
        if child == 0:
            os.chdir(self.folder)
            os.execve(self.program, [str(self.program), *self.options(person), *words], {**self.environment, "TERM": "dumb"})
        deadline, said, asked, lines = time.monotonic() + PATIENCE, b"", 0, list(lines)
        while True:
            if not select.select([terminal], [], [], max(0, deadline - time.monotonic()))[0]:
                os.kill(child, signal.SIGKILL)
                break
            try:
                piece = os.read(terminal, 65536)
            except OSError:  # how Linux says that the other end is closed
                break
            said += piece
            if lines and said[asked:].endswith(b": "):
                os.write(terminal, lines.pop(0).encode() + b"\n")
                asked = len(said)
        os.close(terminal)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if code != 0 or lines:
            raise Unexpected(f"{person}: {' '.join(words)} ended with {code}:\n{said.decode('utf-8', 'replace')}")

    def make(self, person, kind, name):
        """A profile with a key file, which opens without a question."""
        run = subprocess.run(
            [self.program, "--profile", self.path(person), "profile", "new", "--kind", kind, "--name", name,
             "--slot", f"key-file:{self.path(person)}.unlock"],
            cwd=self.folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE, check=False,
        )
        if run.returncode != 0:
            raise Unexpected(f"no profile for {person}: {run.stdout}{run.stderr}")

    def open(self, person, beside=None):
        """Starts the application with this person's profile, which is locked."""
        return self.desktop.start(person, *self.options(person), beside=beside, language=self.language)

    def sit_down(self, person, window, beside=None):
        """Opens this person's window and unlocks it."""
        app = self.open(person, beside)
        app.window("start")
        app.press("unlock")
        app.window(window)
        return app

    def fingerprint(self, person):
        """What this person reads aloud, from their own screen."""
        return self.ask(person, "identity", "show")["fingerprint"]


def first_window(desktop, person, kind, name):
    """The first run, up to where the new profile wants its passphrase."""
    app = desktop.start(person)
    app.window("start")
    app.shows("start-lead")
    app.picture("start")
    app.press_choice(f"start-{kind}")
    app.fill("start-name", name)
    app.press("go-on")
    app.window("vault")
    app.shows("vault-make-help")
    return app


def protect(app):
    """Chooses the passphrase. Returns the recovery code that is to be written down."""
    app.fill("passphrase-new", PASSPHRASE)
    app.fill("passphrase-again", PASSPHRASE)
    app.press("go-on")
    app.shows("vault-recovery-help")
    app.picture("recovery")
    return app.read("//*[contains(@class,'code')]", "a recovery code")


def newcomer(cast, person, kind, name):
    """The whole first run: a profile that no command line made, but that the command line can read."""
    app = first_window(cast.desktop, person, kind, name)
    app.fill("recovery-typed", protect(app))
    app.press("go-on")
    app.window(kind)
    [profile] = (cast.folder / f"home-{person}/.local/share/countersign").glob("*/vault.db")
    cast.profiles[person] = profile.parent
    key = cast.folder / f"{person}.unlock"
    key.write_text(PASSPHRASE + "\n", encoding="ascii")
    key.chmod(0o600)
    return app


def found(cast, alice, ben):
    """Two people found an organisation, each at a desk of their own."""
    alice.fill("organisation-name", "Larkfield Logistics")
    alice.fill("founding-offer-out", cast.path("founding.offer"))
    alice.fill("founding-half-out", cast.path("alice.half"))
    alice.press("founding-begin-do")
    alice.shows("founding-begin-done")

    ben.press("founding-answer")
    ben.fill("founding-offer-in", cast.path("founding.offer"))
    ben.fill("channel-source", "our address book")
    ben.hear(alice.read(DIGITS, "a fingerprint"))
    ben.fill("founding-answer-out", cast.path("founding.answer"))
    ben.fill("founding-half-out", cast.path("ben.half"))
    ben.press("founding-answer-do")
    ben.shows("founding-answer-done")

    alice.press("founding-complete")
    alice.fill("founding-answer-in", cast.path("founding.answer"))
    alice.fill("channel-source", "our address book")
    alice.hear(ben.read(DIGITS, "a fingerprint"))
    alice.fill("founding-ledger-out", cast.path("ledger.db"))
    alice.press("founding-complete-do")
    alice.shows("Organisation · Larkfield Logistics")

    ben.press("founding-attach")
    ben.fill("founding-ledger-in", cast.path("ledger.db"))
    ben.press("founding-attach-do")
    ben.shows("Organisation · Larkfield Logistics")


# The words of a page, but for what is folded up.
SEEN = """const page = document.querySelector('main').cloneNode(true);
    page.querySelectorAll('details:not([open]) > :not(summary)').forEach((each) => each.remove());
    return page.textContent;"""


def alarmed(app):
    """What an alert says; the places for alerts are there before anything is wrong."""
    return app.script("return [...document.querySelectorAll('[role=alert]')].map((each) => each.textContent.trim()).join(' ')")


def confirm(app, act, desk="desk"):
    """Reads the confirm window and says yes. Returns what stood there for somebody who opened nothing."""
    app.window("confirm")
    app.shows(f"confirm-{act}-help")
    app.settle()
    shown = app.script(SEEN)
    app.picture(f"confirm-{act}")
    app.press(f"confirm-{act}-yes")
    if act in ("stop", "disable"):
        # What became of each key stays until somebody has read it.
        app.shows("outcomes")
        app.picture("confirm-outcomes")
        app.press("close")
    app.until(lambda: "confirm" not in app.windows(), "the confirm window closes")
    app.window(desk)
    return shown


def gateway(cast):
    """The text of an issuer that mints keys, in this journey's folder."""
    (cast.folder / "gateway").mkdir(mode=0o700)
    text = (EXAMPLES / "issuer-gateway.toml").read_text(encoding="utf-8")
    return re.sub(r'location = "[^"]*".*', f"location = {json.dumps(cast.path('gateway/keys.hashes'))}", text)


# As much of the example as a person types in a minute.
CATALOGUE = """[[services]]
id = "shipments"
name = "Shipments API"
[[services.environments]]
id = "sandbox"
class = "sandbox"
base_url = "https://sandbox.larkfield.example"
longest_days = 90
issuer = "gateway"
[[services.scopes]]
name = "shipments:read"
class = "read"
endpoints = [{ methods = ["GET"], path = "/v1/shipments/*" }]
[[services.scopes]]
name = "labels:write"
class = "write"
endpoints = [{ methods = ["POST"], path = "/v1/labels/*" }]
[[questions]]
id = "storage"
text = "Where will the key be kept?"
[[questions]]
id = "subcontractors"
text = "Will anybody outside use it?"
"""


def set_up(cast, alice, ben, relay=None):
    """Issuer, catalogue and card: one admin proposes, the other looks and confirms."""
    alice.go("issuers")
    alice.press("issuer-add")
    alice.fill("issuer-text", plain(gateway(cast)), within=DIALOG)
    alice.press("propose", within=DIALOG)
    alice.shows("change-waits")
    look_and_confirm(ben, "issuers")

    alice.go("catalogue")
    alice.press("propose-change")
    alice.fill("place-catalogue", CATALOGUE)
    alice.press("propose")
    alice.shows("change-waits")
    look_and_confirm(ben, "catalogue")

    ben.go("partners")
    ben.press("card-propose")
    if relay:
        ben.fill("card-relay", relay, within=DIALOG)
    ben.press("propose", within=DIALOG)
    look_and_confirm(alice, "partners")
    # With a relay a partner is handed an invitation, which has the card in it.
    what = "invitation" if relay else "card"
    alice.press("invite")
    alice.fill(f"{what}-out", cast.path("larkfield.card"), within=DIALOG)
    alice.press(f"{what}-write", within=DIALOG)
    alice.until(lambda: (cast.folder / "larkfield.card").is_file(), "the card is written")


def look_and_confirm(app, place):
    app.go(place)
    app.press("change-look")
    confirm(app, "change")


def plain(toml):
    """The lines of a text that say something: what a person types has no comments."""
    return "\n".join(line for line in toml.splitlines() if line.strip() and not line.lstrip().startswith("#"))


def pin(cast, noor, digits):
    """The partner pins the organisation by the fingerprint that was read over the telephone."""
    noor.go("organisations")
    noor.press("pin")
    noor.fill("card-in", cast.path("larkfield.card"), within=DIALOG)
    noor.press("go-on", within=DIALOG)
    noor.fill("channel-source", "the contract of last year", within=DIALOG)
    noor.hear(digits)
    noor.press("pin-do", within=DIALOG)
    noor.shows("Larkfield Logistics is pinned")


FORM = {  # as the fields of the form are called
    "company": "Oakbridge Analytics",
    "person": "Noor Haddad",
    "role": "Integration engineer",
    "email": "noor.haddad@oakbridge.example",
    "incident-contact": "security@oakbridge.example",
    "why": "Our customers want to see late parcels before their own customers call.",
    "workflow": "A job asks for the state of open shipments every ten minutes.",
    "usage": "About 200,000 reads a day, from one service.",
    "data": "Shipment numbers, depots and times. No names.",
    "safeguards": "The key is kept in our secret store, read by one service account.",
    "service": "shipments",
    "environment": "sandbox",
    "scopes": "shipments:read",
    "networks": "203.0.113.16/28",
    "days": "30",
}
ANSWERS = {"Where will the key be kept": "In the secret store of our cluster.", "Will anybody outside": "No."}


# What is chosen from the organisation's own list, the rest is typed.
CHOSEN = ("service", "environment", "scopes")


def choose_access(app, legend, wanted):
    """Marks exactly these of a group of choices."""
    group = f"//fieldset[legend[normalize-space(.)={quoted(app.says(legend))}]]"
    app.find(f"{group}//input[@value={quoted(wanted[0])}]", f"the choice {wanted[0]}")
    script = """const [legend] = arguments;
        const group = [...document.querySelectorAll('main fieldset')].find((each) => each.querySelector('legend')?.textContent.trim() === legend);
        return [...group.querySelectorAll('input:checked')].map((each) => each.value);"""
    marked = app.script(script, app.says(legend))
    for each in {*wanted} ^ {*marked}:
        # Of choices that exclude each other the other one goes by itself.
        if each in wanted or legend == "form-scopes":
            app.click(f"{group}//input[@value={quoted(each)}]", f"the choice {each}")


def fill_request(noor, fields, answers=()):
    """Fills in the form that is on the screen."""
    for field, value in fields.items():
        if field in CHOSEN:
            choose_access(noor, f"form-{field}", value.split())
        else:
            noor.fill(f"form-{field}", value)
    for question, answer in dict(answers).items():
        noor.fill(question, answer)


def send_request(cast, noor, name, fields, answers=()):
    """Fills in the form that is on the screen, and seals it."""
    fill_request(noor, fields, answers)
    noor.fill("ask-out", cast.path(name))
    noor.press("ask-send")
    noor.shows("Signed and sealed")


def import_letter(cast, app, name, what, pasted=False):
    """A desk takes in what came from a partner, as a file or as the text that is in it."""
    app.go("requests")
    app.press("import")
    came = (cast.folder / name).read_text(encoding="ascii") if pasted else cast.path(name)
    app.fill("import-file", came, within=DIALOG)
    app.press("import", within=f"{DIALOG}//form")
    app.until(lambda: f"Imported: {app.says('import-' + what)}" in app.announced(), f"{what} is imported")
    # An earlier import may have said the same words.
    app.until(lambda: app.find(DIALOG, "a dialog", 0) is None, "the dialog closes")


def choose_request(app, company="Oakbridge Analytics"):
    app.go("requests")
    app.click(f"//*[@role='listbox' or @role='table' or @role='list']//button[.//strong[contains(., '{company}')]]", f"the request of {company}")
    app.shows("identity-check")


def check(app, digits):
    """Compares the fingerprint by a call, and answers the four checks."""
    app.press("compare")
    app.fill("channel-source", "switchboard in the company register", within=DIALOG)
    app.hear(digits)
    app.press("compare-do", within=DIALOG)
    app.shows("matches")
    for each in ("who", "why", "scope", "protection"):
        question = app.says(f"check-{each}")
        app.press(f"{app.says('answer-check')} {question}")
        app.fill("check-note", f"Looked at {each}; it is as it should be.", within=DIALOG)
        app.press("answer-do", within=DIALOG)
        app.until(lambda: app.find(DIALOG, "a dialog", 0) is None, "the dialog closes")

#!/usr/bin/env python3
"""One complete exchange, from founding an organisation to a revoked key, in a fresh folder.

    exchange.py --bin COUNTERSIGN [--dir DIR] [--keep] [--quiet]

Every command is shown as a person would type it, with what it printed. Each person has a profile of their own and
sees only what that person would see: fingerprints are read from the profile of whoever reads them aloud, and typed at
a terminal by whoever listens. Ends with exit code 1 at the first command that does anything but what is expected.

Standard library only. What a terminal is needed for runs under a pseudo-terminal, so this needs Linux or macOS.
"""

import argparse
import fcntl
import json
import os
import pathlib
import pty
import re
import select
import shlex
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
import tomllib

EXAMPLES = pathlib.Path(__file__).resolve().parent.parent / "examples"
# No command of an exchange takes longer, even unoptimised on a busy machine.
PATIENCE = 120
ID = re.compile(r"\b[0-9a-hjkmnp-tv-z]{26}\b")


class Unexpected(Exception):
    """A command did something else than it should."""


class Stage:
    """The folder, what runs in it, and what is shown of it."""

    def __init__(self, program, folder, quiet):
        self.program = str(program)
        self.folder = folder
        self.quiet = quiet
        self.colour = not quiet and sys.stdout.isatty() and "NO_COLOR" not in os.environ
        self.commands = 0
        # Nothing of the caller's leaks in: no key store, no settings, no colours.
        kept = {name: os.environ[name] for name in ("PATH", "TZ", "LANG", "LD_LIBRARY_PATH") if name in os.environ}
        self.environment = {**kept, "HOME": str(folder), "TERM": "dumb", "NO_COLOR": "1", "COLUMNS": "110"}

    def say(self, text=""):
        if not self.quiet:
            print(text, flush=True)

    def section(self, title):
        self.say(f"\n\033[1m── {title}\033[0m" if self.colour else f"\n-- {title}")

    def explain(self, text):
        self.say(f"\033[2m{text}\033[0m" if self.colour else text)

    def command(self, person, *words, typed=(), given=None, code=0, shows=()):
        """Runs one command and returns what it printed.

        `typed`: lines for a terminal, one at every question. `given`: a file on standard input. `code`: the exit code
        it must end with. `shows`: texts it must print.
        """
        arguments = [str(word) for word in (*(person.options if person else ()), *words)]
        line = "$ countersign " + " ".join(shlex.quote(a) for a in arguments) + (f" < {given}" if given else "")
        self.say(f"\n\033[36m{line}\033[0m" if self.colour else f"\n{line}")
        self.commands += 1
        if typed:
            ended, output = self._at_terminal([self.program, *arguments], list(typed))
        else:
            ended, output = self._piped([self.program, *arguments], given)
        output = output.rstrip()
        if output:
            self.say(output)
        if ended != code:
            raise Unexpected(f"{line}\n{output}\nended with exit code {ended}, not {code}")
        for text in shows:
            if text.lower() not in output.lower():
                raise Unexpected(f"{line}\n{output}\ndoes not say: {text}")
        return output

    def ask(self, person, *words):
        """The same for a look-up that nobody needs to see: what `--json` prints."""
        arguments = [self.program, *person.options, "--json", *words]
        code, output = self._piped(arguments, None, split=True)
        if code != 0:
            raise Unexpected(f"{shlex.join(arguments)}\n{output}\nended with exit code {code}")
        return json.loads(output)

    def _piped(self, arguments, given, split=False):
        stdin = open(self.folder / given, "rb") if given else subprocess.DEVNULL
        stderr = subprocess.DEVNULL if split else subprocess.STDOUT
        try:
            run = subprocess.run(
                arguments, cwd=self.folder, env=self.environment, stdin=stdin, stdout=subprocess.PIPE, stderr=stderr,
                timeout=PATIENCE, check=False,
            )
        except subprocess.TimeoutExpired as late:
            raise Unexpected(f"{shlex.join(arguments)}\ndid not end within {PATIENCE} s") from late
        finally:
            if given:
                stdin.close()
        return run.returncode, run.stdout.decode("utf-8", "replace")

    def _at_terminal(self, arguments, typed):
        child, terminal = pty.fork()
        if child == 0:
            os.chdir(self.folder)
            os.execve(arguments[0], arguments, self.environment)
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 110, 0, 0))
        deadline = time.monotonic() + PATIENCE
        output, asked = b"", 0
        while True:
            if not select.select([terminal], [], [], max(0, deadline - time.monotonic()))[0]:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
                shown = output.decode("utf-8", "replace")
                raise Unexpected(f"{shlex.join(arguments)}\n{shown}\nasks for more, or does not end")
            try:
                piece = os.read(terminal, 65536)
            except OSError:  # how Linux says that the other end is closed
                piece = b""
            if not piece:
                break
            output += piece
            # A question ends in a colon and a space, and waits.
            if typed and output[asked:].endswith(b": "):
                os.write(terminal, typed.pop(0).encode() + b"\n")
                asked = len(output)
        os.close(terminal)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        text = output.decode("utf-8", "replace").replace("\r\n", "\n")
        if typed:
            raise Unexpected(f"{shlex.join(arguments)}\n{text}\nnever asked for: {typed[0]}")
        return code, text

    def id_in(self, output, after=""):
        """The first id that was printed, behind some text."""
        found = ID.search(output, max(0, output.find(after)))
        if not found:
            raise Unexpected(f"{output}\nnames no id")
        return found.group()


class Person:
    """One profile: one person on one desk, or one contact of a partner."""

    def __init__(self, name, full_name):
        self.name = name
        self.full_name = full_name
        self.options = ("--profile", name, "--unlock", f"file:{name}.unlock")


ALICE = Person("alice", "Alice Lindqvist")
BEN = Person("ben", "Ben Okafor")
CAROL = Person("carol", "Carol Whitfield")
DORA = Person("dora", "Dora Petrov")
PARTNER = Person("partner", "Noor Haddad")


def make_profiles(stage):
    stage.section("1. Five people, five profiles")
    stage.explain(
        "Each profile holds the secrets of one person and is unlocked here by a key file of 32 random bytes, because\n"
        "nobody sits at this terminal; a person would take the key store of the system, or a passphrase.")
    for person in (ALICE, BEN, CAROL, DORA, PARTNER):
        kind = "inbox" if person is PARTNER else "desk"
        slot = f"key-file:{person.name}.unlock"
        new = Person(person.name, person.full_name)
        new.options = ("--profile", person.name)
        stage.command(new, "profile", "new", "--kind", kind, "--name", person.full_name, "--slot", slot, shows=["fingerprint"])


def read_aloud(stage, person, form="fingerprint"):
    """What this person reads over the telephone, from their own screen: digits, or words."""
    return stage.ask(person, "identity", "show")[form]


def found(stage):
    stage.section("2. Alice and Ben found an organisation together")
    stage.explain("Nothing is certified until both have signed. Each types the other's fingerprint, as read over the telephone.")
    stage.command(ALICE, "org", "found", "--name", "Larkfield Logistics", "--out", "founding.offer", "--half-out", "alice.half")
    stage.command(BEN, "org", "answer", "founding.offer", "--out", "founding.answer", "--half-out", "ben.half",
                  typed=[read_aloud(stage, ALICE)])
    stage.command(ALICE, "org", "complete", "founding.answer", "--log", "ledger.db",
                  typed=[read_aloud(stage, BEN)], shows=["Larkfield Logistics"])
    stage.command(BEN, "org", "attach", "--log", "ledger.db", shows=["Larkfield Logistics"])


def confirm(stage, proposal, person):
    """The second admin sees the change in full and types yes."""
    if "countersign change confirm " not in proposal:
        raise Unexpected(f"{proposal}\nnames no change to confirm")
    # The only change that waits for this person need not be named.
    stage.command(person, "change", "confirm", typed=["yes"], shows=["in force"])


def admit(stage):
    stage.section("3. Two admins admit Carol, a third admin, and Dora, an auditor")
    for person, rights in ((CAROL, "admin"), (DORA, "audit")):
        stage.command(person, "profile", "card", "--out", f"{person.name}.card")
        # Carol reads nine words; whoever listens may type either form.
        heard = read_aloud(stage, person, "words" if person is CAROL else "fingerprint")
        proposal = stage.command(ALICE, "member", "propose", f"{person.name}.card", "--rights", rights, typed=[heard])
        confirm(stage, proposal, BEN)
        organisation = stage.ask(ALICE, "org", "show")["fingerprint"]
        stage.command(person, "org", "attach", "--log", "ledger.db", typed=[organisation])
    stage.command(DORA, "member", "list", shows=["Alice", "Ben", "Carol", "Dora"])


def set_up(stage):
    stage.section("4. Policy, issuer, catalogue, card")
    stage.explain("One admin alone may only tighten the policy; everything else takes two.")
    for name in ("policy.toml", "catalogue.toml", "request.toml"):
        shutil.copy(EXAMPLES / name, stage.folder)
    gateway = stage.folder / "gateway"
    gateway.mkdir(mode=0o700)
    issuer = (EXAMPLES / "issuer-gateway.toml").read_text(encoding="utf-8")
    issuer = re.sub(r'location = "[^"]*".*', f"location = {json.dumps(str(gateway / 'keys.hashes'))}", issuer)
    (stage.folder / "issuer-gateway.toml").write_text(issuer, encoding="utf-8")
    shutil.copy(EXAMPLES / "issuer-billing.toml", stage.folder)

    stage.command(BEN, "policy", "tighten", "policy.toml", shows=["in force"])
    for noun, file in (("issuer", "issuer-gateway.toml"), ("issuer", "issuer-billing.toml"), ("catalogue", "catalogue.toml")):
        confirm(stage, stage.command(BEN, noun, "propose", file), CAROL)
    confirm(stage, stage.command(CAROL, "card", "propose"), ALICE)
    stage.command(ALICE, "card", "export", "--out", "larkfield.card")


def ask_for_a_key(stage):
    stage.section("5. A partner pins the organisation and asks for a key")
    stage.explain("Noor calls a number that Noor knew before, has the organisation's fingerprint read out, and types it.")
    organisation = stage.ask(ALICE, "org", "show")["fingerprint"]
    stage.command(PARTNER, "card", "pin", "larkfield.card", "--source", "the contract of last year",
                  typed=[organisation], shows=["Larkfield Logistics"])
    stage.explain("\nNoor is asked field by field, with what the card offers; a mistyped answer is refused at once.")
    form = tomllib.loads((stage.folder / "request.toml").read_text(encoding="utf-8"))
    answers = [form["service"], form["environment"], "7", "1", ", ".join(form["networks"]), str(form["days"])]
    answers += [form[field] for field in ("why", "workflow", "usage", "data", "safeguards")]
    answers += [form[field] for field in ("company", "person", "role", "email", "incident_contact")]
    answers += list(form["answers"].values())
    stage.command(PARTNER, "request", "new", "--out", "request.letter", typed=[*answers, "yes"],
                  shows=["Choose a number from 1 to 3", "This is what you would sign"])
    stage.command(PARTNER, "request", "list", shows=["they will call"])


def vet(stage):
    stage.section("6. Alice vets the request")
    stage.command(ALICE, "request", "import", "request.letter")
    request = stage.ask(ALICE, "request", "list")[0]["id"][:10]
    stage.command(ALICE, "due", code=5, shows=["Oakbridge Analytics", "waits for the first signature"])
    stage.command(ALICE, "request", "show", request, shows=["Oakbridge Analytics", "shipments:read"])
    stage.explain("\nFor production the policy wants two people to compare the partner's fingerprint, each in a call of their own.")
    partner = read_aloud(stage, PARTNER)
    for person in (ALICE, BEN):
        stage.command(person, "identity", "check", request, "--channel", "phone", "--source", "switchboard in the company register",
                      typed=[partner], shows=["same"])
    stage.command(ALICE, "request", "vet", request, "--yes", code=1)
    stage.explain("\nNobody signs before the checks are answered, with evidence.")
    shutil.copy(EXAMPLES / "evidence" / "company-register.txt", stage.folder)
    stage.command(ALICE, "request", "answer", request, "who", "--note", "Found in the register; the switchboard put me through.",
                  "--file", "company-register.txt")
    stage.command(ALICE, "request", "answer", request, "why", "--note", "Their alerts need shipment states; our sales team confirms.")
    stage.command(ALICE, "request", "answer", request, "scope", "--note", "Reading only. Less would not serve.")
    stage.command(ALICE, "request", "answer", request, "protection", "--note", "Secret store, one reader, reads are logged.")
    stage.command(ALICE, "request", "vet", typed=["yes"])
    return request


def sign_and_issue(stage, request):
    stage.section("7. Ben countersigns, the key is issued")
    stage.explain("Whoever vetted may not countersign.")
    stage.command(ALICE, "request", "countersign", request, code=1)
    stage.command(BEN, "request", "list", "--waiting-for", "me", shows=["YOU", "unread"])
    stage.command(BEN, "request", "countersign", typed=["yes"])
    stage.command(ALICE, "key", "issue")
    key = stage.ask(ALICE, "key", "list")[0]["id"][:10]
    stage.explain("\nThe envelope and its secret travel apart: the file by mail, say, and the secret by another channel.")
    (stage.folder / "codes").mkdir()
    stage.command(ALICE, "envelope", "deliver", "--out", "shipments.countersign", "--secret-out", "shipments.secret",
                  "--qr-dir", "codes")
    return key


def open_and_use(stage, request, key):
    stage.section("8. The partner inspects, opens, and sends the receipt")
    stage.command(PARTNER, "envelope", "inspect", "shipments.countersign", "--secret-file", "shipments.secret",
                  shows=["Alice", "Ben", "shipments:read"])
    stage.command(PARTNER, "envelope", "open", "shipments.countersign", "--secret-file", "shipments.secret",
                  "--dotenv", "partner.env", "--compose", "partner.key", "--name", "SHIPMENTS_API_KEY", "--receipt-out", "shipments.receipt")
    stage.explain("\nUntil the receipt is in, the gateway refuses the key: a copied envelope would be worth nothing.")
    stage.command(None, "key", "check", "--hash-file", "gateway/keys.hashes", given="partner.key", code=1)
    stage.command(ALICE, "request", "import", "shipments.receipt")
    stage.command(None, "key", "check", "--hash-file", "gateway/keys.hashes", given="partner.key")
    stage.command(ALICE, "key", "show", key, shows=["active"])
    stage.command(PARTNER, "run", "--name", "SHIPMENTS_API_KEY", "--", "sh", "-c",
                  'echo "a program started with a key of ${#SHIPMENTS_API_KEY} characters"', shows=["characters"])


def audit(stage):
    stage.section("9. Dora audits the ledger")
    stage.command(DORA, "ledger", "list")
    stage.command(DORA, "ledger", "verify")
    entries = stage.ask(DORA, "ledger", "list")
    place = next(e["seq"] for e in entries if e["event"] == "countersigned")
    stage.explain("\nOne entry can be proven to an outsider, who needs no profile and learns nothing of the others.")
    stage.command(DORA, "ledger", "prove", str(place), "--out", "countersigned.proof")
    organisation = stage.ask(DORA, "org", "show")["fingerprint"]
    stage.command(None, "ledger", "check", "countersigned.proof", "--fingerprint", typed=[organisation])


def leak_and_revoke(stage, key):
    stage.section("10. A key leaks, and is revoked for good")
    secret = (stage.folder / "partner.key").read_text(encoding="ascii").strip()
    log = f'14:02:11 deploy  step 3 of 7\n14:02:12 deploy  env SHIPMENTS_API_KEY="{secret}" ./start\n14:02:13 deploy  done\n'
    (stage.folder / "build.log").write_text(log, encoding="utf-8")
    stage.explain("Somebody finds a key in a build log. Whose is it? (The ledger knows fingerprints of keys, never keys.)")
    stage.command(CAROL, "leak", "find", "build.log", shows=["Oakbridge Analytics"])
    stage.explain("\nMeanwhile Noor noticed it too. A report stops nothing by itself; it is on the record, and due until somebody acts.")
    stage.command(PARTNER, "leak", "report", "--text", "The key stood in a build log that two other teams can read.", "--out", "leak.letter")
    stage.command(CAROL, "request", "import", "leak.letter", shows=["still works"])
    stage.command(CAROL, "due", code=5, shows=["LATE", "reported as leaked"])
    stage.command(CAROL, "key", "revoke", "--key", key, "--reason", "leaked", "--preview", shows=["Oakbridge Analytics"])
    stage.command(CAROL, "key", "revoke", "--key", key, "--reason", "leaked", shows=["confirmed"])
    stage.command(None, "key", "check", "--hash-file", "gateway/keys.hashes", given="partner.key", code=1)
    if secret in (stage.folder / "gateway" / "keys.hashes").read_text(encoding="utf-8"):
        raise Unexpected("the hash file holds the key itself")
    stage.command(ALICE, "key", "show", key, shows=["revoked"])
    stage.command(CAROL, "due", shows=["Nothing is due"])
    stage.command(DORA, "ledger", "verify")


SUMMARY = """
The exchange is complete: {commands} commands, all as expected. Everything lies in

  {folder}

  ledger.db              the ledger that Alice, Ben, Carol and Dora share: sealed entries, nothing readable without a profile
  alice ben carol dora   their profiles; NAME.unlock unlocks each
  partner                Noor's profile: identity, pinned organisation, the key
  shipments.countersign  the envelope; shipments.secret, without which it does not open; codes/ has it as QR codes
  partner.env            what Noor's program reads
  shipments.receipt      signed by Noor's device: it was opened there
  countersigned.proof    evidence of one entry for an outsider
  gateway/keys.hashes    what the gateway reads: hashes of living keys, now none
  alice.half ben.half    seeds of the offline succession: on paper and deleted, if this were real

To look further:

  cd {folder}
  alias countersign={program}
  countersign --profile dora --unlock file:dora.unlock ledger list
  countersign --profile alice --unlock file:alice.unlock request show {request}
  countersign --profile partner --unlock file:partner.unlock key list
"""


def perform(stage):
    make_profiles(stage)
    found(stage)
    admit(stage)
    set_up(stage)
    ask_for_a_key(stage)
    request = vet(stage)
    key = sign_and_issue(stage, request)
    open_and_use(stage, request, key)
    audit(stage)
    leak_and_revoke(stage, key)
    stage.say(SUMMARY.format(commands=stage.commands, folder=stage.folder, request=request, program=stage.program))


def fresh_folder(wanted):
    if wanted is None:
        return pathlib.Path(tempfile.mkdtemp(prefix="countersign-exchange-"))
    folder = pathlib.Path(wanted).resolve()
    if folder.exists() and any(folder.iterdir()):
        raise SystemExit(f"{folder} is not empty: name a fresh folder")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def main():
    parser = argparse.ArgumentParser(description="Perform one complete exchange.")
    parser.add_argument("--bin", required=True, type=pathlib.Path, help="the countersign program")
    parser.add_argument("--dir", help="a fresh folder to do it in (always kept); default: a temporary one")
    parser.add_argument("--keep", action="store_true", help="keep the temporary folder")
    parser.add_argument("--quiet", action="store_true", help="print only what went wrong, and one last line")
    options = parser.parse_args()
    program = options.bin.resolve()
    if not os.access(program, os.X_OK):
        raise SystemExit(f"{options.bin} is no program: 'make build' makes it")
    folder = fresh_folder(options.dir)
    stage = Stage(program, folder, options.quiet)
    stage.say(f"One complete exchange, in {folder}")
    code = 0
    try:
        perform(stage)
        if options.quiet:
            print(f"exchange: {stage.commands} commands, all as expected")
    except Unexpected as unexpected:
        print(f"\nThe exchange ended early, in {folder}:\n\n{unexpected}", file=sys.stderr)
        code = 1
    finally:
        if not (options.dir or options.keep or code):
            shutil.rmtree(folder)
    return code


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""One complete exchange, from founding an organisation to a revoked key, in a fresh folder.

    exchange.py --bin COUNTERSIGN [--relay COUNTERSIGN-RELAY] [--dir DIR] [--keep] [--quiet]

Every command is shown as a person would type it, with what it printed. Each person has a profile of their own and
sees only what that person would see: fingerprints are read from the profile of whoever reads them aloud, and typed at
a terminal by whoever listens. The relay between the organisation and its partner runs on this computer, on a free port.
Ends with exit code 1 at the first command that does anything but what is expected.

Standard library only; `stage.py` beside it runs the commands.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import sys
import tempfile
import tomllib

from stage import Hidden, Person, Stage, Unexpected

EXAMPLES = pathlib.Path(__file__).resolve().parent.parent / "examples"

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
    stage.explain("Nothing is certified until both have signed. Each types the other's fingerprint, as read over the telephone. How each\nheard it goes on the record with the first entry.")
    stage.command(ALICE, "org", "found", "--name", "Larkfield Logistics", "--out", "founding.offer", "--half-out", "alice.half")
    stage.command(BEN, "org", "answer", "founding.offer", "--out", "founding.answer", "--half-out", "ben.half",
                  "--channel", "phone", "--source", "our address book", typed=[read_aloud(stage, ALICE)])
    stage.command(ALICE, "org", "complete", "founding.answer", "--log", "ledger.db",
                  typed=["phone", "our address book", read_aloud(stage, BEN)],
                  shows=["Larkfield Logistics", "Ben Okafor has not compared Alice Lindqvist's fingerprint"])
    attached = stage.command(BEN, "org", "attach", "--log", "ledger.db", shows=["Larkfield Logistics"])
    if "has not compared" in attached:
        raise Unexpected(f"{attached}\nsays that a founder was not heard")


def confirm(stage, proposal, person, shows=()):
    """The second admin sees the change in full and types yes."""
    if "countersign change confirm " not in proposal:
        raise Unexpected(f"{proposal}\nnames no change to confirm")
    # The only change that waits for this person need not be named.
    stage.command(person, "change", "confirm", typed=["yes"], shows=["in force", *shows])


def admit(stage):
    stage.section("3. Two admins admit Carol, a third admin, and Dora, an auditor")
    for person, rights in ((CAROL, "admin"), (DORA, "audit")):
        stage.command(person, "profile", "card", "--out", f"{person.name}.card")
        # Carol reads nine words; whoever listens may type either form.
        heard = read_aloud(stage, person, "words" if person is CAROL else "fingerprint")
        proposal = stage.command(ALICE, "member", "propose", f"{person.name}.card", "--rights", rights,
                                 "--channel", "video", "--source", "the staff list", typed=[heard])
        confirm(stage, proposal, BEN, shows=["Fingerprint compared: video by Alice Lindqvist", "the staff list"])
        organisation = stage.ask(ALICE, "org", "show")["fingerprint"]
        stage.command(person, "org", "attach", "--log", "ledger.db", "--channel", "in-person", "--source", "at Alice's desk",
                      typed=[organisation])
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


def set_up_relay(stage):
    stage.section("5. A relay between the organisation and its partners")
    stage.explain("It stores what it cannot open. The card names it, so that partners ask no other; here it is this computer.")
    stage.find_port()
    confirm(stage, stage.command(CAROL, "card", "propose", "--relay", f"http://127.0.0.1:{stage.port}"), ALICE)
    stage.command(ALICE, "card", "export", "--out", "larkfield.card")
    stage.start_relay("larkfield.card")
    stage.command(CAROL, "relay", "check", shows=["newest card", "without tls", "same for every link"])


def ask_for_a_key(stage):
    stage.section("6. A partner is invited, pins the organisation and asks for a key")
    stage.command(ALICE, "card", "invite", "--out", "oakbridge.invitation")
    stage.explain("\nNoor calls a number that Noor knew before, has the organisation's fingerprint read out, and types it.")
    organisation = stage.ask(ALICE, "org", "show")["fingerprint"]
    stage.command(PARTNER, "card", "pin", "oakbridge.invitation", "--channel", "phone",
                  "--source", "the contract of last year", typed=[organisation],
                  shows=["Larkfield Logistics", "phone on"])
    stage.explain("\nNoor is asked field by field, with what the card offers; a mistyped answer is refused at once.")
    form = tomllib.loads((stage.folder / "request.toml").read_text(encoding="utf-8"))
    answers = [form["service"], form["environment"], "7", "1", ", ".join(form["networks"]), str(form["days"])]
    answers += [form[field] for field in ("why", "workflow", "usage", "data", "safeguards")]
    answers += [form[field] for field in ("company", "person", "role", "email", "incident_contact")]
    answers += list(form["answers"].values())
    stage.command(PARTNER, "request", "new", typed=[*answers, "yes"],
                  shows=["Choose a number from 1 to 3", "This is what you would sign", "is at the organisation's relay"])
    stage.command(PARTNER, "request", "list", shows=["they will call"])


def vet(stage):
    stage.section("7. Alice vets the request")
    stage.explain("The exit code says that something is due: cron would mail it.")
    stage.command(ALICE, "relay", "sync", code=5, shows=["received", "One thing is due"])
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
    stage.section("8. Ben countersigns, the key is issued and brought to the relay")
    stage.explain("Whoever vetted may not countersign.")
    stage.command(ALICE, "request", "countersign", request, code=1)
    stage.command(BEN, "request", "list", "--waiting-for", "me", shows=["YOU", "unread"])
    stage.command(BEN, "request", "countersign", typed=["yes"])
    stage.command(ALICE, "key", "issue")
    key = stage.ask(ALICE, "key", "list")[0]["id"][:10]
    stage.explain(
        "\nThe envelope goes to the relay. The link has the secret that opens it, behind the #, where no server sees it;\n"
        "Alice sends Noor this message.")
    message = stage.command(ALICE, "key", "deliver", shows=["countersign://e/", "/e/"])
    (stage.folder / "shipments.message").write_text(message, encoding="utf-8")
    stage.command(ALICE, "key", "list", shows=["uploaded"])
    return key


def open_and_use(stage, key):
    stage.section("9. The partner inspects and opens; the receipt goes back")
    stage.command(PARTNER, "envelope", "inspect", "--link-file", "shipments.message",
                  shows=["Alice", "Ben", "shipments:read"])
    stage.command(ALICE, "relay", "sync", shows=["was fetched"])
    stage.explain("\nA link is a secret: Noor pastes it where it is not shown. It never stands on the command line.")
    link = re.search(r"countersign://e/\S+", (stage.folder / "shipments.message").read_text(encoding="utf-8")).group()
    stage.command(PARTNER, "envelope", "open", "--dotenv", "partner.env", "--compose", "partner.key", "--name", "SHIPMENTS_API_KEY",
                  typed=[Hidden(link)], shows=["The receipt is at the organisation's relay"])
    stage.explain("\nUntil the receipt is in, the gateway refuses the key: a copied envelope would be worth nothing.")
    stage.command(None, "key", "check", "--hash-file", "gateway/keys.hashes", given="partner.key", code=1)
    stage.command(ALICE, "relay", "sync", shows=["Receipt recorded"])
    stage.command(None, "key", "check", "--hash-file", "gateway/keys.hashes", given="partner.key")
    stage.command(ALICE, "key", "show", key, shows=["active", "fetched", "opened"])
    stage.command(PARTNER, "run", "--name", "SHIPMENTS_API_KEY", "--", "sh", "-c",
                  'echo "a program started with a key of ${#SHIPMENTS_API_KEY} characters"', shows=["characters"])


def replace_by_hand(stage, before):
    stage.section("10. The next key within the same grant, without the relay: a file, and codes")
    stage.command(ALICE, "key", "rotate", before)
    key = next(k["id"] for k in stage.ask(ALICE, "key", "list") if k["state"] == "sealed")[:10]
    stage.explain("\nThe envelope and its secret travel apart: the file by mail, say, or the codes on paper, and the secret by another channel.")
    (stage.folder / "codes").mkdir()
    stage.command(ALICE, "key", "deliver", key, "--out", "shipments.countersign", "--secret-out", "shipments.secret", "--qr-dir", "codes")
    codes = sorted(str(path.relative_to(stage.folder)) for path in (stage.folder / "codes").glob("*.png"))
    stage.command(PARTNER, "envelope", "open", *codes, "--secret-file", "shipments.secret",
                  "--compose", "partner.next", "--receipt-out", "shipments.receipt")
    stage.command(ALICE, "request", "import", "shipments.receipt")
    stage.command(None, "key", "check", "--hash-file", "gateway/keys.hashes", given="partner.next")
    stage.command(ALICE, "key", "revoke", "--key", before, "--reason", "replaced", shows=["confirmed"])
    stage.command(None, "key", "check", "--hash-file", "gateway/keys.hashes", given="partner.key", code=1)
    return key


def audit(stage):
    stage.section("11. Dora audits the ledger")
    stage.command(DORA, "ledger", "list")
    stage.command(DORA, "ledger", "verify")
    entries = stage.ask(DORA, "ledger", "list")
    place = next(e["seq"] for e in entries if e["event"] == "countersigned")
    stage.explain("\nOne entry can be proven to an outsider, who needs no profile and learns nothing of the others.")
    stage.command(DORA, "ledger", "prove", str(place), "--out", "countersigned.proof")
    organisation = stage.ask(DORA, "org", "show")["fingerprint"]
    stage.command(None, "ledger", "check", "countersigned.proof", "--fingerprint", typed=[organisation])


def leak_and_revoke(stage, key):
    stage.section("12. A key leaks, and is revoked for good")
    secret = (stage.folder / "partner.next").read_text(encoding="ascii").strip()
    log = f'14:02:11 deploy  step 3 of 7\n14:02:12 deploy  env SHIPMENTS_API_KEY="{secret}" ./start\n14:02:13 deploy  done\n'
    (stage.folder / "build.log").write_text(log, encoding="utf-8")
    stage.explain("Somebody finds a key in a build log. Whose is it? (The ledger knows fingerprints of keys, never keys.)")
    stage.command(CAROL, "leak", "find", "build.log", shows=["Oakbridge Analytics"])
    stage.explain("\nMeanwhile Noor noticed it too. A report stops nothing by itself; it is on the record, and due until somebody acts.")
    stage.command(PARTNER, "leak", "report", key, "--text", "The key stood in a build log that two other teams can read.")
    stage.command(CAROL, "relay", "sync", code=5, shows=["still works"])
    stage.command(CAROL, "due", code=5, shows=["LATE", "reported as leaked"])
    stage.command(CAROL, "key", "revoke", "--key", key, "--reason", "leaked", "--preview", shows=["Oakbridge Analytics"])
    stage.command(CAROL, "key", "revoke", "--key", key, "--reason", "leaked", shows=["confirmed"])
    stage.command(None, "key", "check", "--hash-file", "gateway/keys.hashes", given="partner.next", code=1)
    if secret in (stage.folder / "gateway" / "keys.hashes").read_text(encoding="utf-8"):
        raise Unexpected("the hash file holds the key itself")
    stage.command(ALICE, "key", "show", key, shows=["revoked"])
    stage.command(CAROL, "due", shows=["Nothing is due"])
    stage.explain("\nNoor need not be called: the relay has a letter.")
    stage.command(PARTNER, "relay", "sync", shows=["revoked"])
    stage.command(DORA, "ledger", "verify")


SUMMARY = """
The exchange is complete: {commands} commands, all as expected. Everything lies in

  {folder}

  ledger.db              the ledger that Alice, Ben, Carol and Dora share: sealed entries, nothing readable without a profile
  alice ben carol dora   their profiles; NAME.unlock unlocks each
  partner                Noor's profile: identity, pinned organisation, the key
  relay relay.log        what the relay keeps, and what it logs: nothing that opens anything
  oakbridge.invitation   the card, and the right to write through the relay; used up
  shipments.message      the message with the link: its envelope is opened, and erased at the relay
  partner.env            what Noor's program reads
  shipments.countersign  the second envelope; shipments.secret, without which it does not open; codes/ has it as QR codes
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

The relay was stopped. To go on with it, in a second terminal there:

  {relay} --data relay --organisation larkfield.card --listen 127.0.0.1:{port}
"""


def perform(stage):
    make_profiles(stage)
    found(stage)
    admit(stage)
    set_up(stage)
    set_up_relay(stage)
    ask_for_a_key(stage)
    request = vet(stage)
    first = sign_and_issue(stage, request)
    open_and_use(stage, first)
    key = replace_by_hand(stage, first)
    audit(stage)
    leak_and_revoke(stage, key)
    stage.say(SUMMARY.format(commands=stage.commands, folder=stage.folder, request=request, program=stage.program,
                             relay=stage.relay_program, port=stage.port))


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
    parser.add_argument("--relay", type=pathlib.Path, help="the countersign-relay program; default: beside --bin")
    parser.add_argument("--dir", help="a fresh folder to do it in (always kept); default: a temporary one")
    parser.add_argument("--keep", action="store_true", help="keep the temporary folder")
    parser.add_argument("--quiet", action="store_true", help="print only what went wrong, and one last line")
    options = parser.parse_args()
    program = options.bin.resolve()
    relay = options.relay.resolve() if options.relay else program.with_name("countersign-relay")
    for path in (program, relay):
        if not os.access(path, os.X_OK):
            raise SystemExit(f"{path} is no program: 'make exchange' builds both")
    folder = fresh_folder(options.dir)
    stage = Stage(program, relay, folder, options.quiet)
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
        stage.stop_relay()
        if not (options.dir or options.keep or code):
            shutil.rmtree(folder)
    return code


if __name__ == "__main__":
    sys.exit(main())

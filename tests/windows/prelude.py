"""What came before a journey, by the command line: an organisation, its partner, requests that are ready to be signed."""

import json
import shutil

from stage import ANSWERS, EXAMPLES, FORM, gateway

PEOPLE = (("alice", "desk", "Alice Lindqvist"), ("ben", "desk", "Ben Okafor"), ("noor", "inbox", "Noor Haddad"))
QUESTIONS = ("storage", "subcontractors")


HOW = ("--channel", "phone", "--source", "the contract of last year")


def organisation(cast):
    """Alice and Ben founded it, two issuers and a catalogue are in force, and Noor has pinned it."""
    for person, kind, name in PEOPLE:
        cast.make(person, kind, name)
    cast.command("alice", "org", "found", "--name", "Larkfield Logistics", "--out", "founding.offer", "--half-out", "alice.half")
    cast.typed("ben", [cast.fingerprint("alice")], "org", "answer", "founding.offer", "--out", "founding.answer", "--half-out", "ben.half", *HOW)
    cast.typed("alice", [cast.fingerprint("ben")], "org", "complete", "founding.answer", "--log", "ledger.db", *HOW)
    cast.command("ben", "org", "attach", "--log", "ledger.db")
    (cast.folder / "gateway.toml").write_text(gateway(cast), encoding="utf-8")
    shutil.copy(EXAMPLES / "issuer-billing.toml", cast.folder)
    # A sandbox for what is made by hand too: there one call is enough.
    catalogue = (EXAMPLES / "catalogue.toml").read_text(encoding="utf-8")
    at = catalogue.index('id = "billing"')
    catalogue = catalogue[:at] + catalogue[at:].replace('"production"', '"sandbox"')
    (cast.folder / "catalogue.toml").write_text(catalogue, encoding="utf-8")
    for noun, file in (("issuer", "gateway.toml"), ("issuer", "issuer-billing.toml"), ("catalogue", "catalogue.toml"), ("card", None)):
        cast.command("ben", noun, "propose", *([file] if file else []))
        cast.typed("alice", ["yes"], "change", "confirm")
    cast.command("alice", "card", "export", "--out", "larkfield.card")
    heard = cast.ask("alice", "org", "show")["fingerprint"]
    cast.typed("noor", [heard], "card", "pin", "larkfield.card", *HOW)


def form(changes, answer=None):
    """The request form of the windows, as the command line takes it."""
    fields = {**FORM, **changes}
    text = {name.replace("-", "_"): value for name, value in fields.items()}
    text["days"] = int(text["days"])
    for name in ("scopes", "networks"):
        text[name] = text[name].split()
    lines = [f"{name} = {json.dumps(value)}" for name, value in text.items()]
    answers = [f"{name} = {json.dumps(answer or value)}" for name, value in zip(QUESTIONS, ANSWERS.values())]
    return "\n".join([*lines, "[answers]", *answers, ""])


def sent(cast, name, answer=None, **changes):
    """Noor asks."""
    (cast.folder / f"{name}.toml").write_text(form(changes, answer), encoding="utf-8")
    cast.command("noor", "request", "new", f"{name}.toml", "--out", f"{name}.letter")


def received(cast, name, **changes):
    """Noor asks, Alice takes it in. Returns which request it is."""
    known = {each["id"] for each in cast.ask("alice", "request", "list")}
    sent(cast, name, **changes)
    cast.command("alice", "request", "import", f"{name}.letter")
    return next(each["id"] for each in cast.ask("alice", "request", "list") if each["id"] not in known)


def checked(cast, name, **changes):
    """The same, and Alice has called and looked: it can be vetted."""
    request = received(cast, name, **changes)
    cast.typed("alice", [cast.fingerprint("noor")], "identity", "check", request, "--channel", "phone", "--source", "the register")
    for each in ("who", "why", "scope", "protection"):
        cast.command("alice", "request", "answer", request, each, "--note", "As it should be.")
    return request


def countersigned(cast, name, **changes):
    """The same, with both signatures: its key can be issued."""
    request = checked(cast, name, **changes)
    cast.command("alice", "request", "vet", request, "--yes")
    grant = cast.ask("ben", "request", "show", request)["grant"]
    cast.command("ben", "request", "countersign", request, "--grant", grant)
    return request

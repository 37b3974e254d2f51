"""Two implementations against each other.

    run.py SPEC INTEROP [--count N] [--seed S]

SPEC is the folder of the pages, INTEROP the program that seals and opens with the shipping code. Exit code 0 only if
everything agrees.
"""

import argparse
import json
import pathlib
import subprocess
import sys

import cddl
import countersign_client as client
import sealing
import vectors
from countersign_cbor import Refused


class Other:
    """The other implementation, over a pipe."""

    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, **question):
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise SystemExit("the other side ended without an answer")
        return json.loads(answer)


def differing(said, stated):
    return [f"{name} is {said.get(name)}, not {value}" for name, value in stated.items() if said.get(name) != value]


def open_theirs(other, seeds):
    """Envelopes of the other side, opened here."""
    flaws = []
    for seed in seeds:
        theirs = other.ask(do="seal", seed=seed)
        document, given = bytes.fromhex(theirs["document"]), theirs["given"]
        try:
            said, plaintext = client.open_envelope(document, vectors.me_of(given))
        except Refused as why:
            flaws.append(f"sealed there with seed {seed}, refused here: {why}")
            continue
        again = other.ask(do="open", document=theirs["document"], given=given)
        if again.get("says") != said:
            flaws.append(f"sealed there with seed {seed}, read otherwise there: {again}")
        flaws += [f"sealed there with seed {seed}: {flaw}" for flaw in differing(said, theirs["says"])]
        names = [s["name"] for s in said["signers"]]
        if names != theirs["names"]:
            flaws.append(f"sealed there with seed {seed}: signed by {names}")
        flaws += tampered(other, seed, document, given)
    return flaws


def tampered(other, seed, document, given):
    """One bit turned: both must refuse."""
    at = (seed * 7_919) % len(document)
    broken = document[:at] + bytes([document[at] ^ (1 << seed % 8)]) + document[at + 1 :]
    answer = other.ask(do="open", document=broken.hex(), given=given)
    flaws = [] if "reason" in answer else [f"seed {seed}: there, a turned bit at {at} is accepted"]
    try:
        client.open_envelope(broken, vectors.me_of(given))
        flaws.append(f"seed {seed}: here, a turned bit at {at} is accepted")
    except Refused:
        pass
    return flaws


def open_ours(other, seeds):
    """Envelopes sealed here, opened there."""
    flaws = []
    for seed in seeds:
        document, given, stated = sealing.made_up(seed)
        answer = other.ask(do="open", document=document.hex(), given=given)
        if "says" not in answer:
            flaws.append(f"sealed here with seed {seed}, refused there: {answer}")
            continue
        flaws += [f"sealed here with seed {seed}: {flaw}" for flaw in differing(answer["says"], stated)]
        said, _ = client.open_envelope(document, vectors.me_of(given))
        if said != answer["says"]:
            flaws.append(f"sealed here with seed {seed}: the two read it otherwise")
    return flaws


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("spec", type=pathlib.Path)
    arguments.add_argument("interop")
    arguments.add_argument("--count", type=int, default=100)
    arguments.add_argument("--seed", type=int, default=1)
    chosen = arguments.parse_args()
    seeds = range(chosen.seed, chosen.seed + chosen.count)
    good, bad, again, flaws = vectors.check(chosen.spec / "vectors")
    print(f"vectors: {good} good accepted, {bad} bad refused, {again} made again byte for byte")
    matched, refused, more = cddl.check(chosen.spec)
    print(f"schema: {matched} documents and payloads match their rules, {refused} do not, as they should")
    flaws += more
    other = Other(chosen.interop)
    flaws += open_theirs(other, seeds)
    flaws += open_ours(other, seeds)
    print(f"envelopes: {chosen.count} sealed there and opened here, {chosen.count} sealed here and opened there,")
    print(f"           {chosen.count} with a turned bit refused by both (seeds {seeds[0]} to {seeds[-1]})")
    for flaw in flaws:
        print(f"FLAW: {flaw}")
    print("no flaw" if not flaws else f"{len(flaws)} flaws")
    return 1 if flaws else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""An organisation for the pages: four members on their desks, a catalogue, a relay, and a partner who pinned its invitation.

    organisation.py --bin COUNTERSIGN --relay COUNTERSIGN-RELAY --dir DIR

The same commands as the exchange in tools/, up to the partner's first request. Its last line is the number of the relay's
process, which whoever called ends. Standard library only.
"""

import argparse
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent.parent / "tools"))
import exchange  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description="Found an organisation for the pages.")
    parser.add_argument("--bin", required=True, type=pathlib.Path)
    parser.add_argument("--relay", required=True, type=pathlib.Path)
    parser.add_argument("--dir", required=True)
    options = parser.parse_args()
    stage = exchange.Stage(options.bin.resolve(), options.relay.resolve(), exchange.fresh_folder(options.dir), quiet=True)
    try:
        exchange.make_profiles(stage)
        exchange.found(stage)
        exchange.admit(stage)
        exchange.set_up(stage)
        exchange.set_up_relay(stage)
        fingerprint = stage.ask(exchange.ALICE, "org", "show")["fingerprint"]
        stage.command(exchange.ALICE, "card", "invite", "--out", "oakbridge.invitation")
        stage.command(exchange.PARTNER, "card", "pin", "oakbridge.invitation", "--channel", "phone",
                      "--source", "the contract of last year", typed=[fingerprint])
    except exchange.Unexpected as unexpected:
        print(unexpected, file=sys.stderr)
        stage.stop_relay()
        return 1
    print(stage.relay.pid)
    return 0


if __name__ == "__main__":
    sys.exit(main())

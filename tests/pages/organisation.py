#!/usr/bin/env python3
"""An organisation for the pages: four members on their desks, a catalogue, a card, and a partner who pinned it.

    organisation.py --bin COUNTERSIGN --dir DIR

The same commands as the exchange in tools/, up to the partner's first request. Standard library only.
"""

import argparse
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent.parent / "tools"))
import exchange  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description="Found an organisation for the pages.")
    parser.add_argument("--bin", required=True, type=pathlib.Path)
    parser.add_argument("--dir", required=True)
    options = parser.parse_args()
    stage = exchange.Stage(options.bin.resolve(), exchange.fresh_folder(options.dir), quiet=True)
    try:
        exchange.make_profiles(stage)
        exchange.found(stage)
        exchange.admit(stage)
        exchange.set_up(stage)
        fingerprint = stage.ask(exchange.ALICE, "org", "show")["fingerprint"]
        stage.command(exchange.PARTNER, "card", "pin", "larkfield.card", "--source", "the contract of last year",
                      typed=[fingerprint])
    except exchange.Unexpected as unexpected:
        print(unexpected, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

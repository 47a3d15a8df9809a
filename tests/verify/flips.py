"""Every bit of a small kit flipped, one at a time: is it detected, and located?

python -m tests.verify.flips [--step N]
"""

import argparse
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from tests.record.sample import kit_of

from baseload.verify.audit import Audit, verdict_of
from baseload.verify.findings import InspectError
from baseload.verify.kit import Kit

FILES = ("tile/0/000.p/21", "tile/entries/000.p/21", "checkpoint", "checkpoints/14", "policy")


def inspected(path):
    audit = Audit(Kit(str(path)))
    audit.run()
    return verdict_of(audit, 0.0)


def flips(kit, step=1, tell=None):
    """Flip every so-manieth bit; return how many, those not detected, and those not located.

    Parameters
    ----------
    kit : folder of a kit of 21 entries.
    step : 1 for every bit; larger than 1 for a sample, thinner still in the bundle.
    tell : is told file and number of flips.
    """
    count, missed, lost = 0, [], []
    for name in FILES:
        path = kit / name
        data = path.read_bytes()
        pace = step * 18 + 7 if step > 1 and len(data) > 2000 else step
        for bit in range(0, 8 * len(data), pace):
            count += 1
            flipped, verdict = bytearray(data), None
            flipped[bit // 8] ^= 1 << bit % 8
            path.write_bytes(flipped)
            with suppress(InspectError):  # of checkpoint and policy: there is no kit without
                verdict = inspected(kit)
            if verdict is None:
                if name not in ("checkpoint", "policy"):
                    missed.append((name, bit))
            elif verdict["verdict"] == "OK":
                missed.append((name, bit))
            elif not any("index" in f or "file" in f for f in verdict["findings"]):
                lost.append((name, bit))
            if tell is not None and count % 500 == 0:
                tell(name, count)
        path.write_bytes(data)
    return count, missed, lost


def main():
    """Flip, and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--step", type=int, default=1)
    step, began = parser.parse_args().step, time.monotonic()

    def tell(name, count):
        if sys.stderr.isatty():
            print(f"\r{count:,} bits, {name}", end="", file=sys.stderr)

    with tempfile.TemporaryDirectory() as place:
        kit = kit_of(Path(place) / "log", Path(place) / "kit")
        count, missed, lost = flips(kit, step, tell)
    seconds = time.monotonic() - began
    print(f"{count:,} bits flipped, {len(missed)} missed, {len(lost)} not located, {seconds:.0f} s")
    for name, bit in [*missed, *lost][:20]:
        print(f"{name}, bit {bit}")
    return 1 if missed or lost else 0


if __name__ == "__main__":
    sys.exit(main())

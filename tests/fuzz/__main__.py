"""Give parsers what nobody meant them to read: only their own errors may leave them.

    python -m tests.fuzz [TARGET ...] [--seconds N] [--seed N]

A loop of its own changes samples by a seed; `python -m tests.fuzz.guided` goes by coverage instead,
where atheris is installed. What breaks a parser is written to build/fuzz/.
"""

import argparse
import random
import sys
import time
from hashlib import sha256
from pathlib import Path

from tests.fuzz.mutating import mutated
from tests.fuzz.targets import OWN, TARGETS, clean

BROKEN = Path("build/fuzz")


def run(name, seconds=None, runs=None, seed=0):
    """Fuzz a target for some time or some runs; return runs, and input that broke it."""
    target, chance = TARGETS[name], random.Random(f"{name} {seed}")
    samples, broken, count = target.samples(), [], 0
    end = time.monotonic() + seconds if seconds is not None else float("inf")
    while time.monotonic() < end and (runs is None or count < runs):
        data = mutated(chance, samples)
        count += 1
        try:
            target.parse(data)
        except OWN:
            continue
        except Exception as error:  # whatever else leaves a parser is a defect of it
            broken.append((data, error))
            if len(broken) >= 20:
                break
    return count, broken


def main():
    """Fuzz, and print what was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("target", nargs="*", default=[], choices=[*TARGETS, []])
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    failed = 0
    for name in options.target or TARGETS:
        count, broken = run(name, options.seconds, seed=options.seed)
        print(f"{name:<20} {count:>9,} runs  {len(broken)} broken", flush=True)
        failed += len(broken)
        for data, error in broken[:3]:
            BROKEN.mkdir(parents=True, exist_ok=True)
            path = BROKEN / f"{name}-{sha256(data).hexdigest()[:12]}"
            path.write_bytes(data)
            print(f"  {path}: {type(error).__name__}: {str(error)[:150]}")
    clean()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

"""Fuzz parsers by coverage, with atheris (`pip install atheris`; Linux, Python 3.11 to 3.13).

    python -m tests.fuzz.guided [TARGET ...] [--seconds N]

Each target has a process of its own, since libFuzzer ends the one that it runs in. It begins with
the samples and goes on with what it found before, in build/fuzz/corpus/; input that breaks a parser
is left in build/fuzz/.
"""

import argparse
import re
import subprocess
import sys
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

FOUND = Path("build/fuzz")
OURS = ["baseload.record", "baseload.verify"]
"""Packages whose coverage is the guide."""


def one(name, seconds):
    """Fuzz one target in this process; it does not come back."""
    import atheris

    with atheris.instrument_imports(include=OURS):
        from tests.fuzz.targets import OWN, TARGETS

    target = TARGETS[name]

    def parsed(data):
        with suppress(OWN):
            target.parse(bytes(data))

    folder = FOUND / "corpus" / name
    folder.mkdir(parents=True, exist_ok=True)
    for sample in target.samples():
        (folder / sha256(sample).hexdigest()[:16]).write_bytes(sample)
    limits = [
        f"-max_total_time={seconds}",
        "-max_len=65536",
        "-print_final_stats=1",
        "-verbosity=0",
    ]
    atheris.Setup([sys.argv[0], str(folder), f"-artifact_prefix={FOUND}/{name}-", *limits], parsed)
    atheris.Fuzz()


def main():
    """Fuzz all targets or some, one after the other."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.guided", description=__doc__)
    parser.add_argument("target", nargs="*")
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        return one(options.target[0], options.seconds)
    from tests.fuzz.targets import TARGETS

    failed = 0
    for name in options.target or TARGETS:
        command = [sys.executable, "-m", "tests.fuzz.guided", name, "--one"]
        command += ["--seconds", str(options.seconds)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        runs = re.search(r"number_of_executed_units:\s*([0-9]+)", done.stderr)
        kept = len([*(FOUND / "corpus" / name).glob("*")])
        print(f"{name:<24} {int(runs[1]) if runs else 0:>10,} runs, {kept:>6,} kept, "
              f"{'good' if done.returncode == 0 else 'BROKEN'}", flush=True)  # fmt: skip
        if done.returncode:
            failed += 1
            print(done.stderr[-2000:], flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

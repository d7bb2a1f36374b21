"""Run each program of this folder for its share of the time: ``python tests/soak --seconds 600``.

The seeds are printed. The exit code is 1 if any of the programs found a fault; the others run all the same.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
from pathlib import Path
from typing import Final

PROGRAMS: Final = sorted(path for path in Path(__file__).parent.glob("*.py") if path.name != "__main__.py")


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python tests/soak", description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=600.0, help="for all of them together (600)")
    parser.add_argument("--seed", type=int, default=None, help="for each of them; the default is drawn and printed")
    options = parser.parse_args()
    seed = random.SystemRandom().randrange(1_000_000) if options.seed is None else options.seed
    share = options.seconds / len(PROGRAMS)
    failed = []
    for program in PROGRAMS:
        print(f"{program.name} --seconds {share:g} --seed {seed}", flush=True)
        command = [sys.executable, program, "--seconds", f"{share:g}", "--seed", str(seed)]
        if subprocess.run(command, check=False).returncode:
            failed.append(program.name)
    print(f"a fault was found by {', '.join(failed)}, with seed {seed}" if failed else "no fault was found")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

"""Generate the sync package and other files: ``python gradient_sync/_generate.py [--check]``.

See ``generator/command.py``.
"""

from __future__ import annotations

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    from generator.command import main

    sys.exit(main(sys.argv[1:]))

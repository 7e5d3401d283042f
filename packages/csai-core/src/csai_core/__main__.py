"""`csai`, and `python -m csai_core`, which is the same command where scripts are not on the path."""

from __future__ import annotations

import sys


def run() -> None:
    """Run the command; Ctrl-C while it is imported ends it as quietly as later."""
    try:
        from csai_core.commands import main
    except KeyboardInterrupt:
        sys.stderr.write("\n")
        sys.exit(130)
    main(prog_name="csai")


if __name__ == "__main__":
    run()

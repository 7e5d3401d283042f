"""`python -m csai_core` is the command `csai`, also where scripts are not on the path."""

from __future__ import annotations

from csai_core.commands import main

if __name__ == "__main__":
    main(prog_name="csai")

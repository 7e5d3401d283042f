"""Judges all specimens, or those of some kinds, and prints the table of docs/plugins.md.

python tests/planted
python tests/planted buffers callbacks
"""

from __future__ import annotations

import argparse
import io
import sys
from collections import Counter
from contextlib import redirect_stdout
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from planted.specimens import specimens


def main() -> int:
    """Print the table, and what was misjudged; 1 if anything was."""
    every = list(specimens())
    kinds = sorted({each.kind for each in every})
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=", ".join(kinds))
    chosen = parser.parse_args().kinds or kinds
    if unknown := {*chosen} - {*kinds}:
        parser.error(f"there is no {', '.join(unknown)}; there is {', '.join(kinds)}")
    planted, found, sound, blamed = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    for each in (each for each in every if each.kind in chosen):
        with redirect_stdout(io.StringIO()):  # some faults are that something is printed
            misjudgment = each.misjudgment()
        if misjudgment:
            print(f"{each.name} {misjudgment}", file=sys.stderr)
        if each.reason is None:
            sound[each.kind] += 1
            blamed[each.kind] += bool(misjudgment)
        else:
            planted[each.kind] += 1
            found[each.kind] += not misjudgment
    print("| kind | planted faults | found, for the true reason | sound | blamed |")
    print("|---|---:|---:|---:|---:|")
    for kind in sorted(planted | sound):
        print(f"| {kind} | {planted[kind]} | {found[kind]} | {sound[kind]} | {blamed[kind]} |")
    print(f"| all | {planted.total()} | {found.total()} | {sound.total()} | {blamed.total()} |")
    return int(found != planted or blamed.total() > 0)


if __name__ == "__main__":
    sys.exit(main())

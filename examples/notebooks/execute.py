"""Executes every notebook of this folder in Jupyter, which needs nbclient and ipykernel."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).parent


def main() -> None:
    """Execute those that are named, or all; nothing is written."""
    for path in map(Path, sys.argv[1:] or sorted(map(str, FOLDER.glob("*.ipynb")))):
        book = nbformat.read(path, as_version=4)
        nbformat.validate(book)
        began = time.monotonic()
        NotebookClient(book, timeout=300, resources={"metadata": {"path": str(FOLDER)}}).execute()
        outputs = [output for cell in book.cells for output in cell.get("outputs", ())]
        shown = sum(not {"text/html", "image/png"}.isdisjoint(output.get("data", ())) for output in outputs)
        print(f"{path.name}: {shown} outputs with pictures, {time.monotonic() - began:.0f} s")
        if not shown:
            sys.exit(f"{path.name} shows nothing.")


if __name__ == "__main__":
    main()

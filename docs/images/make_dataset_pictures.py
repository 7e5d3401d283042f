"""Draws the pictures of docs/datasets.md: trains a network on printed digits, and looks at it.

OMP_NUM_THREADS=1 python docs/images/make_dataset_pictures.py
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parent / "datasets.md"
SMALLEST = {
    "PrintedDigits()": "PrintedDigits(240)",
    "epochs=8": "epochs=1",
    "find_learning_rate(net, dataset)": "find_learning_rate(net, dataset, num_batches=12)",
}
"""What of the page's code takes long, and what takes its place."""


def main() -> None:
    """Run the page's own code, from its dataset on, and keep what it draws."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--smallest",
        action="store_true",
        help="the smallest sizes, to see that it runs; its figures mean nothing",
    )
    page = PAGE.read_text()
    for code, smaller in SMALLEST.items() if parser.parse_args().smallest else ():
        page = page.replace(code, smaller)
    names: dict[str, object] = {}
    for block in re.findall(r"^```python\n# printed digits\n(.*?)^```$", page, re.M | re.S):
        exec(compile(block, str(PAGE), "exec"), names)
    for name in ("curves", "mistakes"):
        Path(f"{name}.png").replace(HERE / f"dataset-{name}.png")
    Path("rates.png").unlink()


if __name__ == "__main__":
    main()

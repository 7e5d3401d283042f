"""Draws the pictures of docs/datasets.md: trains a network on printed digits, and looks at it.

OMP_NUM_THREADS=1 python docs/images/make_dataset_pictures.py
"""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parent / "datasets.md"


def main() -> None:
    """Run the page's own code, from its dataset on, and keep what it draws."""
    names: dict[str, object] = {}
    for block in re.findall(r"^```python\n# printed digits\n(.*?)^```$", PAGE.read_text(), re.M | re.S):
        exec(compile(block, str(PAGE), "exec"), names)
    for name in ("curves", "mistakes"):
        Path(f"{name}.png").replace(HERE / f"dataset-{name}.png")
    Path("rates.png").unlink()


if __name__ == "__main__":
    main()

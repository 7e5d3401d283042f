"""Pictures of curves, as notebooks show them."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from csai_core.errors import ConfigError


def test_a_run_is_plotted_alone_and_beside_others(runs, tmp_path):
    alone = runs[0].plot(facets=("return", "epsilon"))
    with Image.open(io.BytesIO(alone._repr_png_())) as opened:
        assert opened.size == (960, 816)
    assert repr(alone) == "<picture of the curves of seed0>"
    both = runs[0].plot(runs[3], smooth=4)
    assert both.figure.axes[0].get_ylabel() == "return, mean of 4"
    for suffix, start in ((".png", b"\x89PNG"), (".svg", b"<?xml"), (".pdf", b"%PDF")):
        assert both.save(tmp_path / f"x{suffix}").read_bytes().startswith(start)
    with pytest.raises(ConfigError, match=r"cannot be saved as 'x\.doc'"):
        both.save(tmp_path / "x.doc")

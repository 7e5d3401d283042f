"""FlattenBlock: it checks its size."""

import pytest

from csai_neural import FlattenBlock
from csai_neural.errors import ShapeError


def test_flatten_checks_its_size():
    assert FlattenBlock(input_shape=(2, 3, 4)).output_size == 24
    with pytest.raises(ShapeError, match="holds 24 numbers"):
        FlattenBlock(23, (2, 3, 4))

"""JoinBlock: what it cannot join."""

import pytest

from csai_neural import JoinBlock
from csai_neural.errors import StructureError


def test_a_join_without_inputs():
    with pytest.raises(StructureError, match="nothing to join"):
        JoinBlock().connect()

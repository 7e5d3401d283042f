"""Differences of nested values are told so that whoever reads them sees one."""

import numpy as np
import pytest

from csai_core.testing.compare import difference

LONG = np.arange(40)


@pytest.mark.parametrize(
    ("one", "two", "told"),
    [
        ({"a": [1, 2]}, {"a": [1, 3]}, "x['a'][1] is 2 in the one and 3 in the other"),
        (np.array([0, 1]), np.array([1, 1]), "x is [0 1] in the one and [1 1] in the other"),
        (np.array([1.0, 0.1 + 0.2]), np.array([1, 0.3]), "x[1] is 0.30000000000000004 in the one and 0.3 in"),
        (np.float64(0.1 + 0.2), np.float64(0.3), "x is 0.30000000000000004 in the one and 0.3 in the other"),
        (LONG, np.where(LONG == 20, 7, LONG), "x[20] is 20 in the one and 7 in the other"),
        (LONG, LONG.reshape(40, 1)[:, :0], "x is [ 0  1  2 ... 37 38 39] in the one and [] in the other"),
        (np.zeros(40), np.zeros(41), "x has the shape (40,) in the one and (41,) in the other"),
        (np.array([{"a": 1}, None]), np.array([{"a": 2}, None]), "x is [{'a': 1} None] in the one and"),
    ],
)
def test_where_two_values_differ_can_be_seen(one, two, told):
    assert difference(one, two, "x").startswith(told)
    assert not difference(one, one, "x")

"""What the torch backend makes of arrays."""

from __future__ import annotations

import numpy as np
import torch

from csai_train.backends.torch import restore_tensors


def test_a_saved_state_comes_back_in_tensors_of_its_own():
    array = np.arange(3.0)
    restored = restore_tensors({"layers": [array, (array, 0.5)], 0: None})
    assert torch.equal(restored["layers"][0], torch.arange(3.0, dtype=torch.float64))
    assert restored["layers"][1][1] == 0.5
    assert restored[0] is None
    array[:] = 7.0
    assert restored["layers"][1][0].tolist() == [0.0, 1.0, 2.0]

"""Actions drawn in numpy follow the policy."""

import numpy as np

from csai_train.backends.numpy_acting import draw


def test_draws_each_action_as_often_as_its_probability_says():
    outputs = np.log(np.array([0.1, 0.2, 0.7], dtype=np.float32))
    actions = draw(np.tile(outputs, (20_000, 1)), np.random.default_rng(0))
    np.testing.assert_allclose(np.bincount(actions) / 20_000, [0.1, 0.2, 0.7], atol=0.015)

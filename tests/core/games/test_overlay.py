"""What would be observed elsewhere, asked without going there."""

import pytest

from csai_core.games import observe_with
from csai_core.testing.toys import Walk


def test_it_is_observed_as_it_would_be_and_nothing_changes():
    env = Walk()
    env.reset(seed=0)
    env.step(1)
    assert [observe_with(env, position=place) for place in range(5)] == [0, 1, 2, 3, 4]
    assert (env.position, env.get_observation()) == (1, 1)


def test_what_cannot_be_observed_leaves_everything_as_it_was():
    env = Walk()
    env.reset(seed=0)
    with pytest.raises(ValueError, match="position"):
        observe_with(env, position=99)
    assert (env.position, env.get_observation()) == (0, 0)

"""Tables made by trying every action, and games of which none can be made."""

import numpy as np
import pytest

import csai_core
from csai_core import ActionAttribute, DiscreteType, ObsAttribute, Shell
from csai_core.games import observe_with
from csai_core.overlays import Table, value_iteration
from csai_core.overlays.tried_table import key_of, tried_table


class Line(Shell):
    """Walk from 0 to 3: the last step ends the game."""

    def __init__(self, **settings):
        super().__init__(**settings)
        self.position, self.num_steps = 0, 0
        self.register_attribute(ObsAttribute("position", DiscreteType(4), self.seen, cached=False))
        self.register_attribute(ActionAttribute("move", DiscreteType(2)))

    def seen(self):
        return self.position

    def start_episode(self, options):
        self.position, self.num_steps = 0, 0

    def advance(self, action, d_t):
        self.num_steps += 1
        self.position = min(max(self.position + (-1, 1)[action], 0), 3)

    def get_current_reward(self, action, current_state):
        return (1.0 if self.position == 3 else -0.25), self.position == 3

    def overlay_states(self):
        return {(0, i): observe_with(self, position=i) for i in range(4)}


class Windy(Line):
    def advance(self, action, d_t):
        super().advance(int(self.np_random.random() < 0.9) if action else 0, d_t)


class Tiring(Line):
    """What a step costs is not seen."""

    def get_current_reward(self, action, current_state):
        reward, is_over = super().get_current_reward(action, current_state)
        return reward - 0.1 * (self.num_steps > 5), is_over


class Foggy(Line):
    """The first two cells look alike."""

    def seen(self):
        return max(self.position, 1)


class Beyond(Line):
    """Leads to a state that is no cell of the board."""

    def overlay_states(self):
        return {cell: state for cell, state in super().overlay_states().items() if cell != (0, 2)}


class Unsaved(Line):
    def start_episode(self, options):
        super().start_episode(options)
        self.handle = open

    def state_dict(self):
        raise csai_core.errors.ContractError("This world cannot be saved.")


def tried(env):
    env.reset(seed=1)
    return tried_table(env, env.overlay_states())


def test_every_action_is_tried_in_every_state():
    env = Line()
    found = tried(env)
    assert [found.numbers[key_of(i)] for i in range(4)] == [0, 1, 2, 3]
    assert found.table.next_states[:3, :, 0].tolist() == [[0, 1], [0, 2], [1, 3]]
    assert found.table.rewards[:3, :, 0].tolist() == [[-0.25, -0.25], [-0.25, -0.25], [-0.25, 1]]
    assert found.table.final_rewards == {3: 1.0}
    assert found.table.chances[3].sum() == 0  # nothing is done after the end
    assert value_iteration(found.table, 1.0).max(axis=1) == pytest.approx([0.5, 0.75, 1.0, 0.0])


def test_the_environment_stays_as_it_is():
    env = Line()
    env.reset(seed=1)
    env.step(1)
    before = env.state_dict()
    assert tried_table(env, env.overlay_states()) is not None
    assert env.state_dict() == before


def test_a_table_is_kept_as_long_as_the_world_is_the_same():
    env = Line()
    first = tried(env)
    env.step(1)
    assert tried_table(env, env.overlay_states()) is first
    other = {cell: state for cell, state in env.overlay_states().items() if cell != (0, 3)}
    assert tried_table(env, other) is None


@pytest.mark.parametrize("kind", [Windy, Tiring, Foggy, Beyond, Unsaved])
def test_where_it_would_not_be_the_truth_there_is_no_table(kind):
    assert tried(kind()) is None


def test_after_the_end_nothing_can_be_tried():
    env = Line()
    env.reset()
    for _ in range(3):
        env.step(1)
    assert tried_table(env, env.overlay_states()) is None
    assert tried(env) is not None  # the next game


def test_a_large_world_is_not_tried(monkeypatch):
    monkeypatch.setattr("csai_core.overlays.tried_table.MOST_STATES", 3)
    assert tried(Line()) is None


@pytest.mark.parametrize(
    ("env_id", "settings"),
    [
        ("CSAI/SimpleGrid-v0", {}),
        ("CSAI/FrozenLake-v0", {}),
        ("CSAI/FrozenLake-v0", {"attributes": "game_state"}),
    ],
)
def test_what_is_tried_is_what_the_rules_say(env_id, settings):
    env = csai_core.make(env_id, **settings).unwrapped
    found = tried(env)
    told = Table.from_outcomes(env.P)
    for cell, state in env.overlay_states().items():
        number = found.numbers.get(key_of(state))
        if number is None or found.table.chances[number].sum() == 0:
            continue
        row = cell[0] * env.world.width + cell[1]
        ahead = [
            found.numbers[key_of(env.overlay_states()[divmod(int(s), env.world.width)])]
            for s in told.next_states[row, :, 0]
        ]
        assert found.table.next_states[number, :, 0].tolist() == ahead
        assert found.table.rewards[number, :, 0] == pytest.approx(told.rewards[row, :, 0])
        assert found.table.ends[number, :, 0].tolist() == told.ends[row, :, 0].tolist()


def test_a_maze_is_tried_through_planes():
    found = tried(csai_core.make("CSAI/Maze-v0", rooms=3).unwrapped)
    assert found.table.chances.shape[1:] == (4, 1)
    assert np.count_nonzero(found.table.ends) == 1
    assert value_iteration(found.table, 1.0).max() == 1.0


def test_keys_tell_observations_apart():
    one = {"b": (1, np.array([2])), "a": np.float32(1)}
    same = {"a": np.float32(1), "b": (1, np.array([2]))}
    assert key_of(one) == key_of(same) != key_of({**one, "b": (1, np.array([3]))})

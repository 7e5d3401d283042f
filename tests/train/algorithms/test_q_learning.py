"""Q-learning against sums done by hand, and in worlds whose best behavior is known."""

import copy
import json

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

from csai_core.algorithm import Step
from csai_core.errors import ConfigError
from csai_train import QLearning, evaluate, train
from csai_train.algorithms.q_learning import QLearningConfig, TabularQLearning
from csai_train.algorithms.q_table import state_key
from csai_train.errors import NonFiniteError


def table(**settings):
    return QLearning([0, 1], alpha=0.5, gamma=0.9, epsilon=0.0, seed=0, **settings)


def test_update_pulls_the_entry_toward_reward_plus_discounted_best_value():
    learner = table()
    learner.q_table["next"] = {0: 0.1, 1: 2.0}
    error = learner.update_q_table("here", 1, 1.0, "next")
    assert error == pytest.approx(1.0 + 0.9 * 2.0)
    assert learner.q_table["here"][1] == pytest.approx(0.5 * (1.0 + 0.9 * 2.0))
    assert learner.q_table["here"][0] == 0.0


@pytest.mark.parametrize(
    ("rule", "next_action", "expected"),
    [
        ("q_learning", 0, 2.0),
        ("sarsa", 0, 0.4),
        ("sarsa", None, 0.8 * 2.0 + 0.2 * 1.2),
        ("expected_sarsa", 0, 0.8 * 2.0 + 0.2 * 1.2),
    ],
)
def test_each_rule_expects_something_else_of_the_next_state(rule, next_action, expected):
    learner = QLearning([0, 1], alpha=0.5, gamma=0.9, epsilon=0.2, rule=rule)
    learner.q_table["next"] = {0: 0.4, 1: 2.0}
    error = learner.update_q_table("here", 1, 1.0, "next", next_action=next_action)
    assert error == pytest.approx(1.0 + 0.9 * expected)
    assert learner.update_q_table("there", 1, 1.0, "next", True, next_action) == 1.0


def test_there_is_no_other_rule():
    with pytest.raises(ConfigError, match="expected_sarsa"):
        QLearning([0], rule="salsa")
    with pytest.raises(ConfigError, match="expected_sarsa"):
        QLearningConfig(rule="salsa")


class Lever(gymnasium.Env):
    """Action 1 pays 1, action 0 nothing, for ever; cut short every third step."""

    observation_space = spaces.Discrete(1)
    action_space = spaces.Discrete(2)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.count = 0
        return 0, {}

    def step(self, action):
        self.count += 1
        return 0, float(action), False, self.count == 3, {}


@pytest.mark.parametrize(
    ("rule", "values"), [("q_learning", (1.0, 2.0)), ("sarsa", (0.9, 1.9)), ("expected_sarsa", (0.9, 1.9))]
)
def test_the_rules_converge_to_the_best_policy_or_to_their_own(rule, values):
    """With gamma 1/2 the best is worth 2; taking 0 in one step of ten, V = 0.9 + V / 2 = 1.8."""
    config = {
        "rule": rule,
        "gamma": 0.5,
        "learning_rate": 0.02,
        "epsilon_start": 0.2,
        "epsilon_end": 0.2,
    }
    training = train("q_learning", [Lever(), Lever()], total_steps=10_000, seed=0, config=config)
    found = training.algorithm.table.q_table[0]
    assert (found[0], found[1]) == pytest.approx(values, abs=0.06)


def test_sarsa_learns_when_the_next_action_is_known():
    learner = TabularQLearning(
        spaces.Discrete(3),
        spaces.Discrete(2),
        QLearningConfig(rule="sarsa", learning_rate=0.5, gamma=0.5),
        total_steps=10,
        seed=0,
    )
    table = learner.table.q_table
    table[1] = {0: 4.0, 1: 8.0}

    def step(state, action, next_state, terminated=False):
        flags = [np.array([terminated]), np.array([False])]
        learner.learn(
            Step(np.array([state]), np.array([action]), np.array([1.0]), *flags, np.array([next_state]))
        )

    step(0, 1, 1)
    assert 0 not in table
    step(1, 0, 2, terminated=True)
    assert table[0][1] == 0.5 * (1 + 0.5 * 4.0)
    assert table[1][0] == 4.0 + 0.5 * (1 - 4.0)


@pytest.mark.parametrize("rule", ["q_learning", "sarsa", "expected_sarsa"])
def test_a_saved_table_goes_on_identically(rule):
    def play(learner, numbers):
        for number in numbers:
            states, following = np.array([number % 4, 1]), np.array([(number + 1) % 4, 1])
            decision = learner.act(states, explore=True)
            ended = [np.array([number % 7 == 3, False]), np.array([False, number % 5 == 4])]
            learner.learn(Step(states, decision.action, np.array([number % 3, 1.0]), *ended, following))

    def make(seed):
        config = QLearningConfig(rule=rule, num_envs=2)
        return TabularQLearning(spaces.Discrete(4), spaces.Discrete(2), config, total_steps=100, seed=seed)

    learner, other = make(0), make(1)
    play(learner, range(21))
    other.load_state_dict(copy.deepcopy(learner.state_dict()))
    for each in (learner, other):
        play(each, range(21, 50))
    assert learner.table.q_table == other.table.q_table


def test_nothing_is_expected_after_the_end_of_the_game():
    learner = table()
    learner.q_table["next"] = {0: 5.0, 1: 5.0}
    learner.update_q_table("here", 0, 1.0, "next", terminated=True)
    assert learner.q_table["here"][0] == pytest.approx(0.5)


def test_greedy_choice_takes_the_best_and_explores_nothing():
    learner = table()
    learner.q_table[3] = {0: 0.0, 1: 1.0}
    assert {learner.choose_action(3) for _ in range(50)} == {1}


def test_actions_may_be_words():
    learner = QLearning(["L", "R"], epsilon=0.0, seed=0)
    learner.update_q_table(0, "R", 1.0, 1, terminated=True)
    assert learner.choose_action(0) == "R"
    explorer = QLearning(["L", "R"], epsilon=1.0, epsilon_decay=1.0, seed=0)
    assert {explorer.choose_action(0) for _ in range(50)} == {"L", "R"}


def test_only_allowed_actions_are_chosen():
    learner = QLearning(range(4), epsilon=0.5, epsilon_decay=1.0, seed=0)
    learner.q_table[0] = {0: 9.0, 1: 1.0, 2: 2.0, 3: 9.0}
    assert {learner.choose_action(0, allowed=[1, 2]) for _ in range(100)} == {1, 2}
    assert learner.choose_action(0, explore=False, allowed=[1, 2]) == 2


def test_epsilon_falls_with_each_update_and_stops():
    learner = QLearning([0, 1], epsilon=0.9, epsilon_decay=0.5, stop_epsilon=0.2)
    seen = []
    for _ in range(4):
        learner.update_q_table(0, 0, 0.0, 0)
        seen.append(learner.epsilon)
    assert seen == pytest.approx([0.45, 0.225, 0.2, 0.2])


def test_looking_at_a_state_does_not_add_it():
    learner = table()
    learner.choose_action("new")
    learner.update_q_table("here", 0, 0.0, "new")
    assert list(learner.q_table) == ["here"]


@pytest.mark.parametrize("reward", [float("nan"), float("inf")])
def test_a_reward_that_is_no_number_is_refused_and_nothing_learned(reward):
    learner = table()
    with pytest.raises(NonFiniteError, match=str(reward)):
        learner.update_q_table("here", 0, reward, "next")
    assert not learner.q_table


def test_states_of_every_kind_become_keys():
    assert state_key(np.int64(3)) == 3
    assert state_key(np.array([[1, 0], [0, 1]], dtype=np.int8)) == (1, 0, 0, 1)
    assert state_key({"b": 1, "a": np.array([2])}) == (("a", (2,)), ("b", 1))
    assert state_key((1, np.array(2))) == (1, 2)


def test_a_table_survives_its_file(tmp_path):
    learner = QLearning([0, 1, 2], seed=0)
    for state in (5, (1, 0, 1), ((1, 2), 3), "word"):
        learner.update_q_table(state, 1, 0.1, state)
    learner.save_q_table(tmp_path / "q_table.json")
    json.loads((tmp_path / "q_table.json").read_text())
    other = QLearning([0, 1, 2])
    other.load_q_table(tmp_path / "q_table.json")
    assert other.q_table == learner.q_table
    assert other.choose_action("unseen", explore=False) == 0


@pytest.mark.parametrize(
    "text",
    [
        "no json",
        "[]",
        '{"format": "other", "actions": [0, 1], "rows": []}',
        '{"format": "csai q-table 2", "actions": [0, 1, 2], "rows": []}',
        '{"format": "csai q-table 2", "actions": [0, 1], "rows": [[3, [1.0]]]}',
        '{"format": "csai q-table 2", "actions": [0, 1], "rows": [[3, [1.0, NaN]]]}',
        '{"format": "csai q-table 2", "actions": [0, 1], "rows": [[3, [1.0, "x"]]]}',
    ],
)
def test_a_file_that_is_no_table_for_these_actions_is_refused_and_the_table_kept(tmp_path, text):
    path = tmp_path / "q.json"
    path.write_text(text)
    learner = table()
    learner.update_q_table("kept", 0, 1.0, "kept")
    with pytest.raises(ConfigError, match=r"q\.json"):
        learner.load_q_table(path)
    assert list(learner.q_table) == ["kept"]


def test_a_missing_file_is_said_to_be_missing(tmp_path):
    with pytest.raises(FileNotFoundError):
        table().load_q_table(tmp_path / "absent.json")


def test_no_actions_is_an_error():
    with pytest.raises(ConfigError, match=r"actions=\[\]; it must be a list of at least one"):
        QLearning([])


@pytest.mark.parametrize(
    ("observation_space", "action_space", "message"),
    [
        (spaces.Box(-1, 1, (4,)), spaces.Discrete(2), "discrete observations"),
        (spaces.Discrete(4), spaces.Box(-1, 1, (1,)), "Discrete action space"),
    ],
)
def test_spaces_that_suit_no_table_are_refused(observation_space, action_space, message):
    with pytest.raises(ConfigError, match=message):
        TabularQLearning(observation_space, action_space, QLearningConfig(), total_steps=10, seed=0)


@pytest.mark.parametrize(
    "values", [{"gamma": 1.5}, {"learning_rate": 0.0}, {"num_envs": 0}, {"epsilon_end": -0.1}]
)
def test_settings_that_cannot_work_are_refused(values):
    with pytest.raises(ConfigError, match=next(iter(values))):
        QLearningConfig(**values)


class Walk(gymnasium.Env):
    """Five cells in a row; right of the last one is the goal. Actions count from 1: left 1, right 2."""

    observation_space = spaces.Discrete(5)
    action_space = spaces.Discrete(2, start=1)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.cell = 0
        return self.cell, {}

    def step(self, action):
        self.cell = max(0, self.cell + (1 if action == 2 else -1))
        is_over = self.cell == 5
        return min(self.cell, 4), float(is_over), is_over, False, {}


@pytest.mark.parametrize("num_envs", [1, 3])
def test_learns_the_values_of_a_walk(num_envs):
    envs = [Walk() for _ in range(num_envs)]
    training = train(
        "q_learning",
        envs,
        total_steps=6_000,
        seed=0,
        config={"gamma": 0.9, "learning_rate": 0.5, "epsilon_end": 0.2},
    )
    values = training.algorithm.table.q_table
    for cell in range(5):
        assert values[cell][2] == pytest.approx(0.9 ** (4 - cell), abs=1e-3)


class Loop(gymnasium.Env):
    """One cell, one action, reward 1, no end: worth 1 / (1 - gamma) however often it is cut short."""

    observation_space = spaces.Discrete(1)
    action_space = spaces.Discrete(1)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return 0, {}

    def step(self, action):
        return 0, 1.0, False, False, {}


def test_an_episode_that_is_cut_short_still_counts_what_would_follow():
    env = gymnasium.wrappers.TimeLimit(Loop(), max_episode_steps=3)
    training = train(
        "q_learning", env, total_steps=2_000, seed=0, config={"gamma": 0.5, "learning_rate": 0.5}
    )
    assert training.algorithm.table.q_table[0][0] == pytest.approx(2.0)


def test_same_seed_same_table_and_other_seed_another():
    def q_table(seed):
        environment = gymnasium.make("FrozenLake-v1", is_slippery=True)
        return train("q_learning", environment, total_steps=3_000, seed=seed).algorithm.table.q_table

    assert q_table(1) == q_table(1)
    assert q_table(1) != q_table(2)


def test_solves_frozen_lake_without_slipping():
    environment = gymnasium.make("FrozenLake-v1", is_slippery=False)
    training = train("q_learning", environment, total_steps=20_000, seed=0, config={"gamma": 0.9})
    assert evaluate(training, environment, episodes=5, seed=0).mean_return == 1.0


@pytest.mark.parametrize(
    ("rule", "expected"),
    [("q_learning", 2.0), ("sarsa", 0.8 * 2.0 + 0.2 * 1.2), ("expected_sarsa", 0.8 * 2.0 + 0.2 * 1.2)],
)
def test_nothing_is_expected_of_forbidden_actions(rule, expected):
    learner = QLearning(range(3), alpha=0.5, gamma=0.9, epsilon=0.2, rule=rule)
    learner.q_table["next"] = {0: 0.4, 1: 2.0, 2: 9.0}
    error = learner.update_q_table("here", 1, 1.0, "next", next_allowed=[0, 1])
    assert error == pytest.approx(1.0 + 0.9 * expected)


@pytest.mark.parametrize("rule", ["q_learning", "sarsa"])
def test_the_mask_of_the_next_observation_reaches_the_table(rule):
    learner = TabularQLearning(
        spaces.Discrete(3),
        spaces.Discrete(2),
        QLearningConfig(rule=rule, learning_rate=0.5, gamma=0.5, epsilon_start=0.0, epsilon_end=0.0),
        total_steps=10,
        seed=0,
    )
    learner.table.q_table[1] = {0: 4.0, 1: 8.0}
    flags = [np.array([False]), np.array([True])]
    learner.learn(
        Step(
            np.array([0]),
            np.array([1]),
            np.array([1.0]),
            *flags,
            np.array([1]),
            next_action_mask=np.array([[1, 0]]),
        )
    )
    assert learner.table.q_table[0][1] == 0.5 * (1 + 0.5 * 4.0)


def test_a_rate_that_falls_with_the_visits_averages():
    learner = QLearning([0, 1], alpha=1.0, visit_horizon=0)
    for reward in (4.0, 1.0, 1.0, 2.0):
        learner.update_q_table(0, 1, reward, 0, terminated=True)
    assert learner.q_table[0] == {0: 0.0, 1: pytest.approx(2.0)}
    assert learner.visits[0] == {0: 0, 1: 4}


def test_a_high_initial_value_makes_everything_be_tried():
    learner = QLearning(range(4), alpha=0.5, epsilon=0.0, seed=0, initial_value=5.0)
    taken = []
    for _ in range(4):
        taken.append(learner.choose_action(0))
        learner.update_q_table(0, taken[-1], 0.0, 0, terminated=True)
    assert sorted(taken) == [0, 1, 2, 3]


def test_a_saved_table_keeps_its_visits():
    def make():
        config = QLearningConfig(visit_horizon=10, initial_value=1.0)
        return TabularQLearning(spaces.Discrete(4), spaces.Discrete(2), config, total_steps=100, seed=0)

    learner, other = make(), make()
    no = np.array([False])
    step = Step(np.array([0]), np.array([1]), np.array([3.0]), no, no, np.array([2]))
    for _ in range(5):
        learner.learn(step)
    other.load_state_dict(copy.deepcopy(learner.state_dict()))
    for each in (learner, other):
        each.learn(step)
    assert learner.table.q_table == other.table.q_table
    assert learner.table.visits == other.table.visits == {0: {0: 0, 1: 6}}

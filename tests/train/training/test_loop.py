"""The loop: what it counts, what it hands on, whom it tells, and when it stops."""

from __future__ import annotations

import math
import sys

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode, SyncVectorEnv

from csai_core.errors import ContractError, EnvironmentFailedError, ExitError
from csai_train import Callback, Training
from csai_train.environments.serial import SerialVectorEnv
from csai_train.errors import CallbackError, NonFiniteError, RunError, TrainingWarning


class Listener(Callback):
    def __init__(self):
        self.heard = []

    def start(self, training):
        self.heard.append("start")

    def update(self, training, metrics):
        self.heard.append(("update", dict(metrics)))

    def episode(self, training, episode):
        self.heard.append(("episode", episode.steps, episode.total_reward, episode.length, episode.score))

    def step(self, training):
        self.heard.append(("step", training.steps))

    def stop(self, training):
        self.heard.append("stop")


def make(learner, *envs, total_steps, callbacks=()):
    return Training(learner, SerialVectorEnv(envs), total_steps=total_steps, seed=0, callbacks=callbacks)


def test_returns_and_lengths_are_those_of_each_episode(scripted, notebook):
    env = scripted([([1.0, 2.0, 3.0], "terminated"), ([10.0], "truncated"), ([5.0, 5.0], "terminated")])
    training = make(notebook(), env, total_steps=6)
    training.run()
    assert [(e.steps, e.total_reward, e.length) for e in training.recent] == [
        (3, 6, 3),
        (4, 10, 1),
        (6, 10, 2),
    ]
    assert training.num_episodes == 3


def test_steps_count_every_environment(scripted, notebook):
    one, two = scripted([([1.0], "terminated")]), scripted([([2.0, 2.0], "terminated")])
    training = make(notebook(), one, two, total_steps=4)
    training.run()
    assert training.steps == 4
    assert [(e.steps, e.total_reward) for e in training.recent] == [(2, 1), (4, 1), (4, 4)]


def test_the_last_observation_of_an_episode_is_its_own(scripted, notebook):
    learner = notebook()
    make(learner, scripted([([0.0, 0.0], "truncated")]), total_steps=4).run()
    assert [float(s.observation[0, 0]) for s in learner.steps] == [0, 1, 100, 101]
    assert [float(s.next_observation[0, 0]) for s in learner.steps] == [1, 2, 101, 102]


def test_terminated_and_truncated_are_told_apart(scripted, notebook):
    learner = notebook()
    make(learner, scripted([([0.0], "terminated"), ([0.0], "truncated")]), total_steps=3).run()
    assert [(bool(s.terminated[0]), bool(s.truncated[0])) for s in learner.steps] == [
        (True, False),
        (False, True),
        (True, False),
    ]


def test_only_the_environment_that_ended_gets_its_last_observation(scripted, notebook):
    learner = notebook()
    make(
        learner, scripted([([0.0], "terminated")]), scripted([([0.0] * 9, "terminated")]), total_steps=4
    ).run()
    assert learner.steps[0].next_observation.ravel().tolist() == [1, 1]
    assert learner.steps[1].observation.ravel().tolist() == [100, 1]


class Masked(gymnasium.Env):
    """Allows one action of three: as many steps as were taken modulo 3; cut short after two."""

    observation_space = gymnasium.spaces.Discrete(3)
    action_space = gymnasium.spaces.Discrete(3)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.count = 0
        return 0, self.info()

    def step(self, action):
        self.count += 1
        return self.count, 0.0, False, self.count == 2, self.info()

    def info(self):
        return {"action_mask": np.eye(3, dtype=np.int8)[self.count]}


@pytest.mark.parametrize(
    "vector", [SerialVectorEnv, lambda envs: SyncVectorEnv([lambda: envs[0]], autoreset_mode="SameStep")]
)
def test_what_is_allowed_after_a_step_is_told_even_at_an_episodes_end(notebook, vector):
    learner = notebook()
    Training(learner, vector([Masked()]), total_steps=4, seed=0).run()
    assert [int(step.next_action_mask.argmax()) for step in learner.steps] == [1, 2, 1, 2]
    assert all(step.next_action_mask.sum() == 1 for step in learner.steps)


def test_without_masks_there_is_none(scripted, notebook):
    learner = notebook()
    make(learner, scripted([([1.0], "terminated")]), total_steps=2).run()
    assert all(step.next_action_mask is None for step in learner.steps)


def test_a_games_own_score_is_kept(corridor, notebook):
    training = make(notebook(), gymnasium.wrappers.TimeLimit(corridor(), 3), total_steps=9)
    training.run()
    assert training.recent[-1].score is not None


@pytest.mark.parametrize("values", [[1.0, float("nan")], [1.0, float("inf")]])
def test_a_reward_that_is_no_number_is_not_learned_from(scripted, notebook, values):
    learner = notebook()
    training = make(learner, scripted([(values, "terminated")]), total_steps=5)
    with pytest.raises(EnvironmentFailedError, match=r"step 2 of its episode.*the reward (nan|inf)"):
        training.run()
    assert len(learner.steps) == training.steps == 1


def test_an_observation_that_is_no_number_is_not_learned_from(scripted, notebook):
    env = scripted([([1.0, 1.0], "terminated")])
    env._observe = lambda: np.array([np.nan if env.at else 0.0])
    learner = notebook()
    with pytest.raises(EnvironmentFailedError, match=r"step 1 of its episode.*observation\[0\] is nan"):
        make(learner, env, total_steps=5).run()
    assert learner.steps == []


def test_a_measurement_that_is_no_number_stops_the_training(scripted, notebook):
    training = make(notebook({"loss": float("nan")}), scripted([([1.0], "terminated")]), total_steps=5)
    with pytest.raises(NonFiniteError, match="measured loss = nan"):
        training.run()


def test_callbacks_hear_in_order(scripted, notebook):
    listener = Listener()
    make(
        notebook({"loss": 0.5}), scripted([([2.0, 1.0], "terminated")]), total_steps=2, callbacks=[listener]
    ).run()
    assert listener.heard == [
        "start",
        ("update", {"loss": 0.5}),
        ("step", 1),
        ("update", {"loss": 0.5}),
        ("episode", 2, 3.0, 2, None),
        ("step", 2),
        "stop",
    ]


def test_callbacks_start_in_order_and_stop_in_reverse(scripted, notebook):
    heard = []

    class Named(Callback):
        def __init__(self, name):
            self.name = name

        def start(self, training):
            heard.append(self.name)

        def stop(self, training):
            heard.append(self.name)

    make(
        notebook(), scripted([([1.0], "terminated")]), total_steps=1, callbacks=[Named("a"), Named("b")]
    ).run()
    assert heard == ["a", "b", "b", "a"]


@pytest.mark.parametrize("where", ["start", "step", "episode", "update", "stop"])
def test_a_callback_that_raises_is_named_and_the_others_hear_everything(scripted, notebook, where):
    class Broken(Callback):
        pass

    def fail(self, training, *news):
        raise ZeroDivisionError("oops")

    setattr(Broken, where, fail)
    listener = Listener()
    training = make(
        notebook({"loss": 1.0}),
        scripted([([1.0], "terminated")]),
        total_steps=3,
        callbacks=[Broken(), listener],
    )
    with pytest.raises(CallbackError, match=r"fail failed: ZeroDivisionError: oops \(.*test_loop"):
        training.run()
    assert listener.heard[-1] == "stop"
    if where in ("step", "episode", "update"):
        assert listener.heard[1:-1] == [("update", {"loss": 1.0}), ("episode", 1, 1.0, 1, None), ("step", 1)]
        assert training.steps == 1


def test_the_first_failure_is_the_one_that_is_raised(scripted, notebook):
    class Broken(Callback):
        def step(self, training):
            raise ValueError("in step")

        def stop(self, training):
            raise ValueError("in stop")

    training = make(notebook(), scripted([([1.0], "terminated")]), total_steps=3, callbacks=[Broken()])
    with pytest.raises(CallbackError, match="in step"):
        training.run()


def test_it_can_be_asked_to_stop_and_goes_on_where_it_was(scripted, notebook):
    class Stop(Callback):
        def step(self, training):
            training.stop_requested = training.steps == 2

    env = scripted([([1.0, 1.0, 1.0], "terminated")])
    training = make(notebook(), env, total_steps=6, callbacks=[Stop()])
    training.run()
    assert training.steps == 2
    assert not training.is_complete
    training.stop_requested = False
    training.run()
    assert training.is_complete
    assert [e.total_reward for e in training.recent] == [3, 3]


def test_warnings_reach_python_and_callbacks(scripted, notebook):
    heard = []

    class Listening(Callback):
        def start(self, training):
            training.warn("be careful")

        def warning(self, training, message):
            heard.append(message)

    training = make(notebook(), scripted([([1.0], "terminated")]), total_steps=1, callbacks=[Listening()])
    with pytest.warns(TrainingWarning, match="be careful"):
        training.run()
    assert heard == ["be careful"]


@pytest.mark.parametrize("mode", list(AutoresetMode))
def test_every_autoreset_mode_gives_the_same_steps_and_episodes(scripted, notebook, mode):
    episodes = [([1.0, 2.0], "truncated"), ([3.0], "terminated")], [([4.0, 5.0, 6.0], "terminated")]
    envs = SyncVectorEnv([lambda e=e: scripted(e) for e in episodes], autoreset_mode=mode)
    learner = notebook()
    training = Training(learner, envs, total_steps=30, seed=0)
    training.run()
    taken = [[], []]
    for step in learner.steps:
        for i in range(2):
            if step.is_reset is None or not step.is_reset[i]:
                row = [np.asarray(part[i]).item() for part in step[:6]]
                taken[i].append((row[0], row[2], row[3], row[4], row[5]))
    assert taken[0][:4] == [
        (0, 1, False, False, 1),
        (1, 2, False, True, 2),
        (100, 3, True, False, 101),
        (200, 1, False, False, 201),
    ]
    assert taken[1][2:4] == [(2, 6, True, False, 3), (100, 4, False, False, 101)]
    assert training.steps == len(taken[0]) + len(taken[1]) >= 30
    expected = [[(3.0, 2), (3.0, 1)], [(15.0, 3)]]
    ended = [(e.total_reward, e.length) for e in training.recent]
    assert set(ended) == {episode for each in expected for episode in each}
    assert training.num_episodes == sum(sum(row[2] or row[3] for row in rows) for rows in taken)


@pytest.mark.parametrize("mode", list(AutoresetMode))
def test_the_score_is_that_of_the_last_step(corridor, notebook, mode):
    envs = SyncVectorEnv([lambda: gymnasium.wrappers.TimeLimit(corridor(), 5)] * 3, autoreset_mode=mode)
    learner = notebook()
    training = Training(learner, envs, total_steps=60, seed=0)
    training.run()
    places = [
        int(place)
        for step in learner.steps
        for place in step.next_observation[step.terminated | step.truncated]
    ]
    assert [episode.score for episode in training.recent] == places
    assert len(places) > 5


@pytest.mark.parametrize("mode", list(AutoresetMode))
def test_masks_go_with_their_observations(notebook, mode):
    class Masked(gymnasium.Env):
        observation_space = gymnasium.spaces.Discrete(10)
        action_space = gymnasium.spaces.Discrete(10)

        def reset(self, *, seed=None, options=None):
            self.at = 0
            return self.look()

        def step(self, action):
            self.at += 1
            observation, info = self.look()
            return observation, 0.0, self.at == 3, False, info

        def look(self):
            return np.int64(self.at), {"action_mask": np.arange(10, dtype=np.int8) == self.at}

    seen = []

    class Looking(notebook):
        def act(self, observation, *, explore, action_mask=None):
            seen.append((observation.tolist(), action_mask.argmax(axis=1).tolist()))
            return super().act(observation, explore=explore)

    learner = Looking()
    Training(learner, SyncVectorEnv([Masked] * 2, autoreset_mode=mode), total_steps=30, seed=0).run()
    assert all(observation == mask for observation, mask in seen)
    for step in learner.steps:
        assert step.next_action_mask.argmax(axis=1).tolist() == step.next_observation.tolist()
        assert step.next_action_mask.sum() == 2


def test_environments_that_do_not_say_how_they_start_anew_are_refused(scripted, notebook):
    envs = SerialVectorEnv([scripted([([1.0], "terminated")])])
    envs.metadata = {}
    with pytest.raises(RunError, match=r"autoreset mode None.*NEXT_STEP"):
        Training(notebook(), envs, total_steps=1, seed=0)


def test_gymnasiums_own_vector_environments_give_the_same_episodes(notebook):
    def train(envs):
        learner = notebook()
        training = Training(learner, envs, total_steps=400, seed=3)
        training.run()
        return training, learner

    makers = [lambda: gymnasium.make("CartPole-v1")] * 2
    theirs, their_steps = train(SyncVectorEnv(makers, autoreset_mode=AutoresetMode.SAME_STEP))
    ours, our_steps = train(SerialVectorEnv([make_env() for make_env in makers]))
    assert list(theirs.recent) == list(ours.recent)
    assert len(ours.recent) > 10
    for one, other in zip(our_steps.steps, their_steps.steps, strict=True):
        for a, b in zip(one, other, strict=True):
            np.testing.assert_array_equal(a, b)


def test_neighboring_seeds_share_no_environment_seed(notebook):
    first = []
    for seed in range(3):
        envs = SerialVectorEnv([gymnasium.make("CartPole-v1") for _ in range(3)])
        learner = notebook()
        Training(learner, envs, total_steps=3, seed=seed).run()
        first += [tuple(row) for row in learner.steps[0].observation]
    assert len(set(first)) == 9


def test_a_batched_class_with_one_generator_takes_one_seed(notebook):
    def train(seed):
        envs = gymnasium.make_vec("CartPole-v1", 3, vectorization_mode="vector_entry_point")
        learner = notebook()
        training = Training(learner, envs, total_steps=300, seed=seed)
        training.run()
        return training, learner.steps[0].observation

    one, first = train(1)
    again, first_again = train(1)
    _, other = train(2)
    assert list(one.recent) == list(again.recent)
    assert len(one.recent) > 10
    np.testing.assert_array_equal(first, first_again)
    assert (first != other).all()


class Computing:
    """An algorithm that computes in another way after its first update."""

    def __init__(self, notebook, before, after):
        self.notebook, self.before, self.after = notebook, before, after

    def __getattr__(self, name):
        return getattr(self.notebook, name)

    def describe(self):
        return self.after if self.notebook.steps else self.before


@pytest.mark.parametrize("metrics", [{"loss": 1.0}, {}])
def test_a_way_of_computing_that_changes_with_the_first_update_is_warned_of_once(scripted, notebook, metrics):
    before = {"backend": "numpy", "device": "cpu", "reason": "small"}
    after = {**before, "backend": "torch", "reason": "the gradients differ"}
    algorithm = Computing(notebook(metrics), before, after)
    training = make(algorithm, scripted([([1.0], "terminated")]), total_steps=3)
    assert training.describe() == before
    if not metrics:  # nothing was updated
        training.run()
        return
    with pytest.warns(TrainingWarning) as warned:
        training.run()
    expected = "the algorithm's backend is torch in place of numpy, as the gradients differ."
    assert [str(each.message).partition(", ")[2] for each in warned] == [expected]


def test_another_reason_alone_is_not_worth_a_warning(scripted, notebook):
    algorithm = Computing(
        notebook({"loss": 1.0}), {"device": "cpu"}, {"device": "cpu", "reason": "known now"}
    )
    make(algorithm, scripted([([1.0], "terminated")]), total_steps=3).run()
    assert algorithm.describe()["reason"] == "known now"


def test_a_resumed_algorithm_hears_that_episodes_were_cut_exactly_where_they_were(corridor, notebook):
    class Hearing(notebook):
        cuts = 0

        def cut_episodes(self):
            self.cuts += 1

    def resumed(envs, state):
        training = Training(Hearing(), envs, total_steps=40, seed=0)
        return training.load_state_dict(state), training.algorithm.cuts

    whole = Training(Hearing(), SerialVectorEnv([corridor()]), total_steps=20, seed=0)
    unbegun = whole.state_dict()
    whole.run()
    assert resumed(SerialVectorEnv([corridor()]), unbegun) == ("", 0)
    assert resumed(SerialVectorEnv([corridor()]), whole.state_dict()) == ("", 0)
    unsaved = {**whole.state_dict(), "environments": None}
    assert resumed(SerialVectorEnv([corridor()]), unsaved) == ("SerialVectorEnv cannot be saved", 1)
    stranger = SyncVectorEnv([corridor], autoreset_mode=AutoresetMode.SAME_STEP)
    assert resumed(stranger, whole.state_dict()) == ("SyncVectorEnv cannot be saved", 1)
    assert whole.algorithm.cuts == 0


def test_a_training_says_where_it_takes_place_and_who_plays(notebook):
    env = gymnasium.make("CartPole-v1")
    training = make(notebook(), env, total_steps=1)
    assert training.environment.id == "CartPole-v1"
    agent = training.agent()
    assert agent.algorithm is training.algorithm
    assert (agent.observation_space, agent.action_space) == (env.observation_space, env.action_space)


def test_it_ends_after_so_many_episodes_if_that_is_sooner(scripted, notebook):
    for total_episodes, total_steps, steps in ((2, 100, 6), (None, 7, 8), (50, 7, 8)):
        envs = SerialVectorEnv([scripted([([1.0, 2.0, 3.0], "terminated")]) for _ in range(2)])
        training = Training(notebook(), envs, total_steps=total_steps, total_episodes=total_episodes, seed=0)
        training.run()
        assert training.is_complete
        assert training.steps == steps


@pytest.mark.parametrize(("method", "given"), [("act", np.zeros(1)), ("learn", [0.5])])
def test_an_algorithm_that_returns_something_else_is_named(scripted, notebook, method, given):
    algorithm = notebook()
    setattr(algorithm, method, lambda *arguments, **options: given)
    training = make(algorithm, scripted([([1.0], "terminated")]), total_steps=5)
    with pytest.raises(ContractError, match=f"Notebook.{method} returned a {type(given).__name__}; it must"):
        training.run()


def failing_after(notebook, method, count):
    """An algorithm one of whose methods fails, or ends the program, when it is called so often."""

    def fail(*arguments, **options):
        if len(algorithm.steps) == count:
            sys.exit(4)
        return inner(*arguments, **options)

    algorithm = notebook({"loss": 1.0})
    inner = getattr(algorithm, method)
    setattr(algorithm, method, fail)
    return algorithm


@pytest.mark.parametrize(("method", "can_be_saved"), [("act", True), ("learn", False)])
def test_it_can_be_saved_unless_a_step_was_broken_off(scripted, notebook, method, can_be_saved):
    algorithm = failing_after(notebook, method, 3)
    training = make(algorithm, scripted([([1.0] * 9, "terminated")]), total_steps=9)
    with pytest.raises(ExitError, match=r"by sys.exit\(4\)"):
        training.run()
    assert isinstance(training.failure, ExitError)
    assert (training.steps, training.can_be_saved) == (3, can_be_saved)


def test_what_was_measured_as_nan_is_not_saved(scripted, notebook):
    training = make(notebook({"loss": math.nan}), scripted([([1.0], "terminated")]), total_steps=5)
    with pytest.raises(NonFiniteError):
        training.run()
    assert not training.can_be_saved


def test_after_an_environment_has_failed_it_is_saved_and_goes_on_with_new_episodes(scripted, notebook):
    training = make(notebook(), scripted([([1.0, math.nan], "terminated")]), total_steps=9)
    with pytest.raises(EnvironmentFailedError):
        training.run()
    assert training.can_be_saved
    again = make(notebook(), scripted([([1.0] * 5, "terminated")]), total_steps=9)
    assert again.load_state_dict(training.state_dict()) == "an environment had failed there"
    again.run()
    assert again.is_complete

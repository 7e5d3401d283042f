"""Every algorithm that has a network, with every space of actions, as ONNX: it decides as the agent does."""

from __future__ import annotations

import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.vector.utils import batch_space

from csai_core.errors import ConfigError
from csai_neural import load_network
from csai_train.agent import TrainedAgent
from csai_train.algorithms.registry import configure, make_algorithm

VECTOR = spaces.Box(-3, 3, (5,))
PARTS = spaces.Dict(speed=VECTOR, gear=spaces.Discrete(3, start=1))
DISCRETE = {"discrete": spaces.Discrete(4, start=-1)}
BOXES = {
    "box": spaces.Box(np.float32([-2, 0]), np.float32([1, 9])),
    "box of float64 without bounds": spaces.Box(-np.inf, np.inf, (2, 2), np.float64),
}
CHOICES = {
    **DISCRETE,
    "multi-discrete": spaces.MultiDiscrete([[2, 3], [4, 2]], start=[[0, 1], [0, 5]]),
    "multi-binary": spaces.MultiBinary([2, 3]),
}
DICTS = {"dict": spaces.Dict(arm=BOXES["box"], grip=spaces.Discrete(3), lights=spaces.MultiBinary(2))}
SMALL = {"hidden_sizes": (8,)}
SCALED = {**SMALL, "normalize_observation": True}
ALGORITHMS = {
    "reinforce": (SMALL, {**CHOICES, **BOXES, **DICTS}),
    "a2c": (SCALED, {**CHOICES, **BOXES, **DICTS}),
    "ppo": (SCALED, {**CHOICES, **BOXES, **DICTS}),
    "ppo, squashed": ({**SCALED, "squash": True, "state_dependent_std": True}, {**BOXES, **DICTS}),
    "deep_q_learning": (SCALED, DISCRETE),
    "deep_q_learning, dueling": ({**SMALL, "dueling": True}, DISCRETE),
    "sac": (SCALED, BOXES),
    "td3": (SCALED, BOXES),
}
CASES = [(name, space) for name, (_, taken) in ALGORITHMS.items() for space in taken]
BATCH = 7


@pytest.fixture
def open_session(tmp_path):
    """Gives what runs an agent's file in onnxruntime."""
    for name in ("onnx", "onnxscript", "onnxruntime"):
        pytest.importorskip(name, reason="the extra `onnx` and onnxruntime are not installed")
    import onnxruntime

    def open_session(agent):
        agent.export_onnx(tmp_path / "agent.onnx")
        session = onnxruntime.InferenceSession(tmp_path / "agent.onnx")
        names = [each.name for each in session.get_outputs()]
        return lambda feed: dict(zip(names, session.run(None, feed), strict=True))

    return open_session


def made(name, action_space, observation_space=VECTOR, **more):
    config, _ = ALGORITHMS[name]
    name = name.partition(",")[0]
    algorithm = make_algorithm(
        name, observation_space, action_space, configure(name, config), total_steps=1000, seed=3, **more
    )
    if config.get("normalize_observation"):
        observations = batch_space(observation_space, 50)
        observations.seed(1)
        algorithm.scaler.include(observations.sample())
    return TrainedAgent(algorithm, observation_space, action_space)


def observed(space):
    batch = batch_space(space, BATCH)
    batch.seed(2)
    return batch.sample()


def mask_for(agent):
    """A mask that forbids what is best everywhere, as far as there is a choice; None where there is none."""
    _, head = agent.algorithm.decider()
    if not head.num_choices:
        return None
    mask = np.random.default_rng(4).integers(0, 2, (BATCH, head.num_choices), dtype=np.int8)
    mask[:, ::2] = 1  # so that every part has something left
    return mask


def assert_decides_alike(found, action):
    parts = (
        {f"action_{name}": part for name, part in action.items()}
        if isinstance(action, dict)
        else {"action": action}
    )
    for name, part in parts.items():
        assert found[name].dtype == part.dtype
        assert found[name].shape == part.shape
        np.testing.assert_allclose(found[name], part, atol=1e-5)


@pytest.mark.parametrize(("name", "space"), CASES)
def test_it_decides_as_the_agent_does(open_session, name, space):
    agent = made(name, ALGORITHMS[name][1][space])
    observation, mask = observed(VECTOR), mask_for(agent)
    masks = [None] if mask is None else [np.ones_like(mask), mask]
    run = open_session(agent)
    for each in masks:
        feed = {"observation": observation} | ({} if each is None else {"action_mask": each})
        assert_decides_alike(run(feed), agent.decide(observation, each).action)


def test_parts_of_observations_are_inputs_of_their_own(open_session):
    agent = made("ppo", CHOICES["discrete"], PARTS)
    observation = observed(PARTS)
    feed = {**observation, "action_mask": np.ones((BATCH, 4), np.int8)}
    assert_decides_alike(open_session(agent)(feed), agent.decide(observation, None).action)


@pytest.mark.parametrize("name", ["ppo", "deep_q_learning"])
def test_what_is_remembered_goes_in_and_comes_out(open_session, name):
    network = load_network("recurrent", VECTOR, seed=1)
    config, _ = ALGORITHMS[name]
    config = {key: value for key, value in config.items() if key != "hidden_sizes"} | {"num_envs": 4}
    space = CHOICES["discrete"]
    algorithm = make_algorithm(
        name, VECTOR, space, configure(name, config), total_steps=1000, seed=3, network=network
    )
    agent = TrainedAgent(algorithm, VECTOR, space)
    memory = algorithm.initial_memory(BATCH)
    mask = np.ones((BATCH, 4), np.int8)
    run = open_session(agent)
    states = {f"state_{block}": np.asarray(state) for block, state in memory.items()}
    for seed in range(3):
        batch = batch_space(VECTOR, BATCH)
        batch.seed(seed)
        observation = batch.sample()
        found = run({"observation": observation, "action_mask": mask, **states})
        decision = algorithm.act(observation, explore=False, action_mask=mask, memory=memory)
        assert_decides_alike(found, decision.action)
        memory = decision.memory
        states = {name: found[f"new_{name}"] for name in states}
        for block, state in memory.items():
            np.testing.assert_allclose(states[f"state_{block}"], np.asarray(state), atol=1e-5)


def test_an_agent_without_a_network_is_refused(tmp_path):
    algorithm = make_algorithm(
        "q_learning",
        spaces.Discrete(3),
        spaces.Discrete(2),
        configure("q_learning", {}),
        total_steps=9,
        seed=1,
    )
    with pytest.raises(ConfigError, match="does not say by which network it decides"):
        TrainedAgent(algorithm, spaces.Discrete(3), spaces.Discrete(2)).export_onnx(tmp_path / "x.onnx")

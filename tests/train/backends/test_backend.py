"""What runs is what is read: editing a loss changes the weights, and both backends do the same."""

import copy
import importlib

import gymnasium
import numpy as np
import pytest
import torch
from gymnasium import spaces
from torch import nn

from csai_core import trees
from csai_core.algorithm import Step
from csai_core.errors import ConfigError
from csai_core.options import build
from csai_core.plugins import installed
from csai_neural.errors import DeviceError
from csai_train.algorithms.ppo import ppo_loss
from csai_train.algorithms.reinforce import reinforce_loss
from csai_train.backends.backend import Backend
from csai_train.backends.derivatives import DERIVATIVES
from csai_train.buffers.experience import RolloutBatch

VECTOR = spaces.Box(-1, 1, (4,))
NETWORKED = {
    "ppo": ("ppo_loss", {"num_envs": 2, "num_steps": 8, "num_epochs": 2, "num_minibatches": 2}),
    "a2c": ("a2c_loss", {"num_envs": 2, "num_steps": 4}),
    "reinforce": ("reinforce_loss", {"num_envs": 2, "episodes_per_update": 2}),
    "deep_q_learning": (
        "q_loss",
        {"num_envs": 2, "learning_starts": 8, "train_every": 4, "batch_size": 16, "target_every": 20},
    ),
}
BACKENDS = ["numpy", "torch", "auto"]


CHOICES = {
    "discrete": spaces.Discrete(6),
    "multi_discrete": spaces.MultiDiscrete([3, 2]),
    "dict": spaces.Dict(cell=spaces.Discrete(6, start=2), speed=spaces.Box(-1, 1, (2, 2))),
}


def make(name, backend="auto", action_space=None, seed=0, config=None, seen=VECTOR, **more):
    entry = installed().find("algorithms", name)
    _, usual = NETWORKED.get(name, ("", {}))
    settings = build(entry.load_config(), {"hidden_sizes": (16,), **usual, **(config or {})})
    action_space = action_space or spaces.Discrete(3)
    return entry.load()(seen, action_space, settings, total_steps=2_000, seed=seed, backend=backend, **more)


def observe(space, random):
    if space is VECTOR:
        return random.normal(size=(2, 4)).astype(np.float32)
    space.seed(int(random.integers(1_000_000)))
    return trees.stack(space, [space.sample() for _ in range(2)])


def first_numbers(observation):
    while isinstance(observation, dict):
        observation = next(iter(observation.values()))
    return observation.reshape(2, -1)[:, 0].astype(np.float64)


def play(algorithm, num_updates, seen=VECTOR):
    """Steps whose rewards depend on the action, with ends of both kinds; the actions taken."""
    random, actions, count = np.random.default_rng(5), [], 0
    observation = observe(seen, random)
    for number in range(4_000):
        decision = algorithm.act(observation, explore=True)
        actions.append(decision.action)
        following = observe(seen, random)
        ends = [np.array([number % 5 == 4, False]), np.array([False, number % 7 == 6])]
        reward = np.array(
            [float(np.sum(each)) for each in np.asarray(decision.action, dtype=np.float64).reshape(2, -1)]
        ) * first_numbers(observation)
        step = Step(observation, decision.action, reward, *ends, following, memo=decision.memo)
        count += bool(algorithm.learn(step))
        observation = following
        if count == num_updates:
            return actions
    raise AssertionError(f"{count} updates only")


def weights(algorithm):
    return algorithm.backend.parameters.values.clone()


@pytest.mark.parametrize("name", NETWORKED)
def test_both_backends_take_the_same_actions_and_reach_the_same_weights(name):
    played = {}
    for backend in ("numpy", "torch"):
        algorithm = make(name, backend)
        actions = play(algorithm, 20)
        assert algorithm.backend.name == backend
        played[backend] = np.array(actions), weights(algorithm)
    np.testing.assert_array_equal(played["numpy"][0], played["torch"][0])
    torch.testing.assert_close(played["numpy"][1], played["torch"][1], rtol=1e-3, atol=2e-5)


@pytest.mark.parametrize("name", ["ppo", "a2c", "reinforce"])
@pytest.mark.parametrize(
    "action_space",
    [spaces.Box(-1, 1, (2,)), spaces.Box(0, 10, (2,)), spaces.MultiDiscrete([2, 3]), spaces.MultiBinary(3)],
    ids=["box", "scaled_box", "multi_discrete", "multi_binary"],
)
def test_both_backends_do_the_same_for_other_actions(name, action_space):
    found = []
    for backend in ("numpy", "torch"):
        algorithm = make(name, backend, action_space)
        actions = play(algorithm, 5)
        assert algorithm.backend.name == backend
        found.append((np.array(actions), weights(algorithm)))
    np.testing.assert_allclose(found[0][0], found[1][0], rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(found[0][1], found[1][1], rtol=1e-3, atol=2e-5)


CONTROL = {"batch_size": 16, "learning_starts": 8}


def make_to_act_in_its_own_way(name, **more):
    """With numbers as actions where the algorithm takes no others."""
    numbers = {} if name in NETWORKED else {"action_space": spaces.Box(-2, 2, (2,)), "config": CONTROL}
    return make(name, **numbers, **more)


def all_weights(algorithm):
    if hasattr(algorithm, "critics"):
        return torch.cat([algorithm.policy.parameters.values, algorithm.critics.parameters.values]).clone()
    return weights(algorithm)


@pytest.mark.parametrize("seen", CHOICES.values(), ids=CHOICES)
@pytest.mark.parametrize("name", [*NETWORKED, "sac", "td3"])
def test_both_backends_do_the_same_for_other_observations(name, seen):
    found = []
    for backend in ("numpy", "torch"):
        algorithm = make_to_act_in_its_own_way(name, backend=backend, seen=seen)
        actions = play(algorithm, 10, seen)
        assert algorithm.describe()["backend"] == backend
        found.append((np.array(actions), all_weights(algorithm)))
    np.testing.assert_allclose(found[0][0], found[1][0], rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(found[0][1], found[1][1], rtol=1e-3, atol=2e-5)


@pytest.mark.parametrize("begun", ["numpy", "torch"])
@pytest.mark.parametrize("name", [*NETWORKED, "sac", "td3"])
def test_a_training_on_choices_goes_on_to_the_bit_where_it_was_left(name, begun):
    """With the backend that it began with: so one from before numpy took in choices goes on with torch."""
    seen = CHOICES["discrete"]
    whole = make_to_act_in_its_own_way(name, backend=begun, seen=seen)
    play(whole, 3, seen)
    resumed = make_to_act_in_its_own_way(name, seen=seen, seed=7)
    resumed.load_state_dict(copy.deepcopy(whole.state_dict()))
    for algorithm in (whole, resumed):
        algorithm.cut_episodes()
        play(algorithm, 3, seen)
    assert resumed.describe()["backend"] == begun
    assert torch.equal(all_weights(resumed), all_weights(whole))


# --- editing and replacing


def module_of(name):
    return importlib.import_module(installed().find("algorithms", name).target.partition(":")[0])


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", NETWORKED)
def test_a_loss_put_in_its_place_is_the_one_that_trains(name, backend, monkeypatch):
    before = make(name, backend)
    play(before, 3)
    module, loss_name = module_of(name), NETWORKED[name][0]
    loss = getattr(module, loss_name)

    def doubled(*arguments, **settings):
        value, measured = loss(*arguments, **settings)
        return value - 5 * next(iter(arguments[0].parameters())).square().sum(), measured

    monkeypatch.setattr(module, loss_name, doubled)
    after = make(name, backend)
    play(after, 3)
    assert not torch.equal(weights(after), weights(before))
    assert after.describe()["backend"] == "torch"
    if backend != "torch":
        assert "doubled has no derivative that was worked out by hand" in after.describe()["reason"]


def unclipped(log_prob, old_log_prob, advantage, clip_range):
    return -((log_prob - old_log_prob).exp() * advantage).mean()


def absolute(value, returns, old_value=None, clip_range=None):
    return (value - returns).abs().mean()


EDITS = {
    "ppo": [
        ("clipped_surrogate", unclipped),
        ("value_loss", absolute),
        ("normalized", lambda advantage, epsilon: advantage),
        ("approximate_kl", lambda log_prob, old_log_prob: (old_log_prob - log_prob).mean()),
    ],
    "a2c": [("policy_gradient", lambda log_prob, advantage: -(2 * log_prob * advantage).mean())],
    "reinforce": [("value_loss", absolute)],
    "deep_q_learning": [
        ("td_target", lambda reward, next_value, terminated, gamma: reward + gamma * next_value),
        ("_allowed", lambda values, mask: -values),
    ],
}


SEEN = [VECTOR, CHOICES["discrete"]]


@pytest.mark.parametrize("seen", SEEN, ids=["numbers", "choices"])
@pytest.mark.parametrize("backend", ["numpy", "auto"])
@pytest.mark.parametrize(("name", "edit"), [(name, edit) for name, edits in EDITS.items() for edit in edits])
def test_an_edit_inside_a_loss_is_found_by_the_comparison(name, edit, backend, seen, monkeypatch):
    """Even one that changes nothing before the policy has moved, such as leaving the clipping out."""
    monkeypatch.setattr(module_of(name), *edit)
    algorithm = make(name, backend, seen=seen)
    assert algorithm.describe()["backend"] == "numpy"
    play(algorithm, 1, seen)
    described = algorithm.describe()
    assert described["backend"] == "torch"
    assert NETWORKED[name][0] in described["reason"]
    assert "worked out by hand" in described["reason"]


@pytest.mark.parametrize(("num_wrong", "found"), [(1, "numpy"), (2, "torch")])
def test_one_comparison_that_fails_is_tried_again_with_other_weights(num_wrong, found, monkeypatch):
    """It may be a ReLU at zero, whose derivative rounding decides."""
    answers, whole = [False] * num_wrong, Backend._agrees_here
    monkeypatch.setattr(
        Backend, "_agrees_here", lambda *arguments: answers.pop() if answers else whole(*arguments)
    )
    algorithm = make("deep_q_learning")
    play(algorithm, 1)
    assert algorithm.describe()["backend"] == found


@pytest.mark.parametrize("seed", range(10))
def test_what_rounding_leaves_of_a_gradient_that_cancels_is_no_difference(seed):
    """Two steps alike in all but their returns ask for opposite moves of the policy."""
    algorithm = make("reinforce", seed=seed, seen=CHOICES["discrete"])
    alike = RolloutBatch(np.zeros(2, np.int64), np.zeros(2, np.int64), None, np.float32([1, -1]))
    settings = {"value_coef": 0.0, "entropy_coef": 0.0, "normalize_advantage": True}
    algorithm.backend.differentiate(reinforce_loss, alike, 1.0, **settings)
    assert algorithm.describe()["backend"] == "numpy"


def learn_control(name, backend="auto", num_updates=2, seen=VECTOR):
    algorithm = make(name, backend, spaces.Box(-2, 2, (2,)), config=CONTROL, seen=seen)
    play(algorithm, num_updates, seen)
    return algorithm


def decided(outputs, noise):
    """What `sac.squashed` is, without limits of the deviations."""
    mean, log_std = outputs.chunk(2, dim=1)
    drawn = mean + log_std.exp() * noise
    normal = torch.distributions.Normal(mean, log_std.exp())
    log_prob = normal.log_prob(drawn) - (1 - drawn.tanh().square() + 1e-6).log()
    return drawn.tanh(), log_prob.sum(dim=1)


CONTROL_EDITS = [
    ("sac", "td_target", lambda reward, next_value, terminated, gamma: reward + gamma * next_value, "critic"),
    ("td3", "td_target", lambda reward, next_value, terminated, gamma: reward + gamma * next_value, "critic"),
    ("sac", "squashed", decided, "actor"),
]


@pytest.mark.parametrize("seen", SEEN, ids=["numbers", "choices"])
@pytest.mark.parametrize("backend", ["numpy", "auto"])
@pytest.mark.parametrize(("name", "edited", "edit", "part"), CONTROL_EDITS)
def test_an_edit_of_actors_and_critics_is_found_by_the_comparison(
    name, edited, edit, part, backend, seen, monkeypatch
):
    monkeypatch.setattr(module_of(name), edited, edit)
    algorithm = learn_control(name, backend, seen=seen)
    backends = {"critic": algorithm.critics, "actor": algorithm.policy}
    assert backends[part].name == "torch"
    assert f"{name}_{part}_loss is not the one that was worked out by hand" in backends[part].reason


def test_actions_are_drawn_as_an_edited_file_says(monkeypatch):
    """Before the first update too, when nothing has been compared yet."""
    monkeypatch.setattr(
        module_of("sac"), "squashed", lambda outputs, noise: (0 * noise, 0 * noise.sum(dim=1))
    )
    algorithm = make("sac", "auto", spaces.Box(-2, 2, (2,)), config={**CONTROL, "learning_starts": 0})
    assert not algorithm.act(np.ones((3, 4), np.float32), explore=True).action.any()


@pytest.mark.parametrize("name", ["sac", "td3"])
def test_a_policy_is_computed_as_the_critics_that_judge_it(name, monkeypatch):
    """So edited critics train, and what `describe` tells of the policy says why it is torch."""
    module, whole = module_of(name), getattr(module_of(name), f"{name}_critic_loss")

    def doubled(*arguments, **settings):
        loss, measured = whole(*arguments, **settings)
        return 2 * loss, measured

    monkeypatch.setattr(module, f"{name}_critic_loss", doubled)
    algorithm = learn_control(name, num_updates=4)
    assert (algorithm.critics.name, algorithm.policy.name) == ("torch", "torch")
    assert "doubled has no derivative" in algorithm.describe()["reason"]
    monkeypatch.undo()
    assert learn_control(name, num_updates=4).describe()["backend"] == "numpy"


def td_loss(q_network, target_network, batch, *, gamma, double=False, judge=None, choose=None, power=1.0):
    """What `q_loss` is, with the mistakes that can be made in it."""
    value = q_network(batch.observation).gather(1, batch.action[:, None]).squeeze(1)
    with torch.no_grad():
        values = (judge or target_network)(batch.next_observation)
        chosen_by = (choose or q_network)(batch.next_observation) if double else values
        best = values.gather(1, chosen_by.argmax(dim=1)[:, None]).squeeze(1)
        target = batch.reward + gamma**batch.num_steps * best * ~batch.terminated
    losses = nn.functional.smooth_l1_loss(value, target, reduction="none")
    losses = losses if batch.weight is None else losses * batch.weight**power
    value = value.detach()
    return losses.mean(), (value, target - value)


def without_target(q_network, target_network, batch, **settings):
    return td_loss(q_network, target_network, batch, judge=q_network, **settings)


def single(q_network, target_network, batch, **settings):
    return td_loss(q_network, target_network, batch, choose=target_network, **settings)


def unweighted(q_network, target_network, batch, **settings):
    return td_loss(q_network, target_network, batch, power=0.0, **settings)


def twice_weighted(q_network, target_network, batch, **settings):
    return td_loss(q_network, target_network, batch, power=2.0, **settings)


def policy_loss(net, batch, sign=1.0, unbiased=True, detached=False, **settings):
    """What `a2c_loss` and `reinforce_loss` are, with the mistakes that can be made in them."""
    log_prob, entropy, value = net.evaluate_actions(batch.observation, batch.action, batch.action_mask)
    advantage = batch.returns - value.detach() if batch.advantage is None else batch.advantage
    if settings["normalize_advantage"]:
        advantage = (advantage - advantage.mean()) / (advantage.std(unbiased=unbiased) + 1e-8)
    policy, values = -(log_prob * advantage).mean(), 0.5 * (value - batch.returns).square().mean()
    mean_entropy = entropy.detach().mean() if detached else entropy.mean()
    loss = policy + settings["value_coef"] * values - sign * settings["entropy_coef"] * mean_entropy
    return loss, torch.stack([policy, values, mean_entropy]).detach()


def flipped(net, batch, **settings):
    return policy_loss(net, batch, sign=-1.0, **settings)


def entropy_cut_off(net, batch, **settings):
    return policy_loss(net, batch, detached=True, **settings)


def biased(net, batch, **settings):
    return policy_loss(net, batch, unbiased=False, **settings)


def ppo_flipped(net, batch, **settings):
    loss, measured = ppo_loss(net, batch, **settings)
    _, entropy, _ = net.evaluate_actions(batch.observation, batch.action, batch.action_mask)
    return loss + 2 * settings["entropy_coef"] * entropy.mean(), measured


REWRITTEN = [
    ("ppo", ppo_flipped, {}, "torch"),
    ("deep_q_learning", td_loss, {}, "numpy"),
    ("deep_q_learning", td_loss, {"double": True, "prioritized": True}, "numpy"),
    ("deep_q_learning", without_target, {}, "torch"),
    ("deep_q_learning", single, {"double": True}, "torch"),
    ("deep_q_learning", unweighted, {"prioritized": True}, "torch"),
    ("deep_q_learning", twice_weighted, {"prioritized": True}, "torch"),
    *[
        (name, loss, {"normalize_advantage": True}, backend)
        for name in ("a2c", "reinforce")
        for loss, backend in (
            (policy_loss, "numpy"),
            (flipped, "torch"),
            (entropy_cut_off, "torch"),
            (biased, "torch"),
        )
    ],
]


@pytest.mark.parametrize(("name", "loss", "config", "expected"), REWRITTEN)
def test_a_loss_that_was_rewritten_in_its_place_is_the_one_that_trains(
    name, loss, config, expected, monkeypatch
):
    """As if its file had been edited: what is the same is left to numpy, what is not goes to torch."""
    module, loss_name = module_of(name), NETWORKED[name][0]
    monkeypatch.setitem(DERIVATIVES, loss, DERIVATIVES[getattr(module, loss_name)])
    monkeypatch.setattr(module, loss_name, loss)
    algorithm = make(name, config=config)
    play(algorithm, 1)
    assert algorithm.describe()["backend"] == expected


@pytest.mark.parametrize("name", NETWORKED)
def test_a_network_that_is_frozen_in_parts_learns_by_torch(name):
    body = nn.Linear(4, 8).requires_grad_(False)
    algorithm = make(name, network=body)
    before = weights(algorithm)
    play(algorithm, 2)
    assert algorithm.describe()["backend"] == "torch"
    assert not torch.equal(weights(algorithm), before)
    with pytest.raises(ConfigError, match="none of them frozen"):
        make(name, "numpy", network=nn.Linear(4, 8).requires_grad_(False))


@pytest.mark.parametrize("name", NETWORKED)
def test_a_loss_as_it_stands_is_left_to_numpy(name):
    algorithm = make(name)
    play(algorithm, 6)
    assert algorithm.describe()["backend"] == "numpy"


def test_every_loss_of_ours_has_its_derivative_where_it_stands():
    assert {loss.__name__ for loss in DERIVATIVES} >= {loss for loss, _ in NETWORKED.values()}


def test_the_comparison_leaves_the_first_update_as_it_would_be(monkeypatch):
    compared, plain = make("ppo", "numpy"), make("ppo", "numpy")
    monkeypatch.setattr(plain.backend, "_compare", lambda *_: None)
    play(compared, 2)
    play(plain, 2)
    assert torch.equal(weights(compared), weights(plain))


# --- going on, and what cannot be


@pytest.mark.parametrize("name", NETWORKED)
def test_a_training_that_fell_back_goes_on_with_torch(name, monkeypatch):
    monkeypatch.setattr(module_of(name), *EDITS[name][0])
    algorithm = make(name)
    play(algorithm, 1)
    monkeypatch.undo()
    other = make(name, seed=7)
    other.load_state_dict(algorithm.state_dict())
    assert other.describe()["backend"] == "torch"


def test_what_numpy_cannot_compute_is_refused():
    entry = installed().find("algorithms", "ppo")
    with pytest.raises(ConfigError, match=r"backend='numpy' computes linear layers.*'auto' or 'torch'"):
        entry.load()(
            spaces.Box(0, 255, (3, 12, 12), np.uint8),
            spaces.Discrete(2),
            entry.load_config()(),
            total_steps=10,
            seed=0,
            backend="numpy",
        )
    with pytest.raises(ConfigError, match="no backend 'jax'; there is auto, numpy, torch"):
        make("ppo", "jax")


@pytest.mark.parametrize("name", NETWORKED)
def test_devices(name):
    assert make(name, device="cpu").describe()["device"] == "cpu"
    assert make(name).describe()["reason"]
    with pytest.raises(DeviceError):
        make(name, device="teapot")
    if not torch.cuda.is_available():
        with pytest.raises(DeviceError, match="not available"):
            make(name, device="cuda")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.parametrize("name", NETWORKED)
def test_a_gpu_does_the_same(name):
    found = []
    for device in ("cpu", "cuda"):
        algorithm = make(name, "torch", device=device)
        play(algorithm, 5)
        found.append(weights(algorithm).cpu())
    torch.testing.assert_close(*found, rtol=1e-3, atol=1e-4)


def test_gymnasiums_pendulum_is_left_to_numpy():
    env = gymnasium.make("Pendulum-v1")
    entry = installed().find("algorithms", "ppo")
    algorithm = entry.load()(
        env.observation_space, env.action_space, entry.load_config()(), total_steps=10, seed=0
    )
    assert algorithm.describe()["backend"] == "numpy"


def test_what_is_laid_out_flat_for_want_of_better_is_noted_and_nothing_else_is():
    entry = installed().find("algorithms", "ppo")
    grid = spaces.Box(0, 1, (3, 3))
    flat = entry.load()(grid, spaces.Discrete(2), entry.load_config()(), total_steps=10, seed=0)
    assert flat.describe()["note"].startswith(
        "For want of better, the observation of shape (3, 3) is laid out"
    )
    assert "note" not in make("ppo").describe()


# --- dropout and batch norm


def restless():
    return nn.Sequential(nn.Linear(4, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Dropout(0.5))


@pytest.mark.parametrize("name", NETWORKED)
def test_acting_twice_gives_the_same_and_the_global_generator_is_left_alone(name):
    algorithm = with_restless_body(name)
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    observation = np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)
    play(algorithm, 2)
    one, other = (algorithm.act(observation, explore=False).action for _ in range(2))
    np.testing.assert_array_equal(one, other)
    assert torch.equal(torch.rand(1), expected)


def test_the_ratio_is_one_before_the_first_step():
    """Old and new policy are asked with the same parts dropped out, so before a step they agree."""
    algorithm = with_restless_body("ppo", {"num_epochs": 1, "num_minibatches": 1})
    measured = []
    learn = algorithm.update
    algorithm.update = lambda: measured.append(learn()) or measured[-1]
    play(algorithm, 1)
    assert measured[0]["kl"] == pytest.approx(0.0, abs=1e-6)
    assert algorithm.backend.has_modes


@pytest.mark.parametrize("name", NETWORKED)
def test_dropout_is_drawn_from_the_seed_and_running_statistics_are_saved(name):
    one, other = with_restless_body(name), with_restless_body(name)
    play(one, 4)
    play(other, 4)
    assert torch.equal(weights(one), weights(other))
    third = with_restless_body(name)
    third.load_state_dict(one.state_dict())
    for a, b in zip(networks(one).buffers(), networks(third).buffers(), strict=True):
        assert torch.equal(a, b)
    assert any(buffer.numel() > 1 and buffer.abs().sum() > 0 for buffer in networks(one).buffers())


def networks(algorithm):
    return algorithm.q_network if hasattr(algorithm, "q_network") else algorithm.net


def with_restless_body(name, config=None):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        body = restless()
    return make(name, network=body, config=config)


def test_a_network_of_which_nothing_can_learn_is_refused():
    algorithm = make("ppo")
    algorithm.net.requires_grad_(False)
    with pytest.raises(ConfigError, match="Every parameter of the network is frozen"):
        make("ppo", network=algorithm.net)

"""Several processes: what they mean, merge, gather and hand out is what one would have."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from csai_train.backends.backend import Backend
from train.group.processes import run_in_group

SIZES = {"equal": (128, 128), "unequal": (100, 156), "one": (1, 255)}


def squared_error(net, batch):
    """A mean over the batch."""
    loss = (net(batch[0])[:, 0] - batch[1]).square().mean()
    return loss, loss.detach()


def network():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(5, 16), nn.Tanh(), nn.Linear(16, 1)).double()


def examples():
    random = np.random.default_rng(0)
    return torch.from_numpy(random.normal(size=(256, 5))), torch.from_numpy(random.normal(size=256))


def gradient_of(group, sizes):
    """The loss, the gradient, and the weights after some steps on this process's part of the examples."""
    first = sum(sizes[: group.rank])
    part = tuple(each[first : first + sizes[group.rank]] for each in examples())
    net = network()
    if group.rank:
        for parameter in net.parameters():
            nn.init.zeros_(parameter)
    backend = Backend(net, choice="torch", device="cpu", random=np.random.default_rng(0))
    backend.join(group)
    loss, _ = backend.differentiate(squared_error, part, 1e9)
    gradient = backend.parameters.gradients.numpy().copy()
    for _ in range(50):
        backend.differentiate(squared_error, part, 1e9)
        backend.parameters.values -= 0.1 * backend.parameters.gradients
    return loss, gradient, backend.parameters.values.numpy().copy()


def facts(group):
    """What a group says of numbers that differ by process."""
    values = np.random.default_rng(group.rank).normal(size=(3 + 4 * group.rank, 2))
    mean = values.mean(axis=0)
    merged = group.merge_stats(len(values), mean, ((values - mean) ** 2).sum(axis=0))
    nothing = group.merge_stats(0, np.zeros(2), np.zeros(2))
    first = group.broadcast_state({"seed": group.rank, "array": np.arange(3) + group.rank})
    gathered = group.gather_states({"rank": group.rank, "values": values})
    scattered = group.scatter_states([{"for": rank} for rank in range(group.size)] if group.is_main else ())
    group.barrier()
    return {
        "merged": merged,
        "nothing": nothing,
        "mean": group.mean(np.array([1.0, 2.0]) * group.rank, weight=group.rank + 1.0),
        "any": [group.any(group.rank == 1), group.any(False)],
        "rows": group.gather_rows(values),
        "no rows": group.gather_rows(np.zeros((0, 4))),
        "first": first,
        "gathered": gathered,
        "scattered": scattered,
        "shares": [group.share(7), group.first(7)],
    }


def everything(group):
    return facts(group), {name: gradient_of(group, sizes) for name, sizes in SIZES.items()}


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """What two processes found: starting them takes longer than all that they do."""
    return run_in_group(everything, 2, tmp_path_factory.mktemp("group") / "meeting")


@pytest.mark.parametrize("sizes", SIZES)
def test_gradients_are_those_of_one_process(results, sizes):
    backend = Backend(network(), choice="torch", device="cpu", random=np.random.default_rng(0))
    expected_loss, _ = backend.differentiate(squared_error, examples(), 1e9)
    expected = backend.parameters.gradients.numpy()
    for _, found in results:
        loss, gradient, weights = found[sizes]
        assert abs(loss / expected_loss - 1) <= 1e-12
        assert np.abs(gradient - expected).max() <= 1e-12 * np.abs(expected).max()
        assert np.array_equal(weights, results[0][1][sizes][2])


def test_what_processes_tell_each_other(results):
    results = [found for found, _ in results]
    both = np.concatenate([np.random.default_rng(rank).normal(size=(3 + 4 * rank, 2)) for rank in range(2)])
    for rank, found in enumerate(results):
        count, mean, squares = found["merged"]
        assert count == 10
        assert np.allclose(mean, both.mean(axis=0), rtol=0, atol=1e-15)
        assert np.allclose(squares, 10 * both.var(axis=0), rtol=1e-14)
        assert found["nothing"][0] == 0
        assert not found["nothing"][1].any()
        assert np.allclose(found["mean"], [2 / 3, 4 / 3])
        assert found["any"] == [True, False]
        assert np.array_equal(found["rows"], both)
        assert found["no rows"].shape == (0, 4)
        assert found["first"]["seed"] == 0
        assert found["first"]["array"].tolist() == [0, 1, 2]
        assert found["scattered"] == {"for": rank}
        assert found["shares"] == [[4, 0], [3, 4]][rank]
    assert [state["rank"] for state in results[0]["gathered"]] == [0, 1]
    assert results[1]["gathered"] == []
    assert np.array_equal(results[0]["gathered"][1]["values"], both[3:])

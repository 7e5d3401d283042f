"""Drawing from a generator of one's own: the very numbers of the global one, which nobody touches."""

from __future__ import annotations

import threading

import pytest
import torch
from torch import nn

from csai_neural.generators import DrawingFrom, forked, make_generators, seeded

DRAWINGS = {
    "rand": lambda: torch.rand(3),
    "rand of a type": lambda: torch.rand(3, dtype=torch.float64),
    "randn": lambda: torch.randn(2, 3),
    "randint": lambda: torch.randint(9, (4,)),
    "randint from": lambda: torch.randint(3, 9, (4,)),
    "randperm": lambda: torch.randperm(6),
    "rand like": lambda: torch.rand_like(torch.zeros(3)),
    "randn like": lambda: torch.randn_like(torch.zeros(3)),
    "uniform": lambda: torch.empty(3).uniform_(1, 2),
    "normal": lambda: torch.normal(torch.zeros(3), torch.ones(3)),
    "bernoulli": lambda: torch.bernoulli(torch.full((9,), 0.5)),
    "multinomial": lambda: torch.multinomial(torch.ones(5), 3),
    "exponential": lambda: torch.empty(3).exponential_(),
    "gamma": lambda: torch.distributions.Gamma(torch.ones(3), torch.ones(3)).sample(),
    "poisson": lambda: torch.poisson(torch.full((4,), 3.0)),
    "dropout": lambda: nn.functional.dropout(torch.ones(9)),
    "dropout of channels": lambda: nn.functional.dropout2d(torch.ones(2, 4, 2, 2)),
    "alpha dropout": lambda: nn.functional.alpha_dropout(torch.ones(9), training=True),
    "dropout as GPUs have it": lambda: torch.native_dropout(torch.ones(9), 0.25, True)[0],
    "rrelu": lambda: nn.functional.rrelu(-torch.ones(9), training=True),
    "linear": lambda: weights(nn.Linear(3, 4)),
    "convolution": lambda: weights(nn.Conv2d(1, 2, 3)),
    "embedding": lambda: weights(nn.Embedding(3, 4)),
    "recurrent": lambda: weights(nn.GRU(2, 3)),
    "recurrent dropout": lambda: output(nn.LSTM(2, 3, num_layers=2, dropout=0.5), torch.ones(4, 1, 2)),
    "attention": lambda: output(nn.MultiheadAttention(4, 2, dropout=0.5), *[torch.ones(3, 1, 4)] * 3),
    "orthogonal": lambda: nn.init.orthogonal_(torch.empty(3, 3)),
}


def weights(module):
    return nn.utils.parameters_to_vector(module.parameters()).detach()


def output(module, *inputs):
    return module(*inputs)[0].detach()


@pytest.fixture(autouse=True)
def untouched():
    """The global generator stands elsewhere before each test, and where it stood after it."""
    before = torch.get_rng_state()
    torch.rand(7)
    state = torch.get_rng_state()
    yield
    assert torch.equal(torch.get_rng_state(), state)
    torch.set_rng_state(before)


def globally(seed, draw):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return draw(), draw()


@pytest.mark.parametrize("name", DRAWINGS)
def test_everything_that_torch_draws_is_what_the_global_generator_would_give(name):
    draw = DRAWINGS[name]
    expected = globally(3, draw)
    with seeded(3):
        drawn = draw(), draw()
    assert torch.equal(drawn[0], expected[0])
    assert torch.equal(drawn[1], expected[1])


def test_what_is_made_of_other_operations_draws_so_in_inference_too():
    expected = globally(3, DRAWINGS["dropout"])
    with torch.inference_mode(), seeded(3):
        assert torch.equal(DRAWINGS["dropout"](), expected[0])


def test_gradients_of_what_was_dropped_are_the_same():
    def differentiate():
        layer = nn.Sequential(nn.Linear(4, 8), nn.Dropout(0.5), nn.Linear(8, 1))
        layer(torch.ones(5, 4)).sum().backward()
        return layer[0].weight.grad

    expected = globally(5, differentiate)
    with seeded(5):
        assert torch.equal(differentiate(), expected[0])


def test_a_generator_that_is_given_is_taken():
    own = torch.Generator().manual_seed(1)
    expected = torch.rand(3, generator=torch.Generator().manual_seed(1))
    with seeded(3):
        assert torch.equal(torch.rand(3, generator=own), expected)


def test_a_fork_draws_what_would_be_drawn_now():
    with forked():
        first = torch.rand(3)
    with forked():
        assert torch.equal(torch.rand(3), first)


def test_a_generator_goes_on_where_it_was_left():
    generators = make_generators(4)
    with DrawingFrom(*generators):
        first = torch.rand(3)
    with DrawingFrom(*generators):
        second = torch.rand(3)
    assert torch.equal(torch.cat([first, second]), torch.rand(6, generator=torch.Generator().manual_seed(4)))


def test_what_lies_on_no_device_draws_nothing():
    with seeded(1), torch.device("meta"):
        assert nn.Linear(2, 3).weight.is_meta
        assert torch.rand(2).is_meta


def test_each_thread_draws_from_its_own():
    expected = [globally(seed, lambda: torch.rand(100))[0] for seed in range(4)]
    barrier, drawn = threading.Barrier(4), [None] * 4

    def draw(seed):
        with seeded(seed):
            barrier.wait()
            drawn[seed] = torch.cat([torch.rand(10) for _ in range(10)])

    threads = [threading.Thread(target=draw, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(map(torch.equal, drawn, expected))

"""The noisy layer passes csai's conformance suite, and is as noisy as the paper says."""

import pytest
import torch
from csai_core.errors import ConfigError
from csai_neural import seeded
from csai_neural.testing import BlockSuite

from csai_distributional.noisy_linear import NoisyLinearBlock


class TestNoisyLinear(BlockSuite):
    """Everything a block should pass."""

    entry_name = "noisy_linear"


def layer(size=100, output_size=50, **settings):
    with seeded(0):
        made = NoisyLinearBlock(output_size, **settings)
        made.fit((size,))
    return made


def test_it_is_a_linear_layer_in_use():
    made, x = layer().eval(), torch.ones(3, 100)
    assert torch.allclose(made(x), x @ made.weight.T + made.bias)
    assert float(made.weight.detach().abs().max()) <= 0.1
    assert made.weight_deviation.unique().tolist() == pytest.approx([0.05])


def test_its_noise_has_the_deviation_that_it_should():
    made = layer(deviation=1.0).train()
    with torch.no_grad(), seeded(1):
        outputs = torch.stack([made(torch.ones(1, 100)) for _ in range(3_000)])
        mean = made.eval()(torch.ones(1, 100))
    assert (outputs.mean(dim=0) - mean).abs().max() < 0.15
    # the variance of f(x) = sign(x) sqrt(|x|) is E|x| = sqrt(2 / pi); of one weight's noise its square
    variance = (2 / torch.pi) * 100 * 0.1**2 + (2 / torch.pi) ** 0.5 * 0.1**2
    assert float(outputs.var(dim=0).mean()) == pytest.approx(float(variance), rel=0.1)


def test_the_noise_is_learned():
    made = layer().train()
    with seeded(2):
        made(torch.ones(4, 100)).sum().backward()
    assert all(bool(each.grad.abs().sum() > 0) for each in made.parameters())


@pytest.mark.parametrize("settings", [{"output_size": 0}, {"deviation": 0.0}, {"deviation": float("nan")}])
def test_what_cannot_work(settings):
    with pytest.raises(ConfigError, match=next(iter(settings))):
        NoisyLinearBlock(**settings)

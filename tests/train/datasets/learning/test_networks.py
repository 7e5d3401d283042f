"""Networks for a dataset: whole ones are taken as they are, bodies are given an output."""

from __future__ import annotations

import pytest
import torch

from csai_core.errors import UnknownNameError
from csai_train.datasets import MNISTDataset, load_classifier, train_on_dataset


@pytest.mark.parametrize("name", ["conv", "mlp", "linear"])
def test_a_body_is_given_an_output_for_each_class(name, dataset):
    net = load_classifier(name, dataset, seed=1)
    assert net.output_shape == (10,)
    assert net(dataset.testset.images[:3].float() / 127.5 - 1).shape == (3, 10)


def test_whole_networks_are_taken_as_they_are(net, dataset, tmp_path, weights):
    net.save(tmp_path / "net.safetensors")
    assert torch.equal(weights(load_classifier(tmp_path / "net.safetensors", dataset)), weights(net))
    module = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(144, 10))
    assert len(load_classifier(lambda space: module, dataset).state_dict()) == 2
    eyes = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(144, 7))
    assert load_classifier(lambda space: eyes, dataset).output_shape == (10,)


def test_the_seed_decides_the_weights_and_the_generator_is_left_alone(dataset, weights):
    before = torch.get_rng_state()
    one, same, other = (load_classifier("mlp", dataset, seed=seed) for seed in (1, 1, 2))
    assert torch.equal(weights(one), weights(same))
    assert not torch.equal(weights(one), weights(other))
    assert torch.equal(before, torch.get_rng_state())


def test_a_network_is_trained_by_its_name(mnist, weights):
    one, same = (train_on_dataset("mlp", MNISTDataset(root=mnist), 1, seed=3) for _ in range(2))
    assert one.is_complete
    assert torch.equal(weights(one.net), weights(same.net))
    with pytest.raises(UnknownNameError, match=r"No network named 'cnv'\. Did you mean 'conv'"):
        train_on_dataset("cnv", MNISTDataset(root=mnist))

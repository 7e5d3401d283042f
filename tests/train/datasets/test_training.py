"""Training on a dataset: it learns, says what it did, repeats itself, and refuses what cannot work."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
import torch
from torch import nn

from csai_core.errors import ConfigError, UnknownNameError
from csai_neural import InputBlock, Net, OutputBlock
from csai_neural.errors import NotCompiledError
from csai_train import Callback
from csai_train.datasets import MNISTDataset, Trainer, train_on_dataset
from csai_train.datasets.errors import CompatibilityError
from csai_train.datasets.learning.schedules import learning_rate_factor
from csai_train.errors import NonFiniteError, TrainingWarning

ARGUMENTS = ("epochs", "seed", "trainer", "device", "run_dir", "callbacks", "checkpoint_every", "threads")


def train(net, dataset, **kwargs):
    """Train with a rate for small networks; what is no argument is a field of the config."""
    arguments = {name: kwargs.pop(name) for name in ARGUMENTS if name in kwargs}
    return train_on_dataset(
        net, dataset, **{"seed": 1, **arguments}, config={"learning_rate": 0.01, **kwargs}
    )


def weights(net):
    return torch.cat([tensor.flatten().float() for tensor in net.state_dict().values()])


@pytest.fixture
def dataset(mnist):
    return MNISTDataset(root=mnist)


def test_a_network_learns_and_the_history_tells(net, dataset):
    training = train(net, dataset, epochs=6, batch_size=20)
    history = training.history
    assert [epoch.epoch for epoch in history.epochs] == [1, 2, 3, 4, 5, 6]
    first, last = history.epochs[0], history.epochs[-1]
    assert last.loss < first.loss < 2.4
    assert last.test_accuracy > 0.9
    assert history.best.test_accuracy == max(epoch.test_accuracy for epoch in history.epochs)
    assert training.is_complete
    assert training.failure is None
    assert training.steps == 6 * 15
    assert training.metrics["test_accuracy"] == last.test_accuracy
    assert training.net is net
    assert len(str(history).splitlines()) == 7


def test_what_is_told_is_so(net, dataset):
    history = train(net, dataset, epochs=2, batch_size=32).history
    with torch.no_grad():
        outputs = net(dataset.testset.images.float() / 127.5 - 1)
    loss = nn.functional.cross_entropy(outputs, dataset.testset.labels)
    accuracy = (outputs.argmax(1) == dataset.testset.labels).float().mean()
    assert history.epochs[-1].test_loss == pytest.approx(loss.item(), rel=1e-5)
    assert history.epochs[-1].test_accuracy == pytest.approx(accuracy.item())


def make_pooling_net():
    torch.manual_seed(0)
    layers = [nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(4, 8, 3), nn.ReLU()]
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(128, 10))


@pytest.mark.parametrize("kind", ["layers", "convolutions and pooling"])
def test_adam_and_the_fast_path_learn_what_torch_and_a_plain_loop_would(forms, dataset, kind):
    make = forms.make_net if kind == "layers" else make_pooling_net
    ours, theirs = make(), make()
    train(ours, dataset, epochs=1, batch_size=50, learning_rate=0.003)
    from csai_train.datasets.learning.epoch_order import shuffled

    optimizer = torch.optim.Adam(theirs.parameters(), lr=0.003)
    for _, chosen in shuffled(300, 50, seed=1, epoch=0).batches():
        inputs = dataset.trainset.images[chosen].float() / 127.5 - 1
        optimizer.zero_grad()
        nn.functional.cross_entropy(theirs(inputs), dataset.trainset.labels[chosen]).backward()
        optimizer.step()
    torch.testing.assert_close(weights(ours), weights(theirs), rtol=1e-4, atol=1e-5)


def test_the_same_seed_trains_the_same_and_leaves_the_generator_alone(forms, dataset):
    nets = [forms.make_net(dropout=0.3) for _ in range(3)]
    before = torch.get_rng_state()
    for net, seed in zip(nets, (1, 1, 2), strict=True):
        torch.rand(seed)
        train(net, dataset, epochs=1, seed=seed, augment=("crop", "flip", "cutout"))
    torch.set_rng_state(before)
    train(nets[2], dataset, epochs=1)
    assert torch.equal(before, torch.get_rng_state())
    assert torch.equal(weights(nets[0]), weights(nets[1]))
    assert not torch.equal(weights(nets[0]), weights(nets[2]))


def test_a_custom_transform_that_does_the_same_learns_the_same(forms, dataset, mnist):
    def to_numbers(image):
        return torch.from_numpy(np.asarray(image) / np.float32(127.5) - 1)[None]

    fast, slow = forms.make_net(), forms.make_net()
    train(fast, dataset, epochs=1)
    with pytest.warns(TrainingWarning, match="Your own transform") as said:
        train(slow, MNISTDataset(transform=to_numbers, root=mnist), epochs=1)
    assert len(said) == 1
    torch.testing.assert_close(weights(fast), weights(slow), rtol=1e-4, atol=1e-5)


def test_early_stopping_takes_the_best_weights(forms, mnist):
    net, dataset = forms.make_net(hidden=4), MNISTDataset(root=mnist)
    training = train(net, dataset, epochs=60, learning_rate=0.05, patience=2)
    history = training.history
    assert len(history.epochs) < 60
    assert len(history.epochs) == history.best.epoch + 2
    assert training.is_complete
    _, accuracy = Trainer(net).evaluate(
        [(dataset.testset.images.float() / 127.5 - 1, dataset.testset.labels)]
    )
    assert accuracy == history.best.test_accuracy


def test_label_smoothing_is_for_training_alone(forms, dataset):
    smooth, plain = forms.make_net(), forms.make_net()
    histories = [
        train(net, dataset, epochs=8, label_smoothing=share, batch_size=20).history
        for net, share in ((smooth, 0.3), (plain, 0.0))
    ]
    # Half of the smoothing's loss stays, however well the network has learned.
    assert histories[0].epochs[-1].loss > histories[1].epochs[-1].loss + 0.3
    assert histories[0].epochs[-1].test_accuracy > 0.8


def test_one_cycle_by_hand():
    assert [learning_rate_factor("one_cycle", each) for each in (0, 0.25, 0.625, 1)] == pytest.approx(
        [0.04, 1, 0.5, 0]
    )
    assert learning_rate_factor("constant", 0.7) == 1
    shares = [learning_rate_factor("one_cycle", step / 100) for step in range(101)]
    assert shares == sorted(shares[:26]) + sorted(shares[26:], reverse=True)


def test_the_learning_rate_follows_the_schedule(net, dataset):
    rates = []

    class Listener(Callback):
        def step(self, training):
            rates.append(training.trainer.learning_rate)

    train(net, dataset, epochs=2, batch_size=30, schedule="one_cycle", callbacks=[Listener()])
    assert rates == pytest.approx([0.01 * learning_rate_factor("one_cycle", step / 20) for step in range(20)])


def test_a_callback_hears_of_epochs_after_their_last_step(net, dataset):
    heard = []

    class Listener(Callback):
        def epoch(self, training, epoch):
            heard.append((training.steps, epoch.epoch))

    train(net, dataset, epochs=2, batch_size=30, callbacks=[Listener()])
    assert heard == [(10, 1), (20, 2)]


def test_a_trainer_of_ones_own(forms, dataset):
    net = forms.make_net()
    sgd = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    trainer = Trainer(net, nn.MultiMarginLoss(), sgd)
    history = train(net, dataset, epochs=5, trainer=trainer, learning_rate=0.1, batch_size=20).history
    assert history.epochs[-1].test_accuracy > 0.5
    with pytest.raises(ConfigError, match="was made for another network"):
        train(forms.make_net(), dataset, trainer=trainer)


def test_a_loop_of_ones_own(net, dataset):
    trainer = Trainer(net, learning_rate=0.01)
    losses = [trainer.train_epoch(dataset.get_train_loader(20))[0] for _ in range(3)]
    assert losses[2] < losses[0]
    loss, accuracy = trainer.evaluate(dataset.get_test_loader())
    assert 0 < accuracy <= 1
    assert math.isfinite(loss)


def test_any_module_of_torch_is_trained(dataset):
    net = nn.Sequential(nn.Flatten(), nn.Linear(144, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, 10))
    training = train(net, dataset, epochs=4, batch_size=23)  # 300 = 13 * 23 + 1
    assert training.epochs[-1].test_accuracy > 0.7


# --- what cannot work


@pytest.mark.parametrize(
    ("shape", "num_classes", "message"),
    [
        ((1, 12, 12), 7, r"last block, OutputBlock.* gives 7 outputs, .* has 10 classes.*num_classes=10"),
        ((1, 28, 28), 10, r"does not take the examples .*, which have shape \(1, 12, 12\)"),
        ((144,), 10, r"which have shape \(1, 12, 12\)"),
    ],
)
def test_a_net_that_does_not_fit_is_refused_before_anything_is_trained(
    forms, dataset, tmp_path, shape, num_classes, message
):
    net = forms.make_net(shape, num_classes)
    before = weights(net)
    with pytest.raises(CompatibilityError, match=message):
        train(net, dataset, run_dir=tmp_path / "run")
    assert torch.equal(before, weights(net))
    assert not (tmp_path / "run").exists()


def test_modules_of_torch_are_tried_too(dataset):
    with pytest.raises(CompatibilityError, match=r"The network gives 3 outputs, and .* 10 classes"):
        train(nn.Sequential(nn.Flatten(), nn.Linear(144, 3)), dataset)
    with pytest.raises(CompatibilityError, match="does not take the examples"):
        train(nn.Linear(5, 10), dataset)
    with pytest.raises(CompatibilityError, match="outputs of shape"):
        train(nn.Conv2d(1, 10, 3), dataset)
    with pytest.raises(CompatibilityError, match="no parameters"):
        train(nn.Flatten(), dataset)


def test_a_net_that_is_not_compiled_or_frozen_is_refused(forms, dataset):
    net = Net()
    net.add_block(InputBlock(forms.make_net().input_blocks[0].space))
    net.add_block(OutputBlock(num_classes=10))
    with pytest.raises(NotCompiledError, match=r"call net\.compile"):
        train(net, dataset)
    frozen = forms.make_net()
    frozen.freeze()
    with pytest.raises(CompatibilityError, match="all are frozen"):
        train(frozen, dataset)


def test_a_loss_that_is_not_finite_is_named_and_nothing_is_learned(net, dataset, tmp_path):
    with torch.no_grad():
        next(net.parameters())[0, 0] = math.inf
    before = weights(net)
    with pytest.raises(NonFiniteError, match=r"The loss has become nan, at a learning rate of 0\.01.*0\.001"):
        train(net, dataset, run_dir=tmp_path / "run")
    assert torch.equal(before, weights(net))


def test_a_softmax_at_the_end_is_warned_of(dataset):
    with pytest.warns(TrainingWarning, match="ends in a softmax"):
        train(nn.Sequential(nn.Flatten(), nn.Linear(144, 10), nn.Softmax(1)), dataset, epochs=1)


@pytest.mark.parametrize(
    ("setting", "error", "message"),
    [
        ({"epochs": 0}, ConfigError, r"train_on_dataset was given epochs=0; it must be .* 1 or more"),
        ({"epochs": "two"}, ConfigError, "epochs='two'"),
        ({"batch_size": 0}, ConfigError, "batch_size is 0"),
        ({"learning_rate": -1.0}, ConfigError, "learning_rate is -1.0; it must be above 0"),
        ({"learning_rate": math.nan}, ConfigError, "learning_rate is nan"),
        ({"label_smoothing": 1.0}, ConfigError, "label_smoothing is 1.0"),
        ({"patience": 0}, ConfigError, "patience is 0"),
        ({"workers": -1}, ConfigError, "workers is -1"),
        ({"schedule": "cosine"}, ConfigError, "'constant' or 'one_cycle'"),
        ({"batch_size": "many"}, ConfigError, "batch_size was given 'many'"),
        ({"label_smothing": 0.1}, UnknownNameError, "Did you mean 'label_smoothing'"),
        ({"augment": ("flop",)}, UnknownNameError, "No augmentation named 'flop'. Did you mean 'flip'"),
        ({"checkpoint_every": 0}, ConfigError, "checkpoint_every=0"),
    ],
)
def test_settings_that_cannot_work_are_refused(net, dataset, setting, error, message):
    with pytest.raises(error, match=message):
        train(net, dataset, **setting)


# --- on a GPU, where there is one


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
def test_on_a_gpu_everything_is_there(forms, dataset):
    net = forms.make_net().to("cuda")
    history = train(net, dataset, epochs=6, batch_size=20, augment=("crop",)).history
    assert history.epochs[-1].test_accuracy > 0.8


def test_bfloat16_trains_too(forms, dataset):
    history = train(forms.make_net(), dataset, epochs=4, batch_size=20, precision="bfloat16").history
    assert history.epochs[-1].test_accuracy > 0.7


def test_nothing_is_warned_of_when_all_is_well(net, dataset):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        train(net, dataset, epochs=1)

"""Checks of where a block lives, and how it is copied, kept in files and made again."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import torch

from csai_core.errors import CsaiError
from csai_core.testing.suite import fail, skip
from csai_neural.generators import seeded
from csai_neural.net import Net
from csai_neural.testing.block.base import BATCH, BlockChecks
from csai_neural.testing.trial import Trial, batch_of
from csai_neural.weights import soft_update


class KeepingChecks(BlockChecks):
    """Where a block lives, and how it is kept."""

    def test_it_follows_the_dtype_of_its_net(self) -> None:
        """`net.to(torch.float64)` gives outputs of that dtype."""
        for trial in self._trials():
            try:
                dtype = trial.net.to(torch.float64)(trial.x).dtype
            except CsaiError as error:
                fail(
                    f"In a net of dtype float64 it failed: {error}. Make tensors in the dtype of the input, "
                    "x.new_zeros(...), and keep constants with register_buffer."
                )
            if dtype != torch.float64:
                fail(f"In a net of dtype float64 it gives {dtype}.")
            _check_precision(trial)

    def test_it_follows_its_net_to_another_device(self) -> None:
        """`net.to(device)` takes along all that it computes with."""
        for trial in self._trials():
            if trial.given is None:
                skip("it is an input itself")
            block = trial.net.to("meta").added_blocks[-1]
            if left := [
                name for name, each in (*block.named_parameters(), *block.named_buffers()) if not each.is_meta
            ]:
                fail(f"net.to(device) leaves {left[0]} where it was, on another device.")
            try:
                output = trial.run(*(each.to("meta") for each in trial.given))
            except Exception as error:
                if "device" in str(error):
                    fail(
                        f"Moved to another device, it fails: {str(error).splitlines()[0]} Keep constants "
                        "with self.register_buffer(name, tensor), and make tensors where the input is: "
                        "x.new_zeros(...), torch.zeros(..., device=x.device)."
                    )
                continue  # what looks at numbers cannot be run without any
            if not output.is_meta:
                fail(
                    f"Moved to another device, it gives its output on {output.device}. Make tensors where "
                    "the input is: torch.zeros(..., device=x.device)."
                )

    def test_a_copy_is_exact_and_independent(self) -> None:
        """The same outputs, and no memory shared."""
        for trial in self._trials():
            trial.net.train()(trial.x)
            try:
                twin = trial.net.eval().copy()
            except Exception as error:
                fail(
                    f"After a batch of training it cannot be copied: {type(error).__name__}: {error}. Keep "
                    "y.detach() in place of y, and nothing that copy.deepcopy cannot copy."
                )
            if not torch.equal(twin(trial.x), trial.net(trial.x)):
                fail("A copy gives other outputs.")
            memory = {weight.data_ptr() for weight in trial.net.parameters() if weight.numel()}
            if shared := [name for name, weight in twin.named_parameters() if weight.data_ptr() in memory]:
                fail(f"A copy shares the weights {shared} with the original.")

    def test_it_comes_back_from_a_file(self) -> None:
        """Saved and loaded after some training, it gives the same outputs."""
        for trial in self._trained():
            require_kept(trial, "a batch")

    def test_it_follows_its_weights(self) -> None:
        """Once its weights are others, as after an update, it gives what they give, also in use."""
        for trial in self._trials():
            other = self.make_net(trial.space, seed=1).eval()
            with torch.no_grad():
                trial.net.eval()(trial.x)
                soft_update(trial.net, other, 1.0)
                now, wanted = trial.net(trial.x), other(trial.x)
            if not torch.allclose(now, wanted, atol=1e-5):
                fail(
                    "In use, it gives something else than its weights do: it was run, others were put in "
                    "their place, as soft_update and load_state_dict do, and a block that had these from the "
                    "start gives something else. Work out at every call what comes from the weights."
                )

    def test_it_can_be_rebuilt(self) -> None:
        """`regenerate_network` makes new weights of the same shapes."""
        for trial in self._trials():
            block, links = trial.block, [target for target, _ in trial.block.links]
            others = {id(weight) for each in links for weight in each.parameters()}
            with torch.no_grad():
                for weight in block.parameters():
                    weight.add_(3.0)
            old = {n: each.clone() for n, each in block.named_parameters() if id(each) not in others}
            block.regenerate_network()
            trial.net.compile()
            now = dict(block.named_parameters())
            if old.keys() - now.keys() or any(now[name].shape != old[name].shape for name in old):
                fail("regenerate_network changes the names, the number or the shapes of its weights.")
            if len(now) > len(old) + sum(id(each) in others for each in now.values()):
                fail(
                    "regenerate_network adds weights to the old ones. Make layers in build, in place of the "
                    "old."
                )
            kept = [name for name, each in old.items() if each.numel() and torch.equal(now[name], each)]
            if kept:
                fail(
                    f"regenerate_network leaves the weights {kept[0]} as they were. Make all of them in "
                    "build."
                )
            trial.net(trial.x)

    def test_its_cost_can_be_counted(self) -> None:
        """`summary` counts its weights and multiply-adds."""
        for trial in self._trials():
            trial.net.summary()


def require_kept(trial: Trial, trained: str) -> None:
    """Refuse a block that gives something else once it was trained so long, saved and loaded."""
    trial.net.eval()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "net.safetensors"
        trial.net.save(path)
        loaded = Net.load(path, blocks=[type(trial.block)])
    if not torch.equal(loaded.eval()(trial.x), trial.net(trial.x)):
        fail(
            f"Saved after {trained} of training, and loaded from the file, it gives other outputs. Whatever "
            "changes as it learns must be a Parameter or a buffer: self.register_buffer(name, tensor), not a "
            "plain attribute, and not persistent=False."
        )
    further = batch_of(trial.space, BATCH, seed=2)
    goes_on, stays = (_trained_on(net, further) for net in (loaded, trial.net))
    if not all(map(torch.equal, goes_on, stays)):
        fail(
            f"Saved after {trained} of training, and loaded from the file, it gives something else once both "
            "went on with the same batch of training: what decides how it learns is not in the file. Keep "
            "counts and rates that change in buffers too: self.register_buffer(name, torch.tensor(0))."
        )


def _trained_on(net: Net, x: Any) -> tuple[torch.Tensor, torch.Tensor]:
    """What comes out of a net as it takes one more batch of training, and in use after that."""
    with seeded(2), torch.no_grad():
        return net.train()(x), net.eval()(x)


def _check_precision(trial: Trial) -> None:
    """Refuse numbers of single precision out of a net of double precision."""
    if trial.numbers is None:
        return
    with seeded(1), torch.no_grad():
        for each in (*trial.net.parameters(), *trial.net.buffers()):
            if each.is_floating_point():
                each.add_(1e-9 * torch.randn_like(each))
        given = [each.double() + 1e-9 * torch.randn_like(each, dtype=torch.float64) for each in trial.numbers]
        output = trial.run(*given)
    is_single = torch.equal(output, output.float().double())
    if is_single and not torch.equal(output, output.bfloat16().double()):  # which a few values alone may be
        fail(
            "In a net of dtype float64 it computes in float32, and gives that as float64. Compute in the "
            "dtype of the input, without .float()."
        )

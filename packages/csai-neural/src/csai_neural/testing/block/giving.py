"""Checks of what a block gives: its shapes, the same each time, for each input by itself."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import torch
from gymnasium import spaces
from gymnasium.vector.utils import batch_space, iterate

from csai_core.errors import CsaiError
from csai_core.testing.process.effects import generators_left_alone
from csai_core.testing.suite import fail, skip
from csai_neural.flow import TORCH_ERRORS
from csai_neural.generators import seeded
from csai_neural.testing.block.base import BATCH, LARGE_BATCH, BlockChecks
from csai_neural.testing.block.keeping import require_kept
from csai_neural.testing.trial import Trial, backpropagate, batch_of, held, unregistered

_LARGE = 1e4
"""What inputs are multiplied by, to see whether anything overflows."""


class GivingChecks(BlockChecks):
    """What a block gives."""

    def test_all_weights_exist_before_the_first_batch(self) -> None:
        """Compiling makes them, where torch finds them; running adds none."""
        for trial in self._trials():
            for what, cure in unregistered(trial.block):
                fail(f"{what} not registered, so that no optimizer, file or device finds it. {cure}.")
            before, weights = set(trial.net.state_dict()), dict(trial.net.named_parameters())
            trial.net(trial.x)
            if late := sorted(set(trial.net.state_dict()) - before):
                fail(f"Running it adds the weights {late}. Make them in build.")
            for name, weight in trial.net.named_parameters():
                if weight is not weights[name]:
                    fail(
                        f"Running it makes its weights {name} again, which the optimizer does not hold then. "
                        "Make them once, in build."
                    )

    def test_it_leaves_its_input_alone(self) -> None:
        """What it is given is as it was, for whoever else is given the same."""
        for trial in self._trials():
            if trial.given is None:
                skip("it is an input itself")
            large = [tuple(each * _LARGE for each in trial.numbers)] if trial.numbers else []
            for mode, inputs in itertools.product((True, False), (trial.given, *large)):
                given = tuple(each.clone() for each in inputs)
                trial.net.train(mode)
                with torch.no_grad():
                    trial.run(*given)
                if any(not torch.equal(now, was) for now, was in zip(given, inputs, strict=True)):
                    fail(
                        "It changed its input in place; other blocks may be given the same. Write y = x * "
                        "2, not x.mul_(2) or x *= 2."
                    )

    def test_it_trains_on_a_batch_of_one(self) -> None:
        """A single input in training mode works, or is refused in words."""
        for space in self._spaces():
            trial = Trial(self.make_net(space).train(), space, 1)
            if trial.given is None:
                skip("it is an input itself")
            try:
                output = trial.run(*trial.given)
            except CsaiError:
                continue
            except Exception as error:
                fail(
                    f"In training mode, a batch of one raised {type(error).__name__}: {error}. The last "
                    "batch of an epoch may have one row: take it, or raise a ForwardError that says what "
                    "would work."
                )
            if not output.isfinite().all():
                fail("In training mode, it gives NaN or infinity for a batch of one.")

    def test_it_does_the_same_twice(self) -> None:
        """After eval(), the same input gives the same, whatever came before."""
        for trial in self._trials():
            net = trial.net.train()
            with torch.no_grad():
                net(trial.x)
            twin = net.eval().copy()
            if training := [name for name, part in net.named_modules() if part.training]:
                fail(
                    f"net.eval() does not reach {training[0] or 'the net'}. Leave train and eval as they "
                    "are, or call super().train(mode)."
                )
            state = {name: value.clone() for name, value in net.state_dict().items()}
            with seeded(1):
                first = net(trial.x)
            if any(part.training for part in net.modules()):
                fail("Running it switches it back to training mode. Leave the mode to whoever runs it.")
            changed = [
                name for name, value in net.state_dict().items() if not torch.equal(value, state[name])
            ]
            if changed:
                fail(
                    f"Running it in use, after eval(), changes its {changed[0]}. Change weights and "
                    "statistics only while self.training is true."
                )
            with seeded(1):
                alike = net(trial.x)
            if not torch.equal(first, alike):
                fail(
                    "In use, the same input gives something else the second time, as it depends on the call "
                    "before. Change what it remembers only while self.training is true."
                )
            if not torch.equal(first, net(trial.x)):
                fail(
                    "In use, the same input gives something else the second time, as it draws random "
                    "numbers. Draw them only while self.training is true; functional.dropout needs "
                    "training=self.training."
                )
            other = batch_of(trial.space, BATCH, seed=1)
            if not torch.equal(net(other), twin.eval()(other)):
                fail(
                    "In use, what it gives for an input depends on what it was given before: a copy that "
                    "was given nothing gives something else. Remember nothing of one call for the next."
                )

    def test_it_takes_any_layout_of_memory(self) -> None:
        """Its input need not be contiguous, as what comes out of other blocks may not be."""
        for trial in self._trials():
            if trial.given is None:
                skip("it is an input itself")
            trial.net.eval()
            turned = tuple(each.transpose(0, -1).contiguous().transpose(0, -1) for each in trial.given)
            try:
                output = trial.block(*turned)
            except TORCH_ERRORS as error:
                fail(
                    f"An input that is not contiguous in memory raised {type(error).__name__}: {error} Use "
                    "reshape or flatten in place of view."
                )
            given = output[0] if trial.block.is_recurrent else output
            if not torch.allclose(given, trial.run(*trial.given), atol=1e-5):
                fail("An input that is not contiguous in memory gives something else.")

    def test_it_draws_nothing_in_use(self) -> None:
        """After eval(), no random number is drawn, not even one that changes nothing."""
        for trial in self._trials():
            trial.net.eval()
            with generators_left_alone("Running it in use, after eval(),"):
                trial.net(trial.x)

    def test_it_does_not_grow(self) -> None:
        """It holds as much after many batches as after some."""
        for trial in self._trials():
            counts = []
            for _ in range(2):
                for _ in range(130):
                    trial.net(trial.x)
                counts.append(held(trial.block))
            if counts[1] > counts[0] + 100:
                fail(
                    f"After 130 batches it holds {counts[0]} things, and after 260 {counts[1]}. Do not keep "
                    "what it has given; memory would run out."
                )
            require_kept(trial, "260 batches")

    def test_inputs_do_not_touch_each_other(self) -> None:
        """In use, each input gives what it gives alone."""
        for space in self._spaces():
            net, x = self.make_net(space).eval(), batch_of(space, LARGE_BATCH)
            rows = [*iterate(batch_space(space, LARGE_BATCH), x)][:BATCH]
            alone = torch.stack([net(row) for row in rows])
            if not torch.allclose(net(x)[:BATCH], alone, atol=1e-5):
                fail("What it gives for an input depends on the rest of the batch.")

    def test_its_numbers_stay_finite(self) -> None:
        """For inputs that are large, all zero, all alike or of one number, so are outputs and gradients."""
        trials = [trial for trial in self._trials() if trial.numbers is not None]
        if not trials:
            skip("it takes no numbers")
        for trial in trials:
            _check_finite(trial, f"inputs around {_LARGE:g}", _LARGE, 0.0)
            _check_finite(trial, "inputs that are all zero", 0.0, 0.0)
            _check_finite(trial, "inputs that are all alike", 0.0, 1.0)
        for trial in self._of_one_number():
            _check_finite(trial, f"inputs of one number, {trial.space.shape},", 1.0, 0.0)

    def _of_one_number(self) -> Iterator[Trial]:
        """For each form of numbers that it takes, the smallest there is, unless it refuses that."""
        shapes = [space.shape for space in self._spaces() if isinstance(space, spaces.Box)]
        for axes in sorted({len(shape) for shape in shapes}):
            smallest = spaces.Box(-1, 1, (1,) * axes)
            try:
                trial = Trial(self.make_net(smallest), smallest, BATCH)
                trial.run(*(trial.numbers or ()))
            except Exception:
                continue
            yield trial


def _check_finite(trial: Trial, what: str, factor: float, shift: float) -> None:
    """Refuse NaN and infinity in outputs and gradients, for inputs that are multiplied and moved."""
    given = tuple((each * factor + shift).requires_grad_() for each in trial.numbers or ())
    output = trial.run(*given)
    if not output.isfinite().all():
        fail(
            f"For {what} it gives NaN or infinity. Use torch's own functions (torch.softmax, "
            "functional.normalize), or add a little to what is divided by."
        )
    if not output.requires_grad:
        return
    backpropagate(output)
    for name, tensor in (*trial.net.named_parameters(), *(("its input", each) for each in given)):
        if tensor.grad is not None and not tensor.grad.isfinite().all():
            fail(
                f"For {what}, the gradient of {name} is NaN or infinite. Add a little to what a root is "
                "taken of, or to what is divided by."
            )

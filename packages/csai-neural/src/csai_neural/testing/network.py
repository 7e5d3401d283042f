"""What every network should do that a plugin offers for `--net`."""

from __future__ import annotations

import copy
import json
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from gymnasium import spaces
from torch import nn

from csai_core import trees
from csai_core.errors import ContractError, CsaiError, UnknownNameError
from csai_core.plugins import installed
from csai_core.testing.compare import difference
from csai_core.testing.process.elsewhere import found_elsewhere
from csai_core.testing.suite import Suite, fail, skip
from csai_neural.actor_critic import ActorCritic
from csai_neural.blocks.output import OutputBlock
from csai_neural.errors import ForwardError, NotCompiledError, StructureError
from csai_neural.generators import seeded
from csai_neural.loading import load_network
from csai_neural.net import Net
from csai_neural.testing.trial import backpropagate, batch_of, others_left_alone

SPACES: tuple[spaces.Space[Any], ...] = (
    spaces.Box(-1, 1, (6,)),
    spaces.Box(0, 1, (1, 12, 12)),
    spaces.Box(0, 255, (3, 40, 40), np.uint8),
    spaces.Discrete(5),
    spaces.MultiDiscrete([3, 4]),
    spaces.Dict(camera=spaces.Box(0, 255, (1, 12, 12), np.uint8), speed=spaces.Box(-1, 1, (3,))),
    spaces.Dict(
        camera=spaces.Box(0, 255, (1, 12, 12), np.uint8),
        mode=spaces.Discrete(4),
        speed=spaces.Box(-1, 1, (3,)),
    ),
    spaces.Tuple((spaces.Discrete(3), spaces.Box(-1, 1, (2,)))),
)
"""Observations that a network is tried with."""
BATCH = 5
_MISTAKES = (ContractError, UnknownNameError, StructureError, NotCompiledError, ForwardError)
"""Errors that say that a network is put together wrongly, and not that a space is none of its own."""
_LETTERS = "bcdefghijk"
"""What parts are called by, to see whether their names decide anything."""
_GROUPS = 64
"""Into so many groups at most the numbers of a vector are put, to change one after the other."""


class NetworkSuite(Suite):
    """Checks one network: a function that makes a body for a space of observations.

    class TestNarrow(NetworkSuite):
        entry_name = "narrow"

    class TestWide(NetworkSuite):
        observation_spaces = (Box(-1, 1, (100,)),)

        def make(self, observation_space):
            return narrow(observation_space)

    Attributes:
        observation_spaces: what it must take; without any, those of `SPACES` that it does not refuse.
        looks_at_all: whether every part of an observation counts; False for one that is there to leave some
            out.
    """

    observation_spaces: ClassVar[Sequence[spaces.Space[Any]]] = ()
    looks_at_all: ClassVar[bool] = True

    def make(self, observation_space: spaces.Space[Any]) -> nn.Module:
        """Make the network for a space, as the function that is offered does."""
        if not self.entry_name:
            return super().make()  # type: ignore[no-any-return]
        network: nn.Module = installed().find("networks", self.entry_name).load()(observation_space)
        return network

    def test_it_can_be_made(self) -> None:
        """It makes a network for some space, and says in words which it does not take."""
        refusals = []
        for space in self._tried():
            try:
                network = self._made(space)
            except _MISTAKES as error:
                fail(
                    f"For observations of {space} it raised {type(error).__name__}: {error} That says how it "
                    "is put together, and refuses no space. Mend that; a space that it is not for, refuse "
                    "with a ConfigError that says what it takes."
                )
            except CsaiError as error:
                if space in self.observation_spaces:
                    fail(f"It does not take {space}, which it should: {error}")
                refusals.append(f"{space}: {error}")
                continue
            except Exception as error:
                fail(
                    f"For observations of {space} it raised {type(error).__name__}: {error}. It is called "
                    "with the observation space alone. If it is not for such a space, raise a CsaiError, "
                    "such as ConfigError, that says what it takes."
                )
            if not isinstance(network, nn.Module):
                fail(f"For {space} it returned {network!r}; it must return a csai_neural.Net.")
        if len(refusals) == len(self._tried()):
            fail(f"It takes none of the spaces that it was tried with. {refusals[0]}")
        if refusals:
            self.tell(f"Of {len(self._tried())} spaces it refuses {len(refusals)}. {' '.join(refusals)}")

    def test_it_takes_what_it_was_made_for(self) -> None:
        """It is a body for the space: it takes its observations, and heads can be put on it."""
        for space in self._spaces():
            try:
                body = self._body(space)
            except CsaiError as error:
                fail(
                    f"What it made for {space} does not take such observations: {error} Begin with "
                    "InputBlock(observation_space), and refuse other spaces with a CsaiError."
                )
            try:
                headed = body.followed_by(OutputBlock(num_classes=3))
            except CsaiError as error:
                fail(f"What it made for {space} is no body, on which an algorithm can put its heads: {error}")
            shape = tuple(headed(batch_of(space, BATCH)).shape)
            if shape != (BATCH, 3):
                fail(f"With 3 outputs on it, a batch of {BATCH} gives {shape}.")

    def test_it_is_decided_by_the_space(self) -> None:
        """The same space gives the same layers."""
        for space in self._spaces():
            shapes = [
                {name: tuple(weight.shape) for name, weight in self._body(space).named_parameters()}
                for _ in range(4)
            ]
            if any(each != shapes[0] for each in shapes):
                fail(
                    f"For {space} it makes layers that differ from call to call. Decide them by the space "
                    "alone, not by chance: saved weights fit only the same layers."
                )

    def test_it_is_the_same_in_every_process(self) -> None:
        """In another process, which asks for spaces in another order, each of them gives the same layers."""
        found = found_elsewhere(self, "layers_from_behind")
        if not found:
            skip("its suite cannot be imported in another process")
        here, there = self._layers(self._tried()), json.loads(found[0])
        for space, ours, theirs in zip(self._tried(), here, reversed(there), strict=True):
            if ours != theirs:
                fail(
                    f"For {space} it makes other layers in another process, in which other spaces came "
                    "before: saved weights would fit no more. Decide them by the space alone: remember "
                    "nothing of spaces that came before; and the order of a set of texts is another in every "
                    "process, so sort it."
                )

    def layers_from_behind(self) -> str:
        """What it makes for each space, of which the last comes first, as JSON."""
        return json.dumps(self._layers(self._tried()[::-1]))

    def test_it_changes_nothing_of_others(self) -> None:
        """It seeds nothing, prints nothing and switches nothing that everybody shares."""
        for space in self._spaces():
            with others_left_alone("Making it"):
                self.make(space)

    def test_it_leaves_the_space_alone(self) -> None:
        """The space that it is given draws afterwards what it would have drawn."""
        for space in self._spaces():
            given, alike = copy.deepcopy(space), copy.deepcopy(space)
            for each in (given, alike):
                each.seed(3)
            self.make(given)
            if found := difference(alike.sample(), given.sample(), "what it samples next"):
                fail(
                    f"Making it drew from the generator of {space}, which is its giver's: {found}. Draw "
                    "observations of your own from a copy (copy.deepcopy(space)) that is seeded."
                )

    def test_it_gives_each_observation_its_own(self) -> None:
        """After eval(), what it gives for an observation is the same again, in any batch, and alone."""
        for space in self._spaces():
            body, x = self._body(space).eval(), batch_of(space, BATCH)
            with torch.no_grad():
                together, again = body(x), body(x)
                alone = [body(trees.take(x, [row])) for row in range(BATCH)]
            if not torch.equal(together, again):
                fail(
                    f"After eval(), the same observations of {space} give other features the second time. "
                    "Draw and count nothing there: functional.dropout needs training=self.training."
                )
            for row, each in enumerate(alone):
                if not torch.allclose(each[0], together[row], atol=1e-5):
                    fail(
                        f"After eval(), an observation of {space} gives other features alone, in a batch of "
                        f"one, than in a batch of {BATCH}. Each row is an observation of its own: let "
                        "nothing depend on the others or on how many there are (the mean of the batch, a "
                        "permute that not every batch goes through)."
                    )

    def test_it_looks_at_what_it_is_given(self) -> None:
        """Other observations give other features, all finite, and gradients reach its weights."""
        for space in self._spaces():
            body = self._body(space).eval()
            features = body(batch_of(space, 4 * BATCH))
            if not features.isfinite().all():
                fail(f"For observations of {space} it gives NaN or infinity.")
            if torch.equal(features, features[:1].expand_as(features)):
                fail(f"Whatever it observes of {space}, it gives the same features.")
            weights = [weight for weight in body.parameters() if weight.requires_grad]
            if weights:
                if not features.requires_grad:
                    fail("No gradient comes out of it, so that it cannot learn.")
                backpropagate(features)
                if all(weight.grad is None for weight in weights):
                    fail("No gradient reaches its weights, so that it cannot learn.")

    def test_it_looks_at_every_part(self) -> None:
        """Whatever part or number of an observation is another, its features are."""
        if not self.looks_at_all:
            skip("it leaves out some of what is observed, as looks_at_all says")
        for space in self._spaces():
            body = self._body(space).eval()
            x, other = (batch_of(space, 2 * BATCH, seed) for seed in (0, 1))
            with torch.no_grad():
                features = body(x)
                for place, changed in _changes(x, other, "the observation"):
                    if torch.equal(body(changed), features):
                        fail(
                            f"Of observations of {space}, {place} changes nothing of its features, so that "
                            "nobody can learn from it. Look at all of it; if leaving some out is what it is "
                            "for, say `looks_at_all = False` in a NetworkSuite of your own."
                        )

    def test_parts_may_have_any_names(self) -> None:
        """What the parts of a Dict are called decides nothing, as long as their order stays."""
        for space in self._spaces():
            if not isinstance(space, spaces.Dict):
                continue
            x, found = batch_of(space, BATCH), list[torch.Tensor]()
            for letter in _LETTERS:
                names = {old: f"{letter}{number}" for number, old in enumerate(space)}
                try:
                    body = self._body(spaces.Dict({new: space[old] for old, new in names.items()})).eval()
                except Exception:
                    skip("it takes parts of certain names alone")
                with torch.no_grad():
                    found.append(body({new: x[old] for old, new in names.items()}))
            if not all(each.shape == found[0].shape and torch.allclose(each, found[0]) for each in found):
                fail(
                    f"For {space} it gives other features where its parts have other names, in the same "
                    "order. Go through them as the space does, `for name in space`: the order of a set of "
                    "texts is another in every process, and saved weights would fit no more."
                )

    def test_every_call_makes_a_new_one(self) -> None:
        """Two networks share no weights."""
        for space in self._spaces():
            one, two = self.make(space), self.make(space)
            memory = {weight.data_ptr() for weight in one.parameters() if weight.numel()}
            if one is two or any(weight.data_ptr() in memory for weight in two.parameters()):
                fail(
                    "Two calls gave the same net, or nets that share weights, so that two trainings would "
                    "disturb each other. Make a new one in each call."
                )

    def test_its_weights_follow_the_seed(self) -> None:
        """The same seed gives the same first weights, another seed others."""
        for space in self._spaces():
            first, alike, other = (
                [weight for weight in self._body(space, seed).parameters() if weight.requires_grad]
                for seed in (1, 1, 2)
            )
            if not all(map(torch.equal, first, alike)):
                fail(
                    "With the same seed it has other weights. Draw first weights with torch's functions, "
                    "such as torch.randn or nn.init, and no other generator."
                )
            frozen, others = (_frozen(self._body(space, seed)) for seed in (1, 2))
            if drawn := [name for name, each in frozen.items() if not torch.equal(each, others[name])]:
                fail(
                    f"Its weights {drawn[0]} are drawn again for each seed, and do not learn: they are "
                    "frozen. Leave that out, or load what they have learned elsewhere; features that are to "
                    "stay random are buffers."
                )
            if first and all(map(torch.equal, first, other)):
                fail(
                    "With the seeds 1 and 2 it has the same weights. Leave it to torch's generator, which "
                    "is seeded already, to draw them."
                )

    def test_it_comes_back_from_a_file(self) -> None:
        """Saved and loaded, it gives the same features."""
        for space in self._spaces():
            if not isinstance(self.make(space), Net):
                skip("it is a plain torch module, whose structure no file keeps")
            body, x = self._body(space).eval(), batch_of(space, BATCH)
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "net.safetensors"
                body.save(path)
                try:
                    loaded = Net.load(path)
                except CsaiError as error:
                    fail(f"Saved to a file, it cannot be loaded: {error}")
            if not torch.equal(loaded.eval()(x), body(x)):
                fail("Loaded from a file, it gives other features.")

    def test_policies_stand_on_it(self) -> None:
        """An actor and a critic can share it."""
        for space in self._spaces():
            with seeded(0):
                policy = ActorCritic(space, spaces.Discrete(3), self._body(space))
                action = policy.act(batch_of(space, BATCH)).action
            if tuple(action.shape) != (BATCH,):
                fail(
                    f"A policy on it chooses actions of shape {tuple(action.shape)} for {BATCH} observations."
                )

    # --- inner workings

    def _body(self, space: spaces.Space[Any], seed: int = 0) -> Net:
        """The network as algorithms get it."""
        return load_network(self._function(), space, seed=seed)

    def _layers(self, tried: Sequence[spaces.Space[Any]]) -> list[dict[str, list[int]] | None]:
        """The shapes of the weights for each space; None where it is refused."""
        return [
            {name: [*weight.shape] for name, weight in self._body(space).named_parameters()}
            if self._takes(space)
            else None
            for space in tried
        ]

    def _tried(self) -> Sequence[spaces.Space[Any]]:
        return self.observation_spaces or SPACES

    def _function(self) -> Any:
        def function(observation_space: spaces.Space[Any]) -> nn.Module:
            return self.make(observation_space)

        function.__name__ = function.__qualname__ = self.entry_name or type(self).__name__
        return function

    def _spaces(self) -> list[spaces.Space[Any]]:
        """What it takes: what the suite says, or else what it does not refuse."""
        return [space for space in self._tried() if self.observation_spaces or self._takes(space)]

    def _takes(self, space: spaces.Space[Any]) -> bool:
        try:
            self._made(space)
        except CsaiError:
            return False
        return True

    def _made(self, space: spaces.Space[Any]) -> nn.Module:
        """The network, compiled: only then do its blocks say what they do not take."""
        network = self.make(space)
        if isinstance(network, Net) and not network.is_compiled:
            network.compile()
        return network


def _frozen(net: nn.Module) -> dict[str, torch.Tensor]:
    """The weights that do not learn."""
    return {name: each for name, each in net.named_parameters() if not each.requires_grad}


def _changes(x: Any, other: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Observations of which one place after the other is that of others, each with the name of the place."""
    if isinstance(x, dict):
        for key in x:
            for place, changed in _changes(x[key], other[key], f"its part {key!r}"):
                yield place, {**x, key: changed}
    elif isinstance(x, tuple):
        for index, part in enumerate(x):
            for place, changed in _changes(part, other[index], f"its part {index}"):
                yield place, (*x[:index], changed, *x[index + 1 :])
    else:
        yield from _changed_places(x, other, path)


def _changed_places(x: Any, other: Any, path: str) -> Iterator[tuple[str, Any]]:
    """The same for an array, (batch, *shape)."""
    if x.ndim == 1:
        yield path, other
    for axis in range(1, x.ndim):
        for group in _groups(x.shape[axis], is_picture=x.ndim > 2):
            changed, places = x.copy(), ((slice(None),) * axis + (group,))
            changed[places] = other[places]
            if not np.array_equal(changed, x):
                yield f"what stands at {group.tolist()} along axis {axis - 1} of {path}", changed


def _groups(size: int, *, is_picture: bool) -> list[Any]:
    """Places of an axis: of one that lies in a picture halves, unless it is one of colors."""
    return np.array_split(np.arange(size), 2 if is_picture and size > 4 else min(size, _GROUPS))

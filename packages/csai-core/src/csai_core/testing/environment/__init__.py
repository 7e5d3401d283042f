"""What every environment should pass: Gymnasium's own check, and what that lets through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar

import gymnasium
from gymnasium import spaces
from gymnasium.envs.registration import WrapperSpec

from csai_core.environments import find_spec
from csai_core.testing import batches
from csai_core.testing.batches import pictures
from csai_core.testing.environment import (
    attributes,
    closing,
    controls,
    copies,
    determinism,
    fresh_process,
    generators,
    kept_draws,
    masks,
    outcomes,
    overlays,
    ownership,
    registration,
    rendering,
    side_effects,
    time_limit,
)
from csai_core.testing.environment.gymnasium_check import run_gymnasiums_check
from csai_core.testing.environment.making import Maker
from csai_core.testing.suite import Suite, fail
from csai_core.testing.unread_settings import check_settings
from csai_core.wrapping import with_wrappers


class EnvironmentSuite(Suite):
    """Checks one environment; a subclass names its id, or writes `make`.

    class TestMaze(EnvironmentSuite):
        environment_id = "acme/Maze-v0"

    class TestSmallMaze(EnvironmentSuite):
        def make(self, **settings):
            return Maze(size=4, **settings)

    What is the cause of other failures is looked at first, so the first that fails is the one to mend.
    """

    environment_id: str = ""
    wrappers: Sequence[str | WrapperSpec] = ()
    """What it is wrapped in, as `train` takes it; its batches are not looked at then."""
    options: Mapping[str, Any] = MappingProxyType({})
    """What it is made with beside what its registration says, as `gymnasium.make` takes it."""
    num_steps: ClassVar[int] = 300
    """How many random steps the long plays take."""
    seeds: ClassVar[tuple[int, ...]] = (0, 1, 2)
    """The seeds that runs are made with."""

    @classmethod
    def of(cls, entry_name: str) -> EnvironmentSuite:
        """The suite for an environment's id."""
        suite = cls()
        suite.environment_id = entry_name
        return suite

    def make(self, **settings: Any) -> gymnasium.Env[Any, Any]:
        """Make the environment."""
        if not self.environment_id:
            return super().make()  # type: ignore[no-any-return]
        spec = with_wrappers(find_spec(self.environment_id), self.wrappers)
        return gymnasium.make(spec, disable_env_checker=True, **{**self.options, **settings})

    @property
    def _maker(self) -> Maker:
        is_wrapped = bool(self.wrappers)
        return Maker(self.make, self.environment_id, is_wrapped=is_wrapped, options=self.options)

    # --- what it is and what it gives

    def test_it_can_be_made(self) -> None:
        """It can be made and closed, and says what can be seen and done in it."""
        with self._maker.made() as env:
            if not isinstance(env, gymnasium.Env):
                fail(
                    f"What was made is a {type(env).__name__}; derive its class from Shell or gymnasium.Env."
                )
            for name in ("observation_space", "action_space"):
                space = getattr(env, name, None)
                if not isinstance(space, spaces.Space):
                    fail(f"Its {name} is {space!r}; set it in __init__ to a space such as Discrete(2).")

    def test_side_effects(self) -> None:
        """It prints nothing, writes no files, and changes no settings of the process."""
        side_effects.check_side_effects(self._maker, self.seeds[0])

    def test_spaces(self) -> None:
        """The spaces stay as they are, and a seed of theirs decides what they sample."""
        determinism.check_spaces(self._maker, self.seeds[0])

    def test_settings(self) -> None:
        """Every setting that its class takes decides something."""
        with self._maker.made() as env:
            check_settings(type(env.unwrapped), "The environment's")

    def test_action_masks(self) -> None:
        """Masks are there after every call, and true of the state that they come with."""
        masks.check_masks(self._maker, self.num_steps // 2, self.seeds)

    def test_observations_lie_in_their_space(self) -> None:
        """Shape, dtype and range of every observation of long random plays."""
        outcomes.check_observations(self._maker, self.num_steps, self.seeds)

    def test_observations_follow_the_world(self) -> None:
        """A Shell's step shows its attributes as they are after it."""
        attributes.check_it_follows(self._maker, self.seeds[0])

    def test_rewards_and_ends(self) -> None:
        """Rewards are finite numbers, ends are True or False, infos are dicts of plain values."""
        outcomes.check_rewards_and_ends(self._maker, self.num_steps, self.seeds)

    def test_actions_stay_the_callers(self) -> None:
        """A step does not change the action that it is given."""
        ownership.check_actions(self._maker, self.seeds[0])

    def test_observations_stay_as_they_were(self) -> None:
        """No later step changes an observation or info that was handed out."""
        ownership.check_what_is_handed_out(self._maker, self.seeds[0])

    # --- repeating runs

    def test_global_generators(self) -> None:
        """It neither seeds nor draws from the generators that the whole process shares."""
        generators.check_global_generators(self._maker, self.seeds[0])

    def test_same_seed_same_run(self) -> None:
        """A seed decides everything, and nothing outside the environment does."""
        determinism.check_same_seed(self._maker, self.num_steps, self.seeds)

    def test_pictures_change_nothing(self) -> None:
        """An environment that is drawn goes on as one that is not."""
        rendering.check_pictures_change_nothing(self._maker, self.seeds[0])

    def test_environments_share_nothing(self) -> None:
        """Two environments, stepped in turn, do what each does alone."""
        determinism.check_instances(self._maker, self.seeds[0])

    def test_reset_forgets_the_last_episode(self) -> None:
        """`reset(seed=…)` starts the same run, whatever happened before."""
        determinism.check_reset(self._maker, self.num_steps, self.seeds[0])

    def test_callers_change_nothing(self) -> None:
        """What a caller does to an action after its step changes nothing."""
        ownership.check_what_callers_do(self._maker, self.seeds[0])

    def test_no_seed_other_runs(self) -> None:
        """Without a seed, episodes differ, in all that seeds make different."""
        determinism.check_unseeded(self._maker, self.seeds[0])
        kept_draws.check_kept_draws(self._maker, self.seeds[0])

    def test_other_seeds_other_runs(self) -> None:
        """Every bit of a seed counts."""
        determinism.check_seeds(self._maker, self.seeds[0])

    def test_options(self) -> None:
        """Options of a reset are for one episode, and the caller's dict stays as it is."""
        determinism.check_options(self._maker, self.seeds[0])

    # --- pictures

    def test_rendering(self) -> None:
        """Every render mode works, before the first step too, and none needs a display."""
        rendering.check_rendering(self._maker, self.seeds[0])

    def test_pictures_show_the_state(self) -> None:
        """Pictures have one size, and tell the present state."""
        rendering.check_pictures_show_the_state(self._maker, self.seeds[0])

    # --- ends and copies

    def test_closing(self) -> None:
        """It can be closed at any time, and again."""
        closing.check_closing(self._maker, self.seeds[0])

    def test_nothing_is_left(self) -> None:
        """After `close`, no thread, child process or open file is left, nor the environment itself."""
        side_effects.check_nothing_is_left(self._maker, self.seeds[0])
        side_effects.check_it_is_let_go(self._maker, self.seeds[0])

    def test_memory_does_not_grow(self) -> None:
        """It keeps nothing of the episodes that are over."""
        side_effects.check_growth(self._maker, self.seeds[0])

    def test_pickling_and_copying(self) -> None:
        """A pickled or copied environment goes on as the original does."""
        copies.check_copies(self._maker, self.seeds[0])

    def test_state_dict(self) -> None:
        """A saved state is plain, and the environment goes on from it identically, another one too."""
        copies.check_state_dict(self._maker, self.seeds)

    # --- what a Shell says of itself

    def test_attributes(self) -> None:
        """Every attribute lies in its space, makes up the observation, and can be observed alone."""
        attributes.check_attributes(self._maker, self.seeds[0])

    def test_overlay_states(self) -> None:
        """The states that views paint are what it observes, whichever attributes it observes."""
        overlays.check_overlay_states(self._maker, self.seeds[0])

    def test_overlay_player(self) -> None:
        """Where the player is said to be is on the canvas, and looking for it changes nothing."""
        overlays.check_overlay_player(self._maker, self.seeds[0])

    def test_transition_table(self) -> None:
        """What `P` says of what follows is what follows, and its chances add up to 1."""
        overlays.check_transition_table(self._maker, self.seeds[0])

    def test_playing(self) -> None:
        """Keys and clicks mean actions, `has_won` answers, and `draw` is what is rendered."""
        controls.check_playing(self._maker, self.seeds[0])

    # --- its registration and many of it

    def test_specification(self) -> None:
        """The specification survives JSON, so that a run's configuration can name the environment."""
        registration.check_specification(self._maker)

    def test_time_limit(self) -> None:
        """What ends at the time limit is truncated, not terminated."""
        time_limit.check_time_limit(self._maker, self.seeds[0])

    def test_vectors_equal_singles(self) -> None:
        """In Gymnasium's vector environment each plays as it does alone, in all three autoreset modes."""
        batches.check_in_gymnasiums_vector(self._maker, self.seeds[-1])

    def test_batched_version(self) -> None:
        """The environment's own vector class says what it is, and can be closed twice."""
        batches.check_form(self._maker)
        batches.check_closing(self._maker)

    def test_batched_version_equals_singles(self) -> None:
        """It plays as single environments do: any number, in every mode, after any reset, seeded or not."""
        batches.check_equality(self._maker, self.seeds, self.num_steps // 2)
        batches.check_choices(self._maker, self.seeds[0])
        batches.check_sharing(self._maker, self.seeds[0])
        batches.check_steady_play(self._maker, self.seeds[0], self.num_steps)
        batches.check_many(self._maker, self.seeds[0])
        batches.check_resets(self._maker, self.seeds[0])
        batches.check_randomness(self._maker, self.seeds[0])

    def test_batched_version_is_drawn(self) -> None:
        """A batch that draws shows each of its games, as it is now, and is not changed by that."""
        pictures.check_pictures(self._maker, self.seeds[0])

    def test_batched_version_is_saved(self) -> None:
        """A batch that loads a saved state goes on as the one that was saved."""
        batches.check_state_dict(self._maker, self.seeds[0])

    def test_other_processes(self) -> None:
        """A seed decides everything in other processes too, where texts have other hashes."""
        fresh_process.check_other_processes(self._maker, self.seeds[0])

    def test_gymnasium_check(self) -> None:
        """Gymnasium's `check_env` raises nothing and warns of nothing."""
        with self._maker.made() as env:
            run_gymnasiums_check(env)

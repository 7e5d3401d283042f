"""Checks that what a wrapper has no part in passes through it: pictures, errors and the end."""

from __future__ import annotations

from csai_core.testing.suite import called, fail
from csai_core.testing.wrapper.base import SEED, WrapperChecks
from csai_core.testing.wrapper.turns import turn_of_reset

_ERRORS = (RuntimeError, IndexError, KeyError, ValueError, TypeError, StopIteration)
"""What environments raise where something in them is wrong."""


class PassingChecks(WrapperChecks):
    """What passes through it."""

    def test_it_shows_what_the_environment_shows(self) -> None:
        """`render` gives a picture where the environment does, and its render mode is known."""
        for wrapper, env in self._wrapped():
            wrapper.reset(seed=SEED)
            picture = called(wrapper.render, "render()")
            if picture is None:
                fail(
                    "Where the environment's render() gives a picture, the wrapper's gives None; return what "
                    "is to be shown."
                )
            if wrapper.render_mode != env.render_mode:
                fail(
                    f"Its render_mode is {wrapper.render_mode!r}, and the environment's {env.render_mode!r}."
                )

    def test_it_hides_no_error(self) -> None:
        """What the environment raises, whoever plays hears of."""
        for wrapper, env in self._wrapped():
            for kind in _ERRORS:
                env.failure = None
                list(self._play(wrapper, num_steps=2))
                env.failure = kind("This environment was told to fail.")
                try:
                    turn_of_reset(wrapper, "reset()")
                    wrapper.step(wrapper.action_space.sample())
                except Exception:
                    continue
                fail(
                    f"The environment raised an exception in step, {kind.__name__}, and the wrapper went on "
                    "as if nothing had been; let it through."
                )

    def test_it_closes_the_environment(self) -> None:
        """`close` reaches the environment."""
        for wrapper, env in self._wrapped():
            wrapper.reset(seed=SEED)
            called(wrapper.close, "close()")
            if not env.is_closed:
                fail("close() did not close the environment; end it with super().close().")

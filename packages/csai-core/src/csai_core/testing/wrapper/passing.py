"""Checks that what a wrapper has no part in passes through it: pictures, errors and the end."""

from __future__ import annotations

from csai_core.testing.suite import called, fail
from csai_core.testing.wrapper.base import SEED, WrapperChecks


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
            wrapper.reset(seed=SEED)
            env.fails = True
            try:
                wrapper.step(wrapper.action_space.sample())
            except Exception:
                continue
            fail(
                "The environment raised an exception in step, and the wrapper went on as if nothing had "
                "been; let it through."
            )

    def test_it_closes_the_environment(self) -> None:
        """`close` reaches the environment."""
        for wrapper, env in self._wrapped():
            wrapper.reset(seed=SEED)
            called(wrapper.close, "close()")
            if not env.is_closed:
                fail("close() did not close the environment; end it with super().close().")

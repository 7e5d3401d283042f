"""Making the environment that is checked, as often as the checks need one."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import replace
from typing import Any
from unittest import SkipTest

from gymnasium.envs.registration import EnvSpec
from gymnasium.error import DependencyNotInstalled

from csai_core.display import DISPLAYS, draw_without_display
from csai_core.environments import complaint, find_spec
from csai_core.errors import ConformanceError, MissingExtraError, said
from csai_core.shell import Shell
from csai_core.testing.suite import fail, skip


class Maker:
    """Makes environments for a suite.

    Args:
        make: the suite's method.
        environment_id: the id, or "" where the method does not go by one.
        is_wrapped: whether what is made is wrapped in more than its registration says.
        options: what is made is made with these, beside what its registration says.
    """

    def __init__(
        self,
        make: Callable[..., Any],
        environment_id: str,
        *,
        is_wrapped: bool = False,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        self.make = make
        self.options = dict(options or {})
        self.environment_id = environment_id
        self.is_wrapped = is_wrapped
        self.went_to: str | None = None
        """The folder in which an environment has left the process; each check starts where the first did."""

    @property
    def spec(self) -> EnvSpec | None:
        """The registration, with the options; None where there is none."""
        if not self.environment_id:
            return None
        spec = find_spec(self.environment_id)
        return replace(spec, kwargs={**spec.kwargs, **self.options})

    @property
    def is_nondeterministic(self) -> bool:
        """Whether the registration says that no seed repeats a run."""
        return self.spec is not None and self.spec.nondeterministic

    @property
    def takes_settings(self) -> bool:
        """Whether the method hands on what the environment is to be made with."""
        takes = inspect.signature(self.make).parameters.values()
        return any(each.kind is each.VAR_KEYWORD for each in takes)

    @contextmanager
    def made(self, **settings: Any) -> Iterator[Any]:
        """An environment, closed afterwards.

        Raises:
            ConformanceError: if it cannot be made, and why.
        """
        if settings and not self.takes_settings:
            skip("make(self) takes no settings; write make(self, **settings) and hand them on")
        folder = os.getcwd()
        try:
            env = self.make(**settings)
        except Exception as error:
            message = complaint(error)
            if settings and "unexpected keyword argument" in message:
                message += ". Let its __init__ take these and hand them to super().__init__(…)."
            how = f" with {settings}" if settings else ""
            raise ConformanceError(f"It cannot be made{how}: {message}") from error
        try:
            yield env
        except BaseException:
            with suppress(Exception):
                env.close()
            raise
        else:
            _close(env)
        finally:
            if os.getcwd() != folder:
                self.went_to = os.getcwd()
                os.chdir(folder)

    @contextmanager
    def made_shell(self, **settings: Any) -> Iterator[Shell]:
        """The Shell inside; a check of it is skipped where there is none."""
        with self.made(**settings) as env:
            if not isinstance(env.unwrapped, Shell):
                skip("it is not made of attributes (not a Shell)")
            yield env.unwrapped

    def drawable_modes(self, *wanted: str) -> list[str]:
        """The render modes among the wanted that it can draw in; a check is skipped where there is none.

        What its pictures need may not be installed, which is no fault of the environment's.
        """
        with self.made() as env:
            modes = [mode for mode in env.metadata.get("render_modes", []) if mode in wanted]
        if not modes:
            skip("it has no pictures or texts")
        lacking = {mode: self._lacks(mode) for mode in modes}
        if all(lacking.values()):
            skip(f"what its pictures need is not installed: {lacking[modes[0]]}")
        return [mode for mode in modes if not lacking[mode]]

    def _lacks(self, mode: str) -> str:
        """What is not installed that a render mode needs, in the environment's words; empty if nothing."""
        try:
            with without_display(), self.made(render_mode=mode) as env:
                env.reset(seed=0)
                env.render()
        except SkipTest:
            raise
        except Exception as error:
            return _lacking(error)
        return ""

    def skip_if_nondeterministic(self) -> None:
        """End a check that compares runs, where the registration says that they differ."""
        if self.is_nondeterministic:
            skip("its registration says nondeterministic=True")


_IS_HIDDEN = ContextVar("_IS_HIDDEN", default=False)


@contextmanager
def without_display() -> Iterator[None]:
    """Have pygame and MuJoCo draw into memory, as without a screen; a window left open is closed.

    Where that is so already, nothing is done: who is watched meanwhile has not changed it.
    """
    if os.environ.get("SDL_VIDEODRIVER") == "dummy" and _IS_HIDDEN.get():
        yield
        return
    token = _IS_HIDDEN.set(True)
    had_window = has_window()
    before = {name: os.environ.get(name) for name in ("SDL_VIDEODRIVER", "MUJOCO_GL", *DISPLAYS)}
    os.environ["SDL_VIDEODRIVER"] = "dummy"
    for name in DISPLAYS:
        os.environ.pop(name, None)
    draw_without_display()
    try:
        yield
    finally:
        _IS_HIDDEN.reset(token)
        if has_window() and not had_window:
            sys.modules["pygame"].display.quit()
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def has_window() -> bool:
    """Whether a window of pygame's is open."""
    pygame = sys.modules.get("pygame")
    return pygame is not None and pygame.display.get_init() and pygame.display.get_surface() is not None


def _lacking(error: BaseException | None) -> str:
    """What is not installed, as an exception or one that caused it says; empty if neither does."""
    while error is not None:
        if isinstance(error, (DependencyNotInstalled, MissingExtraError)):
            return str(error).strip().rstrip(".")
        error = error.__cause__ or error.__context__
    return ""


def _close(env: Any) -> None:
    try:
        env.close()
    except Exception as error:
        fail(
            f"It cannot be closed: {said(error)}. close ends what there is to end, and "
            "does nothing else: it may come before the first reset, and a second time."
        )

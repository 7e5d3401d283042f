"""`csai train ENVIRONMENT`: a new run, from what was typed and what the preset says."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click
from rich.console import Console

from csai_core.commands import resolver
from csai_core.commands.environment_options import check_env_options
from csai_core.commands.local_modules import allow_local_modules
from csai_core.environments import find_spec
from csai_core.errors import CsaiError
from csai_core.plugins.discovery import OURS
from csai_core.terminal import as_markup
from csai_train.commands import file_argument
from csai_train.commands.algorithm_command import preset_named
from csai_train.commands.attempt import Attempt, is_run
from csai_train.commands.headline import Headline, RandomPlayLine
from csai_train.commands.live_training import progress_of
from csai_train.commands.run_arguments import asking, checkpoint_choice, open_to_play

if TYPE_CHECKING:
    from gymnasium.envs.registration import EnvSpec

    from csai_core.presets import Preset
    from csai_train.training.loop import Training
    from csai_train.training.start import Start
    from csai_train.training.train_file import TrainFile

_STEPS_WITHOUT_PRESET = 100_000
_PASSED_ON = ("seed", "checkpoint_every", "network", "device", "backend", "workers", "start_from")
"""Options that are arguments of `train` by the same names."""


class Plan(NamedTuple):
    """A training as it was typed, and as its preset says."""

    algorithm: str
    environment: str
    """As it was typed."""
    spec: EnvSpec
    run_dir: Path
    settings: dict[str, Any]
    """Other arguments of `train`, callbacks by their names."""
    remark: str
    """What is known of such a training; empty for nothing."""
    has_note: bool
    """Whether what there is to note about the network is said with the headline."""

    def headline(self, what: str) -> str:
        """What is trained, as rich's markup; `what` stands between the algorithm and the environment."""
        algorithm, environment = as_markup(self.algorithm), as_markup(self.environment)
        return f"Training [bold]{algorithm}[/bold] {what} [bold]{environment}[/bold]"


def train_anew(console: Console, attempt: Attempt, plan: Plan) -> Training:
    """Train in a new run, as the options of `csai train` say."""
    from csai_train.training.train import train

    rest = f"; the run is kept in {plan.run_dir}"
    headline = Headline(console, plan.headline("in"), rest, plan.remark, has_note=plan.has_note)
    attempt.run_dir = None if is_run(plan.run_dir) else plan.run_dir
    shown = [RandomPlayLine(console, attempt), progress_of(console, attempt.opened, is_live=attempt.is_live)]
    settings = {**plan.settings, "callbacks": [attempt, headline, *shown, *plan.settings["callbacks"]]}
    return train(plan.algorithm, plan.spec, run_dir=plan.run_dir, **settings)


def planned(ctx: click.Context, subject: str | TrainFile | None, threads: int, given: dict[str, Any]) -> Plan:
    """What is to be trained, as the options of `csai train`, the file and the preset say."""
    from csai_train.runs.directory import reserved_path
    from csai_train.training.train import find_preset, specification

    environment, file = (subject, None) if subject is None or isinstance(subject, str) else (None, subject)
    if file is not None:
        environment = file_argument.fill_in(ctx, file, given)
    start = _start(given)
    if environment is None and start is not None:
        environment = start.run.environment_id
    if environment is None:
        raise click.UsageError("Say where to train, such as: csai train snake")
    allow_local_modules(given["network"] or "")
    wish = _preset(environment, file, given.pop("preset"))
    preset = find_preset(environment, ctx.meta.get("algorithm"), wish, start)
    check_env_options(environment, given["env_options"])
    options = given.pop("env_options") | _view(given.pop("attributes"))
    wrapped = resolver.wrappers(given.pop("wrappers"), environment)
    if file is not None and not wrapped:
        wrapped = asking(lambda: file.wrappers(find_spec(str(environment))))
    spec = specification(environment, preset, start, wrapped, options)
    algorithm = ctx.meta.get("algorithm") or _suitable_algorithm(spec)
    run_dir = given.pop("run_dir") or ctx.with_resource(reserved_path(environment, algorithm))
    total_steps = given.pop("total_steps")
    callbacks = given.pop("callbacks")
    given.pop("algorithm")
    said = {} if file is None else file.config(algorithm)
    given = said | {name: value for name, value in given.items() if value is not None}
    plain = {name: given.pop(name) for name in _PASSED_ON if name in given}
    is_kept = preset is not None and not wrapped and preset.is_kept(total_steps, options, given)
    return Plan(
        algorithm,
        environment,
        spec,
        run_dir,
        settings={
            "total_steps": total_steps or (None if preset else _STEPS_WITHOUT_PRESET),
            "config": given,
            "preset": wish,
            "callbacks": callbacks,
            "threads": threads if file is None else file_argument.threads_of(ctx, file, threads),
            **plain,
        },
        remark=_remark(start, preset if is_kept else None, plain),
        has_note=preset is not None and "network" not in plain,  # otherwise the training warns of it
    )


def _start(given: dict[str, Any]) -> Start | None:
    """What --start-from names, which then stands in `given` as `train` takes it."""
    from csai_train.training.start import Start

    run, which = given.pop("start_from"), given.pop("start_checkpoint")
    if run is None and which is not None:
        raise click.UsageError("--start-checkpoint says which checkpoint of --start-from RUN; give that too.")
    which = 0 if which == "0" else checkpoint_choice(which or "newest")  # 0 is what that run began with
    start = None if run is None else Start.open(open_to_play(run), which)
    given["start_from"] = start
    return start


def _preset(environment: str, file: TrainFile | None, typed: str | None) -> str | None:
    """The preset as `train` takes it; a file says its exact name."""
    if file is not None and typed == file.values.get("preset"):
        return file_argument.wished(typed)
    return preset_named(environment.rpartition(":")[2], typed) or "auto"


def _remark(start: Start | None, preset: Preset | None, plain: Mapping[str, Any]) -> str:
    """What is known of such a training: where it starts from, or what the preset it keeps to has reached."""
    if start is not None:
        return f"It starts from what {start.run.path} had learned after {start.steps:,} steps."
    if preset is None or "network" in plain or not preset.result:
        return ""
    whose = "" if preset.plugin in (*OURS, "") else f", {preset.full_name},"
    return f"Its preset{whose} has reached: {preset.result}"


def _suitable_algorithm(spec: EnvSpec) -> str:
    """The algorithm to try where there is neither a preset nor a wish: the first that takes its spaces.

    Raises:
        CsaiError: if there is none.
    """
    from csai_train.algorithms.registry import suitable
    from csai_train.environments.make import close, make_single

    env = make_single(spec)
    close(env)
    names = suitable(env.observation_space, env.action_space)
    if not names:
        raise CsaiError(
            f"No installed algorithm takes the spaces of {spec.id}: observations in {env.observation_space}, "
            f"actions in {env.action_space}. csai show NAME says what an algorithm takes."
        )
    return names[0]


def _view(attributes: str | None) -> dict[str, Any]:
    """What --attributes says, as a keyword argument."""
    if attributes is None:
        return {}
    names = attributes.split(",")
    return {"attributes": names[0] if len(names) == 1 else tuple(names)}

"""`csai export`: a run as one file, to give away."""

from __future__ import annotations

from pathlib import Path

import click

from csai_core.commands import output
from csai_core.commands.typed import TypedCommand
from csai_core.terminal import as_markup, as_typed
from csai_train.commands.run_arguments import checkpoint_choice, import_option, open_to_play
from csai_train.commands.run_names import run_argument

ONNX = ".onnx"


@click.command("export", cls=TypedCommand)
@run_argument()
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FILE", help="The file. [default: the run's name, .zip]"
)
@click.option(
    "--license", "license_name", metavar="NAME", help="Under which license you give it, such as MIT."
)
@click.option(
    "--onnx",
    "is_onnx",
    is_flag=True,
    help="Write its agent as ONNX instead, for other programs; needs csai-neural[onnx].",
)
@click.option(
    "--checkpoint",
    metavar="WHICH",
    help="With --onnx, which is written: newest, best or a number of steps. [default: newest]",
)
@import_option
def export_command(
    run: Path, out: Path | None, license_name: str | None, is_onnx: bool, checkpoint: str | None
) -> None:
    """Write RUN into one file, which others watch, evaluate and verify without executing any of it.

    It holds the newest and the best checkpoint, the structure of the network, the settings, the curves, and a
    card with its scores and what to type. Whoever gets it types its name in place of RUN.

    With --onnx it is a file for other programs: observations go in as the environment gives them, and a mask
    of actions where they are chosen among some; the action comes out as the environment takes it.
    """
    from csai_train.runs.archive import SUFFIX
    from csai_train.runs.export import export_run

    suffix = ONNX if is_onnx else SUFFIX
    if not is_onnx and checkpoint is not None:
        raise click.UsageError(
            "--checkpoint goes with --onnx; a file to give away has the newest and the best."
        )
    opened = open_to_play(run)
    out = out or Path(f"{opened.path.resolve().name}{suffix}")
    if out.suffix.lower() != suffix:
        raise click.UsageError(f"--out was given {str(out)!r}; it must end in {suffix}.")
    screen = output.console()
    if is_onnx:
        opened.agent(checkpoint_choice(checkpoint or "newest")).export_onnx(out)
        screen.print(f"Wrote {as_markup(out)}, {out.stat().st_size:,} bytes.", soft_wrap=True)
        return
    export_run(opened, out, license_name)
    screen.print(f"Wrote {as_markup(out)}, {out.stat().st_size:,} bytes.", soft_wrap=True)
    screen.print(
        f"{'Watch it anywhere:':<22} [bold]csai watch {as_markup(as_typed(out))}[/bold]", soft_wrap=True
    )

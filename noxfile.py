"""Every check of the project, each in a fresh environment. `nox` runs them all; `nox -s lint` runs one.

The tests of a package run where only that package and what it declares are installed, which proves
the lists of dependencies.
"""

from __future__ import annotations

import pathlib
import shutil

import nox

nox.needs_version = ">=2025.2.9"
nox.options.default_venv_backend = "virtualenv"
nox.options.error_on_missing_interpreters = True

CORE = "./packages/csai-core"
ENVS = "./packages/csai-envs"
NEURAL = "./packages/csai-neural"
TRAIN = "./packages/csai-train"
CLASSIC = "./packages/csai-classic"
ALL = (f"{CORE}[render]", ENVS, NEURAL, TRAIN, CLASSIC)
EXAMPLE = "./examples/csai-lights-out"
PACKAGES = (CORE, ENVS, NEURAL, TRAIN, CLASSIC)
SOURCES = [f"{package.removeprefix('./')}/src" for package in PACKAGES]
TEST_TOOLS = ("pytest", "pytest-timeout", "pytest-xdist", "hypothesis")
TEST_MACHINE = {
    "SDL_VIDEODRIVER": "dummy",
    "SDL_AUDIODRIVER": "dummy",
    "MPLBACKEND": "agg",
    "OMP_NUM_THREADS": "1",  # the tests' networks are too small to share between cores
}


def install(session: nox.Session, *requirements: str) -> None:
    """Install requirements in the versions the project is tested with."""
    session.install("-c", "constraints.txt", *requirements)


def run_tests(session: nox.Session, *arguments: str) -> None:
    """Run pytest on every core, without display or sound, with what follows `--` on nox's command line."""
    session.run("pytest", "--numprocesses=auto", *arguments, *session.posargs, env=TEST_MACHINE)


@nox.session
def lint(session: nox.Session) -> None:
    """Style and format of every Python file."""
    install(session, "ruff")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def imports(session: nox.Session) -> None:
    """Packages depend on each other in the agreed direction only; nothing is imported for this."""
    install(session, "import-linter")
    session.run("lint-imports", "--no-cache", env={"PYTHONPATH": ":".join(SOURCES)})


@nox.session
def types(session: nox.Session) -> None:
    """Strict types in all packages, and in the example."""
    install(session, *ALL, "mypy")
    session.run("mypy", *SOURCES, f"{EXAMPLE}/src")


@nox.session(name="tests-core")
def tests_core(session: nox.Session) -> None:
    """csai-core without torch and without pygame."""
    install(session, CORE, *TEST_TOOLS)
    run_tests(session, "tests/core")


@nox.session(name="tests-envs")
def tests_envs(session: nox.Session) -> None:
    """csai-envs without torch."""
    install(session, f"{CORE}[render]", ENVS, *TEST_TOOLS)
    run_tests(session, "tests/envs")


@nox.session(name="tests-neural")
def tests_neural(session: nox.Session) -> None:
    """csai-neural without pygame."""
    install(session, CORE, NEURAL, *TEST_TOOLS)
    run_tests(session, "tests/neural")


@nox.session(name="tests-train")
def tests_train(session: nox.Session) -> None:
    """csai-train without the games."""
    install(session, CORE, NEURAL, TRAIN, *TEST_TOOLS)
    run_tests(session, "tests/train")


@nox.session(name="tests-classic")
def tests_classic(session: nox.Session) -> None:
    """csai-classic, and every example of the original's documentation; some need torchvision."""
    install(session, f"{CORE}[render]", ENVS, NEURAL, f"{TRAIN}[datasets]", CLASSIC, *TEST_TOOLS)
    run_tests(session, "tests/classic")


@nox.session
def integration(session: nox.Session) -> None:
    """All packages together; tests of csai-core that need pygame or the others run here."""
    install(session, *ALL, *TEST_TOOLS, "hatchling")
    folders = ("commands", "games", "play", "plugins", "shell", "testing", "test_environments_page.py")
    with_games = ("tests/train/commands", "tests/train/environments/test_workers.py")
    run_tests(session, "tests/integration", *(f"tests/core/{each}" for each in folders), *with_games)


@nox.session
def build(session: nox.Session) -> None:
    """Build every package's source archive, and its wheel from that, into dist/."""
    install(session, "build", "hatchling")
    shutil.rmtree("dist", ignore_errors=True)
    for package in PACKAGES:
        session.run("python", "-m", "build", "--no-isolation", "--outdir", "dist", package, silent=True)


@nox.session(requires=["build"])
def plugin_template(session: nox.Session) -> None:
    """The built wheels, where nothing else is: they import, and a new plugin made there passes its tests."""
    install(session, *(str(wheel) for wheel in sorted(pathlib.Path("dist").glob("*.whl"))))
    session.run(
        "python", "-W", "error", "-c", "import csai_core, csai_envs, csai_neural, csai_train, CoderSchoolAI"
    )
    session.run("csai", "list")
    folder = session.create_tmp()
    shutil.rmtree(folder)
    session.run("csai", "new-plugin", "moon-walk", "--into", folder)
    install(session, f"{folder}/moon-walk[test]")
    session.chdir(f"{folder}/moon-walk")
    session.run("pytest", env={**TEST_MACHINE, "CSAI_STRICT_PLUGINS": "1"})


@nox.session
def example_plugin(session: nox.Session) -> None:
    """The plugin in examples/, found by its entry point alone, with csai-core and nothing else of ours."""
    install(session, f"{CORE}[render]", EXAMPLE, *TEST_TOOLS)
    session.chdir(EXAMPLE)
    run_tests(session)


@nox.session(python="3.11", default=False)
def oldest(session: nox.Session) -> None:
    """All packages and extras with the oldest Python, and in the oldest versions, that they declare."""
    extras = (f"{NEURAL}[diagram,onnx]", f"{TRAIN}[datasets,mp4,tensorboard]", "onnxruntime")
    session.install(
        "-c", "constraints-oldest.txt", f"{CORE}[render,testing]", ENVS, CLASSIC, *extras, *TEST_TOOLS
    )
    run_tests(session, "tests/core", "tests/envs", "tests/neural", "tests/train", "tests/classic")


@nox.session(default=False)
def extras(session: nox.Session) -> None:
    """What needs optional packages: diagrams, ONNX, TensorBoard, MP4, torchvision and Stable-Baselines3."""
    extras = (
        f"{NEURAL}[diagram,onnx]",
        f"{TRAIN}[datasets,mp4,tensorboard]",
        "onnxruntime",
        "stable-baselines3",
    )
    install(session, f"{CORE}[render]", ENVS, *extras, *TEST_TOOLS)
    stable_baselines3 = "tests/envs/test_stable_baselines3.py"
    run_tests(
        session,
        "tests/neural",
        "tests/train/runs",
        "tests/train/callbacks",
        "tests/train/evaluation",
        "tests/train/datasets",
        stable_baselines3,
    )


@nox.session(default=False)
def soak(session: nox.Session) -> None:
    """An hour of training, in which nothing may grow; `nox -s soak -- --minutes 2` takes two minutes."""
    install(session, *ALL)
    session.run("python", "benchmarks/soak.py", *session.posargs, env=TEST_MACHINE)


@nox.session(default=False)
def learning(session: nox.Session) -> None:
    """The long proofs: every algorithm learns what it should."""
    install(session, *ALL, *TEST_TOOLS)
    run_tests(session, "tests", "-m", "learning")


@nox.session(default=False)
def mutation(session: nox.Session) -> None:
    """Small changes of the code that must not go unnoticed; about an hour on two cores."""
    install(session, *ALL, *TEST_TOOLS, "mutmut")
    folder = pathlib.Path(session.create_tmp()) / "project"
    shutil.rmtree(folder, ignore_errors=True)
    session.run("python", "tests/mutation", str(folder), env=TEST_MACHINE)

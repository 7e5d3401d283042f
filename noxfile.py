"""Every check of the project, each in a fresh environment. `nox` runs them all; `nox -s lint` runs one.

The tests of a package run where only that package and what it declares are installed, which proves
the lists of dependencies.
"""

from __future__ import annotations

import itertools
import pathlib
import re
import shutil
import tomllib

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
EXAMPLES = [
    f"./{path.parent.as_posix()}" for path in sorted(pathlib.Path("examples").glob("*/pyproject.toml"))
]
TEMPLATE = f"{CORE}/src/csai_core/templates/plugin"
PACKAGES = (CORE, ENVS, NEURAL, TRAIN, CLASSIC)
SOURCES = [f"{package.removeprefix('./')}/src" for package in PACKAGES]
TEST_TOOLS = ("pytest", "pytest-timeout", "pytest-xdist", "hypothesis")
AXE = "4.14.1"
SITE_TOOLS = ("sphinx", "myst-parser", "furo", "sphinx-design", "sphinx-copybutton")
ENVIRONMENTS_OF_OTHERS = (
    *("minigrid", "ale-py", "opencv-python-headless", "gymnasium[mujoco]", "highway-env"),
    *("flappy-bird-gymnasium", "pettingzoo[classic]", "envpool"),
)
TEST_MACHINE = {
    "SDL_VIDEODRIVER": "dummy",
    "SDL_AUDIODRIVER": "dummy",
    "MPLBACKEND": "agg",
    "OMP_NUM_THREADS": "1",  # the tests' networks are too small to share between cores
}


def install(session: nox.Session, *requirements: str) -> None:
    """Install requirements in the versions the project is tested with; Python compiles what is imported."""
    session.install("--no-compile", "-c", "constraints.txt", *requirements)


def tests_that_need_more(folder: str) -> list[str]:
    """The files with tests that are skipped where only what the package declares is installed."""
    asks = re.compile(r"importorskip|importlib\.util\.find_spec")
    needing = [p for p in pathlib.Path(folder).rglob("*.py") if asks.search(p.read_text(encoding="utf-8"))]
    whole = {path.parent for path in needing if path.name == "conftest.py"}
    return sorted(map(str, whole.union(path for path in needing if not whole.intersection(path.parents))))


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
    """Strict types in all packages, and in the examples."""
    install(session, *ALL, "mypy")
    session.run("mypy", *SOURCES, *(f"{example}/src" for example in EXAMPLES))


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
    run_tests(session, "--dist=loadscope", "tests/train")  # what a module has trained is trained once


@nox.session(name="tests-classic")
def tests_classic(session: nox.Session) -> None:
    """csai-classic, and every example of the original's documentation; some need torchvision."""
    install(session, f"{CORE}[render]", ENVS, NEURAL, f"{TRAIN}[datasets]", CLASSIC, *TEST_TOOLS)
    run_tests(session, "tests/classic")


@nox.session
def notebooks(session: nox.Session) -> None:
    """The notebooks in examples/, executed by Jupyter, without a display."""
    install(session, *ALL, "nbclient", "ipykernel")
    session.run("python", "examples/notebooks/execute.py", env=TEST_MACHINE)


def build_site(session: nox.Session, builder: str) -> None:
    """Make the site's pages, and let one of Sphinx's builders read them, into build/site/BUILDER."""
    install(session, *ALL, f"{NEURAL}[diagram]", *SITE_TOOLS)
    session.run("python", "docs/make_site.py", "build/site/pages", env=TEST_MACHINE)
    options = ("--nitpicky", "--fail-on-warning", "--keep-going", "--quiet", "-d", "build/site/doctrees")
    folders = ("build/site/pages", f"build/site/{builder}")
    session.run("sphinx-build", *options, "--builder", builder, *folders, env=TEST_MACHINE)


@nox.session
def docs(session: nox.Session) -> None:
    """The site, into build/site/html; a warning is an error, and so is a name that leads nowhere."""
    build_site(session, "html")


@nox.session(default=False)
def links(session: nox.Session) -> None:
    """Whether the site's links to other hosts lead somewhere, into build/site/linkcheck; needs a network."""
    build_site(session, "linkcheck")


@nox.session(default=False, requires=["docs"])
def site(session: nox.Session) -> None:
    """The site in a real browser, on a phone and wide, light and dark; needs Chromium, its driver and npm."""
    install(session, "selenium")
    folder = session.create_tmp()
    session.run("npm", "install", "--silent", "--prefix", folder, f"axe-core@{AXE}", external=True)
    axe = pathlib.Path(folder) / "node_modules" / "axe-core" / "axe.min.js"
    session.run("python", "docs/check_site.py", "--axe", str(axe), *session.posargs)


@nox.session
def integration(session: nox.Session) -> None:
    """All packages together, and the tests of each that were skipped where only that package is."""
    install(session, *ALL, *TEST_TOOLS, "hatchling")
    packages = (tests_that_need_more(f"tests/{name}") for name in ("core", "envs", "neural", "train"))
    run_tests(session, "tests/integration", "tests/planted", *itertools.chain.from_iterable(packages))


@nox.session
def build(session: nox.Session) -> None:
    """Build every package's source archive, and its wheel from that, into dist/."""
    install(session, "build", "hatchling")
    shutil.rmtree("dist", ignore_errors=True)
    for package in PACKAGES:
        session.run("python", "-m", "build", "--no-isolation", "--outdir", "dist", package, silent=True)


@nox.session(requires=["build"])
def wheels(session: nox.Session) -> None:
    """The built wheels, where nothing else is: they import, and find each other."""
    install(session, *map(str, sorted(pathlib.Path("dist").glob("*.whl"))))
    session.run(
        "python", "-W", "error", "-c", "import csai_core, csai_envs, csai_neural, csai_train, CoderSchoolAI"
    )
    session.run("csai", "list")


@nox.session(requires=["build"])
@nox.parametrize("needs", ["csai-core", "torch"])
def template(session: nox.Session, needs: str) -> None:
    """New plugins, each of one kind, and one of all kinds: no test, type or rule finds a fault in them."""
    kinds = tomllib.loads(pathlib.Path(f"{TEMPLATE}/kinds.toml").read_text(encoding="utf-8"))
    chosen = [name for name, kind in kinds.items() if ("needs" in kind) == (needs == "torch")]
    install(session, "--find-links", "dist", "csai-core", "ruff", "mypy", "pytest")
    folder = pathlib.Path(session.create_tmp()).resolve()
    shutil.rmtree(folder)
    for number, listed in enumerate((*chosen, ",".join(chosen if needs == "csai-core" else kinds))):
        name = f"moon-walk-{number}"
        session.run("csai", "new-plugin", name, "--kind", listed, "--into", str(folder))
        install(session, "--find-links", "dist", str(folder / name))
    for plugin in sorted(folder.iterdir()):
        with session.chdir(plugin):
            session.run("ruff", "check", ".")
            session.run("ruff", "format", "--check", ".")
            session.run("mypy", "--strict", "--cache-dir", str(folder.parent / "mypy"), "src")
            session.run("pytest", env=TEST_MACHINE)


@nox.session(requires=["build"])
@nox.parametrize("folder", EXAMPLES, ids=[pathlib.Path(each).name for each in EXAMPLES])
def example(session: nox.Session, folder: str) -> None:
    """A plugin of examples/ with this checkout and what it needs alone; then the tests that can use more."""
    install(session, "--find-links", "dist", folder, *TEST_TOOLS)
    with session.chdir(folder):
        run_tests(session)
    installed = session.run("pip", "freeze", silent=True)
    install(session, "--find-links", "dist", f"{folder}[test]")
    if session.run("pip", "freeze", silent=True) != installed:
        with session.chdir(folder):
            run_tests(session, *tests_that_need_more("tests"))


@nox.session(python="3.11", default=False)
def oldest(session: nox.Session) -> None:
    """All packages and extras with the oldest Python, and in the oldest versions, that they declare."""
    extras = (f"{NEURAL}[diagram,onnx]", f"{TRAIN}[datasets,mp4,tensorboard,tune]", "onnxruntime")
    session.install(
        "-c", "constraints-oldest.txt", f"{CORE}[render,testing]", ENVS, CLASSIC, *extras, *TEST_TOOLS
    )
    run_tests(session, "tests/core", "tests/envs", "tests/neural", "tests/train", "tests/classic")


@nox.session(default=False)
def extras(session: nox.Session) -> None:
    """What needs optional packages: diagrams, ONNX, TensorBoard, MP4, Optuna and Stable-Baselines3."""
    extras = (
        f"{NEURAL}[diagram,onnx]",
        f"{TRAIN}[datasets,mp4,tensorboard,tune]",
        "onnxruntime",
        "stable-baselines3",
    )
    install(session, f"{CORE}[render]", ENVS, *extras, *TEST_TOOLS)
    peers = (
        "tests/envs/test_stable_baselines3.py",
        "tests/train/algorithms/test_onnx.py",
        "tests/train/commands/test_export.py",
        "tests/train/algorithms/test_beside_stable_baselines3.py",
    )
    run_tests(
        session,
        "tests/neural",
        "tests/train/runs",
        "tests/train/callbacks",
        "tests/train/evaluation",
        "tests/train/datasets",
        "tests/train/tuning",
        "tests/train/commands/test_tune.py",
        *peers,
    )


@nox.session(default=False)
def wild(session: nox.Session) -> None:
    """Environments of others: which of them train, are continued, verified and watched; about ten minutes."""
    install(session, *ALL, *ENVIRONMENTS_OF_OTHERS)
    # Some of them bring pygame, which lies in the same folder as pygame-ce.
    session.run("python", "-m", "pip", "uninstall", "--yes", "--quiet", "pygame", "pygame-ce")
    install(session, "pygame-ce")
    session.run("python", "benchmarks/wild.py", *session.posargs, env=TEST_MACHINE)


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
def planted(session: nox.Session) -> None:
    """Every planted fault, where the tests judge one of 24; about forty minutes on two cores."""
    install(session, *ALL, *TEST_TOOLS)
    run_tests(session, "tests/planted", "-m", "planted or not planted")


@nox.session(default=False)
def published(session: nox.Session) -> None:
    """Every published command at its smallest size, where the tests run one of each script."""
    install(session, *ALL, *TEST_TOOLS)
    run_tests(session, "tests/integration/test_published_commands.py", "-m", "published or not published")


@nox.session(default=False)
def mutation(session: nox.Session) -> None:
    """Small changes of the code that must not go unnoticed; about an hour on two cores."""
    install(session, *ALL, *TEST_TOOLS, "mutmut")
    folder = pathlib.Path(session.create_tmp()) / "project"
    shutil.rmtree(folder, ignore_errors=True)
    session.run("python", "tests/mutation", str(folder), env=TEST_MACHINE)

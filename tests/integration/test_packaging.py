"""The packages as they are published: one version, one license, typed, and pinned to each other.

They are tested with the oldest versions that they declare too.
"""

from __future__ import annotations

import importlib
import itertools
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.version import Version

ROOT = Path(__file__).parents[2]
PACKAGES = {
    "csai-core": "csai_core",
    "csai-envs": "csai_envs",
    "csai-neural": "csai_neural",
    "csai-train": "csai_train",
    "csai-classic": "CoderSchoolAI",
}
"""What is published, and by what name it is imported."""


def project(package):
    return tomllib.loads((ROOT / "packages" / package / "pyproject.toml").read_text())["project"]


@pytest.fixture(scope="module", params=PACKAGES)
def built(request, tmp_path_factory):
    """(package, folder with its wheel and source archive)."""
    pytest.importorskip("hatchling")
    folder = tmp_path_factory.mktemp(request.param)
    command = [sys.executable, "-m", "hatchling", "build", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT / "packages" / request.param, check=True, capture_output=True)
    return request.param, folder


def test_all_have_one_version():
    assert len({project(package)["version"] for package in PACKAGES}) == 1


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_says_its_version(package):
    assert importlib.import_module(PACKAGES[package]).__version__ == project(package)["version"]


@pytest.mark.parametrize("package", PACKAGES)
def test_siblings_are_pinned_to_the_same_version(package):
    siblings = [need for need in project(package)["dependencies"] if need.startswith("csai-")]
    assert all(need.endswith(f"=={project(package)['version']}") for need in siblings), siblings


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_registers_through_the_entry_point_group(package):
    name = package.replace("-", "_")
    assert project(package)["entry-points"]["csai"] == {name: f"{PACKAGES[package]}.hooks"}


def declared():
    """What the packages need of others, extras and build tools included: name -> oldest version."""
    oldest = {}
    for package in PACKAGES:
        described = tomllib.loads((ROOT / "packages" / package / "pyproject.toml").read_text())
        extras = described["project"].get("optional-dependencies", {}).values()
        for need in itertools.chain(
            described["project"]["dependencies"], described["build-system"]["requires"], *extras
        ):
            if not need.startswith("csai-"):
                name, version = re.fullmatch(r"([a-z0-9-]+)(?:\[[a-z]+\])?>=([0-9.]+)", need).groups()
                assert oldest.setdefault(name, version) == version, name
    return oldest


def pinned(file):
    """The versions in a file of constraints: name -> version."""
    return dict(re.findall(r"^([a-z0-9-]+)==([0-9.]+)$", (ROOT / file).read_text(), flags=re.MULTILINE))


def test_tested_versions_satisfy_what_the_packages_declare():
    tested = pinned("constraints.txt")
    for name, oldest in declared().items():
        assert Version(tested[name]) >= Version(oldest), name


def test_the_oldest_versions_are_those_that_the_packages_declare():
    bounds, oldest = declared(), pinned("constraints-oldest.txt")
    tools = oldest.keys() - bounds.keys()
    assert {name: version for name, version in oldest.items() if name not in tools} == bounds
    assert {name: oldest[name] for name in tools}.items() <= pinned("constraints.txt").items()


def test_pre_commit_runs_the_tools_in_the_versions_that_are_tested():
    text = (ROOT / ".pre-commit-config.yaml").read_text()
    tools = re.findall(r"([a-z-]+)==([0-9.]+)", text)
    assert tools
    assert set(tools) <= pinned("constraints.txt").items()


def test_every_python_that_the_packages_allow_is_tested():
    workflow = (ROOT / ".github" / "workflows" / "test.yml").read_text()
    (versions,) = re.findall(r"python: \[(.*)\]", workflow)
    oldest = versions.split(", ")[0].strip('"')
    assert {project(package)["requires-python"] for package in PACKAGES} == {f">={oldest}"}
    assert f'session(python="{oldest}"' in (ROOT / "noxfile.py").read_text()


def test_the_wheel_is_typed_and_licensed(built):
    package, folder = built
    (wheel,) = folder.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert f"{PACKAGES[package]}/py.typed" in names
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)
    assert not [name for name in names if name.startswith("tests/") or name.endswith(".pyc")]


@pytest.mark.parametrize("built", ["csai-core"], indirect=True)
def test_the_wheel_of_core_carries_the_whole_template(built):
    package, folder = built
    template = ROOT / "packages" / package / "src" / "csai_core" / "templates"
    written = {str(path.relative_to(template.parents[1])) for path in template.rglob("*") if path.is_file()}
    (wheel,) = folder.glob("*.whl")
    assert written
    assert written <= set(zipfile.ZipFile(wheel).namelist())


def test_the_source_archive_carries_license_and_readme(built):
    _, folder = built
    (archive,) = folder.glob("*.tar.gz")
    stem = archive.name.removesuffix(".tar.gz")
    with tarfile.open(archive) as contents:
        assert {f"{stem}/LICENSE", f"{stem}/README.md"} <= set(contents.getnames())


def test_all_licenses_are_the_same():
    ours = (ROOT / "LICENSE").read_text()
    assert {(ROOT / "packages" / package / "LICENSE").read_text() for package in PACKAGES} == {ours}

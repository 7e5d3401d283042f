"""The four packages as they are published: one version, one licence, typed, and pinned to each other."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("csai-core", "csai-envs", "csai-neural", "csai-train")


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


def test_all_four_have_one_version():
    assert len({project(package)["version"] for package in PACKAGES}) == 1


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_says_its_version(package):
    assert importlib.import_module(package.replace("-", "_")).__version__ == project(package)["version"]


@pytest.mark.parametrize("package", PACKAGES)
def test_siblings_are_pinned_to_the_same_version(package):
    siblings = [need for need in project(package)["dependencies"] if need.startswith("csai-")]
    assert all(need.endswith(f"=={project(package)['version']}") for need in siblings), siblings


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_registers_through_the_entry_point_group(package):
    name = package.replace("-", "_")
    assert project(package)["entry-points"]["csai"] == {name: f"{name}.hooks"}


def test_tested_versions_satisfy_what_the_packages_declare():
    pinned = dict(
        line.split("==") for line in (ROOT / "constraints.txt").read_text().splitlines() if "==" in line
    )
    declared = {
        re.split(r"[\[<>=]", need)[0]
        for package in PACKAGES
        for need in project(package)["dependencies"]
        if not need.startswith("csai-")
    }
    assert declared <= pinned.keys()


def test_the_wheel_is_typed_and_licensed(built):
    package, folder = built
    (wheel,) = folder.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert f"{package.replace('-', '_')}/py.typed" in names
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


def test_the_source_archive_carries_licence_and_readme(built):
    _, folder = built
    (archive,) = folder.glob("*.tar.gz")
    stem = archive.name.removesuffix(".tar.gz")
    with tarfile.open(archive) as contents:
        assert {f"{stem}/LICENSE", f"{stem}/README.md"} <= set(contents.getnames())


def test_all_licences_are_the_same():
    ours = (ROOT / "LICENSE").read_text()
    assert {(ROOT / "packages" / package / "LICENSE").read_text() for package in PACKAGES} == {ours}

"""constraints.txt is what pip itself makes of our dependencies, with nothing but PyPI to choose from."""

import json
import os
import re
import subprocess
import sys
import tomllib

import pytest

from autograder.course import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
LEARNERS = PROJECT["dependencies"]
STAFF = [
    *LEARNERS,
    *(line for extra in PROJECT["optional-dependencies"].values() for line in extra),
]

LINUX = [
    *(f"manylinux_2_{minor}_x86_64" for minor in range(28, 4, -1)),
    *("manylinux2014_x86_64", "manylinux2010_x86_64", "manylinux1_x86_64"),
]
TARGETS = {
    "Linux, Python 3.11": ("3.11", LINUX, {}, STAFF),
    "Linux, Python 3.12": ("3.12", LINUX, {}, STAFF),
    "Linux, Python 3.13": ("3.13", LINUX, {}, STAFF),
    "macOS": (
        "3.11",
        [f"macosx_{major}_0_arm64" for major in (14, 13, 12, 11)],
        {"sys_platform": "darwin", "platform_system": "Darwin", "platform_machine": "arm64"},
        LEARNERS,
    ),
    "Windows": (
        "3.11",
        ["win_amd64"],
        {
            "sys_platform": "win32",
            "platform_system": "Windows",
            "platform_machine": "AMD64",
            "os_name": "nt",
        },
        LEARNERS,
    ),
}
"""The oldest release of each Python: a package that wants a newer one would shut its users out."""

PIP = """
import json, sys
from pip._vendor.packaging import markers
here, target = markers.default_environment, json.loads(sys.argv.pop(1))
markers.default_environment = lambda: {**here(), **target}
from pip._internal.cli.main import main
sys.exit(main())
"""
"""Pip with the markers of another platform: --platform and --python-version choose files alone."""


def normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def pinned():
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pairs = (line.split("==") for line in lines if "==" in line)
    return {normal(name): version for name, version in pairs}


def start_pip(report, version, platforms, markers, requirements):
    """Ask pip what it would install; it resolves and downloads no packages."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    environment["PIP_CONFIG_FILE"] = os.devnull
    if "PIP_CERT" in os.environ:  # of this machine's way to the index
        environment["PIP_CERT"] = os.environ["PIP_CERT"]
    markers = {"python_version": version, "python_full_version": f"{version}.0", **markers}
    command = [sys.executable, "-c", PIP, json.dumps(markers), "install", "--quiet"]
    command += ["--dry-run", "--ignore-installed", "--report", report, "--retries", "2"]
    command += ["--index-url", "https://pypi.org/simple", "--use-feature", "fast-deps"]
    command += ["--constraint", ROOT / "constraints.txt", "--disable-pip-version-check"]
    command += ["--only-binary", ":all:", "--python-version", version]
    for platform in platforms:
        command += ["--platform", platform]
    return subprocess.Popen(
        [*command, *requirements], env=environment, stderr=subprocess.PIPE, text=True
    )


@pytest.fixture(scope="module")
def installs(tmp_path_factory):
    """What pip would install, by target; they are asked for at once, because pip mostly waits."""
    folder = tmp_path_factory.mktemp("reports")
    reports = {target: folder / f"{number}.json" for number, target in enumerate(TARGETS)}
    started = {target: start_pip(reports[target], *TARGETS[target]) for target in TARGETS}
    said = {target: process.communicate()[1] for target, process in started.items()}
    for target, process in started.items():
        assert process.returncode == 0, (
            f"pip could not resolve for {target} (this test needs to reach PyPI): {said[target]}"
        )
    found = {}
    for target, report in reports.items():
        items = [item["metadata"] for item in json.loads(report.read_text())["install"]]
        found[target] = {normal(item["name"]): item["version"] for item in items}
    return found


@pytest.mark.parametrize("target", TARGETS)
def test_pip_resolves_to_the_pinned_versions(target, installs):
    pins = pinned()

    assert installs[target] == {name: pins.get(name) for name in installs[target]}
    assert {"numpy", "torch", "nbgrader"} <= installs[target].keys()


def test_nothing_is_pinned_that_nobody_installs(installs):
    assert pinned().keys() == set().union(*installs.values())


def test_a_conflict_would_be_found(tmp_path):
    """PyPI's torch asks for one Triton on Linux; another one cannot be resolved."""
    process = start_pip(tmp_path / "report", "3.11", LINUX, {}, ["torch", "triton!=3.7.1"])
    said = process.communicate()[1]

    assert process.returncode != 0
    assert "ResolutionImpossible" in said

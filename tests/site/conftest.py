"""The course's own site, built and served as a reader gets it: in a folder of some host, under Chromium."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.browser import serve

ROOT = Path(__file__).parents[2]


def pages_in_order() -> list[str]:
    """Return the pages that _toc.yml names, as addresses below the site's root."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    chapters = [chapter["file"] for part in toc["parts"] for chapter in part["chapters"]]
    return [f"{name}.html" for name in [toc["root"], *chapters]]


PAGES = pages_in_order()


@pytest.fixture(scope="session")
def site() -> Path:
    """The folder of the built site."""
    command = [sys.executable, ROOT / "website" / "build.py"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout[-4000:] + run.stderr[-4000:]
    return ROOT / "_build" / "html"


@pytest.fixture(scope="session")
def origin(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The origin of a server whose folder /course/ is the site."""
    host = tmp_path_factory.mktemp("host")
    (host / "course").symlink_to(site)
    with serve(host) as address:
        yield address

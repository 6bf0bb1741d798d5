"""The build, on a small book with the real configuration: offline, strict, nothing done twice."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml
from bs4 import BeautifulSoup

from tests.site.conftest import ROOT

NO_NETWORK = """
import socket

def refuse(self, address, *rest):
    raise OSError(f"the build asked for {address}")

socket.socket.connect = socket.socket.connect_ex = refuse
socket.getaddrinfo = refuse
"""
PAGE = """(small-page)=
# A page

[The notebook](../notebooks/01_small/01_small.ipynb) and $x$ {cite:p}`cybenko`.

```{figure-live} sliding_window
:alt: A window slides.
:name: small-figure
The caption.
```

:::{exercise} first, second
:form: derive
Do it.
:::

::::{after} first
The derivation of $y = x$.

:::{worked} With numbers
$1 = 1$.
:::
::::
"""
BROKEN = """# A page

[a page](missing.md) [a label](#missing-label) [elsewhere](../notebooks/01_small/01_small.ipynb#no-heading)
{cite:p}`missing-key`

```{figure-live} missing_figure
:alt: Words.
Caption.
```

```{figure-live} sliding_window
:alt: Words.
:state: {"missing_trait": 1}
Caption.
```

```{figure-live} sliding_window
Caption.
```
"""
BIBLIOGRAPHY = (
    "@article{cybenko, author={Cybenko, G.}, title={Approximation}, journal={MCSS}, year={1989}}"
)
NOTEBOOK = {
    "cells": [
        {
            "cell_type": "markdown",
            "id": "title",
            "metadata": {},
            "source": "# Notebook\n\n[Back](../../book/01_small.md#small-page)",
        },
        {
            "cell_type": "code",
            "id": "answer",
            "metadata": {},
            "execution_count": None,
            "outputs": [],
            "source": "raise NotImplementedError",
        },
    ],
    "metadata": {
        "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}
    },
    "nbformat": 4,
    "nbformat_minor": 5,
}


def write_book(
    folder: Path, *, page: str = PAGE, repository_url: str = "", checks: bool = True
) -> Path:
    """Write a book of one page and one notebook with the course's configuration and extension."""
    configuration = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    configuration["repository"]["url"] = repository_url
    toc = {
        "format": "jb-book",
        "root": "book/01_small",
        "chapters": [{"file": "notebooks/01_small/01_small"}],
    }
    shutil.copytree(
        ROOT / "website", folder / "website", ignore=shutil.ignore_patterns("__pycache__")
    )
    (folder / "book").mkdir()
    (folder / "notebooks" / "01_small").mkdir(parents=True)
    (folder / "_config.yml").write_text(yaml.safe_dump(configuration))
    (folder / "_toc.yml").write_text(yaml.safe_dump(toc))
    (folder / "book" / "references.bib").write_text(BIBLIOGRAPHY)
    bibliography = "\n```{bibliography}\n:all:\n```\n"
    (folder / "book" / "01_small.md").write_text(page + bibliography)
    notebook = folder / "notebooks" / "01_small" / "01_small.ipynb"
    notebook.write_text(json.dumps(NOTEBOOK))
    if checks:
        notebook.with_name("checks.safetensors").write_bytes(b"checks")
    (folder / "no_network").mkdir()
    (folder / "no_network" / "sitecustomize.py").write_text(NO_NETWORK)
    return folder


def build(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Build a book without a network; by default as `make book` does."""
    return subprocess.run(
        command or [sys.executable, "website/build.py"],
        cwd=folder,
        env={"PYTHONPATH": f"no_network:{ROOT}", "NO_COLOR": "1", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )


def launch_links(folder: Path) -> list[str]:
    notebook = folder / "_build" / "html" / "notebooks" / "01_small" / "01_small.html"
    soup = BeautifulSoup(notebook.read_text(encoding="utf-8"), "html.parser")
    links = [link.get("href", "") for link in soup.select(".article-header-buttons a")]
    return [link for link in links if link.startswith("http")]


def test_a_book_builds_without_a_network_and_without_buttons(tmp_path):
    run = build(write_book(tmp_path))
    assert run.returncode == 0, run.stdout + run.stderr
    assert launch_links(tmp_path) == []
    assert (tmp_path / "_build/html/_static/mathjax/tex-chtml.js").is_file()
    assert (tmp_path / "_build/html/_static/figures/sliding_window.mjs").is_file()
    page = BeautifulSoup((tmp_path / "_build/html/book/01_small.html").read_text(), "html.parser")
    folded = page.select_one("details.after")
    assert not folded.has_attr("open")
    assert "After your check of first" in folded.summary.get_text()
    assert folded.select_one(".worked .math")
    assert page.select_one(".exercise > .admonition-title").get_text() == "Derive: first, second"


def test_one_value_sets_every_button(tmp_path):
    run = build(write_book(tmp_path, repository_url="https://github.com/organisation/name"))
    assert run.returncode == 0, run.stdout + run.stderr
    assert launch_links(tmp_path) == [
        "https://mybinder.org/v2/gh/organisation/name/main?urlpath=lab/tree/notebooks/01_small/01_small.ipynb",
        "https://colab.research.google.com/github/organisation/name/blob/main/notebooks/01_small/01_small.ipynb",
        "https://github.com/organisation/name",
        "https://github.com/organisation/name/edit/main/notebooks/01_small/01_small.ipynb",
        "https://github.com/organisation/name/issues/new?title=Issue%20on%20page%20%2Fnotebooks/01_small/01_small.html"
        "&body=Your%20issue%20content%20here.",
    ]


def test_every_fault_of_a_page_is_named_and_fails_the_build_twice(tmp_path):
    write_book(tmp_path, page=BROKEN, checks=False)
    run = build(tmp_path)
    assert run.returncode == 1
    for fault in (
        "missing.md",
        "missing-label",
        "no-heading",
        "missing-key",
        "no interactive figure 'missing_figure'; there are",
        "sliding_window: :state: is an object with keys from",
        "sliding_window: say in :alt: what the figure shows",
        "01_small.ipynb has no checks.safetensors beside it: make release",
    ):
        assert fault in run.stderr, fault
    assert build(tmp_path).returncode == 1


def test_other_builders_print_the_text_alternative(tmp_path):
    write_book(tmp_path)
    command = [Path(sys.executable).with_name("jupyter-book"), "build", ".", "-W", "-n"]
    run = build(tmp_path, *command, "--builder", "custom", "--custom-builder", "text")
    assert run.returncode == 0, run.stdout + run.stderr
    text = (tmp_path / "_build/text/book/01_small.txt").read_text(encoding="utf-8")
    assert "A window slides." in text
    assert "The caption." in text


@pytest.mark.usefixtures("site")
def test_an_unchanged_site_is_not_built_again():
    started = time.monotonic()
    run = subprocess.run(
        [sys.executable, ROOT / "website" / "build.py"], capture_output=True, text=True, check=True
    )
    assert "up to date" in run.stdout
    assert time.monotonic() - started < 10

"""The figures in a real JupyterLab: they appear, keys reach them, Python and page stay in step."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Page

from dlarch.figures import FIGURES
from dlarch.figures.base import FOLDER
from tests.browser import watched_page

CELLS = [
    f"from dlarch.figures import {', '.join(FIGURES.values())}\nimport numpy as np",
    "window = SlidingWindow()\nwindow",
    "def decode(z):\n    return np.full((len(z), 2, 2), (z[:, :1, None] + 3) / 6)\n\n"
    "explorer = LatentExplorer(decode, extent=3, steps=3)\nexplorer",
    "\n".join(
        f"display({name}())"
        for name in FIGURES.values()
        if name not in ("SlidingWindow", "LatentExplorer")
    ),
    "print('in Python:', window.stride, explorer.z[0])",
]
KERNEL = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}


@pytest.fixture
def jupyterlab(tmp_path: Path) -> Iterator[str]:
    """The address of a JupyterLab with one notebook, figures.ipynb."""
    folder = tmp_path / "notebooks"
    folder.mkdir()
    cells = [nbformat.v4.new_code_cell(cell) for cell in CELLS]
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL})
    nbformat.write(notebook, folder / "figures.ipynb")
    runtime = tmp_path / "runtime"
    environment = os.environ | {
        "HOME": str(tmp_path),
        "JUPYTER_RUNTIME_DIR": str(runtime),
        "JUPYTER_CONFIG_DIR": str(tmp_path / "config"),
        "JUPYTERLAB_SETTINGS_DIR": str(tmp_path / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(tmp_path / "workspaces"),
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--port=0"]
    command += ["--IdentityProvider.token=", f"--ServerApp.root_dir={folder}", "--LabApp.news_url="]
    overrides = tmp_path / "lab" / "overrides.d"
    overrides.mkdir(parents=True)
    shutil.copy(FOLDER / "dlarch-figures.json", overrides)
    command += [f"--LabApp.app_settings_dir={overrides.parent}"]
    log = tmp_path / "jupyterlab.log"
    with log.open("w") as output:
        server = subprocess.Popen(
            command, env=environment, stdout=output, stderr=output, cwd=folder
        )
    try:
        deadline = time.monotonic() + 90
        while not (found := list(runtime.glob("jpserver-*.json"))):
            assert server.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.2)
        yield json.loads(found[0].read_text())["url"].rstrip("/")
    finally:
        server.terminate()
        server.wait(timeout=30)


def run_all_cells(page: Page) -> None:
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()


def run_last_cell_until(page: Page, printed: str) -> None:
    page.locator(".jp-Notebook .jp-CodeCell").last.locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    page.locator(".jp-OutputArea-output pre", has_text=printed).wait_for(timeout=30_000)


def test_figures_live_in_jupyterlab(browser, jupyterlab):
    with watched_page(browser, jupyterlab, width_px=1300, height_px=1000) as watched:
        page = watched.page
        page.goto(f"{jupyterlab}/lab/tree/figures.ipynb?reset", timeout=90_000)
        page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=90_000)
        run_all_cells(page)
        for name in FIGURES:
            figure = page.locator(f'[data-figure="{name}"]')
            figure.first.wait_for(state="attached", timeout=60_000)
            assert figure.locator("[data-words]").inner_text()

        window = page.locator('[data-figure="sliding_window"]')
        stride = window.locator('[data-trait="stride"]')
        stride.scroll_into_view_if_needed()
        stride.focus()
        page.keyboard.press("ArrowRight")
        assert stride.input_value() == "2"
        assert window.locator('[data-value="output_size"]').get_attribute("data-exact") == "2"

        explorer = page.locator('[data-figure="latent_explorer"]')
        plane = explorer.get_by_role("application")
        plane.scroll_into_view_if_needed()
        plane.focus()
        before = explorer.locator('[data-value="brightness"]').get_attribute("data-exact")
        for _ in range(4):
            page.keyboard.press("Shift+ArrowRight")
        page.wait_for_function(
            """before => document.querySelector('[data-figure="latent_explorer"] [data-value="brightness"]')
            .dataset.exact !== before""",
            arg=before,
        )
        page.wait_for_function(
            """() => document.querySelector('[data-figure="latent_explorer"] [data-value="brightness"]')
            .dataset.exact === "1" """
        )
        run_last_cell_until(page, "in Python: 2 3")

        page.keyboard.press("Control+s")
        page.get_by_role("menuitem", name="Kernel", exact=True).click()
        page.get_by_role("menuitem", name="Shut Down Kernel", exact=True).click()
        page.get_by_text("Python 3 (ipykernel) | Unknown").or_(
            page.get_by_text("No Kernel | Unknown")
        ).first.wait_for(timeout=30_000)
        page.goto(f"{jupyterlab}/lab/tree/figures.ipynb?reset", timeout=90_000)
        for name in FIGURES:
            figure = page.locator(f'[data-figure="{name}"]')
            figure.first.wait_for(state="attached", timeout=60_000)
        assert page.get_by_text("model not found").count() == 0
        assert window.locator('[data-value="output_size"]').get_attribute("data-exact") == "2"
    assert watched.errors == []
    assert watched.external_requests == []

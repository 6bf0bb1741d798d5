"""nbgrader's buttons in JupyterLab, pressed in a real Chromium."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager, suppress
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import TimeoutError

from autograder.course import ROOT
from autograder.demo import solve
from autograder.release import read_master

CHAPTER = "04_backpropagation"
pytestmark = pytest.mark.browser


@contextmanager
def jupyter_lab(folder: Path, working_directory: Path, settings_folder: Path):
    """Run JupyterLab on `folder`; yield its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    programs = Path(sys.executable).parent
    environment = {
        **os.environ,
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "JUPYTER_CONFIG_DIR": str(settings_folder / "config"),
        "JUPYTER_DATA_DIR": str(settings_folder / "data"),
    }
    options = [
        f"--ServerApp.root_dir={folder}",
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        "--IdentityProvider.token=",
        "--ServerApp.open_browser=False",
        "--ServerApp.allow_root=True",
    ]
    log = (settings_folder / "server.log").open("w")
    server = subprocess.Popen(
        [programs / "jupyter-lab", *options],
        cwd=working_directory,
        env=environment,
        stdout=log,
        stderr=log,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(120):
            try:
                urllib.request.urlopen(f"{address}/api", timeout=1)
                break
            except OSError:
                time.sleep(0.5)
        else:
            raise RuntimeError((settings_folder / "server.log").read_text())
        yield address
    finally:
        server.terminate()
        server.wait(20)
        log.close()


def test_validate_tells_a_learner_what_is_not_written_yet(browser, tmp_path):
    work = tmp_path / "work"
    shutil.copytree(ROOT / "notebooks" / CHAPTER, work)
    with jupyter_lab(work, tmp_path, tmp_path) as address:
        page = browser.new_page()
        page.goto(f"{address}/lab/tree/{CHAPTER}.ipynb")
        page.get_by_role("button", name=re.compile("^Validate$")).click(timeout=60_000)
        dialog = page.locator(".jp-Dialog").filter(has_text="is not written yet")
        dialog.wait_for(timeout=180_000)
        text = dialog.inner_text()

    assert "CheckFailed: neuron_gradients is not written yet" in text
    assert "site-packages" not in text
    assert "Traceback" not in text


def test_a_check_cell_shows_its_table_in_jupyterlab(browser, tmp_path):
    work = tmp_path / "work"
    shutil.copytree(ROOT / "notebooks" / CHAPTER, work)
    path = work / f"{CHAPTER}.ipynb"
    solved = solve(nbformat.read(path, 4), read_master(ROOT / "solutions" / f"{CHAPTER}.py"))
    wanted = ("hidden_delta", "test_hidden_delta")
    imports = nbformat.v4.new_code_cell("import numpy as np\nfrom dlarch import check")
    solved.cells = [imports, *(cell for cell in solved.cells if cell.id in wanted)]
    nbformat.write(solved, path)
    with jupyter_lab(work, tmp_path, tmp_path) as address:
        page = browser.new_page()
        page.goto(f"{address}/lab/tree/{CHAPTER}.ipynb")
        page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=60_000)
        page.get_by_text("Python 3 (ipykernel)").first.wait_for(timeout=60_000)
        page.locator(".jp-Notebook .jp-Cell").first.click()
        table = page.locator(".jp-OutputArea table")
        for _ in range(8):  # a kernel that is still starting drops the request
            page.get_by_role("menuitem", name="Run", exact=True).click()
            page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
            with suppress(TimeoutError):
                table.wait_for(timeout=20_000)
                break
        shown = page.locator(".jp-OutputArea").last.inner_text()

    assert "hidden_delta: passed" in shown
    assert "✓ pass" in shown


def test_formgrader_lists_autogrades_and_shows_a_submission(browser, course, grades, tmp_path):
    score = grades["blaise", CHAPTER].score
    with jupyter_lab(ROOT, ROOT, tmp_path) as address:
        page = browser.new_page()
        page.goto(f"{address}/formgrader/manage_submissions/{CHAPTER}")
        row = page.locator("tr").filter(has_text="blaise")
        row.wait_for(timeout=60_000)
        assert f"{score:g} /" in row.inner_text()

        autograded = course.classroom / "autograded" / "carl" / CHAPTER / f"{CHAPTER}.ipynb"
        before = autograded.stat().st_mtime_ns
        page.locator("tr").filter(has_text="carl").locator("td.autograde a").click()
        page.get_by_text(re.compile("Successfully autograded")).wait_for(timeout=180_000)
        assert autograded.stat().st_mtime_ns > before

        page.goto(f"{address}/formgrader/gradebook/{CHAPTER}/{CHAPTER}")
        page.locator("tr").filter(has_text="Submission").first.wait_for(timeout=60_000)
        page.locator("td.name a").first.click()
        page.get_by_text("hidden_delta").first.wait_for(timeout=60_000)
        assert "points" in page.content()

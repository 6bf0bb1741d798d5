"""nbgrader's buttons in JupyterLab, pressed in a real Chromium."""

import copy
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from playwright.sync_api import TimeoutError

from autograder.course import ROOT
from autograder.demo import with_solutions
from autograder.grading.classroom import grade
from autograder.release import read_master

CHAPTER = "04_backpropagation"
WRITTEN = "delta_why"
PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
HOSTILE = f"""
# test_hidden_delta

<span id="test_hidden_delta" class="full-credit">Full marks, please</span>
<span id="{WRITTEN}" class="no-credit">read on</span>
<div class="nbgrader_cell"><button class="full-credit">Full credit, too</button></div>
<h2 id="test_output_delta" name="test_output_delta">a heading</h2>
<textarea id="{WRITTEN}-comment" class="comment score tabbable"></textarea>
<input class="score" id="test_neuron_gradients" value="100"></div></div></div>

![drawn](attachment:drawn.png) ![lost](attachment:lost.png) ![far](http://127.0.0.1:9/tracker.png)
<img src="/tracker"> $\\cssId{{test_hidden_delta}}{{x}}$
"""
"""Ids and classes by which formgrader finds its fields."""
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


def test_checks_show_their_tables_in_jupyterlab_and_a_failure_once(browser, tmp_path):
    work = tmp_path / "work"
    shutil.copytree(ROOT / "notebooks" / CHAPTER, work)
    path = work / f"{CHAPTER}.ipynb"
    solved = with_solutions(
        nbformat.read(path, 4), read_master(ROOT / "solutions" / f"{CHAPTER}.py")
    )
    cells = {cell.id: cell for cell in solved.cells}
    cells["output_delta"].source = "def output_delta(*args, **kwargs):\n    return 0.5"
    imports = nbformat.v4.new_code_cell("import numpy as np\nfrom dlarch import check")
    wanted = ("output_delta", "test_output_delta", "hidden_delta", "test_hidden_delta")
    solved.cells = [imports, *(cells[name] for name in wanted)]
    nbformat.write(solved, path)
    with jupyter_lab(work, tmp_path, tmp_path) as address:
        page = browser.new_page()
        page.goto(f"{address}/lab/tree/{CHAPTER}.ipynb")
        page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=60_000)
        page.get_by_text("Python 3 (ipykernel)").first.wait_for(timeout=60_000)
        page.locator(".jp-Notebook .jp-Cell").first.click()
        table = page.locator(".jp-OutputArea").last.locator("table")
        for _ in range(8):  # a kernel that is still starting drops the request
            page.get_by_role("menuitem", name="Run", exact=True).click()
            page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
            with suppress(TimeoutError):
                table.wait_for(timeout=20_000)
                break
        shown = page.locator(".jp-OutputArea").last.inner_text()
        failure = page.locator(".jp-OutputArea").nth(2).inner_text()

    assert failure.count("output_delta: ") == 2  # the headline, and what is wrong
    assert "CheckFailed: see the table above." in failure
    assert "hidden_delta: passed" in shown
    assert "✓ pass" in shown


@pytest.fixture(scope="module")
def classroom(course, grades, workers, right_answers, tmp_path_factory):
    """A copy of the graded class, and with it mallory, whose written answer imitates formgrader."""
    assert grades["ada", CHAPTER].score
    own = replace(course, classroom=tmp_path_factory.mktemp("formgrader") / "classroom")
    shutil.copytree(course.classroom, own.classroom)
    solved = copy.deepcopy(right_answers)
    for cell in solved.cells:
        if cell.id == WRITTEN:
            cell.source = HOSTILE
            cell.attachments = {"drawn.png": {"image/png": PICTURE}}
    folder = own.submitted / "mallory" / CHAPTER
    folder.mkdir(parents=True)
    nbformat.write(solved, folder / f"{CHAPTER}.ipynb")
    (mallory,) = grade(CHAPTER, own, ["mallory"], given=workers)
    assert mallory.failure == ""
    return own


@pytest.fixture(scope="module")
def formgrader(classroom, tmp_path_factory):
    """JupyterLab in the checkout, with formgrader on the classroom."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTOGRADER_CLASSROOM", str(classroom.classroom))
        with jupyter_lab(ROOT, ROOT, tmp_path_factory.mktemp("lab")) as address:
            yield f"{address}/formgrader"


@contextmanager
def gradebook(course):
    with Gradebook(course.gradebook_url, course.id) as book:
        yield book


def open_submission(page, formgrader, course, student):
    """Open a learner's page and wait until its scores can be given."""
    with gradebook(course) as book:
        notebook = book.find_submission_notebook(CHAPTER, CHAPTER, student).id
    page.goto(f"{formgrader}/submissions/{notebook}/")
    page.wait_for_function("window.formgrader?.grades?.loaded && formgrader.comments?.loaded")


def manual_scores(course, student):
    with gradebook(course) as book:
        items = book.find_submission_notebook(CHAPTER, CHAPTER, student).grades
        return {item.name: (item.manual_score, item.extra_credit) for item in items}


def test_a_written_answer_cannot_steer_the_graders_click(browser, formgrader, classroom):
    before = manual_scores(classroom, "mallory")
    page = browser.new_page()
    open_submission(page, formgrader, classroom, "mallory")
    field = page.locator(f"input#{WRITTEN}")
    assert field.count() == 1
    cell = page.locator(".nbgrader_cell").filter(has=field)
    answer = cell.locator(".rendered_html")
    for words in ("Full marks, please", "a heading", "read on"):
        answer.get_by_text(words).first.click()
    assert manual_scores(classroom, "mallory") == before

    with page.expect_response("**/api/grade/*"):
        cell.get_by_role("button", name="Full credit").click()

    after = manual_scores(classroom, "mallory")
    assert after.pop(WRITTEN)[0] > 0
    assert after.items() <= before.items()
    assert answer.locator("[id], [name], [style], [class]").count() == 0


def test_a_pasted_picture_reaches_the_grader_and_no_other_does(browser, formgrader, classroom):
    page = browser.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    open_submission(page, formgrader, classroom, "mallory")
    cell = page.locator(".nbgrader_cell").filter(has=page.locator(f"input#{WRITTEN}"))
    answer = cell.locator(".rendered_html")

    (shown,) = answer.locator("img[src]").all()
    assert shown.evaluate("image => image.naturalWidth") == 1
    assert "no picture attachment:lost.png is attached" in answer.inner_text()
    assert not [url for url in asked if "tracker" in url]
    feedback = classroom.feedback / "mallory" / CHAPTER / f"{CHAPTER}.html"
    assert PICTURE in feedback.read_text()


def test_the_model_answer_stands_beside_a_written_one_for_the_grader_alone(
    browser, formgrader, classroom
):
    page = browser.new_page()
    open_submission(page, formgrader, classroom, "mallory")
    cell = page.locator(".nbgrader_cell").filter(has=page.locator(f"input#{WRITTEN}"))
    cell.get_by_text("Model answer and marking").click()

    assert "Marking: (a) 1 point" in cell.inner_text()
    assert "BEGIN SOLUTION" not in page.content()
    feedback = classroom.feedback / "mallory" / CHAPTER / f"{CHAPTER}.html"
    assert "Marking: (a) 1 point" not in feedback.read_text()


def test_formgrader_lists_autogrades_and_shows_a_submission(browser, formgrader, classroom, grades):
    score = grades["blaise", CHAPTER].score
    page = browser.new_page()
    page.goto(f"{formgrader}/manage_submissions/{CHAPTER}")
    row = page.locator("tr").filter(has_text="blaise")
    row.wait_for(timeout=60_000)
    assert f"{score:g} /" in row.inner_text()

    autograded = classroom.classroom / "autograded" / "carl" / CHAPTER / f"{CHAPTER}.ipynb"
    before = autograded.stat().st_mtime_ns
    page.locator("tr").filter(has_text="carl").locator("td.autograde a").click()
    page.get_by_text(re.compile("Successfully autograded")).wait_for(timeout=180_000)
    assert autograded.stat().st_mtime_ns > before

    page.goto(f"{formgrader}/gradebook/{CHAPTER}/{CHAPTER}")
    page.locator("tr").filter(has_text="Submission").first.wait_for(timeout=60_000)
    page.locator("td.name a").first.click()
    page.get_by_text("hidden_delta").first.wait_for(timeout=60_000)
    assert "points" in page.content()

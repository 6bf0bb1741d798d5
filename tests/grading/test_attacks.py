"""The corpus of hostile submissions: none gets points, reaches out of the sandbox, or stops the next."""

import json
from dataclasses import replace
from html.parser import HTMLParser

import nbformat
import pytest
from nbconvert.exporters import HTMLExporter
from nbgrader.api import Gradebook
from nbgrader.server_extensions.formgrader.handlers import template_path

from autograder.demo import write_class
from autograder.grading.classroom import Options, grade
from autograder.grading.learner_process import displayed
from autograder.release import release
from tests.grading.hostile import ALL, CHAPTER, LIMITS, Ground, Lure, load_attacks

CORPUS = load_attacks()
IN_A_CLASS = (
    "disk_gradebook",
    "end_segfault_in_cell",
    "files_link_student",
    "files_link_to_notebook",
    "files_names",
    "files_timestamp",
    "fork_bomb",
    "forged_cell_array",
    "forged_verdict_output",
    "frame_deep",
    "frame_surrogates",
    "hog_numpy",
    "html_exception_type",
    "html_output",
    "html_written_answer",
    "loop_swallowing",
    "notebook_doubled_check",
    "notebook_hidden_grade_ids",
    "notebook_picture",
    "stay_and_write",
)
"""Those that are graded together as a class."""
SEEN_WITHOUT_A_SANDBOX = (
    "disk_lure",
    "disk_solutions",
    "memory_environment",
    "network_abstract_socket",
    "network_loopback",
    "stay_daemon",
    "stay_and_write",
)
"""Those that the ground must notice when the walls are taken away; they write into the lure alone."""
outcomes: dict[str, list[str]] = {}


@pytest.fixture(scope="module")
def place(course, tmp_path_factory):
    """A course with a classroom of its own, in which a small class submitted, and a lure beside it."""
    course = replace(course, classroom=tmp_path_factory.mktemp("attacked"))
    release(CHAPTER, course)
    write_class(CHAPTER, course)
    lure = Lure(tmp_path_factory.mktemp("elsewhere") / "lure")
    yield course, lure
    lure.close()


@pytest.fixture(scope="module")
def ground(place):
    ground = Ground(*place)
    yield ground
    ground.close()


@pytest.mark.parametrize("name", CORPUS)
def test_an_attack_gets_what_honest_grading_gives(ground, name):
    outcomes[name] = ground.attack(CORPUS[name])

    assert not outcomes[name]


def test_none_of_the_attacks_got_anything(capsys, ground):
    """`-s` shows for each attack which wall stopped it."""
    successful = {name: got for name, got in outcomes.items() if got}
    for name, wall in ground.walls.items():
        print(f"{name:<40} {wall[:160]}")
    with capsys.disabled():
        print(f"\n{len(outcomes)} attacks, {len(successful)} got something {successful or ''}")

    assert not successful


def test_without_walls_attacks_are_seen_to_succeed(place, tmp_path):
    course, _ = place
    lure = Lure(tmp_path / "lure")
    course = replace(course, classroom=tmp_path / "classroom")
    write_class(CHAPTER, course)
    ground = Ground(course, lure, isolated=False)
    try:
        unseen = [name for name in SEEN_WITHOUT_A_SANDBOX if not ground.attack(CORPUS[name])]
    finally:
        ground.close()
        lure.close()

    assert not unseen


@pytest.fixture(scope="module")
def attacked_class(place, ground):
    """A dozen attackers and honest learners between them, graded together."""
    course, lure = place
    limits = {**vars(LIMITS), "call_s": 3.0, "cell_s": 5.0, "submission_s": 60.0}
    lines = [f"{name} = {value}" for name, value in limits.items()]
    (course.classroom / "settings.toml").write_text("\n".join(["[limits]", *lines]))
    honest = json.dumps(ground.notebook).encode()
    for number, name in enumerate(IN_A_CLASS):
        work = ground.work()
        CORPUS[name].submit(work)
        work.write(course.submitted / f"{number:02}-{name}" / CHAPTER)
        if number % 3 == 0:
            folder = course.submitted / f"{number:02}-honest" / CHAPTER
            folder.mkdir(parents=True)
            (folder / f"{CHAPTER}.ipynb").write_bytes(honest)
    before, calls = ground.snapshot(), list(lure.calls)
    grades = grade(CHAPTER, course, [], Options(workers=2))
    return {item.student: item for item in grades}, before, ground.snapshot(), calls


def test_in_a_class_everybody_gets_what_they_earned(attacked_class, ground):
    grades, _, _, _ = attacked_class
    checks = {
        cell.id.removeprefix("test_"): cell.points for cell in ground.run.assignment.of("check")
    }
    wrong = {}
    for student, item in grades.items():
        _, _, name = student.partition("-")
        if name in CORPUS:
            fails = set(checks) if CORPUS[name].FAILS == ALL else set(CORPUS[name].FAILS)
        elif name == "honest":
            fails = set()
        else:
            continue
        earned = sum(points for check, points in checks.items() if check not in fails)
        if (item.score or 0.0) != earned:
            wrong[student] = (item.score, earned, item.failure)

    assert len(grades) > len(IN_A_CLASS)
    assert not wrong


def test_in_a_class_the_gradebook_holds_checks_alone(attacked_class, place):
    course, _ = place
    grades, _, _, _ = attacked_class
    with Gradebook(course.gradebook_url, course.id) as gradebook:
        rows = [
            (submission.student.id, cell.name, cell.auto_score, cell.extra_credit, cell.max_score)
            for submission in gradebook.assignment_submissions(CHAPTER)
            for cell in submission.notebooks[0].grades
        ]
        students = {student.id for student in gradebook.students}

    assert students <= set(grades)
    assert len(rows) == len({row[:2] for row in rows})
    assert all((score or 0.0) <= most and not extra for _, _, score, extra, most in rows)


def test_in_a_class_nothing_outside_changes(attacked_class, place):
    course, lure = place
    _, before, after, calls = attacked_class
    graded = {
        str(course.classroom / name) for name in ("autograded", "feedback", "verdicts", "gradebook")
    }
    changed = [
        path for path in before | after
        if before.get(path) != after.get(path) and not path.startswith(tuple(graded))
    ]  # fmt: skip

    assert not changed
    assert calls == lure.calls
    assert lure.process.poll() is None


class Acting(HTMLParser):
    """Collects what acts in the body of a page: scripts, handlers, frames and links to scripts."""

    def __init__(self) -> None:
        super().__init__()
        self.in_body = False
        self.found: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.in_body |= tag == "body"
        values = [(value or "").strip().lower() for _, value in attrs]
        if not self.in_body:
            return
        if (
            tag in ("script", "iframe", "object", "embed", "form", "svg", "link", "base", "meta")
            or any(name.startswith("on") for name, _ in attrs)
            or any(value.startswith(("javascript:", "data:text")) for value in values)
        ):
            self.found.append(self.get_starttag_text())


def acting(page):
    """List what acts in a page."""
    reader = Acting()
    reader.feed(page)
    return reader.found


def test_in_a_class_feedback_pages_hold_nothing_that_acts(attacked_class, place):
    course, _ = place
    pages = list(course.feedback.rglob("*.html"))
    found = {}
    for page in pages:
        if acting(page.read_text()):
            found[page.parent.parent.name] = acting(page.read_text())

    assert len(pages) > len(IN_A_CLASS)
    assert not found


@pytest.mark.parametrize("template", ["classic", "formgrade"])
def test_forged_displays_and_written_answers_hold_nothing_that_acts(course, template):
    evil = (
        '"><script>alert(1)</script><img src=x onerror=alert(1)><a href="javascript:alert(1)">x</a>'
    )
    shown = {
        "stdout": evil + "\x1b[31m" + evil,
        "stderr": evil,
        "outputs": [
            {"text/plain": evil, "image/png": evil, "text/html": evil, "image/svg+xml": evil},
            {"application/javascript": "alert(1)", "text/latex": evil, "text/markdown": evil},
            {"image/png": f"{evil}\n" * 3},
        ],
    }
    outputs = [nbformat.from_dict(item) for item in displayed(shown)]
    written = f"{evil}\n\n[x](javascript:alert(1))\n\n$a<b$ *kept*"
    cells = [
        nbformat.v4.new_code_cell("pass", outputs=outputs),
        nbformat.v4.new_markdown_cell(written, metadata={"nbgrader": {"grade_id": "why"}}),
    ]
    config = course.nbgrader_config()
    config.HTMLExporter.template_name = template
    config.HTMLExporter.extra_template_basedirs = [template_path]
    exporter = HTMLExporter(config=config)

    def page(cells):
        notebook = nbformat.v4.new_notebook(cells=cells)
        resources = {"index": 0, "total": 1, "inlining": {"css": []}}
        return exporter.from_notebook_node(notebook, resources)[0]

    assert "<em>kept</em>" in page(cells)
    assert acting(page(cells)) == acting(page([]))

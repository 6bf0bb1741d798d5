"""The instructor's page says what gradebook and verdicts say; Moodle and Canvas can import the CSV files."""

import csv
import json
import os
import shutil
import statistics
import subprocess
import sys
from dataclasses import replace

import pytest
from bs4 import BeautifulSoup
from nbgrader.api import Gradebook

from autograder.cli import main
from autograder.course import ROOT
from autograder.grading import sandbox
from autograder.grading.export import (
    FORMULA_STARTS,
    CanvasExportPlugin,
    MoodleExportPlugin,
    final_score,
)
from autograder.grading.report import NothingGradedError, read_report, render, write_report
from autograder.grading.sandbox import describe
from autograder.grading.verdicts import Result, VerdictStore
from dlarch.verdict import Verdict
from tests.browser import serve, watched_page
from tests.grading.test_similarity import ORIGINAL

CHAPTER = "04_backpropagation"
HOSTILE_ID = "<img src=x onerror=alert(1)>"
HOSTILE_TEXT = "</code></table><script>alert('2')</script>{{ 7 * 7 }}&lt;"
FORMULA = 'HYPERLINK("//localhost/"&A1)'
LATE = 2.25


@pytest.fixture
def classroom(grades, course, tmp_path):
    """A copy of the graded class, so that a test may change it."""
    assert grades["ada", CHAPTER].result
    shutil.copytree(course.classroom, tmp_path / "classroom")
    return replace(course, classroom=tmp_path / "classroom")


@pytest.fixture
def gradebook(classroom):
    with Gradebook(classroom.gradebook_url, classroom.id) as gradebook:
        yield gradebook


@pytest.fixture
def store(classroom):
    return VerdictStore(CHAPTER, classroom)


def record(store, gradebook, student, **changes):
    """Let a learner have a result of a grading run."""
    result = replace(store.results()["ada"], key=f"made-up-{student.encode().hex()}", **changes)
    store.write(result)
    store.record(student, result.key, "", "")
    gradebook.update_or_create_student(student)
    with gradebook.db.no_autoflush:
        gradebook.update_or_create_submission(CHAPTER, student)


def page_of(classroom):
    return BeautifulSoup(render(read_report(CHAPTER, classroom)), "html.parser")


def rows(page, table):
    """Give the cells of a table's body, line by line."""
    lines = page.find(id=table).find("tbody").find_all("tr")
    return [[cell.get_text().strip() for cell in line.find_all(["th", "td"])] for line in lines]


def exported(plugin, gradebook, path, **settings):
    plugin(to=str(path), assignment=[CHAPTER], **settings).export(gradebook)
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file, strict=True)
        lines = list(reader)
    return reader.fieldnames, lines


def submit_late(gradebook, student):
    submission = gradebook.find_submission(CHAPTER, student)
    submission.notebooks[0].late_submission_penalty = LATE
    gradebook.db.commit()
    gradebook.db.expire_all()


def test_every_learners_scores_are_the_gradebooks(classroom, gradebook):
    submit_late(gradebook, "blaise")

    page = page_of(classroom)

    submissions = gradebook.find_assignment(CHAPTER).submissions
    shown = {line[0]: [float(value) for value in line[2:5]] for line in rows(page, "learners")}
    assert shown == {
        item.student_id: pytest.approx(
            [item.score, item.late_submission_penalty, final_score(item)]
        )
        for item in submissions
    }
    assert shown["blaise"][1:] == [LATE, shown["blaise"][0] - LATE]
    numbers = [float(number.get_text()) for number in page.select(".numbers b")]
    finals = [final_score(item) for item in submissions]
    assert numbers[3:] == pytest.approx(
        [statistics.fmean(finals), statistics.median(finals)], abs=0.05
    )


def test_pass_rates_and_mean_points_are_those_of_verdicts_and_gradebook(classroom, gradebook):
    results = read_report(CHAPTER, classroom).results
    page = page_of(classroom)

    shown = {line[0]: line[2:] for line in rows(page, "exercises")}
    assert list(shown) == [verdict.id for verdict in results["ada"].verdicts]
    for check, (passed, rate, points) in shown.items():
        statuses = [
            v.status for result in results.values() for v in result.verdicts if v.id == check
        ]
        scores = [
            gradebook.find_grade(f"test_{check}", CHAPTER, CHAPTER, student).score
            for student in results
        ]
        assert passed == f"{statuses.count('pass')} of {len(statuses)}"
        assert int(rate[:-2]) == round(100 * statuses.count("pass") / len(statuses))
        assert float(points.split()[0]) == pytest.approx(statistics.fmean(scores), abs=0.01)


def test_a_manual_score_counts_in_the_mean_points(classroom, gradebook):
    before = read_report(CHAPTER, classroom).exercises[0]
    grade = gradebook.find_grade(f"test_{before.id}", CHAPTER, CHAPTER, "carl")
    grade.manual_score = before.max_points
    gradebook.db.commit()

    after = read_report(CHAPTER, classroom).exercises[0]

    assert after.pass_rate == before.pass_rate
    assert after.mean_points == pytest.approx(before.mean_points + before.max_points / before.count)


def test_the_most_frequent_mistake_comes_first_with_all_who_made_it(classroom, gradebook, store):
    made = [verdict for verdict in store.results()["blaise"].verdicts if verdict.mistake]
    record(store, gradebook, "eve", verdicts=made[-1:])
    record(store, gradebook, "mallory", verdicts=made[-2:])

    mistakes = page_of(classroom).select(".mistakes li")

    times = ["3", "2", *["1"] * (len(made) - 2)]
    assert [item.find(class_="times").contents[0] for item in mistakes] == times
    assert mistakes[0].code.get_text() == f"{made[-1].id}: {made[-1].mistake}"
    assert made[-1].message in mistakes[0].get_text()
    assert made[-1].section in mistakes[0].get_text()
    assert [name.get_text() for name in mistakes[0].find_all("bdi")] == ["blaise", "eve", "mallory"]
    assert [name.get_text() for name in mistakes[1].find_all("bdi")] == ["blaise", "mallory"]


def test_other_failures_are_counted_by_status(classroom, gradebook, store):
    first = store.results()["ada"].verdicts[0]
    for student, status in (("eve", "timeout"), ("mallory", "timeout"), ("trudy", "fail")):
        record(store, gradebook, student, verdicts=[replace(first, status=status, points=0.0)])
    named = replace(first, status="fail", points=0.0, mistake="a_mistake")
    record(store, gradebook, "walter", verdicts=[named])

    page = page_of(classroom)

    head = [cell.get_text() for cell in page.find(id="failures").thead.find_all("th")]
    line = dict(zip(head, rows(page, "failures")[0], strict=True))
    assert line["check"] == first.id
    assert line["timeout"] == "2"
    assert line["unnamed"] == "1"
    assert "memory" not in head


def test_failed_submissions_have_their_reason(classroom):
    (classroom.submitted / "nobody" / CHAPTER).mkdir(parents=True)
    shutil.copytree(classroom.submitted / "ada", classroom.submitted / "fresh")
    (classroom.submitted / "tricky").mkdir()
    (classroom.submitted / "tricky" / CHAPTER).symlink_to(classroom.submitted / "ada" / CHAPTER)

    page = page_of(classroom)
    reasons = dict(rows(page, "failed"))

    assert "damaged" in reasons["emil"]
    assert all("not graded yet" in reasons[who] for who in ("nobody", "fresh", "tricky"))
    submitted, graded, failed = (int(n.get_text()) for n in page.select(".numbers b")[:3])
    assert submitted == len(list(classroom.submitted.glob(f"*/{CHAPTER}")))
    assert (graded, failed) == (submitted - len(reasons), len(reasons))


def test_written_answers_wait_until_they_are_graded(classroom, gradebook):
    waiting = {line[0]: int(line[2]) for line in rows(page_of(classroom), "waiting")}
    cell, count = next(iter(waiting.items()))
    grade = gradebook.find_grade(cell, CHAPTER, CHAPTER, "ada")
    grade.manual_score, grade.needs_manual_grade = 1.0, False
    gradebook.db.commit()

    assert count >= 2
    again = {line[0]: int(line[2]) for line in rows(page_of(classroom), "waiting")}
    assert again == {**waiting, cell: count - 1}


def test_the_slowest_submission_comes_first_with_its_stages(classroom, gradebook, store):
    record(store, gradebook, "eve", seconds={"fork": 1.5, "run": 60.25})

    assert rows(page_of(classroom), "slowest")[0] == ["eve", "61.75", "run 60.25, fork 1.50"]


def test_a_submission_without_sandbox_is_announced_loudly(classroom, gradebook, store):
    assert page_of(classroom).find(class_="alarm") is None

    record(store, gradebook, "eve", sandbox=describe(False))

    alarm = page_of(classroom).find(class_="alarm").get_text()
    assert "WITHOUT A SANDBOX" in alarm
    assert "eve" in alarm
    assert "ada" not in alarm


def test_a_processor_without_a_filter_is_announced_by_run_and_report(
    classroom, gradebook, store, monkeypatch
):
    here = describe(True)
    monkeypatch.setattr(sandbox.platform, "machine", lambda: "riscv64")
    record(store, gradebook, "eve", sandbox=describe(True))
    alarm = page_of(classroom).find(class_="alarm").get_text()

    assert "NO FILTER of system calls, there is none for riscv64" in describe(True)
    assert "NO FILTER" not in here
    assert "WITHOUT A FILTER" in alarm
    assert "eve" in alarm
    assert "ada" not in alarm


def test_the_header_says_how_it_was_graded(classroom, store):
    header = page_of(classroom).header.get_text()
    ada = store.results()["ada"]

    for fact in (CHAPTER, ada.sandbox, ada.backend, ada.salt):
        assert fact
        assert fact in header


@pytest.mark.parametrize("highest", [27.0, 100.0, 101.5])
def test_every_score_is_in_one_bar(classroom, gradebook, highest):
    grade = gradebook.find_grade("test_neuron_gradients", CHAPTER, CHAPTER, "ada")
    grade.extra_credit = highest - gradebook.find_submission(CHAPTER, "ada").score
    gradebook.db.commit()

    report = read_report(CHAPTER, classroom)

    assert sum(bar.count for bar in report.bars) == len(report.learners)
    assert len(report.bars) <= 14
    assert report.bars[-1].end >= highest == max(learner.final for learner in report.learners)
    for learner in report.learners:
        assert any(bar.count and bar.start <= learner.final <= bar.end for bar in report.bars), (
            learner
        )


def hostile(classroom, gradebook, store):
    verdict = Verdict(HOSTILE_TEXT, 0.0, 1.0, "fail", HOSTILE_TEXT, HOSTILE_TEXT, HOSTILE_TEXT)
    record(
        store,
        gradebook,
        HOSTILE_ID,
        verdicts=[verdict],
        notes=[HOSTILE_TEXT],
        seconds={HOSTILE_TEXT: 1000.0},
        sandbox=HOSTILE_TEXT,
    )
    gradebook.update_or_create_student(HOSTILE_ID, first_name=HOSTILE_TEXT, last_name=HOSTILE_ID)
    broken = Result("broken", CHAPTER, [], failure=HOSTILE_TEXT)
    store.write(broken)
    store.record(f"{HOSTILE_ID}2", "broken", "", "")


def test_hostile_names_and_messages_stay_text(classroom, gradebook, store):
    tags = {tag.name for tag in page_of(classroom).find_all()}
    hostile(classroom, gradebook, store)

    page = page_of(classroom)

    assert {tag.name for tag in page.find_all()} <= tags | {"details", "summary"}
    assert page.get_text().count(HOSTILE_TEXT) >= 8
    assert page.get_text().count(HOSTILE_ID) >= 4
    assert page.find(id="slowest").find("bdi").get_text() == HOSTILE_ID


def test_the_page_has_no_script_and_asks_for_nothing(classroom, gradebook, store):
    hostile(classroom, gradebook, store)
    page = page_of(classroom)

    assert page.find_all(["script", "link", "img", "iframe", "object", "embed", "a", "form"]) == []
    for tag in page.find_all():
        names = {name.lower() for name in tag.attrs}
        assert names.isdisjoint({"src", "href", "xlink:href", "action", "srcset"}), tag
        assert not any(name.startswith("on") for name in names), tag
    style = page.style.get_text()
    assert "url(" not in style
    assert "@import" not in style
    policy = page.find("meta", {"http-equiv": "Content-Security-Policy"})["content"]
    assert policy.startswith("default-src 'none'")


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fits_narrow_and_wide_windows(
    browser, classroom, gradebook, store, tmp_path, scheme
):
    hostile(classroom, gradebook, store)
    write_report(CHAPTER, classroom, tmp_path)

    with serve(tmp_path) as origin:
        for width in (1000, 500):
            with watched_page(browser, origin, width_px=width, color_scheme=scheme) as watched:
                watched.page.goto(f"{origin}/report.html")
                wide = watched.page.evaluate("document.documentElement.scrollWidth")
                ground = watched.page.evaluate("getComputedStyle(document.body).backgroundColor")
                assert wide == width
                assert ground == {"light": "rgb(255, 255, 255)", "dark": "rgb(13, 17, 23)"}[scheme]
                assert watched.external_requests == []
                assert [error for error in watched.errors if "favicon" not in error] == []


def test_moodles_file_has_a_line_for_each_learner(classroom, gradebook, tmp_path):
    gradebook.update_or_create_student("ada", first_name="Ada, Countess", last_name='Lovelace "L"')
    gradebook.update_or_create_student("zoë", first_name="Zoë", last_name="Åse\nLine")
    submit_late(gradebook, "blaise")
    blaise = gradebook.find_submission(CHAPTER, "blaise")

    headings, lines = exported(MoodleExportPlugin, gradebook, tmp_path / "moodle.csv")

    assert headings == ["Username", "First name", "Last name", CHAPTER]
    found = {line["Username"]: line for line in lines}
    assert list(found) == sorted(student.id for student in gradebook.students)
    assert found["ada"]["First name"] == "Ada, Countess"
    assert found["ada"]["Last name"] == 'Lovelace "L"'
    assert found["zoë"]["Last name"] == "Åse Line"
    assert found["zoë"][CHAPTER] == "-"
    assert float(found["blaise"][CHAPTER]) == blaise.score - LATE
    assert float(found["carl"][CHAPTER]) == 0


def test_a_late_penalty_never_takes_a_score_below_zero(gradebook, tmp_path):
    submit_late(gradebook, "carl")

    _, lines = exported(MoodleExportPlugin, gradebook, tmp_path / "moodle.csv")

    assert {line["Username"]: line[CHAPTER] for line in lines}["carl"] == "0.00"


def test_moodle_is_given_no_identifying_column_with_blanks(gradebook, tmp_path):
    """Moodle gives the grades of a line with a blank one to the learner of the line before."""
    students = gradebook.students
    for number, student in enumerate(students, start=1):
        gradebook.update_or_create_student(
            student.id, email=f"{number}@example.org", lms_user_id=str(number)
        )
    complete, _ = exported(MoodleExportPlugin, gradebook, tmp_path / "moodle.csv")
    gradebook.update_or_create_student(students[0].id, email="", lms_user_id="2")
    incomplete, _ = exported(MoodleExportPlugin, gradebook, tmp_path / "moodle.csv")

    assert complete[:3] == ["Username", "ID number", "Email address"]
    assert incomplete[:2] == ["Username", "First name"]


def test_canvas_file_has_the_points_and_a_line_for_each_learner(gradebook, tmp_path):
    gradebook.update_or_create_student(
        "ada", first_name="Ada", last_name="Lovelace", lms_user_id="42"
    )
    gradebook.update_or_create_student("zoë")
    column = "Backpropagation, by hand (4711)"

    headings, lines = exported(
        CanvasExportPlugin, gradebook, tmp_path / "canvas.csv", columns={CHAPTER: column}
    )

    assert headings == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", column]
    points, *learners = lines
    assert points["Student"].strip() == "Points Possible"
    assert float(points[column]) == gradebook.find_assignment(CHAPTER).max_score
    found = {line["SIS Login ID"]: line for line in learners}
    assert list(found) == sorted(student.id for student in gradebook.students)
    assert (found["ada"]["Student"], found["ada"]["ID"]) == ("Lovelace, Ada", "42")
    assert found["zoë"][column] == ""
    for student in ("ada", "blaise", "carl"):
        assert float(found[student][column]) == gradebook.find_submission(CHAPTER, student).score


def test_canvas_learners_can_be_known_by_another_id(gradebook, tmp_path):
    _, lines = exported(
        CanvasExportPlugin, gradebook, tmp_path / "canvas.csv", identifier="SIS User ID"
    )

    assert "ada" in [line["SIS User ID"] for line in lines]
    assert {line["SIS Login ID"] for line in lines} == {""}


def test_no_learner_can_be_taken_for_canvas_line_of_points(gradebook, tmp_path):
    gradebook.update_or_create_student("eve", first_name="Points Possible")

    _, lines = exported(CanvasExportPlugin, gradebook, tmp_path / "canvas.csv")

    assert ["Points Possible" in line["Student"] for line in lines].count(True) == 1


@pytest.mark.parametrize("plugin", [MoodleExportPlugin, CanvasExportPlugin])
def test_no_cell_is_a_formula(gradebook, tmp_path, plugin):
    for number, start in enumerate((*FORMULA_STARTS, "\t=", "\r\n=", " =")):
        name = f"{start}{FORMULA}"
        gradebook.update_or_create_student(f"{name}{number}", first_name=name, last_name=name)

    _, lines = exported(plugin, gradebook, tmp_path / "grades.csv")

    cells = [cell for line in lines for cell in line.values()]
    assert sum(FORMULA in cell for cell in cells) >= 2 * len(FORMULA_STARTS)
    assert [
        cell for cell in cells if cell != "-" and cell.lstrip().startswith(FORMULA_STARTS)
    ] == []


def test_the_report_and_nbgraders_export_write_the_same(classroom, tmp_path):
    _, moodle, canvas = write_report(CHAPTER, classroom)
    names = {"MoodleExportPlugin": moodle, "CanvasExportPlugin": canvas}

    for name, written in names.items():
        subprocess.run(
            [sys.executable, "-m", "nbgrader", "export", f"--to={tmp_path / name}",
             f"--exporter=autograder.grading.export.{name}", f'--assignment=["{CHAPTER}"]'],
            cwd=ROOT,
            env={**os.environ, "AUTOGRADER_CLASSROOM": str(classroom.classroom)},
            check=True,
            capture_output=True,
        )  # fmt: skip
        assert (tmp_path / name).read_bytes() == written.read_bytes()


def test_the_command_writes_three_files_that_only_the_instructor_can_read(
    classroom, tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("AUTOGRADER_CLASSROOM", str(classroom.classroom))

    with pytest.raises(SystemExit) as done:
        main(["report", CHAPTER, "--output", str(tmp_path / "out"), "--canvas-column", "B (7)"])

    assert done.value.code == 0
    shown = capsys.readouterr().out
    files = sorted((tmp_path / "out").iterdir())
    assert [file.name for file in files] == ["canvas.csv", "moodle.csv", "report.html"]
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert files[0].read_text().splitlines()[0].endswith(",B (7)")
    assert all(f"wrote {file}" in shown for file in files)


def test_nothing_graded_is_said(course, tmp_path, monkeypatch, capsys):
    empty = replace(course, classroom=tmp_path)
    with pytest.raises(NothingGradedError, match="autograder grade"):
        read_report(CHAPTER, empty)
    monkeypatch.setenv("AUTOGRADER_CLASSROOM", str(tmp_path))

    with pytest.raises(SystemExit) as done:
        main(["report", CHAPTER])

    assert done.value.code == 1
    assert "autograder grade" in capsys.readouterr().err


def test_a_terms_totals_are_the_sums_and_the_roster_says_for_whom(
    classroom, gradebook, capsys, monkeypatch
):
    monkeypatch.setenv("AUTOGRADER_CLASSROOM", str(classroom.classroom))
    (classroom.classroom / "roster.csv").write_text("id\nada\nblaise\nzoe\n")
    with pytest.raises(SystemExit, match="0"):
        main(["report", "--term"])
    path = classroom.classroom / "reports" / "term" / "totals.csv"
    with path.open(encoding="utf-8", newline="") as file:
        lines = {line["learner"]: line for line in csv.DictReader(file)}
    with pytest.raises(SystemExit, match="0"):
        main(["report", CHAPTER])
    page = (classroom.classroom / "reports" / CHAPTER / "report.html").read_text()

    assert set(lines) == {"", "ada", "blaise"}
    for learner in ("ada", "blaise"):
        scores = [
            final_score(item)
            for assignment in gradebook.assignments
            for item in assignment.submissions
            if item.student_id == learner
        ]
        assert float(lines[learner]["total"]) == pytest.approx(sum(scores), abs=0.01)
        assert int(lines[learner]["handed in"]) == len(scores)
    assert "not final" in capsys.readouterr().out
    assert "These scores are not final" in page
    assert BeautifulSoup(page, "html.parser").find(id="attendance").get_text().count("zoe") == 1


def test_similar_answers_are_a_hint_with_names_and_exercises(classroom):
    before = page_of(classroom).find(id="similar")
    for learner in ("ada", "dorothy"):
        path = classroom.classroom / "autograded" / learner / CHAPTER / f"{CHAPTER}.ipynb"
        notebook = json.loads(path.read_text())
        (cell,) = (cell for cell in notebook["cells"] if cell["id"] == "mlp_gradients")
        cell["source"] = ORIGINAL
        path.write_text(json.dumps(notebook))

    assert before is None
    assert rows(page_of(classroom), "similar") == [["ada, dorothy", "mlp_gradients 100 %"]]

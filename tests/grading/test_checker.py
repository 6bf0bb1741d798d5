"""The learner's code in the sandbox, the score outside it."""

import json
import os
import signal
from dataclasses import replace

import nbformat
import pytest

from autograder.grading.checker import grade
from autograder.grading.explanation import explain
from autograder.grading.limits import Limits
from autograder.grading.sandbox import Session
from autograder.grading.workers import grade_all
from dlarch.importer import import_notebook

QUICK = Limits(call_s=3, cell_s=5, memory_mib=512)


@pytest.fixture
def graded(run, references, processes, solved):
    """Grade the solved notebook after some answers were replaced; verdicts by check."""

    def grade_with(limits=QUICK, extra=(), **answers):
        for cell in solved.cells:
            if cell.id in answers:
                cell.source = answers[cell.id]
        content = json.loads(nbformat.writes(solved))
        content["cells"] += [
            {"cell_type": "code", "id": f"mine-{i}", "metadata": {}, "source": source}
            for i, source in enumerate(extra)
        ]
        submission = import_notebook(json.dumps(content).encode(), run.assignment)
        job = replace(run.job(submission), limits=limits)
        return {verdict.id: verdict for verdict in grade(job, references, processes).verdicts}

    return grade_with


def answer(name, body):
    return f"import numpy as np\ndef {name}(*args, **kwargs):\n    {body}\n"


def test_right_answers_get_all_points(graded, run):
    verdicts = graded()

    assert {verdict.status for verdict in verdicts.values()} == {"pass"}
    assert sum(verdict.points for verdict in verdicts.values()) == sum(
        cell.points for cell in run.assignment.of("check")
    )


def test_each_way_to_fail_has_its_status_and_costs_no_other_check(graded):
    verdicts = graded(
        output_delta=answer("output_delta", "import os; os._exit(1)"),
        hidden_delta=answer("hidden_delta", "while True: pass"),
        activation_backward=answer("activation_backward", "return bytearray(1 << 33)"),
        gradient_norms=answer("gradient_norms", "raise NotImplementedError"),
        neuron_gradients=answer("neuron_gradients", "return 1 / 0"),
        linear_backward="def linear_backward(:",
        gradient_check="gradient_check = 3",
    )
    status = {name: verdict.status for name, verdict in verdicts.items()}

    assert status["output_delta"] == "crash"
    assert status["hidden_delta"] == "timeout"
    assert status["activation_backward"] == "memory"
    assert status["gradient_norms"] == "missing"
    assert status["neuron_gradients"] == "error"
    assert status["linear_backward_db"] == "error"
    assert "SyntaxError" in verdicts["linear_backward_db"].message
    assert "not a function" in verdicts["gradient_check"].message
    assert status["softmax_cross_entropy_backward"] == "pass"


def test_a_kill_from_outside_costs_nothing(graded, monkeypatch):
    """The first session that is asked to run something is killed, as the system does it out of memory."""
    ask, killed = Session.ask, []

    def killing(session, operation, seconds, **content):
        if operation == "run" and not killed:
            killed.append(session.watchdog.first_pid)
            os.kill(session.watchdog.first_pid, signal.SIGKILL)
        return ask(session, operation, seconds, **content)

    monkeypatch.setattr(Session, "ask", killing)
    verdicts = graded()

    assert killed
    assert {verdict.status for verdict in verdicts.values()} == {"pass"}


SPINNING = """
import os
def output_delta(h, t, activation):
    for _ in range(12):
        if os.fork() == 0:
            os.setsid()
            while True:
                pass
    while True:
        pass
"""


def test_a_neighbour_who_spins_costs_nobody_a_point(run, references, workers, solved):
    """Both are graded at the same time; the honest answer needs half of its processor time."""
    solved.cells = [cell for cell in solved.cells if cell.id != "gradient_check"]

    def job(name, source):
        content = nbformat.from_dict(solved)
        for cell in content.cells:
            if cell.id == name:
                cell.source = source(cell.source)
        made = run.job(import_notebook(nbformat.writes(content).encode(), run.assignment))
        cells = [cell for cell in made.cells if cell.kind != "check" or cell.exercise == name]
        return replace(made, cells=tuple(cells), limits=replace(QUICK, call_s=2, cell_s=2))

    slow = "import time\nend = time.process_time() + 1\nwhile time.process_time() < end: pass\n"
    jobs = {
        "mallory": job("output_delta", lambda _: SPINNING),
        "ada": job("hidden_delta", lambda source: source + "\n" + slow),
    }
    found = dict(grade_all(workers, jobs, run.references()))

    assert {verdict.status for verdict in found["ada"].verdicts} == {"pass"}
    (spinning,) = found["mallory"].verdicts
    assert spinning.status == "timeout", spinning.message


def test_noise_costs_nothing(graded, solved):
    source = next(cell.source for cell in solved.cells if cell.id == "hidden_delta")
    lines = source.splitlines()
    start = next(i for i, line in enumerate(lines) if line.rstrip().endswith('"""') and i > 0)
    lines.insert(
        start + 1,
        "    import sys, warnings, matplotlib.pyplot as plt\n"
        "    print('x' * 100_000); print('warning', file=sys.stderr)\n"
        "    warnings.warn('careful'); plt.figure()",
    )

    assert graded(hidden_delta="\n".join(lines))["hidden_delta"].status == "pass"


def test_cells_that_only_show_something_are_not_run(graded):
    verdicts = graded(extra=["import time; time.sleep(100)", "import os; os._exit(1)"])

    assert {verdict.status for verdict in verdicts.values()} == {"pass"}


def test_run_all_runs_them(run, references, processes, solved):
    everything = replace(run, run_all=True)
    content = json.loads(nbformat.writes(solved))
    content["cells"].insert(
        2, {"cell_type": "code", "id": "mine", "metadata": {}, "source": "helper = 1 / 0"}
    )
    job = everything.job(import_notebook(json.dumps(content).encode(), run.assignment))

    assert "helper = 1 / 0" in [cell.source for cell in job.cells]
    assert any(cell.kind == "shown" for cell in job.cells)


def test_a_name_from_a_cell_that_is_not_run_is_explained(graded):
    verdicts = graded(
        hidden_delta=answer("hidden_delta", "return helper()"),
        extra=[
            "helper, np = (lambda: 1), None"
        ],  # np is the course's: the importer leaves this out
    )

    assert "define helper in the cell" in verdicts["hidden_delta"].message


def test_a_check_of_the_learners_own_never_fails_an_answer_cell(graded, solved):
    source = next(cell.source for cell in solved.cells if cell.id == "hidden_delta")

    assert graded(hidden_delta=f"{source}\ncheck(hidden_delta)\n")["hidden_delta"].status == "pass"


def test_a_forbidden_name_is_read_from_the_source_not_asked_of_the_process(
    run, references, processes, solved
):
    forbidding = replace(references.expectation("hidden_delta"), forbids=("einsum",))

    class Forbidding:
        exercises = references.exercises

        def expectation(self, name):
            return forbidding if name == "hidden_delta" else references.expectation(name)

    for cell in solved.cells:
        if cell.id == "hidden_delta":
            cell.source += "\nimport numpy\ndef helper(): return numpy.einsum\n"
            cell.source = cell.source.replace("    return", "    helper()\n    return", 1)
    job = run.job(import_notebook(nbformat.writes(solved).encode(), run.assignment))
    verdicts = {item.id: item for item in grade(job, Forbidding(), processes).verdicts}

    assert "uses einsum" in verdicts["hidden_delta"].message
    assert verdicts["output_delta"].status == "pass"


def test_torch_is_not_there_for_an_exercise_that_does_without(processes, run):
    sandbox = processes.sandbox(run.assignment.preload(), False, True)
    session = sandbox.session(QUICK)
    try:
        answer = session.ask("cell", 10, source="import torch")
    finally:
        session.end()

    assert answer["error"] == "ModuleNotFoundError"


def test_staff_code_and_other_work_are_not_there(processes, run):
    session = processes.sandbox(run.assignment.preload(), True, True).session(QUICK)
    try:
        imported = session.ask("cell", 10, source="import autograder")
        listed = session.ask(
            "cell", 10, source=f"import os\nprint(os.listdir({str(run.course.root)!r}))"
        )
    finally:
        session.end()

    assert imported["error"] == "ModuleNotFoundError"
    assert "solutions" not in listed["stdout"]
    assert "classroom" not in listed["stdout"]


def test_an_instructor_can_see_inputs_results_and_reference(grades, course):
    assert grades["blaise", "04_backpropagation"].mistakes
    text = explain("04_backpropagation", "blaise", course)

    assert "hidden_delta: fail" in text
    assert "slope_dropped" in text
    assert "expected" in text
    assert "delta_next = " in text or " = array(" in text


def test_unchanged_work_keeps_its_result_under_another_salt(run, solved):
    submission = import_notebook(nbformat.writes(solved).encode(), run.assignment)
    other = replace(run)
    other.salt = "another"

    assert other.seed != run.seed
    assert other.key(submission) == run.key(submission)

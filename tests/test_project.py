"""The project's own promises: one list of dependencies, commands that exist, clean code."""

import ast
import re
import subprocess
import sys
import tomllib
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
import yaml

from autograder import sources
from autograder.course import ROOT
from autograder.doctor import examine

COMMANDS_OF_TESTS = {
    "make demo": "tests/grading/test_demo.py",
    "make test": ".ci/run",
    "make lab": "tests/test_project.py",
    "make release": "tests/test_project.py",
    "make grade CHAPTER=04_backpropagation": "tests/test_project.py",
    "make book": "tests/test_project.py",
    "make student": "tests/test_project.py",
    "make bench": "tests/test_project.py",
    "make test-gpu": "tests/test_project.py",
}
"""Where each of the README's make commands is run."""


def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def pinned():
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    return dict(line.lower().split("==") for line in lines if "==" in line)


def requirements():
    extras = project()["optional-dependencies"]
    for line in [*project()["dependencies"], *extras["staff"], *extras["test"]]:
        yield re.match(r"[\w.-]+", line)[0].lower(), line


def test_every_dependency_is_pinned():
    from packaging.requirements import Requirement

    versions = {re.sub(r"[-_.]+", "-", name): version for name, version in pinned().items()}
    for name, line in requirements():
        version = versions[re.sub(r"[-_.]+", "-", name)]
        assert Requirement(line).specifier.contains(version), line
    assert versions["torch"] == "2.13.0"


def test_environment_yml_installs_the_same_packages():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    (pip,) = [item["pip"] for item in environment["dependencies"] if isinstance(item, dict)]
    plain = [item for item in environment["dependencies"] if isinstance(item, str)]

    assert pip == ["-c constraints.txt", "-e .[staff,test]"]
    assert plain == ["python=3.11", "pip", "make"]
    makefile = (ROOT / "Makefile").read_text()
    assert "-c constraints.txt" in makefile
    assert "-e '.[staff,test]'" in makefile


def test_environment_ymls_pip_part_installs(tmp_path):
    """The pip part, as conda hands it to pip: everything is there already, in these very versions."""
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    (pip,) = [item["pip"] for item in environment["dependencies"] if isinstance(item, dict)]
    file = ROOT / "build" / "environment-pip.txt"
    file.parent.mkdir(exist_ok=True)
    file.write_text("\n".join(pip).replace("-c ", f"-c {ROOT}/").replace("-e .", f"-e {ROOT}"))
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--dry-run",
        "--no-build-isolation",
        "-r",
        file,
    ]
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)

    assert run.returncode == 0, run.stderr
    would = [line for line in run.stdout.splitlines() if line.startswith("Would install")]
    assert [re.sub(r"deep-learning-architectures-\S+", "", line) for line in would] in (
        [],
        ["Would install "],
    )


def test_readme_names_no_command_that_no_test_runs():
    readme = (ROOT / "README.md").read_text()
    blocks = re.findall(r"```sh\n(.*?)```", readme, re.S)
    commands = [line.split("  #")[0].strip() for block in blocks for line in block.splitlines()]
    commands = {line for line in commands if line.startswith("make ")}

    assert commands <= COMMANDS_OF_TESTS.keys()
    for command, file in COMMANDS_OF_TESTS.items():
        target = command.split()[1]
        text = (ROOT / file).read_text().replace(f'"{command}":', "")
        assert re.search(rf'"{target}"|exec make {target}\b', text), (
            f"{file} does not run {command}"
        )


@pytest.mark.parametrize("target", ["release", "student"])
def test_make_target_finishes_when_nothing_changed(target, monkeypatch, tmp_path):
    monkeypatch.setenv("AUTOGRADER_CLASSROOM", str(tmp_path))
    run = subprocess.run(["make", target], cwd=ROOT, capture_output=True, text=True, check=False)

    assert run.returncode == 0, run.stdout + run.stderr


def test_make_grade_works_on_an_empty_classroom(monkeypatch, tmp_path):
    monkeypatch.setenv("AUTOGRADER_CLASSROOM", str(tmp_path))
    command = ["make", "grade", "CHAPTER=04_backpropagation"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert run.returncode == 0, run.stdout + run.stderr
    assert "learner" in run.stdout


def test_make_lab_starts_jupyterlab_on_the_learners_copies():
    command = ["make", "lab", "LAB_OPTIONS=--version"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert run.returncode == 0, run.stdout + run.stderr
    assert (ROOT / "work" / "04_backpropagation" / "04_backpropagation.ipynb").is_file()


def test_make_book_runs_the_build_that_the_demo_runs():
    command = ["make", "--dry-run", "--no-print-directory", "book"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines()[-1].endswith("/python website/build.py")


def test_make_bench_and_test_gpu_say_what_they_need_without_a_gpu():
    import torch

    if torch.cuda.is_available():
        return
    bench = subprocess.run(["make", "bench"], cwd=ROOT, capture_output=True, text=True, check=False)
    kernels = subprocess.run(
        ["make", "test-gpu"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert bench.returncode != 0
    assert "GPU" in bench.stdout + bench.stderr
    assert "skipped" in kernels.stdout


def test_doctor_names_every_part_and_a_remedy_for_what_is_missing():
    findings = {finding.part: finding for finding in examine()}

    assert set(findings) == {
        *("Python", "venv", "torch", "Triton", "GPU", "nbgrader", "distributed", "settings"),
        *("disk", "network", "browser", "PostgreSQL", "sandbox"),
    }
    for finding in findings.values():
        assert finding.state
        assert finding.fine or finding.remedy
    assert findings["browser"].fine
    assert findings["sandbox"].fine


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("sandbox.find_bubblewrap", lambda: None, "not installed"),
        ("sandbox.find_bubblewrap", lambda: Path("/bin/false"), "did not start"),
        ("selftest.private_places", lambda course: [Path("/usr")], "can read"),
    ],
)
def test_doctor_finds_a_sandbox_that_is_not_there_or_leaks(monkeypatch, name, value, says):
    monkeypatch.setattr(f"autograder.grading.{name}", value)
    (finding,) = [item for item in examine() if item.part == "sandbox"]

    assert not finding.fine
    assert says in finding.state
    assert finding.remedy
    assert not finding.needed


def test_unknown_chapter_is_one_clear_line():
    command = [sys.executable, "-m", "autograder", "grade", "99_nothing"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)

    assert run.returncode == 2
    assert "no such chapter" in run.stderr.splitlines()[-1]


@pytest.mark.parametrize("command", [["check"], ["format", "--check"]], ids=" ".join)
def test_ruff_finds_nothing(command):
    run = subprocess.run(
        [sys.executable, "-m", "ruff", *command, "."],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stdout


@pytest.mark.parametrize("package", ["dlarch", "autograder", "autograder.exercise"])
def test_imports_are_light(package):
    heavy = "('torch', 'triton', 'matplotlib', 'IPython')"
    code = f"import sys, {package}; print([name for name in {heavy} if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert run.stdout.strip() == "[]"


def test_the_learners_package_never_imports_the_staffs():
    for path in (ROOT / "dlarch").rglob("*.py"):
        assert not re.search(r"(import|from) autograder", path.read_text()), path


def test_modules_do_not_import_each_other_in_a_circle():
    """In grading, imports inside functions count too; elsewhere they do not, made when they run."""
    imported = {}
    for path in (ROOT / "autograder").rglob("*.py"):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        tree = ast.parse(path.read_text())
        counted = ast.walk(tree) if module.startswith("autograder.grading.") else tree.body
        names = sources._imports(
            "\n".join(
                ast.unparse(node) for node in counted
                if isinstance(node, ast.Import | ast.ImportFrom)
            )
        )  # fmt: skip
        imported[module] = {name if sources._file(name) else of for name, of in names} - {module}

    assert "autograder.grading.learner_process" in imported["autograder.grading.checker"]
    TopologicalSorter(imported).prepare()  # raises CycleError, which names the circle


@pytest.mark.parametrize("package", ["dlarch", "autograder"])
def test_a_public_function_without_types_or_docstring_is_found(package):
    command = [sys.executable, "-m", "ruff", "check", "--stdin-filename", f"{package}/new.py", "-"]
    source = '"""A module."""\n\n\ndef public(x):\n    return x\n'
    run = subprocess.run(
        command, cwd=ROOT, input=source, capture_output=True, text=True, check=False
    )

    assert {"D103", "ANN001", "ANN201"} <= set(re.findall(r"[A-Z]+\d{3}", run.stdout))


def test_tests_of_a_group_run_on_one_worker(request):
    """Where pytest ignores the group that pytest-xdist writes behind an id, every fixture is made twice."""
    if getattr(request.config.option, "loadgroup", False):
        assert request.node.nodeid.endswith("@test_project.py")

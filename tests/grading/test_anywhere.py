"""The sandbox from anywhere: wherever checkout, environment and Python lie, and for any account."""

import json
import os
import pwd
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

import pytest

from autograder.course import ROOT
from autograder.grading.mounts import find_package_folders

ROOT_ACCOUNT = os.getuid() == 0
HOMES = Path("/home") if ROOT_ACCOUNT else Path.home()
ACCOUNTS = ["own", "ordinary"] if ROOT_ACCOUNT else ["own"]
"""Root tries an ordinary account too; for an ordinary account, its own is one."""
OURS = ("autograder", "dlarch")

LOOK = """
import os, sys
written = []
for folder in ["/", "/home", *sys.path]:
    try:
        open(os.path.join(folder, "written"), "w").close()
        written.append(folder)
    except OSError:
        pass
sys.modules.pop("torch", None)
try:
    import torch
    has_torch = True
except ImportError:
    has_torch = False
import json, numpy
print(json.dumps({
    "folders": {folder: sorted(os.listdir(folder)) for folder in ("/home", "/home/learner", "/tmp")},
    "staff": [folder for folder in sys.path if os.path.exists(os.path.join(folder, "autograder", "cli.py"))],
    "written": written,
    "torch": has_torch,
}))
"""

PROBE = """
import json, sys
from pathlib import Path
from autograder.course import ROOT, Course
from autograder.grading.limits import Limits
from autograder.grading.sandbox import Sandbox
from autograder.grading.selftest import find_leaks, private_places

look, torch, *private = sys.argv[1:]
sandbox = Sandbox(torch=torch == "torch")
session = sandbox.session(Limits())
seen = session.ask("cell", 60.0, source=look)
session.end()
leaks = find_leaks(sandbox, [*private_places(Course.here()), *map(Path, private)])
sandbox.close()
print(json.dumps({"root": str(ROOT), "leaks": leaks, "error": seen["detail"], **json.loads(seen["stdout"])}))
"""


def places():
    """List where a checkout may lie, as parent and path in it, of what this account may write to."""
    for parent in dict.fromkeys([HOMES, Path("/tmp"), Path("/opt")]):
        try:
            Path(tempfile.mkdtemp(dir=parent)).rmdir()
        except OSError:
            continue
        yield parent, "course"
    yield HOMES, "Größe und Maß/le cours"


def open_to_all(path):
    return all(parent.stat().st_mode & 0o001 for parent in path.parents)


def link_or_copy(source, target):
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


@pytest.fixture(scope="module")
def folder_in():
    """Makes folders that every account can reach, and removes them at the end."""
    made = []

    def make(parent):
        made.append(Path(tempfile.mkdtemp(prefix="anna-", dir=parent)))
        made[-1].chmod(0o755)
        return made[-1]

    yield make
    for folder in made:
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def python_in_a_home(folder_in):
    """A copy of the interpreter with its library, as pyenv, uv and conda put one into a home."""
    home = folder_in(HOMES) / ".python"
    base = Path(sys.base_prefix).resolve()
    executable = home / "bin" / "python3"
    executable.parent.mkdir(parents=True)
    shutil.copy2(Path(sys._base_executable).resolve(), executable)
    library = Path(sysconfig.get_path("stdlib")).resolve()
    unneeded = shutil.ignore_patterns("*-packages", "test", "idlelib", "config-*", "__pycache__")
    shutil.copytree(library, home / library.relative_to(base), ignore=unneeded)
    for shared in base.glob("lib*/libpython*.so*"):
        shutil.copy2(shared, home / shared.relative_to(base))
    return executable


@pytest.fixture(scope="module")
def packages(folder_in):
    """The installed packages, where every account can read them."""
    folders = find_package_folders()
    if ACCOUNTS == ["own"] or all(map(open_to_all, folders)):
        return folders
    copies = []
    for folder in folders:
        copies.append(folder_in(folder.parent if open_to_all(folder.parent) else "/tmp") / "copied")
        shutil.copytree(folder, copies[-1], copy_function=link_or_copy, symlinks=True)
    return copies


def make_checkout(folder):
    """Copy both packages, as a clone has them."""
    folder.mkdir(parents=True)
    for name in OURS:
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, folder / name, ignore=ignore)
    (folder / "classroom").mkdir()
    (folder / "classroom" / "secret").write_text("of the staff")
    (folder / "solutions").mkdir()
    return folder


def make_environment(folder, python, packages, checkout, editable=True):
    """Make a virtual environment whose packages are links to the installed ones."""
    subprocess.run([python, "-m", "venv", "--without-pip", folder], check=True)
    (place,) = folder.glob("lib/python3*/site-packages")
    for installed in packages:
        for entry in installed.iterdir():
            if (
                "deep_learning_architectures" not in entry.name
                and not (place / entry.name).exists()
            ):
                (place / entry.name).symlink_to(entry)
    if editable:
        (place / "course.pth").write_text(f"{checkout}\n")
    else:
        for name in OURS:
            shutil.copytree(checkout / name, place / name)
    return folder / "bin" / "python"


def look_inside(python, account, home, torch="none", private=()):
    """Make a sandbox with an environment's Python as an account; give what was seen inside."""
    as_account = []
    if account == "ordinary":
        nobody = pwd.getpwnam("nobody")
        identity = [f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups"]
        as_account = ["setpriv", *identity, "--"]
    library = python.resolve().parent.parent / "lib"
    run = subprocess.run(
        [*as_account, python, "-c", PROBE, LOOK, torch, *map(str, private)],
        env={"PATH": "/usr/bin:/bin", "HOME": str(home), "LD_LIBRARY_PATH": str(library)},
        cwd=home,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def assert_closed(seen, checkout):
    assert Path(seen["root"]).resolve() == checkout.resolve()
    assert seen["leaks"] == []
    assert seen["folders"] == {"/home": ["learner"], "/home/learner": [], "/tmp": []}
    assert seen["staff"] == []
    assert seen["written"] == []


@pytest.fixture(params=ACCOUNTS)
def account(request):
    return request.param


@pytest.fixture
def python(account, request):
    """The interpreter below the environment: root's own may lie where nobody else can read it."""
    if account == "own":
        return Path(sys._base_executable)
    return request.getfixturevalue("python_in_a_home")


@pytest.mark.parametrize(("parent", "name"), list(places()), ids=str)
def test_checkout_and_environment_lie(parent, name, account, python, packages, folder_in):
    home = folder_in(parent)
    checkout = make_checkout(home / name)
    own = make_environment(checkout / ".venv", python, packages, checkout)
    seen = look_inside(own, account, home, private=[home, checkout, checkout / "classroom/secret"])

    assert_closed(seen, checkout)
    assert not seen["torch"]


def test_python_itself_lies_in_a_home(account, python_in_a_home, packages, folder_in):
    home = folder_in(HOMES)
    checkout = make_checkout(home / "course")
    own = make_environment(home / "environment", python_in_a_home, packages, checkout)

    assert_closed(look_inside(own, account, home), checkout)


@pytest.mark.parametrize("editable", [True, False], ids=["in place", "installed"])
def test_all_is_reached_by_a_symbolic_link(editable, account, python, packages, folder_in):
    real, home = folder_in("/tmp"), folder_in(HOMES)
    checkout = make_checkout(real / "course")
    own = make_environment(real / "environment", python, packages, checkout, editable)
    (home / "link").symlink_to(real)
    linked = home / "link" / own.relative_to(real)
    seen = look_inside(linked, account, home)

    root = checkout if editable else next(own.parent.parent.glob("lib/python3*/site-packages"))
    assert_closed(seen, root)
    assert not seen["torch"]


def test_torch_is_there_where_a_task_allows_it(python_in_a_home, packages, folder_in):
    home = folder_in("/tmp")
    checkout = make_checkout(home / "course")
    own = make_environment(home / "environment", python_in_a_home, packages, checkout)

    assert look_inside(own, ACCOUNTS[-1], home, "torch")["torch"]

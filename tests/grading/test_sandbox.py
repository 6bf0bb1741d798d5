"""The sandbox tests itself, and grading refuses one that leaks."""

import os
import shutil
import time
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.grading import mounts
from autograder.grading import sandbox as sandbox_module
from autograder.grading.classroom import Options, grade
from autograder.grading.pipeline import result_of
from autograder.grading.sandbox import NoSandboxError, Sandbox
from autograder.grading.selftest import LeakError, find_leaks, refuse_leaks
from autograder.grading.warm_processes import WarmProcesses

CHAPTER = "04_backpropagation"


def wait_until(condition, seconds=10):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.fixture
def private(run):
    return run.private()


def test_a_closed_sandbox_has_no_leaks(processes, run, private):
    assert find_leaks(processes.sandbox(run.assignment.preload(), True, True), private) == []


def test_without_walls_every_question_is_answered_yes(private):
    open_one = Sandbox(("numpy",), isolated=False)
    try:
        leaks = " ".join(find_leaks(open_one, private))
    finally:
        open_one.close()

    for part in ("can read", "reaches a socket", "sees other processes", "can write to"):
        assert part in leaks


BROKEN = {
    "namespaces of children": (
        ("system_calls.py", "0x7E020000", "0"),
        ("isolation.py", 'Path("/proc/sys/user/max_user_namespaces").write_text("0")', "None"),
        "children can have namespaces",
    ),
    "memory": (
        ("isolation.py", "memory_bytes + held[0]", "resource.RLIM_INFINITY"),
        ("isolation.py", "ADDRESSES * memory_bytes + held[1]", "resource.RLIM_INFINITY"),
        "no limit on memory",
    ),
    "process namespace": (
        ("isolation.py", "    | 0x20000000  # processes\n", ""),
        "shares its process namespace",
    ),
    "filter": (("zygote.py", "system_calls.refuse()", "None"), "not filtered"),
    "one call allowed": (
        ("system_calls.py", "brk 12 214,", "brk 12 214, unshare 272 97,"),
        "call unshare",
    ),
    "all sockets": (
        ("system_calls.py", "socketpair 53 199,", "socketpair 53 199, socket 41 198,"),
        "VSOCK",
    ),
    "shared memory": (
        ("system_calls.py", "SHARED, ANONYMOUS = 0x01", "SHARED, ANONYMOUS = 0"),
        "no process holds",
    ),
    "leases": (
        (
            "system_calls.py",
            "SET_LEASE, NOTIFY, SET_PIPE_SIZE = 1024",
            "SET_LEASE, NOTIFY, SET_PIPE_SIZE = 0",
        ),
        "hold up writes",
    ),
    "locks": (("system_calls.py", "LOCKS = (6,", "LOCKS = (0,"), "lock parts of a file"),
    "/dev/zero": (
        ("isolation.py", '_mount("/dev/null", "/dev/zero", None, MS_BIND)', "None"),
        "/dev/zero",
    ),
    "privileges": (("zygote.py", "isolation.drop_privileges()", "None"), "has capabilities"),
    "bounding set": (
        ("isolation.py", "_libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)", "None"),
        "given capabilities",
    ),
    "processor time": (
        ("isolation.py", "RLIMIT_CPU: cpu_s", "RLIMIT_CPU: resource.RLIM_INFINITY"),
        "processor time",
    ),
    "files": (("isolation.py", "FSIZE: file_bytes", "FSIZE: resource.RLIM_INFINITY"), "files"),
    "processes": (("isolation.py", "NPROC: processes", "NPROC: processes + 1000"), "processes"),
    "core dumps": (("isolation.py", "CORE: 0", "CORE: 1 << 20"), "core dumps"),
    "open files": (("isolation.py", "NOFILE: 64", "NOFILE: 1 << 10"), "open files"),
    "disk": (("isolation.py", "size={disk_bytes}", "size=1g"), "no limit on /tmp"),
}
"""What takes a wall away, file by file: what stands there and what does instead; and what is then found."""


@pytest.mark.parametrize("wall", BROKEN)
def test_a_wall_that_is_missing_is_found(wall, private, monkeypatch, tmp_path):
    *changes, found = BROKEN[wall]
    sandboxed = shutil.copytree(mounts.SANDBOXED, tmp_path / "sandboxed")
    for name, stands, instead in changes:
        source = (sandboxed / name).read_text()
        assert source.count(stands) == 1
        (sandboxed / name).write_text(source.replace(stands, instead))
    monkeypatch.setattr(mounts, "SANDBOXED", sandboxed)
    broken = Sandbox(("numpy",))
    try:
        with pytest.raises(LeakError, match=found):
            refuse_leaks(broken, private)
    finally:
        broken.close()


@pytest.mark.parametrize("folder", ["solutions", "tests", "build", "autograder/exercises"])
def test_a_folder_of_the_staffs_is_found_under_any_path(folder, run, private, monkeypatch):
    hidden = run.course.root / folder
    with_more(monkeypatch, "--ro-bind", str(hidden.parent), "/opt/elsewhere")
    open_one = Sandbox(("numpy",))
    try:
        with pytest.raises(LeakError, match=f"can read {hidden} as /opt/elsewhere/{hidden.name}"):
            refuse_leaks(open_one, private)
    finally:
        open_one.close()


def test_a_folder_that_can_be_written_is_found(private, monkeypatch, tmp_path):
    with_more(monkeypatch, "--bind", str(tmp_path), "/opt/elsewhere")
    open_one = Sandbox(("numpy",))
    try:
        with pytest.raises(LeakError, match="can write to /opt/elsewhere"):
            refuse_leaks(open_one, private)
    finally:
        open_one.close()

    assert list(tmp_path.iterdir()) == []


def with_more(monkeypatch, *more_options):
    """Give sandboxes further mounts, before bubblewrap makes the root read-only."""
    made = sandbox_module.subprocess.Popen

    def popen(command, **more):
        at = command.index("--remount-ro") if "--remount-ro" in command else len(command)
        options = more_options if at < len(command) else ()  # another program than the sandbox
        return made([*command[:at], *options, *command[at:]], **more)

    monkeypatch.setattr(sandbox_module.subprocess, "Popen", popen)


def test_libraries_that_look_for_torch_work_where_it_is_ruled_out(processes, run):
    source = """
import numpy as np, scipy.special, scipy.stats, scipy.signal, sklearn.linear_model
print(scipy.special.log_softmax(np.zeros(2))[0], scipy.special.logsumexp(np.zeros(2)))
try:
    import torch
except ModuleNotFoundError as error:
    print(error.name)
"""
    session = processes.sandbox(run.assignment.preload(), False, True).session(run.limits)
    try:
        answer = session.ask("cell", 60, source=source)
    finally:
        session.end()

    assert answer["error"] is None, answer
    assert answer["stdout"].split() == ["-0.6931471805599453", "0.6931471805599453", "torch"]


def test_one_folder_too_many_is_found(private, monkeypatch):
    monkeypatch.setattr(mounts, "SYSTEM", (*mounts.SYSTEM, "/etc/passwd"))
    leaky = Sandbox(("numpy",))
    try:
        with pytest.raises(LeakError, match="can read"):
            refuse_leaks(leaky, [*private, Path("/etc/passwd")])
    finally:
        leaky.close()


def test_grading_refuses_where_no_sandbox_can_be_made(monkeypatch, run, grades):
    assert grades["ada", CHAPTER].score
    monkeypatch.setattr(sandbox_module, "find_bubblewrap", lambda: None)
    stranger = replace(run, run_all=True)
    processes = WarmProcesses()

    with pytest.raises(NoSandboxError, match="--no-sandbox"):
        result_of(stranger, run.path_of("ada"), processes)


def test_without_a_sandbox_every_report_says_so(course, grades):
    score = grades["ada", CHAPTER].score
    (ada,) = grade(CHAPTER, course, ["ada"], Options(isolated=False))

    assert ada.score == score
    assert "NO SANDBOX" in ada.result.sandbox
    grade(CHAPTER, course, ["ada"])


def test_sessions_leave_no_process_and_no_descriptor(processes, run):
    sandbox = processes.sandbox(run.assignment.preload(), True, True)
    descriptors = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        session = sandbox.session(run.limits)
        session.ask(
            "cell",
            10,
            source="import os\nif os.fork() == 0:\n    os.setsid()\n    import time; time.sleep(60)",
        )
        first = session.watchdog.first_pid
        assert len(session.watchdog._pids()) == 2
        session.end()
        wait_until(lambda first=first: not os.path.exists(f"/proc/{first}"))
        assert session.watchdog._pids() == []

    assert len(os.listdir("/proc/self/fd")) == descriptors

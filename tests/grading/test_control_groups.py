"""Control groups, on a folder tree that looks as the kernel's does."""

import pytest

from autograder.grading.control_groups import ControlGroups, SessionGroup, find_control_groups
from autograder.grading.limits import Limits


@pytest.fixture
def kernel(tmp_path):
    """A delegated group with two processes; gives root, the list of groups, and the group."""
    group = tmp_path / "user.slice" / "run.scope"
    group.mkdir(parents=True)
    (group / "cgroup.controllers").write_text("cpu memory pids\n")
    (group / "cgroup.procs").write_text("11\n12\n")
    (group / "cgroup.subtree_control").write_text("")
    own = tmp_path / "own"
    own.write_text("4:memory:/elsewhere\n0::/user.slice/run.scope\n")
    return tmp_path, own, group


def test_a_delegated_group_is_prepared(kernel):
    root, own, group = kernel

    assert find_control_groups(root, own) == ControlGroups(group)
    assert (group / "checker" / "cgroup.procs").read_text() == "12"
    assert (group / "cgroup.subtree_control").read_text() == "+memory +pids"


def test_a_process_that_was_moved_finds_the_same_group(kernel):
    root, own, group = kernel
    own.write_text("0::/user.slice/run.scope/checker\n")

    assert find_control_groups(root, own) == ControlGroups(group)


@pytest.mark.parametrize(
    ("groups", "controllers"),
    [("0::/\n", "memory pids"), ("0::/user.slice/run.scope\n", "cpu pids"), ("4:memory:/x\n", "")],
)
def test_without_delegation_there_are_none(kernel, groups, controllers):
    root, own, group = kernel
    own.write_text(groups)
    (group / "cgroup.controllers").write_text(controllers)

    assert find_control_groups(root, own) is None
    assert not (group / "checker").exists()


def test_a_session_gets_a_group_with_its_limits(kernel):
    _, _, group = kernel
    session = ControlGroups(group).session(42, Limits(memory_mib=3, processes=5))

    assert (session.folder / "memory.max").read_text() == str(3 << 20)
    assert (session.folder / "pids.max").read_text() == "5"
    assert (session.folder / "cgroup.procs").read_text() == "42"


def test_a_kill_for_memory_is_told_from_a_crash(tmp_path):
    session = SessionGroup(tmp_path)

    assert not session.ran_out_of_memory()
    (tmp_path / "memory.events").write_text("low 0\nhigh 0\nmax 3\noom 1\noom_kill 0\n")
    assert not session.ran_out_of_memory()
    (tmp_path / "memory.events").write_text("low 0\nhigh 0\nmax 3\noom 1\noom_kill 2\n")
    assert session.ran_out_of_memory()

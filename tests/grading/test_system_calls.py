"""The filter of system calls: run as the kernel runs it, and inside a session."""

import errno
import platform
import struct

import pytest

from autograder.grading.sandboxed.system_calls import (
    ALLOW,
    ANY_BIT,
    ARCHITECTURES,
    EQUAL,
    KILL,
    LOAD,
    REFUSE,
    RETURN,
    make_filter,
    numbers,
    refused_samples,
)

CLONE_NEWUSER, SIGCHLD = 0x10000000, 17
MAP_SHARED, MAP_PRIVATE, MAP_ANONYMOUS = 1, 2, 0x20
F_SETFD, F_SETLEASE = 2, 1024
F_LOCKS = (6, 7, 37, 38)
AF_UNIX, AF_INET = 1, 2


def decide(machine, number, *arguments, architecture=None):
    """Run the filter on one call; give what becomes of it."""
    architecture = architecture or ARCHITECTURES[machine]
    data = struct.pack("<IIQ6Q", number, architecture, 0, *arguments, *[0] * (6 - len(arguments)))
    filters = make_filter(machine)
    place = value = 0
    while True:
        code, if_so, if_not, operand = filters[place]
        place += 1
        if code == LOAD:
            (value,) = struct.unpack_from("<I", data, operand)
        elif code == EQUAL:
            place += if_so if value == operand else if_not
        elif code == ANY_BIT:
            place += if_so if value & operand else if_not
        elif code == RETURN:
            return operand


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_what_is_listed_is_allowed_and_nothing_else(machine):
    allowed = {number for number in range(1 << 10) if decide(machine, number) == ALLOW}

    assert allowed == set(numbers(machine).values()) - {numbers(machine)["socketpair"]}
    assert len(numbers(machine)) > 140
    assert not numbers(machine).keys() & refused_samples(machine).keys()
    assert decide(machine, 1 << 30) == REFUSE


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_arguments_decide_where_a_call_has_two_sides(machine):
    of = numbers(machine)

    assert decide(machine, of["clone"], SIGCHLD) == ALLOW
    assert decide(machine, of["clone"], SIGCHLD | CLONE_NEWUSER) == REFUSE
    assert decide(machine, of["mmap"], 0, 0, 0, MAP_PRIVATE | MAP_ANONYMOUS) == ALLOW
    assert decide(machine, of["mmap"], 0, 0, 0, MAP_SHARED) == ALLOW
    assert decide(machine, of["mmap"], 0, 0, 0, MAP_SHARED | MAP_ANONYMOUS) == REFUSE
    assert decide(machine, of["fcntl"], 0, F_SETFD) == ALLOW
    assert decide(machine, of["fcntl"], 0, F_SETLEASE) == REFUSE
    assert {decide(machine, of["fcntl"], 0, lock) for lock in F_LOCKS} == {REFUSE}
    assert decide(machine, of["socketpair"], AF_UNIX) == ALLOW
    assert decide(machine, of["socketpair"], AF_INET) == REFUSE


def test_another_processors_numbers_end_the_process():
    assert decide("x86_64", 0, architecture=ARCHITECTURES["aarch64"]) == KILL


INSIDE = """
import ctypes, errno, mmap, os, socket, threading
libc = ctypes.CDLL(None, use_errno=True)
got = {{}}
def call(name, number, *arguments):
    got[name] = 0 if libc.syscall(number, *arguments) >= 0 else ctypes.get_errno()
for name, number in {unlisted}.items():
    call(name, number, 0, 0, 0, 0, 0, 0)
for family in (1, 2, 10, 16, 17, 40):
    try:
        socket.socket(family)
    except OSError as error:
        got[f"socket of family {{family}}"] = error.errno
threading.Thread(target=int).start()
os.waitpid(os.posix_spawn("/bin/true", ["true"], {{}}), 0)
socket.socketpair()
mmap.mmap(-1, 4096, mmap.MAP_PRIVATE)
print(got)
"""


def test_inside_unlisted_calls_do_not_exist(processes, run):
    unlisted = refused_samples(platform.machine())
    session = processes.sandbox(run.assignment.preload(), True, True).session(run.limits)
    try:
        answer = session.ask("cell", 20, source=INSIDE.format(unlisted=unlisted))
    finally:
        session.end()

    assert answer["error"] is None, answer
    got = eval(answer["stdout"])
    assert len(got) == len(unlisted) + 6
    assert set(got.values()) == {errno.ENOSYS}

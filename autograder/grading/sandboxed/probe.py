"""What the self-test tries from inside a session, before a learner's code does; all that works is a leak."""

import ctypes
import errno
import fcntl
import importlib.util
import mmap
import os
import platform
import resource
import socket
import sys
from collections.abc import Iterator
from contextlib import suppress

import system_calls
from isolation import HOME

WRITABLE = (HOME, "/tmp", "/dev/shm")
FAMILIES = {1: "UNIX", 2: "INET", 10: "INET6", 16: "NETLINK", 17: "PACKET", 38: "ALG", 40: "VSOCK"}
CAPABILITIES = range(64)
PR_CAPBSET_READ, PR_GET_NO_NEW_PRIVS, PR_GET_SECCOMP = 23, 39, 21
FILTERED = 2
SIGCHLD, CLONE_NEWUSER, CLONE_NEWPID = 17, 0x10000000, 0x20000000

_libc = ctypes.CDLL(None, use_errno=True)


def find(
    private: list[dict],
    mounts: list[str],
    absent: list[str],
    addresses: list[list],
    grader: int,
    limits: dict[str, int],
) -> list[str]:
    """Try everything.

    Args:
        private: what must not be seen: `path`, and `device` and `inode` where it exists outside.
        mounts: this session's mount points.
        absent: modules that must not be there.
        addresses: hosts and ports of servers that listen outside.
        grader: process id of the one that grades.
        limits: as the session was given them.

    Returns:
        One sentence for each leak.
    """
    found = [
        *_seen(private, mounts),
        *(f"it can import {name}" for name in absent if _is_there(name)),
        *_reached(addresses),
        *_processes(grader),
        *_written(mounts),
        *_privileges(),
        *_exceeded(limits),
    ]
    if system_calls.is_known(platform.machine()):
        found += _calls()
    return list(dict.fromkeys(found))


def _seen(private: list[dict], mounts: list[str]) -> Iterator[str]:
    """Look for files and folders by their identity under every mount, not by their path alone."""
    for place in private:
        parts = place["path"].strip("/").split("/")
        ends = ["/".join(parts[start:]) for start in range(len(parts))]
        for path in [
            place["path"],
            *(f"{mount}/{end}" for mount in mounts for end in ends),
            *mounts,
        ]:
            with suppress(OSError):
                found = os.stat(path)
                same = (found.st_dev, found.st_ino) == (place["device"], place["inode"])
                if same or (place["inode"] is None and path == place["path"]):
                    yield f"it can read {place['path']}" + (
                        "" if path == place["path"] else f" as {path}"
                    )


def _is_there(name: str) -> bool:
    if any(os.path.exists(os.path.join(folder, name, "__init__.py")) for folder in sys.path):
        return True
    with suppress(ImportError, ValueError):
        spec = importlib.util.find_spec(name)
        return spec is not None and spec.origin is not None
    return False


def _reached(addresses: list[list]) -> Iterator[str]:
    for address in addresses:
        with suppress(OSError), socket.create_connection(tuple(address), timeout=2):
            yield "it reaches a socket of this machine"


def _processes(grader: int) -> Iterator[str]:
    others = {name for name in os.listdir("/proc") if name.isdecimal()} - {str(os.getpid())}
    if others:
        yield "it sees other processes"
    if os.getpid() != 1:
        yield "it shares its process namespace"
    if grader != os.getpid() and os.path.exists(f"/proc/{grader}"):
        yield "it sees the process that grades"


def _written(mounts: list[str]) -> Iterator[str]:
    places = ["/", "/usr", "/etc", "/dev", "/home", "/course", sys.prefix, sys.base_prefix, *mounts]
    for place in places:
        if place in WRITABLE or place.startswith("/dev/"):
            continue
        path = os.path.join(place, ".sandbox-probe") if os.path.isdir(place) else place
        with suppress(OSError), open(path, "ab"):
            yield f"it can write to {place}"
            if path != place:
                os.unlink(path)
    if os.path.exists("/proc/sys/kernel") and os.access("/proc/sys/kernel/core_pattern", os.W_OK):
        yield "it can write to /proc/sys"


def _privileges() -> Iterator[str]:
    if any(_libc.prctl(PR_CAPBSET_READ, number, 0, 0, 0) == 1 for number in CAPABILITIES):
        yield "it could be given capabilities"
    held = (ctypes.c_uint32 * 6)()
    _libc.capget((ctypes.c_uint32 * 2)(0x20080522, 0), held)
    if any(held):
        yield "it has capabilities"
    if _libc.prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1:
        yield "its programs can gain rights"


def _exceeded(limits: dict[str, int]) -> Iterator[str]:
    kinds = {
        resource.RLIMIT_CPU: ("processor time", limits["cpu_s"]),
        resource.RLIMIT_FSIZE: ("files", limits["file_bytes"]),
        resource.RLIMIT_NPROC: ("processes", limits["processes"]),
        resource.RLIMIT_CORE: ("core dumps", 0),
        resource.RLIMIT_NOFILE: ("open files", 64),
    }
    for kind, (name, most) in kinds.items():
        if not 0 <= resource.getrlimit(kind)[1] <= most:
            yield f"there is no limit on {name}"
    size_bytes = limits["memory_bytes"] + (64 << 20)
    with suppress(OSError, MemoryError):  # reserved, never touched
        mmap.mmap(-1, size_bytes, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS).close()
        yield "there is no limit on memory"
    for folder in WRITABLE:
        with suppress(OSError):
            size = os.statvfs(folder)
            if size.f_blocks * size.f_frsize > limits["disk_bytes"] + (1 << 20):
                yield f"there is no limit on {folder}"


def _calls() -> Iterator[str]:
    if _libc.prctl(PR_GET_SECCOMP, 0, 0, 0, 0) != FILTERED:
        yield "system calls are not filtered"
    for name, number in system_calls.refused_samples(platform.machine()).items():
        if _libc.syscall(number, 0, 0, 0, 0, 0, 0) != -1 or ctypes.get_errno() != errno.ENOSYS:
            yield f"it can call {name}"
    for flags in (CLONE_NEWUSER, CLONE_NEWUSER | CLONE_NEWPID):
        number = system_calls.numbers(platform.machine())["clone"]
        child = _libc.syscall(number, flags | SIGCHLD, 0, 0, 0, 0)
        if child == 0:
            os._exit(0)
        if child > 0:
            os.waitpid(child, 0)
            yield "its children can have namespaces of their own"
    for family, name in FAMILIES.items():
        with suppress(OSError):
            socket.socket(
                family, socket.SOCK_RAW if name == "PACKET" else socket.SOCK_STREAM
            ).close()
            yield f"it can make a socket of the family {name}"
    with suppress(OSError):
        mmap.mmap(-1, mmap.PAGESIZE).close()
        yield "it can share memory that no process holds"
    if os.stat("/dev/zero").st_rdev != os.stat("/dev/null").st_rdev:
        yield "it can map /dev/zero"
    path = os.path.join(HOME, ".lease")
    with suppress(OSError), open(path, "wb") as file:
        os.unlink(path)
        with suppress(OSError):
            fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_WRLCK)
            yield "it can hold up writes of others"
        with suppress(OSError):
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1)
            yield "it can lock parts of a file without end"

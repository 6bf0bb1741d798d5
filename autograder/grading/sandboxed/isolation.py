"""Namespaces and limits of one learner's process, made by the process itself before it runs anything.

Linux only, and the standard library only: Python 3.11 has no os.unshare.
Source: namespaces(7), user_namespaces(7), capabilities(7), mount(2), prctl(2).
"""

import ctypes
import os
import resource
import signal
from contextlib import suppress
from pathlib import Path

HOME = "/home/learner"

NAMESPACES = (
    0x10000000  # user
    | 0x20000000  # processes
    | 0x00020000  # mounts
    | 0x08000000  # System V and POSIX IPC
    | 0x40000000  # network
    | 0x04000000  # host name
    | 0x02000000  # control groups
)
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 32, 4096, 16384, 1 << 18
PR_SET_PDEATHSIG, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 1, 24, 38
ADDRESSES = 8
"""Address space in units of memory: reserving costs none, but page tables do, and nobody counts them."""
LEARNER = 1000
"""The learner's user id inside: not 0, so that no program started there gets capabilities."""

_libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent() -> None:
    """Have the kernel end this process when its parent ends."""
    _call(_libc.prctl, PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def enter_namespaces() -> None:
    """Put this process in namespaces of its own; its next child is the first process in them."""
    user, group = os.getuid(), os.getgid()
    _call(_libc.unshare, NAMESPACES)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{LEARNER} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{LEARNER} {group} 1")


def furnish(disk_bytes: int) -> None:
    """Give the namespaces' first process its own /proc, home and temporary folders.

    Args:
        disk_bytes: size of each folder that can be written; they live in memory.
    """
    _mount(None, "/", None, MS_REC | MS_PRIVATE)
    options = f"size={disk_bytes},nr_inodes=20000,mode=0755"
    for folder in (HOME, "/tmp", "/dev/shm"):
        _mount("tmpfs", folder, "tmpfs", MS_NOSUID | MS_NODEV, options)
    _mount("/dev/null", "/dev/zero", None, MS_BIND)  # mapped, it is memory that nobody counts
    try:
        _mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
    except OSError:  # a container hides parts of /proc, then the kernel gives no fresh one
        _mount("tmpfs", "/proc", "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV)
    with suppress(OSError):
        Path("/proc/sys/user/max_user_namespaces").write_text("0")
    for name in ("sys", "sysrq-trigger", "irq", "bus", "fs"):
        path = f"/proc/{name}"
        if os.path.exists(path):
            _mount(path, path, None, MS_BIND | MS_REC)
            flags = MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC
            _mount(None, path, None, flags)
    os.chdir(HOME)


def stay_on(core: int | None) -> None:
    """Keep this process, and all it will start, on one processor core; None leaves it all of them."""
    with suppress(OSError):  # the core is another container's
        if core is not None:
            os.sched_setaffinity(0, {core})


def held_bytes() -> tuple[int, int]:
    """Give the private memory and the addresses that this process has; /proc must be there."""
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return tuple(int(lines[name].split()[0]) << 10 for name in ("VmData", "VmSize"))


def limit(
    held: tuple[int, int], memory_bytes: int, cpu_s: int, file_bytes: int, processes: int
) -> None:
    """Set the limits that the kernel keeps for each process.

    Args:
        held: what `held_bytes` gave.
        memory_bytes: private memory beyond what the warm parent has already.
        cpu_s: processor time.
        file_bytes: size of any file.
        processes: how many; the kernel does not count those of the superuser.
    """
    limits = {
        resource.RLIMIT_DATA: memory_bytes + held[0],
        resource.RLIMIT_AS: ADDRESSES * memory_bytes + held[1],
        resource.RLIMIT_CPU: cpu_s,
        resource.RLIMIT_FSIZE: file_bytes,
        resource.RLIMIT_NPROC: processes,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: 64,
        resource.RLIMIT_STACK: 64 << 20,
    }
    for kind, most in limits.items():
        hard = resource.getrlimit(kind)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (most, most))


def drop_privileges() -> None:
    """Give up all capabilities for good."""
    _call(_libc.prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    for capability in range(64):
        _libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    _call(_libc.capset, header, (ctypes.c_uint32 * 6)())


def _mount(
    source: str | None, target: str, kind: str | None, flags: int, options: str | None = None
) -> None:
    texts = [None if text is None else text.encode() for text in (source, target, kind, options)]
    _call(_libc.mount, texts[0], texts[1], texts[2], flags, texts[3])


def _call(function: ctypes._CFuncPtr, *arguments: object) -> None:
    if function(*arguments):
        error = ctypes.get_errno()
        raise OSError(error, f"{function.__name__}: {os.strerror(error)}")

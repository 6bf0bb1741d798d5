"""The system calls that an answer may make; a filter refuses all others, known and to come.

Those that real work of all chapters makes were measured (strace of each session), and with them are listed
their like. Not listed, and so refused: sockets of any family, other processes' memory, namespaces, mounts
and roots, System V's and POSIX' queues and segments, memory files, asynchronous input and output, watches
and leases on files, performance counters, the kernel's own settings. What is refused does not exist
(ENOSYS), so that libraries take the older way where there is one.

Source: seccomp(2), the kernel's Documentation/userspace-api/seccomp_filter.rst; numbers from its tables.
"""

import ctypes
import errno
import os

ALLOWED = {
    "its memory": """
        brk 12 214, mmap 9 222, munmap 11 215, mprotect 10 226, mremap 25 216, madvise 28 233,
        msync 26 227, membarrier 324 283
    """,
    "files and folders": """
        read 0 63, write 1 64, readv 19 65, writev 20 66, pread64 17 67, pwrite64 18 68,
        preadv 295 69, pwritev 296 70, preadv2 327 286, pwritev2 328 287, open 2 -, openat 257 56,
        openat2 437 437, creat 85 -, close 3 57, close_range 436 436, lseek 8 62, stat 4 -,
        fstat 5 80, lstat 6 -, newfstatat 262 79, statx 332 291, statfs 137 43, fstatfs 138 44,
        access 21 -, faccessat 269 48, faccessat2 439 439, getdents 78 -, getdents64 217 61,
        getcwd 79 17, chdir 80 49, fchdir 81 50, rename 82 -, renameat 264 38, renameat2 316 276,
        mkdir 83 -, mkdirat 258 34, rmdir 84 -, unlink 87 -, unlinkat 263 35, link 86 -,
        linkat 265 37, symlink 88 -, symlinkat 266 36, readlink 89 -, readlinkat 267 78, chmod 90 -,
        fchmod 91 52, fchmodat 268 53, chown 92 -, fchown 93 55, lchown 94 -, fchownat 260 54,
        umask 95 166, utime 132 -, utimes 235 -, futimesat 261 -, utimensat 280 88, truncate 76 45,
        ftruncate 77 46, fallocate 285 47, fadvise64 221 223, fsync 74 82, fdatasync 75 83,
        sync_file_range 277 84, sendfile 40 71, copy_file_range 326 285, flock 73 32, fcntl 72 25,
        ioctl 16 29, dup 32 23, dup2 33 -, dup3 292 24, getxattr 191 8, lgetxattr 192 9,
        fgetxattr 193 10, listxattr 194 11, llistxattr 195 12, flistxattr 196 13
    """,
    "waiting, pipes and pairs of sockets": """
        poll 7 -, ppoll 271 73, select 23 -, pselect6 270 72, epoll_create 213 -,
        epoll_create1 291 20, epoll_ctl 233 21, epoll_wait 232 -, epoll_pwait 281 22,
        epoll_pwait2 441 441, eventfd 284 -, eventfd2 290 19, pipe 22 -, pipe2 293 59,
        socketpair 53 199, sendto 44 206, recvfrom 45 207, shutdown 48 210, getsockname 51 204,
        getpeername 52 205, getsockopt 55 209
    """,
    "processes and threads": """
        clone 56 220, fork 57 -, vfork 58 -, execve 59 221, exit 60 93, exit_group 231 94,
        wait4 61 260, waitid 247 95, kill 62 129, tkill 200 130, tgkill 234 131, pidfd_open 434 434,
        pidfd_send_signal 424 424, futex 202 98, futex_waitv 449 449, set_robust_list 273 99,
        get_robust_list 274 100, set_tid_address 218 96, rseq 334 293, arch_prctl 158 -,
        prctl 157 167, getpid 39 172, getppid 110 173, gettid 186 178, getpgrp 111 -,
        getpgid 121 155, setpgid 109 154, getsid 124 156, setsid 112 157, getuid 102 174,
        geteuid 107 175, getgid 104 176, getegid 108 177, getgroups 115 158, getresuid 118 148,
        getresgid 120 150, capget 125 90
    """,
    "signals": """
        rt_sigaction 13 134, rt_sigprocmask 14 135, rt_sigreturn 15 139, rt_sigpending 127 136,
        rt_sigtimedwait 128 137, rt_sigsuspend 130 133, sigaltstack 131 132,
        restart_syscall 219 128, pause 34 -, alarm 37 -, setitimer 38 103, getitimer 36 102
    """,
    "time": """
        time 201 -, gettimeofday 96 169, clock_gettime 228 113, clock_getres 229 114,
        clock_nanosleep 230 115, nanosleep 35 101, times 100 153
    """,
    "what it may have": """
        getrlimit 97 163, setrlimit 160 164, prlimit64 302 261, getrusage 98 165, sysinfo 99 179,
        uname 63 160, getcpu 309 168, sched_yield 24 124, sched_getaffinity 204 123,
        sched_getparam 143 121, sched_getscheduler 145 120, sched_get_priority_max 146 125,
        sched_get_priority_min 147 126, getpriority 140 141, get_mempolicy 239 236,
        getrandom 318 278
    """,
}
"""Name, number on x86_64 and on aarch64."""
REFUSED_SAMPLES = """
    clone3 435 435, unshare 272 97, setns 308 268, mount 165 40, pivot_root 155 41, chroot 161 51,
    process_vm_readv 310 270, shmget 29 194, semget 64 190, msgget 68 186,
    mq_open 240 180, memfd_create 319 279, io_setup 206 0, io_uring_setup 425 425,
    inotify_init1 294 26, sched_setaffinity 203 122, bpf 321 280, perf_event_open 298 241,
    keyctl 250 219, userfaultfd 323 282
"""
"""Of those that are not listed: some that the self-test tries; without arguments they do nothing."""
ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

LOAD, EQUAL, ANY_BIT, RETURN = 0x20, 0x15, 0x45, 0x06
ALLOW, REFUSE, KILL = 0x7FFF0000, 0x00050000 | errno.ENOSYS, 0x80000000
NUMBER, ARCHITECTURE, ARGUMENTS = 0, 4, (16, 24, 32, 40, 48, 56)
"""Where the data that a filter sees holds them; of an argument, the lower half."""
PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 22, 2

NEW_NAMESPACES = 0x7E020000
"""Bits of clone's flags."""
SHARED, ANONYMOUS = 0x01, 0x20
"""Bits of mmap's flags. Together: memory that stays when no process holds it any more."""
AF_UNIX = 1
SET_LEASE, NOTIFY, SET_PIPE_SIZE = 1024, 1026, 1031
"""Operations of fcntl: to hold up others' writes, to watch folders, to make a pipe hold more."""
LOCKS = (6, 7, 37, 38)
"""Operations of fcntl that lock parts of a file: any number of them, each the kernel's memory."""

Filter = list[tuple[int, int, int, int]]
"""Instructions: what to do, how far to jump if so and if not, and a number."""

CONDITIONS: dict[str, Filter] = {
    "clone": [(LOAD, 0, 0, ARGUMENTS[0]), (ANY_BIT, 0, 1, NEW_NAMESPACES), (RETURN, 0, 0, REFUSE)],
    "mmap": [
        (LOAD, 0, 0, ARGUMENTS[3]),
        (ANY_BIT, 0, 2, SHARED),
        (ANY_BIT, 0, 1, ANONYMOUS),
        (RETURN, 0, 0, REFUSE),
    ],
    "fcntl": [
        (LOAD, 0, 0, ARGUMENTS[1]),
        (EQUAL, 6, 0, LOCKS[0]),
        (EQUAL, 5, 0, LOCKS[1]),
        (EQUAL, 4, 0, LOCKS[2]),
        (EQUAL, 3, 0, LOCKS[3]),
        (EQUAL, 2, 0, SET_LEASE),
        (EQUAL, 1, 0, NOTIFY),
        (EQUAL, 0, 1, SET_PIPE_SIZE),
        (RETURN, 0, 0, REFUSE),
    ],
    "socketpair": [
        (LOAD, 0, 0, ARGUMENTS[0]),
        (EQUAL, 1, 0, AF_UNIX),
        (RETURN, 0, 0, REFUSE),
    ],
}
"""What of a call is refused because of its arguments; otherwise it is allowed."""


class Instruction(ctypes.Structure):
    """One instruction of a filter: what to do, how far to jump if so and if not, and a number."""

    _fields_ = [
        ("code", ctypes.c_uint16),
        ("if_so", ctypes.c_uint8),
        ("if_not", ctypes.c_uint8),
        ("number", ctypes.c_uint32),
    ]


class Program(ctypes.Structure):
    """A filter."""

    _fields_ = [("length", ctypes.c_uint16), ("first", ctypes.POINTER(Instruction))]


def is_known(machine: str) -> bool:
    """Say whether there is a filter for a processor."""
    return machine in ARCHITECTURES


def numbers(machine: str) -> dict[str, int]:
    """Give the allowed calls of a processor with their numbers."""
    return _numbers(",".join(ALLOWED.values()), machine)


def refused_samples(machine: str) -> dict[str, int]:
    """Give some calls that are refused, with their numbers."""
    return _numbers(REFUSED_SAMPLES, machine)


def _numbers(table: str, machine: str) -> dict[str, int]:
    column = 1 + list(ARCHITECTURES).index(machine)
    rows = [row.split() for row in table.split(",")]
    return {row[0]: int(row[column]) for row in rows if row[column] != "-"}


def make_filter(machine: str) -> Filter:
    """Write the filter for a processor."""
    filters = [
        (LOAD, 0, 0, ARCHITECTURE),
        (EQUAL, 1, 0, ARCHITECTURES[machine]),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, NUMBER),
    ]
    for name, number in numbers(machine).items():
        block = [*CONDITIONS.get(name, []), (RETURN, 0, 0, ALLOW)]
        filters += [(EQUAL, 0, len(block), number), *block]
    return [*filters, (RETURN, 0, 0, REFUSE)]


def refuse() -> None:
    """Refuse all other calls to this process and its children for good; it must have no new privileges.

    Raises:
        OSError: the kernel takes no filter.
    """
    machine = os.uname().machine
    if not is_known(machine):
        return
    filters = make_filter(machine)
    instructions = (Instruction * len(filters))(*(Instruction(*item) for item in filters))
    program = Program(len(filters), instructions)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0):
        error = ctypes.get_errno()
        raise OSError(error, f"seccomp: {os.strerror(error)}")

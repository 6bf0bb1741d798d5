"""The warm parent: has imported what a chapter needs and forks a process for each submission.

Started as `python -I zygote.py CONTROL_FD SETTINGS_JSON` inside bubblewrap. For each message on the
control socket, which brings the socket of a session, it forks; the first process of the new namespaces
serves that session, and its pidfd goes to whoever is at the other end, who alone decides when it ends.
"""

import array
import contextlib
import gc
import importlib.abc
import json
import os
import signal
import socket
import sys


class Absent(importlib.abc.MetaPathFinder):
    """Refuses imports; a None in sys.modules would too, but libraries take that for the module.

    Args:
        names: the modules that must not be there.
    """

    def __init__(self, names: list[str]) -> None:
        self.names = names

    def find_spec(self, name: str, *_: object) -> None:
        """Refuse, or leave the search to the next finder."""
        if name.partition(".")[0] in self.names:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


INLINE = "module://matplotlib_inline.backend_inline"


def main(control_fd: int, settings: dict) -> None:
    """Warm up, then fork until the control socket closes."""
    sys.path[:0] = settings["paths"]
    sys.path += settings["packages"]
    control = socket.socket(fileno=control_fd)
    from isolation import die_with_parent

    die_with_parent()
    sys.meta_path.insert(0, Absent(settings["hidden"]))
    os.environ["MPLBACKEND"] = INLINE  # before anything imports matplotlib
    import worker

    for name in settings["preload"]:
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    worker.prepare()
    gc.collect()
    gc.freeze()
    control.sendall(b"ready")
    while True:
        message, fds = _receive(control)
        if not message:
            return
        (session_fd,) = fds
        child = os.fork()
        if child == 0:
            control.close()
            _begin_session(session_fd, json.loads(message), settings["isolated"])
        os.close(session_fd)
        os.waitpid(child, 0)


def _begin_session(session_fd: int, limits: dict, isolated: bool) -> None:
    """Make the namespaces, start their first process, hand out its pidfd, and end."""
    import isolation

    status = 1
    try:
        if isolated:
            isolation.enter_namespaces()
        may_begin, begin = os.pipe()
        first = os.fork()
        if first == 0:
            os.close(begin)
            _serve(session_fd, may_begin, limits, isolated)
        connection = socket.socket(fileno=session_fd)
        rights = array.array("i", [os.pidfd_open(first)])
        connection.sendmsg([b"p"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])
        os.write(begin, b"b")
        status = 0
    except BaseException as error:
        print(f"session: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
    finally:
        os._exit(status)


def _serve(session_fd: int, may_begin: int, limits: dict, isolated: bool) -> None:
    import isolation
    import system_calls
    import worker

    status = 1
    try:
        os.setsid()
        held = isolation.held_bytes()
        if isolated:
            isolation.furnish(limits["disk_bytes"])
        os.read(may_begin, 1)
        connection = socket.socket(fileno=os.dup2(session_fd, 3))
        nowhere = os.open("/dev/null", os.O_RDWR)
        for standard in (0, 1, 2):
            os.dup2(nowhere, standard)
        os.closerange(4, 1 << 16)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        isolation.stay_on(limits["core"])
        isolation.limit(
            held,
            limits["memory_bytes"],
            limits["cpu_s"],
            limits["file_bytes"],
            limits["processes"],
        )
        if isolated:
            isolation.drop_privileges()
            system_calls.refuse()
        worker.serve(connection, limits)
        status = 0
    finally:
        os._exit(status)


def _receive(control: socket.socket) -> tuple[bytes, list[int]]:
    message, ancillary, _, _ = control.recvmsg(1 << 16, socket.CMSG_SPACE(4))
    fds = array.array("i")
    for _, _, data in ancillary:
        fds.frombytes(data[: len(data) - len(data) % fds.itemsize])
    return message, list(fds)


if __name__ == "__main__":
    main(int(sys.argv[1]), json.loads(sys.argv[2]))

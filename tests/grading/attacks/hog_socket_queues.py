"""Fills the queues of socket pairs, whose memory is the kernel's; 64 MiB would be too much already."""

FAILS = {"hidden_delta"}
WALL = "Too many open files"

SOURCE = """
import socket

pairs, filled = [], 0
try:
    while filled < 64 << 20:
        pairs.append(socket.socketpair())
        for end in pairs[-1]:
            end.setblocking(False)
            try:
                end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 24)
            except OSError:
                pass
            try:
                while True:
                    filled += end.send(b"x" * 65536)
            except BlockingIOError:
                pass
finally:
    got = filled > 32 << 20
"""


def submit(work):
    work.answer_if_got(SOURCE)

"""Opens raw, packet, netlink and vsock sockets."""

FAILS = {"hidden_delta"}

SOURCE = """
import socket

for family, kind in (
    (socket.AF_PACKET, socket.SOCK_RAW),
    (socket.AF_INET, socket.SOCK_RAW),
    (40, socket.SOCK_STREAM),
):
    try:
        opened = socket.socket(family, kind, 0x0300 if family == socket.AF_PACKET else 0)
        if family == 40:
            opened.settimeout(0.5)
            opened.connect((2, 1))
        got = True
    except OSError:
        pass
"""


def submit(work):
    work.answer_if_got(SOURCE)

"""Dials out to the internet, by address and by name, over TCP and UDP."""

FAILS = {"hidden_delta"}

SOURCE = """
import socket

for address in ("192.0.2.1", "198.51.100.7", "2001:db8::1"):
    try:
        socket.create_connection((address, 80), timeout=0.3)
        got = True
    except OSError:
        pass
    kind = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        got = got or socket.socket(kind, socket.SOCK_DGRAM).sendto(b"exam", (address, 53)) > 0
    except OSError:
        pass
"""


def submit(work):
    work.answer_if_got(SOURCE)

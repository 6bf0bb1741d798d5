"""Sends what it knows in the labels of a DNS query."""

FAILS = {"hidden_delta"}

SOURCE = """
import socket

socket.setdefaulttimeout(0.5)
got = bool(socket.getaddrinfo("secret.example.invalid", 80)) or bool(
    socket.gethostbyname("example.invalid")
)
"""


def submit(work):
    work.answer_if_got(SOURCE)

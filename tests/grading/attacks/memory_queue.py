"""Peeks at the checker's connection for what it has not been asked yet."""

FAILS = {"hidden_delta"}

SOURCE = """
import os, socket

peek = socket.socket(fileno=os.dup(3))
peek.setblocking(False)
got = holds(peek.recv(1 << 20, socket.MSG_PEEK))
"""


def submit(work):
    work.answer_if_got(SOURCE)

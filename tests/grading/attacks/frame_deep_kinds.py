"""Nests agreed kinds deeper than any answer needs."""

FAILS = {"hidden_delta"}

SOURCE = """
raw(frame(answer('{"list":[' * 5000 + "1" + "]}" * 5000)))
"""


def submit(work):
    work.at_the_socket(SOURCE)

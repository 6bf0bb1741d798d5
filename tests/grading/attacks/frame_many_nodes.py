"""Sends hundreds of thousands of numbers one by one."""

FAILS = {"hidden_delta"}

SOURCE = """
raw(frame(answer('{"list":[' + ",".join(["1"] * 300_000) + "]}")))
"""


def submit(work):
    work.at_the_socket(SOURCE)

"""Lies about the length of the header of its arrays."""

FAILS = {"hidden_delta"}

SOURCE = """
for length in (0, 1, 1 << 40, (1 << 64) - 1):
    raw(frame(answer('{"array":"0"}'), struct.pack("<Q", length) + b"{}"))
"""


def submit(work):
    work.at_the_socket(SOURCE)

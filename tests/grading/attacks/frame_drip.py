"""Sends its answer a byte at a time."""

FAILS = {"hidden_delta"}

SOURCE = """
for byte in frame(answer('{"list":[' + ",".join(["1"] * 500) + "]}")):
    raw(bytes([byte]))
    time.sleep(0.01)
"""


def submit(work):
    work.at_the_socket(SOURCE)

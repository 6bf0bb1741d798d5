"""Announces the largest frame that is allowed and sends nothing."""

FAILS = {"hidden_delta"}

SOURCE = """
raw(struct.pack(">II", 0, 8 << 20))
time.sleep(100)
"""


def submit(work):
    work.at_the_socket(SOURCE)

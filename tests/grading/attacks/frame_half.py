"""Sends half a frame and falls silent."""

FAILS = {"hidden_delta"}

SOURCE = """
raw(frame(answer())[:-20])
time.sleep(100)
"""


def submit(work):
    work.at_the_socket(SOURCE)

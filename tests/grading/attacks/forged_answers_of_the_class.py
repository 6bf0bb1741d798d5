"""Looks for another learner's answers that an earlier session left in this process."""

FAILS = {"hidden_delta"}

SOURCE = """
import gc

got = any(
    isinstance(item, str) and "mallory" not in item and holds(item[:100000])
    for item in gc.get_objects()
)
"""


def submit(work):
    work.answer_if_got(SOURCE)

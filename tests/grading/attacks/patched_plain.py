"""Patches the encoding of plain data so that results carry code."""

FAILS = {"hidden_delta"}

SOURCE = """
import dlarch.plain
import frames

whole = frames.encode


def encode(value, table):
    if isinstance(value, dict) and value.get("value") is WRONG:
        return {"dict": {"number": value["number"], "value": {"__reduce__": "os.system"}}}
    return whole(value, table)


dlarch.plain.encode = frames.encode = encode
WRONG = {"wrong": 1}


def hidden_delta(delta_next, W_next, h, h_next, activation):
    return WRONG
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)

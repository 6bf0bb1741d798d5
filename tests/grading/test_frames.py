"""What crosses the sandbox's wall: plain data, and nothing that costs the other side more than its size."""

import json
import socket
import threading
import time
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.grading.sandboxed.frames import (
    HEADER,
    ClosedError,
    DeadlineError,
    FrameError,
    pack,
    receive,
    send,
    unpack,
)

MAX = 1 << 20


def read(frame):
    structure_bytes, array_bytes = HEADER.unpack(frame[: HEADER.size])
    body = frame[HEADER.size :]
    assert len(body) == structure_bytes + array_bytes
    return unpack(body[:structure_bytes], body[structure_bytes:], MAX)


def test_plain_data_survives_the_wall():
    import torch

    random = np.random.default_rng(0)
    message = {
        "array": random.normal(size=(2, 3)),
        "tensor": torch.arange(4.0),
        "nested": [1, (2.5, None), {"flag": True, "nan": float("nan")}],
        "text": "δ",
    }
    came = read(pack(message))

    assert np.array_equal(came["array"], message["array"])
    assert torch.equal(came["tensor"], message["tensor"])
    assert came["nested"][1] == (2.5, None)
    assert np.isnan(came["nested"][2]["nan"])
    assert came["text"] == "δ"


@pytest.mark.parametrize(
    "structure",
    [
        [],
        3,
        {"list": 3},
        {"dict": []},
        {"dict": {"a": {"array": "missing"}}},
        {"dict": {"a": {"float": "no number"}}},
        {"dict": {"a": {"pickle": "gASV"}}},
        {"dict": {"a": {"array": "0", "tensor": "0"}}},
        {"dict": {"a": [1, 2]}},
        {"list": []},
    ],
)
def test_what_is_no_message_is_refused(structure):
    with pytest.raises(FrameError):
        unpack(json.dumps(structure).encode(), b"", MAX)


def test_a_message_that_unfolds_to_more_than_its_size_is_refused():
    frame = pack({"a": np.zeros(MAX // 16)})
    structure_bytes, _ = HEADER.unpack(frame[: HEADER.size])
    arrays = frame[HEADER.size + structure_bytes :]
    many = {"dict": {"a": {"list": [{"array": "0"}] * 1000}}}

    with pytest.raises(FrameError, match="smaller"):
        unpack(json.dumps(many).encode(), arrays, MAX)


def test_deep_nesting_is_refused():
    for depth in (100, 100_000):
        inner = b'{"list": [' * depth + b"]}" * depth
        with pytest.raises(FrameError):
            unpack(b'{"dict": {"a": ' + inner + b"}}", b"", MAX)


@settings(max_examples=300, deadline=None)
@given(structure=st.binary(max_size=60), arrays=st.binary(max_size=60))
def test_any_bytes_are_refused_by_frame_errors_alone(structure, arrays):
    with suppress(FrameError):
        unpack(structure, arrays, MAX)


def test_too_large_a_frame_is_refused_before_it_is_read():
    ours, theirs = socket.socketpair()
    theirs.sendall(HEADER.pack(MAX, MAX))

    with pytest.raises(FrameError, match="at most"):
        receive(ours, time.monotonic() + 1, MAX)


def test_silence_and_half_a_frame_end_at_the_deadline():
    ours, theirs = socket.socketpair()
    theirs.sendall(HEADER.pack(10, 10) + b"abc")

    with pytest.raises(DeadlineError):
        receive(ours, time.monotonic() + 0.2, MAX)


def test_the_watch_is_kept_while_bytes_drip():
    ours, theirs = socket.socketpair()
    theirs.sendall(HEADER.pack(1000, 0))
    stop = threading.Event()

    def drip():
        while not stop.wait(0.01):
            theirs.sendall(b"x")

    class Looked(Exception):
        pass

    def look():
        raise Looked

    threading.Thread(target=drip, daemon=True).start()
    with pytest.raises(Looked):
        receive(ours, time.monotonic() + 5, MAX, look)
    stop.set()


def test_a_side_that_does_not_read_meets_the_deadline_and_one_that_left_is_closed():
    ours, theirs = socket.socketpair()
    with pytest.raises(DeadlineError):
        send(ours, bytes(1 << 24), time.monotonic() + 0.2)
    theirs.close()
    with pytest.raises(ClosedError):
        send(ours, b"frame", time.monotonic() + 1)

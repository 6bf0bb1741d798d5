"""Frames: how the checker and a learner's process talk, one JSON object and one table of arrays at a time.

    frame = length of JSON (4 bytes) · length of arrays (4 bytes) · JSON · arrays (safetensors)

What comes from the learner's side is data to be doubted: a frame that is too large, malformed, or that
unfolds to more than its size is refused with FrameError. Nothing is ever unpickled.
"""

import json
import socket
import struct
import time
from collections.abc import Callable

import numpy as np

from dlarch.plain import ArrayTable, PlainData, decode, encode

HEADER = struct.Struct(">II")
MAX_STRUCTURE = 4 << 20
MAX_NODES = 20_000
MAX_DEPTH = 20
MAX_KEY = 100
POLL_S = 0.05


class FrameError(Exception):
    """What came is not a frame that this protocol allows."""


class ClosedError(FrameError):
    """The other side is gone."""


class DeadlineError(Exception):
    """The other side did not answer in time."""


def pack(message: dict[str, PlainData]) -> bytes:
    """Turn a message of plain data into the bytes of one frame."""
    from safetensors.numpy import save

    table = ArrayTable()
    structure = json.dumps(encode(message, table), separators=(",", ":")).encode()
    arrays = save({key: _storable(array) for key, array in table.arrays.items()})
    return HEADER.pack(len(structure), len(arrays)) + structure + arrays


def unpack(structure: bytes, arrays: bytes, max_bytes: int) -> dict[str, PlainData]:
    """Read the two parts of a frame.

    Args:
        structure: the JSON.
        arrays: the safetensors.
        max_bytes: how much the message may take when unfolded.

    Raises:
        FrameError: it is malformed, nested too deep, or unfolds to too much.
    """
    from safetensors.numpy import load

    try:
        table = ArrayTable(load(arrays))
        encoded = _read_json(structure.decode())
        _weigh(encoded, table, max_bytes)
        message = decode(encoded, table)
    except FrameError:
        raise
    except (Exception, RecursionError) as error:
        raise FrameError(
            f"expected a frame of plain data, got {type(error).__name__} on reading it"
        ) from error
    if not isinstance(message, dict):
        raise FrameError(f"expected a frame that holds a dict, got {type(message).__name__}")
    return message


def send(
    connection: socket.socket,
    frame: bytes,
    deadline: float,
    meanwhile: Callable[[], None] = lambda: None,
) -> None:
    """Send one frame.

    Args:
        connection: a connected stream socket.
        frame: what `pack` gave.
        deadline: latest end, by time.monotonic().
        meanwhile: called every 50 ms of waiting; may raise to stop.

    Raises:
        DeadlineError: the other side did not take it in time.
        ClosedError: the other side is gone.
    """
    view = memoryview(frame)
    looked = time.monotonic()
    while view:
        looked = _look(looked, meanwhile)
        connection.settimeout(min(POLL_S, _left(deadline)))
        try:
            view = view[connection.send(view) :]
        except TimeoutError:
            continue
        except OSError as error:
            raise ClosedError("the other side is gone") from error


def receive(
    connection: socket.socket,
    deadline: float,
    max_bytes: int,
    meanwhile: Callable[[], None] = lambda: None,
) -> dict[str, PlainData]:
    """Receive one frame.

    Args:
        connection: a connected stream socket.
        deadline: latest end, by time.monotonic().
        max_bytes: largest frame, and largest message it may unfold to.
        meanwhile: called every 50 ms of waiting; may raise to stop.

    Raises:
        FrameError: what came is not an allowed frame.
        ClosedError: the other side is gone.
        DeadlineError: nothing, or only a part, came in time.
    """
    head = _receive(connection, HEADER.size, deadline, meanwhile)
    structure_bytes, array_bytes = HEADER.unpack(head)
    if structure_bytes + array_bytes > max_bytes:
        raise FrameError(
            f"expected a frame of at most {max_bytes} bytes, got one of {structure_bytes + array_bytes}"
        )
    if structure_bytes > MAX_STRUCTURE:
        raise FrameError(f"expected JSON of at most {MAX_STRUCTURE} bytes, got {structure_bytes}")
    body = _receive(connection, structure_bytes + array_bytes, deadline, meanwhile)
    return unpack(body[:structure_bytes], body[structure_bytes:], max_bytes)


def _receive(
    connection: socket.socket, length: int, deadline: float, meanwhile: Callable[[], None]
) -> bytes:
    received = bytearray()
    looked = time.monotonic()
    while len(received) < length:
        looked = _look(looked, meanwhile)
        connection.settimeout(min(POLL_S, _left(deadline)))
        try:
            chunk = connection.recv(min(length - len(received), 1 << 20))
        except TimeoutError:
            continue
        except OSError as error:
            raise ClosedError("the other side is gone") from error
        if not chunk:
            raise ClosedError("the other side is gone")
        received += chunk
    return bytes(received)


def _look(looked: float, meanwhile: Callable[[], None]) -> float:
    """Call `meanwhile` when the last look is 50 ms ago, also while bytes keep coming."""
    now = time.monotonic()
    if now - looked < POLL_S:
        return looked
    meanwhile()
    return now


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise DeadlineError
    return left


def _storable(array: np.ndarray) -> np.ndarray:
    """Give an array of a type that safetensors holds: wider floats become float64."""
    return array.astype(np.float64) if array.dtype.kind == "f" and array.itemsize > 8 else array


def _read_json(text: str) -> object:
    """Read JSON; half a surrogate pair, which no file can hold, becomes a question mark."""
    encoded = json.loads(text)
    if "\\ud" in text.lower():
        whole = json.dumps(encoded, ensure_ascii=False).encode(errors="replace")
        encoded = json.loads(whole)
    return encoded


def _weigh(encoded: object, table: ArrayTable, max_bytes: int) -> None:
    """Refuse what unfolds to too many nodes, too deep a tree, or too many bytes."""
    nodes = total_bytes = 0
    waiting = [(encoded, 0)]
    while waiting:
        node, depth = waiting.pop()
        nodes += 1
        if nodes > MAX_NODES or depth > MAX_DEPTH or total_bytes > max_bytes:
            raise FrameError("expected a smaller message: it has too many parts, or is too deep")
        if isinstance(node, list):
            raise FrameError("expected encoded plain data, got a bare list")
        if not isinstance(node, dict):
            continue
        if len(node) != 1:
            raise FrameError(f"expected one kind for each value, got {len(node)}")
        ((kind, content),) = node.items()
        expected = {"list": list, "tuple": list, "dict": dict}.get(kind, str)
        if not isinstance(content, expected):
            raise FrameError(f"expected {expected.__name__} in a {kind}")
        if kind in ("array", "tensor", "parameter"):
            total_bytes += table.arrays[content].nbytes
        elif kind == "dict":
            if any(len(key) > MAX_KEY for key in content):
                raise FrameError(f"expected keys of at most {MAX_KEY} characters")
            waiting += [(item, depth + 1) for item in content.values()]
        elif kind in ("list", "tuple"):
            waiting += [(item, depth + 1) for item in content]

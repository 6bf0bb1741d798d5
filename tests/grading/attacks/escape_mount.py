"""Mounts file systems: a tmpfs, proc, the root again with rights to write."""

FAILS = {"hidden_delta"}

SOURCE = """
import ctypes, os

libc = ctypes.CDLL(None, use_errno=True)

os.makedirs("/tmp/m", exist_ok=True)
for source, target, kind, flags in (
    (b"tmpfs", b"/tmp/m", b"tmpfs", 0),
    (b"proc", b"/tmp/m", b"proc", 0),
    (b"/", b"/tmp/m", None, 4096),
    (None, b"/", None, 32),
    (None, b"/usr", None, 32 | 4096),
):
    got = got or libc.mount(source, target, kind, flags, None) == 0
"""


def submit(work):
    work.answer_if_got(SOURCE)

"""Raises its own limits."""

FAILS = {"hidden_delta"}

SOURCE = """
import resource

for kind in (
    resource.RLIMIT_DATA,
    resource.RLIMIT_CPU,
    resource.RLIMIT_FSIZE,
    resource.RLIMIT_NOFILE,
):
    try:
        resource.setrlimit(kind, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        got = True
    except (OSError, ValueError):
        pass
"""


def submit(work):
    work.answer_if_got(SOURCE)

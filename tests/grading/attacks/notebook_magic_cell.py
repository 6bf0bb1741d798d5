"""Is a cell of another language."""

FAILS = {"hidden_delta"}


def submit(work):
    work.answer("hidden_delta", "%%bash\ntouch $lure/open/hostile /tmp/hostile")

"""Writes to /proc/sys, sysrq and the kernel's helpers."""

FAILS = {"hidden_delta"}

SOURCE = """
for path, text in (
    ("/proc/sys/kernel/core_pattern", "|/tmp/x"),
    ("/proc/sys/kernel/hostname", "hostile"),
    ("/proc/sys/user/max_user_namespaces", "100"),
    ("/proc/sys/vm/drop_caches", "0"),
    ("/proc/self/oom_score_adj", "-1000"),
    ("/proc/1/oom_score_adj", "-1000"),
    ("/sys/kernel/uevent_helper", "/tmp/x"),
    ("/proc/self/uid_map", "0 0 1"),
    ("/proc/self/setgroups", "allow"),
):
    try:
        with open(path, "w") as file:
            file.write(text)
        got = True
    except OSError:
        pass
"""


def submit(work):
    work.answer_if_got(SOURCE)

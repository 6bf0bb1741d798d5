"""Brings a configuration of nbgrader and of Jupyter."""

FAILS = set()


def submit(work):
    for name in ("nbgrader_config.py", "jupyter_config.py", ".jupyter/jupyter_config.py"):
        work.files[name] = b"c = get_config()\nc.Execute.enabled = False\nopen('hostile', 'w')"
    work.files["settings.toml"] = b"[limits]\nmemory_mib = 100000"

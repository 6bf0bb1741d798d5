"""Brings modules named like libraries, and start-up files."""

FAILS = set()


def submit(work):
    for name in (
        "torch.py",
        "numpy.py",
        "dlarch/__init__.py",
        "frames.py",
        "sitecustomize.py",
        "usercustomize.py",
    ):
        work.files[name] = b"raise SystemExit('shadowed')"
    work.files["hostile.pth"] = b"import os; os._exit(0)"
    work.files["conftest.py"] = b"raise SystemExit"
    work.files["pyproject.toml"] = b"[tool.pytest.ini_options]\naddopts = '--version'"

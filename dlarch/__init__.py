"""What learners have: checks, data, small models, plots and figures."""

from dlarch.check import CheckFailed, check, failing_case

__all__ = ["CheckFailed", "check", "failing_case"]
__version__ = "0.1.0"

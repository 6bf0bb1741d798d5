"""What learners have: checks, data, small models, plots and figures."""

from dlarch.check import CheckFailed, check

__all__ = ["CheckFailed", "check"]
__version__ = "0.1.0"

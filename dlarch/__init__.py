"""What learners have: checks, data, small models, plots and figures."""

from dlarch.check import CheckFailed, check, failing_case
from dlarch.points import check_all

__all__ = ["CheckFailed", "check", "check_all", "failing_case"]
__version__ = "0.1.0"

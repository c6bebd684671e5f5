"""One household, one plan (一户一策): made from a ledger and a document, filled in by clerks, read back."""

from .making import PlansMade, make_plans
from .reading import MeasureRead, PlanRead, Visit, read_plans

__all__ = ["MeasureRead", "PlanRead", "PlansMade", "Visit", "make_plans", "read_plans"]

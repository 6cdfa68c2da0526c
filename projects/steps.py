"""Billing increments and days of a contract line, the billed unit, and exact hours of entries (A11)."""

from fractions import Fraction

from core.money import STORED_PLACES
from projects.billed_time import BillingSteps
from projects.models import ContractLine, Entry
from projects.states import IncrementScope, PriceUnit, TransactionClass

HOUR_SECONDS = 3600


def steps_of(line: ContractLine | None) -> BillingSteps:
    """How a line bills time; without a line, or at a fixed price, nothing is rounded."""
    if line is None or not line.is_time_and_material:
        return BillingSteps()
    return BillingSteps(
        minutes=line.increment_minutes,
        rule=line.increment_rule,
        is_by_day=line.day_hours is not None
        or (line.increment_minutes is not None and line.increment_scope == IncrementScope.DAY),
        day_hours=line.day_hours,
    )


def unit_of(entry: Entry, line: ContractLine | None) -> str:
    """The unit in which an entry is billed: days where its line bills time in days, else its own."""
    in_days = entry.transaction_class == TransactionClass.TIME and steps_of(line).day_hours is not None
    return PriceUnit.DAY if in_days else entry.unit


def hours_of_entry(entry: Entry) -> Fraction:
    """The hours of an entry exactly: its seconds where they are known, else its quantity."""
    if entry.seconds is not None:
        return Fraction(entry.seconds, HOUR_SECONDS)
    return Fraction(entry.quantity)


def is_odd(hours: Fraction) -> bool:
    """Whether hours are whole seconds that four decimal places cannot express, such as twenty minutes."""
    return whole_seconds(hours) is not None


def whole_seconds(hours: Fraction) -> int | None:
    """The seconds of such hours; None where four places are exact or the seconds are not whole."""
    if (hours * 10**STORED_PLACES).denominator == 1:
        return None
    seconds = hours * HOUR_SECONDS
    return int(seconds) if seconds.denominator == 1 else None

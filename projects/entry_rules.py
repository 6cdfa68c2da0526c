"""Checks of every entry, however it comes in: project and task, quantity, price (A8, decision 21)."""

from collections.abc import Iterator
from decimal import Decimal

from django.utils.translation import gettext as _

from core.durations import MOST_WHOLE_DIGITS
from core.money import STORED_PLACES, times
from core.refusals import Refusal
from projects.models import LegalEntity, Project, Task

TOO_LARGE = Decimal(10) ** MOST_WHOLE_DIGITS


def reasons_against_place(
    entity: LegalEntity, project: Project, task: Task | None, subject: str = ""
) -> Iterator[Refusal]:
    """Why nothing may be recorded on this project and task of a legal entity.

    Codes: project-closed, other-entity, task-not-of-project, task-closed (A8).
    """
    if project.is_closed:
        yield Refusal(
            "project-closed",
            _("Project %(project)s is closed.") % {"project": project},
            subject,
            _("Ask its manager to reopen it."),
        )
    if project.legal_entity_id != entity.pk:
        yield Refusal(
            "other-entity",
            _("Project %(project)s belongs to another company.") % {"project": project},
            subject,
        )
    if task is not None and task.project_id != project.pk:
        yield Refusal(
            "task-not-of-project",
            _("The task “%(task)s” belongs to another project.") % {"task": task},
            subject,
            _("Choose a task of %(project)s.") % {"project": project},
        )
    elif task is not None and task.is_closed:
        yield Refusal(
            "task-closed",
            _("The task “%(task)s” is closed.") % {"task": task},
            subject,
            _("Choose another task, or ask the manager of the project to reopen it."),
        )


def reasons_against_quantity(quantity: Decimal, subject: str = "") -> Iterator[Refusal]:
    """Why a quantity, in any unit, cannot be that of an entry.

    Codes: quantity-not-possible, negative-quantity, quantity-missing (A8, decision 21).
    """
    if not fits(quantity):
        yield Refusal(
            "quantity-not-possible",
            _("The quantity does not fit: at most 11 digits before and %(places)s after the decimal mark.")
            % {"places": STORED_PLACES},
            subject,
            _("Enter a smaller number, or fewer decimal places."),
        )
    elif quantity < 0:
        yield Refusal(
            "negative-quantity",
            _("The quantity is negative."),
            subject,
            _("To take approved work back, correct it or cancel its approval."),
        )
    elif not quantity:
        yield Refusal("quantity-missing", _("The quantity must be more than zero."), subject)


def reasons_against_price(
    quantity: Decimal, price: Decimal, currency: str, subject: str = ""
) -> Iterator[Refusal]:
    """Why a price per unit cannot be that of a cost: `currency` is the price's.

    Codes: price-not-possible, negative-price, amount-too-large (A8).
    """
    if not fits(price):
        yield Refusal(
            "price-not-possible",
            _("The price does not fit: at most 11 digits before and %(places)s after the decimal mark.")
            % {"places": STORED_PLACES},
            subject,
            _("Enter a smaller number, or fewer decimal places."),
        )
    elif price < 0:
        yield Refusal(
            "negative-price",
            _("The price is negative."),
            subject,
            _("To take approved work back, correct it or cancel its approval."),
        )
    elif fits(quantity) and times(quantity, price, currency) >= TOO_LARGE:
        yield Refusal(
            "amount-too-large",
            _("Quantity times price is too large to be stored."),
            subject,
            _("Check both, or record it in parts."),
        )


def fits(number: Decimal) -> bool:
    """Whether a number can be stored as it is."""
    if not number.is_finite() or abs(number) >= TOO_LARGE:
        return False
    return number == number.quantize(Decimal(1).scaleb(-STORED_PLACES))

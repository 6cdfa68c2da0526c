"""The filters of the backlog; their names are used in addresses."""

from collections.abc import Callable
from typing import Any

import django_filters as filters
from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from core.people import person_name
from projects.models import BacklogItem, ProjectContract
from projects.states import BillingStatus, BillingType, TransactionClass
from projects.views.page_defaults import today_of

ME = "me"
OPEN, BLOCKED, TO_LOOK_AT = "open", "blocked", "to_look_at"

STATES = [
    (OPEN, _("Not on a draft")),
    (BillingStatus.NOT_READY.value, _("Not ready")),
    (BillingStatus.READY.value, _("Ready to invoice")),
    (BLOCKED, _("Blocked")),
    (TO_LOOK_AT, _("To look at again")),
    (BillingStatus.ON_DRAFT.value, _("On a draft")),
]
BILLABLE_CLASSES = TransactionClass.reported()
BILLING_TYPES = [(one.value, one.label) for one in BillingType if one != BillingType.NOT_AVAILABLE]


def managers_of(request: Any) -> list[tuple[str, Any]]:
    """Me, and everybody else who manages a contract that the user may see."""
    contracts = ProjectContract.objects.visible_to(request.user)
    people = get_user_model().objects.filter(pk__in=contracts.order_by().values("manager"))
    others = people.exclude(pk=request.user.pk).order_by("last_name", "first_name", "username")
    return [(ME, _("me"))] + [(str(one.pk), person_name(one)) for one in others]


def managed_by(request: Any, prefix: str, value: str) -> Q:
    """Contracts that a person manages, reached over `prefix`."""
    return Q(**{f"{prefix}manager": request.user.pk if value == ME else value})


class ManagerFilter(filters.ChoiceFilter):
    """Whose contracts; `prefix` leads from the row to the contract."""

    def __init__(self, *args: Any, prefix: str = "contract__", **kwargs: Any):
        self.prefix = prefix
        super().__init__(*args, label=_("Manager is"), choices=(), empty_label=_("anybody"), **kwargs)

    @property
    def field(self) -> Any:
        """The field, with the people this user may ask for."""
        if not hasattr(self, "_people"):
            self._people = self.extra["choices"] = managers_of(self.parent.request)
        return super().field

    def filter(self, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
        """The rows of that manager's contracts."""
        return rows.filter(managed_by(self.parent.request, self.prefix, value)) if value else rows


def currency_filter(field_name: str = "currency") -> filters.Filter:
    """A currency by its code, as written."""
    return filters.CharFilter(
        label=_("Currency is"), field_name=field_name, lookup_expr="iexact", max_length=3
    )


class BacklogFilter(filters.FilterSet):
    """Time, expenses, material and fees that are approved and not billed."""

    q = filters.CharFilter(label=_("Search entries"), method="search", max_length=80)
    manager = ManagerFilter()
    since = filters.DateFilter(label=_("Date from"), field_name="transaction_date", lookup_expr="gte")
    to = filters.DateFilter(label=_("Date up to"), field_name="transaction_date", lookup_expr="lte")
    type = filters.MultipleChoiceFilter(
        label=_("Billing type is"), field_name="billing_type", choices=BILLING_TYPES, distinct=False
    )
    status = filters.ChoiceFilter(label=_("Status is"), method="state", choices=STATES, empty_label=_("any"))
    kind = filters.ChoiceFilter(
        label=_("Class is"),
        field_name="work_item__transaction_class",
        choices=BILLABLE_CLASSES,
        empty_label=_("any"),
    )
    contract = filters.CharFilter(
        label=_("Contract is"), field_name="contract__number", lookup_expr="iexact", max_length=20
    )
    customer = filters.CharFilter(label=_("Customer is"), method="of_customer", max_length=80)
    currency = currency_filter()
    person = filters.CharFilter(
        label=_("Person is"), field_name="work_item__resource__name", lookup_expr="icontains", max_length=80
    )
    project = filters.CharFilter(
        label=_("Project is"), field_name="project__number", lookup_expr="iexact", max_length=20
    )
    task = filters.CharFilter(
        label=_("Task is"), field_name="work_item__task__name", lookup_expr="icontains", max_length=80
    )

    class Meta:
        model = BacklogItem
        fields: list[str] = []

    def search(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        """Words of the description, the person, the task, the project, the contract or the customer."""
        for word in value.split()[:5]:
            rows = rows.filter(
                Q(work_item__external_description__icontains=word)
                | Q(external_description__icontains=word)
                | Q(work_item__description__icontains=word)
                | Q(work_item__resource__name__icontains=word)
                | Q(work_item__task__name__icontains=word)
                | Q(project__number__icontains=word)
                | Q(contract__number__icontains=word)
                | Q(contract__name__icontains=word)
                | Q(customer__name__icontains=word)
            )
        return rows

    def state(self, rows: Any, _name: str, value: str) -> QuerySet[Any]:
        """A stored state, or one that people ask for; what contract or payer stops is not ready for them."""
        asked: dict[str, Callable[[], QuerySet[Any]]] = {
            OPEN: rows.off_draft,
            BLOCKED: rows.blocked,
            BillingStatus.READY.value: rows.invoiceable,
            TO_LOOK_AT: lambda: rows.to_look_at(today_of(self.request)),
        }
        return asked[value]() if value in asked else rows.filter(status=value)

    def of_customer(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        """A customer by number or by part of the name."""
        return rows.filter(Q(customer__number__iexact=value) | Q(customer__name__icontains=value))

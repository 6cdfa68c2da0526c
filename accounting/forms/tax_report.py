"""Which taxes are shown: those of a period, a quarter or a year of a company, of all codes or of one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounting.balances import Span
from accounting.models import FiscalPeriod
from projects.models import LegalEntity, TaxCode

MONTHS_OF_A_QUARTER = 3
OUTSIDE = "none"
DOCUMENTS, LINES, DISCOUNTS = "documents", "lines", "discounts"


@dataclass(frozen=True)
class ReportSpan:
    """Days of a company that are reported together; `period` where they are a fiscal period."""

    legal_entity: LegalEntity
    span: Span
    name: str
    period: FiscalPeriod | None = None


def spans_of(periods: Iterable[FiscalPeriod]) -> dict[str, ReportSpan]:
    """What may be reported, by its key in the address: the periods, then quarters and years that have any."""
    spans: dict[str, ReportSpan] = {}
    longer: dict[str, ReportSpan] = {}
    for one in periods:
        days = Span(one.starts_on, one.ends_on)
        spans[f"p{one.pk}"] = ReportSpan(one.legal_entity, days, str(one), one)
        year, quarter = one.starts_on.year, (one.starts_on.month - 1) // MONTHS_OF_A_QUARTER + 1
        named = gettext("Quarter %(quarter)s %(year)s") % {"quarter": quarter, "year": year}
        longer[f"q{one.legal_entity_id}-{year}-{quarter}"] = ReportSpan(
            one.legal_entity, _quarter(year, quarter), named
        )
        longer[f"y{one.legal_entity_id}-{year}"] = ReportSpan(
            one.legal_entity, Span(date(year, 1, 1), date(year, 12, 31)), str(year)
        )
    return spans | longer


def _quarter(year: int, quarter: int) -> Span:
    first = date(year, (quarter - 1) * MONTHS_OF_A_QUARTER + 1, 1)
    last = date(year, 12, 31) if quarter == 4 else first.replace(month=first.month + 3) - timedelta(days=1)
    return Span(first, last)


class TaxReportForm(forms.Form):
    """The days and the tax code of a report."""

    period = forms.ChoiceField(label=_("Period"))
    code = forms.ChoiceField(label=_("Tax code"), required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any):
        super().__init__(*args, **kwargs)
        periods = FiscalPeriod.objects.visible_to(user).select_related("legal_entity")
        self.spans = spans_of(periods.order_by("-starts_on", "pk"))
        several = len({one.legal_entity.pk for one in self.spans.values()}) > 1
        self.fields["period"].choices = [  # type: ignore[attr-defined]
            (key, f"{one.name}, {one.legal_entity.name}" if several else one.name)
            for key, one in self.spans.items()
        ]
        self.fields["code"].choices = [  # type: ignore[attr-defined]
            ("", _("All codes")),
            *((str(code.pk), f"{code.code} {code.name}") for code in TaxCode.objects.order_by("code")),
            (OUTSIDE, _("Outside the tax")),
        ]

    @property
    def chosen(self) -> ReportSpan:
        """The days that are asked for."""
        return self.spans[self.cleaned_data["period"]]


class AuditForm(forms.Form):
    """The year that is exported for an audit."""

    year = forms.ChoiceField(label=_("Year"))

    def __init__(self, *args: Any, user: User, **kwargs: Any):
        super().__init__(*args, **kwargs)
        periods = FiscalPeriod.objects.visible_to(user).select_related("legal_entity")
        every = spans_of(periods.order_by("-starts_on", "pk"))
        self.spans = {key: one for key, one in every.items() if key.startswith("y")}
        self.fields["year"].choices = [  # type: ignore[attr-defined]
            (key, f"{one.name}, {one.legal_entity.name}") for key, one in self.spans.items()
        ]

    @property
    def chosen(self) -> ReportSpan:
        """The year that is asked for."""
        return self.spans[self.cleaned_data["year"]]

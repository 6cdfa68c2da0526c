"""Correct a confirmed proforma: what was billed, what stays billed, and the difference, side by side (B9)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from billing.corrected_discounts import with_discounts
from billing.correcting import correct_billed
from billing.correction_rows import BilledCorrection, billed_rows, with_retentions
from billing.forms.correction import BilledRowForm, CorrectForm, charged
from billing.models import Proforma
from billing.views.proforma import DRAFT, RELATED, ProformaMixin
from core.money import ZERO
from core.pages import FormPage
from projects.models import Actual
from projects.states import TransactionClass
from projects.views.page_defaults import today_of

ROWS_PER_PAGE = 100
GO, ALL = "go", "all"


@dataclass(frozen=True)
class Row:
    """A billed row, its form, and what changes; amounts are what the customer pays."""

    form: BilledRowForm
    correction: BilledCorrection
    is_following: bool = False

    @property
    def billed(self) -> Actual:
        """What was billed."""
        return self.correction.billed

    @property
    def is_changed(self) -> bool:
        """Whether it shall be billed otherwise."""
        return self.correction.changes_something

    @property
    def before(self) -> Decimal:
        """What the customer pays for it today."""
        return charged(self.billed.amount, self.billed.billing_type)

    @property
    def after(self) -> Decimal:
        """What the customer will pay for it."""
        return charged(self.correction.remaining.amount, self.billed.billing_type)

    @property
    def difference(self) -> Decimal:
        """What is added to what the customer pays; negative where it is credited."""
        return self.after - self.before

    @property
    def quantity_difference(self) -> Decimal:
        """What is added to the billed quantity."""
        return self.correction.remaining.quantity - self.billed.quantity

    @property
    def is_milestone(self) -> bool:
        """Whether what is taken back of it is ready to invoice again at once."""
        return self.billed.work_item.transaction_class == TransactionClass.MILESTONE


def rows_of(form: CorrectForm) -> list[Row]:
    """The rows of a form with what it asks of each."""
    return [Row(row, BilledCorrection(row.billed, **row.asked)) for row in form.rows]


def with_following(rows: Sequence[Row], *, keep_discounts: bool) -> list[Row]:
    """The rows, and on those that take their share of what others change, what they would become."""
    own = [row.correction for row in rows if row.is_changed]
    asked = with_retentions(own if keep_discounts else with_discounts(own))
    following = {one.billed.pk: one for one in asked[len(own) :]}
    return [
        replace(row, correction=following[row.billed.pk], is_following=True)
        if row.billed.pk in following
        else row
        for row in rows
    ]


def live_parts(rows: Sequence[Row]) -> str:
    """The elements of the page that follow what is typed, as htmx names them; never a field."""
    cells = [f"#difference-{row.billed.pk}" for row in rows]
    # What a fee or milestone comes to is typed itself.
    cells += [f"#after-{row.billed.pk}" for row in rows if "amount" not in row.form.fields]
    return ",".join(["#rows", "#sums", "#draft-says", "#draft-go", *cells])


@dataclass(frozen=True)
class CorrectionSums:
    """What the customer pays for the rows of the page before and after."""

    before: Decimal
    after: Decimal

    @property
    def difference(self) -> Decimal:
        """The sum of the correction, net."""
        return self.after - self.before


class Correct(ProformaMixin, FormPage):
    """All billed rows with what stays billed of each; only what is changed enters the correction."""

    permission, title, form_class = DRAFT, _("Correct what was billed"), CorrectForm
    template_name = "billing/correct.html"
    success_message = _("Correction drafted: check it, then confirm it like any proforma")

    def get_queryset(self) -> QuerySet[Proforma]:
        return Proforma.objects.changeable_by(self.user).confirmed().select_related(*RELATED)

    @cached_property
    def standing(self) -> list[Actual]:
        """All rows that are billed by this proforma, or by what corrected it."""
        return billed_rows(self.object)

    @cached_property
    def page(self) -> Page:
        """As many of them as one form carries."""
        return Paginator(self.standing, ROWS_PER_PAGE).get_page(self.request.GET.get("page"))

    @cached_property
    def drafts(self) -> Sequence[Proforma]:
        """Open drafts of the same contract and customer, taxed as what is corrected."""
        names = ("contract_id", "customer_id", "sales_tax_group_id")
        same = {name: getattr(self.object, name) for name in names}
        return list(Proforma.objects.visible_to(self.user).open().with_net().filter(**same))

    def get_initial(self) -> dict[str, Any]:
        return {"invoice_date": today_of(self.request)}

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"rows": list(self.page), "drafts": self.drafts}

    def form_valid(self, form: CorrectForm) -> HttpResponse:
        """Show the differences, or draft the correction of what was changed, or of everything."""
        if ALL in self.request.POST:
            # What was billed with nothing has nothing to take back, and would stop all the others.
            asked = [BilledCorrection(row, quantity=ZERO) for row in self.standing]
            return self.draft(form, [one for one in asked if one.changes_something])
        if GO in self.request.POST:
            return self.draft(form, [row.correction for row in rows_of(form) if row.is_changed])
        return self.render_to_response(self.get_context_data(form=form))

    def draft(self, form: CorrectForm, corrections: Sequence[BilledCorrection]) -> HttpResponse:
        """Call the verb and go to its draft."""
        number = form.cleaned_data["into"]
        into = Proforma.objects.visible_to(self.user).filter(number=number) if number else None
        day, user = form.cleaned_data["invoice_date"], self.user
        return self.answer(
            lambda: correct_billed(
                corrections,
                invoice_date=day,
                into=into,
                keep_discounts=form.cleaned_data["keep_discounts"],
                actor=user,
                at=timezone.now(),
            ),
            form,
        )

    def get_success_url(self) -> str:
        """The draft."""
        (draft,) = self.result
        return reverse("proforma", args=[draft.number])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The rows side by side, with their sums."""
        context = super().get_context_data(**kwargs)
        form = context["form"]
        is_kept = form.is_bound and bool(getattr(form, "cleaned_data", {}).get("keep_discounts"))
        rows = with_following(rows_of(form), keep_discounts=is_kept)
        changed = [row for row in rows if row.is_changed]
        sums = CorrectionSums(sum((row.before for row in rows), ZERO), sum((row.after for row in rows), ZERO))
        return context | {
            "object": self.object,
            "rows": rows,
            "changed": changed,
            "own": [row for row in changed if not row.is_following],
            "following": [row for row in changed if row.is_following],
            "has_discounts": any(
                row.billed.work_item.transaction_class == TransactionClass.DISCOUNT for row in rows
            ),
            "sums": sums,
            "live_parts": live_parts(rows),
            "page": self.page,
            "crumbs": [
                (_("Proforma invoices"), reverse("proformas")),
                (self.object.number, self.cancel_url),
                (_("Correction"), ""),
            ],
        }

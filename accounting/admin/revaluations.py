"""Revaluations: previewed balance by balance, posted once for a period, and reversed (C9)."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin import ModelAdmin, RelatedOnlyFieldListFilter
from django.contrib.auth.models import User
from django.db.models import Max, Sum
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounting.models import Account, FiscalPeriod, Revaluation, RevaluationLine, Voucher
from accounting.querysets import RevaluationQuerySet
from accounting.revaluing import reasons_against_revaluing, revalue_balances, reverse_revaluations
from accounting.row_names import name_of
from accounting.states import VoucherSource
from accounting.valued_balances import ForeignBalance, foreign_balances, rates_of_the_day
from core.admin_kit import (
    ActionPreview,
    AdminAction,
    Cell,
    Panel,
    ReadOnlyAdmin,
    change_url,
    columns,
    link_to,
    shown_of,
    signed_in_user,
)
from core.day_inputs import DayField
from core.money import ZERO
from core.refusals import Refusal
from core.templatetags import display
from projects.models import LegalEntity

PERMISSION = "accounting.revalue_balances"
ROWS_SHOWN = 200
HEADS = (
    _("Balance"),
    _("Customer"),
    _("Open"),
    _("In the books"),
    _("Rate"),
    _("Worth"),
    _("Difference"),
)


class RevaluationForm(forms.Form):
    """The day whose rates are meant."""

    on = DayField(label=_("Valued on"), help_text=_("Usually the last day of a period; it is valued once."))


class Revalue(AdminAction):
    """Values the foreign balances of each company at the rates of a day, and reverses that on the next."""

    name, label, permission = "revalue", _("Revalue foreign balances"), PERMISSION
    on_all = confirms = is_primary = True
    on_one = on_many = False
    form_class = RevaluationForm
    preview_again_label = _("Show for this day")

    def get_queryset(self, model_admin: ModelAdmin, request: HttpRequest) -> Any:
        """The user's legal entities."""
        return LegalEntity.objects.visible_to(signed_in_user(request)).order_by("pk")

    def get_initial(self, request: HttpRequest, targets: Any) -> dict[str, Any]:
        """The last day of the last period that is over."""
        return {"on": _usual_day(targets)}

    def preview(self, request: HttpRequest, targets: Any, cleaned_data: dict[str, Any]) -> ActionPreview:
        """Every balance with what it is worth; companies that cannot be valued are named and left out."""
        on: date = cleaned_data.get("on") or _usual_day(targets)
        possible: list[LegalEntity] = []
        refusals: list[Refusal] = []
        panels: list[Panel] = []
        seen: list[str] = [str(on)]
        for entity in targets:
            reasons = reasons_against_revaluing(entity, on, timezone.now())
            refusals += reasons
            balances, rates = foreign_balances(entity, on), rates_of_the_day(entity, on)
            if balances:
                panels.append(_valued_panel(entity, on, balances, rates))
            if not reasons:
                possible.append(entity)
                seen += [f"{one.account_id} {one.currency} {one.amount} {one.base}" for one in balances]
                seen += [f"{currency} {rate}" for currency, rate in sorted(rates.items())]
        return ActionPreview(
            LegalEntity.objects.filter(pk__in=[one.pk for one in possible]),
            "; ".join(seen),
            effects=(
                _("The differences are posted to unrealised gains and losses, balance by balance."),
                _("Its reversal is posted on the day after, so that payments find the books as they were."),
            ),
            panels=panels,
            refusals=refusals,
            submit_label=_("Post the revaluation"),
            is_possible=bool(possible),
        )

    def run(
        self, targets: Any, *, actor: User, at: datetime, cleaned_data: dict[str, Any]
    ) -> list[Revaluation]:
        """Call the verb."""
        return revalue_balances(targets, on=cleaned_data["on"], actor=actor, at=at)

    def get_success_message(self, result: list[Revaluation]) -> str:
        """How many companies."""
        count = len(result)
        words = ngettext(
            "The foreign balances of %(count)s company are revalued, and that is reversed the day after.",
            "The foreign balances of %(count)s companies are revalued, and that is reversed the day after.",
            count,
        )
        return words % {"count": count}

    def get_success_url(self, result: list[Revaluation], cancel_url: str) -> str:
        """To the one that was posted."""
        return change_url(Revaluation, result[0].pk) if len(result) == 1 else cancel_url


def _usual_day(entities: Any) -> date:
    today = timezone.localdate()
    over = FiscalPeriod.objects.filter(legal_entity__in=entities.values("pk"), ends_on__lte=today)
    return over.aggregate(last=Max("ends_on"))["last"] or today


def _valued_panel(
    entity: LegalEntity, on: date, balances: Sequence[ForeignBalance], rates: dict[str, Decimal]
) -> Panel:
    accounts = Account.objects.in_bulk({one.account_id for one in balances})
    rows = []
    total = ZERO
    for nth, one in enumerate(balances):
        rate = rates.get(one.currency)
        difference = None if rate is None else one.difference(rate, entity.currency)
        total += difference or ZERO
        if nth < ROWS_SHOWN:
            named = Cell(name_of(one.row)) if one.row else Cell(accounts[one.account_id])
            customer = link_to(one.row.customer if one.row else None)
            own = (one.amount, one.base, rate, difference)
            rows.append([named, customer, *_figures(one.currency, entity.currency, *own)])
    title = _("%(company)s on %(day)s, difference %(total)s") % {
        "company": entity.name,
        "day": display.day(on),
        "total": display.money(total, entity.currency),
    }
    return Panel(title, HEADS, rows, lines=shown_of(ROWS_SHOWN, len(balances)))


def _figures(
    currency: str, own: str, amount: Decimal, base: Decimal, rate: Decimal | None, difference: Decimal | None
) -> list[Cell]:
    """Open, in the books, rate, worth and difference; what has no rate is left empty."""
    known = rate is not None and difference is not None
    return [
        Cell(display.money(amount, currency), is_figure=True),
        Cell(display.money(base, own), is_figure=True),
        Cell(display.rate(rate) if known else _("no rate"), is_figure=True),
        Cell(display.money(base + (difference or ZERO), own) if known else "", is_figure=True),
        Cell(display.money(difference, own) if known else "", is_figure=True),
    ]


class ReverseRevaluation(AdminAction):
    """Reverses a revaluation on its own days, so that the period may be valued anew."""

    name, label, permission = "reverse", _("Reverse"), PERMISSION
    confirms = True

    def is_available(self, obj: Revaluation) -> bool:
        """While it stands."""
        return Revaluation.objects.standing().filter(pk=obj.pk).exists()

    def preview(
        self, request: HttpRequest, targets: RevaluationQuerySet, cleaned_data: dict[str, Any]
    ) -> ActionPreview:
        """Those that stand."""
        chosen = list(targets.standing().select_related("legal_entity").order_by("pk"))
        rows = [(link_to(one), Cell(one.legal_entity), Cell(display.day(one.reversed_on))) for one in chosen]
        heads = (_("Valued on"), _("Company"), _("Reversed on"))
        return ActionPreview(
            Revaluation.objects.filter(pk__in=[one.pk for one in chosen]),
            ",".join(str(one.pk) for one in chosen),
            effects=(_("Its reversal is posted on both of its days; the period may then be valued anew."),),
            panels=(Panel(_("Revaluations"), heads, rows, _("None of these.")),),
            submit_label=self.label,
            is_possible=bool(chosen),
        )

    def run(
        self, targets: RevaluationQuerySet, *, actor: User, at: datetime, cleaned_data: dict[str, Any]
    ) -> int:
        """Call the verb."""
        return reverse_revaluations(targets, actor=actor, at=at)

    def get_success_message(self, result: int) -> str:
        """How many."""
        words = ngettext("%(count)s revaluation reversed.", "%(count)s revaluations reversed.", result)
        return words % {"count": result}


@admin.register(Revaluation)
class RevaluationAdmin(ReadOnlyAdmin):
    """What foreign balances were worth at the end of periods, and what was posted of it."""

    list_display = (
        columns.day("valued_on", _("valued on")),
        "legal_entity",
        columns.text("period__name", _("period")),
        columns.day("reversed_on", _("reversed on")),
        "difference",
        columns.person("posted_by", _("posted by")),
        "standing",
    )
    list_filter = (("legal_entity", RelatedOnlyFieldListFilter),)
    list_select_related = ("legal_entity", "period", "posted_by")
    date_hierarchy = "valued_on"
    fields = ("legal_entity", "period", "valued_on", "reversed_on", "reverses", "posted_by", "posted_at")
    action_classes: ClassVar = (Revalue, ReverseRevaluation)

    def load_for_rows(self, request: HttpRequest, rows: Sequence[Any]) -> None:
        """The difference of each, and which of them stand: two statements."""
        keys = [row.pk for row in rows]
        lines = RevaluationLine.objects.filter(revaluation__in=keys).order_by()
        sums = dict(lines.values_list("revaluation").annotate(sum=Sum("difference")))
        stands = set(Revaluation.objects.standing().filter(pk__in=keys).values_list("pk", flat=True))
        for row in rows:
            row.sum, row.stands = sums.get(row.pk, ZERO), row.pk in stands

    @admin.display(description=_("difference"))
    def difference(self, row: Any) -> str:
        return display.money(row.sum, row.legal_entity.currency)

    @admin.display(description=_("standing"))
    def standing(self, row: Any) -> Any:
        if row.stands:
            return _("Stands")
        return _("Reverses another one") if row.reverses_id else _("Reversed")

    def get_panels(self, request: HttpRequest, obj: Revaluation) -> Iterable[Panel]:
        """Balance by balance, and both vouchers."""
        own = obj.legal_entity.currency
        related = ("account", "customer", "customer_transaction__invoice", "customer_transaction__voucher")
        lines = obj.lines.select_related(*related).order_by("pk")
        rows = [
            [
                Cell(name_of(one.customer_transaction) or str(one.account)),
                link_to(one.customer),
                *_figures(one.currency, own, one.amount, one.base_amount, one.rate, one.difference),
            ]
            for one in lines[:ROWS_SHOWN]
        ]
        count = len(rows) if len(rows) < ROWS_SHOWN else lines.count()
        yield Panel(_("Balances"), HEADS, rows, lines=shown_of(ROWS_SHOWN, count))
        kinds = [VoucherSource.REVALUATION, VoucherSource.REVALUATION_REVERSAL]
        vouchers = Voucher.objects.filter(source_kind__in=kinds, source_id=obj.pk).order_by("date", "pk")
        posted = [[link_to(one), Cell(display.day(one.date))] for one in vouchers]
        yield Panel(_("Vouchers"), (_("Number"), _("Date")), posted)

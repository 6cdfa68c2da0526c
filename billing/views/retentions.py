"""Retentions: the list, their release, when it is due, and what a draft keeps back (B12)."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, QuerySet, Sum
from django.http import HttpResponse
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from billing.filters.retentions import RetentionFilter
from billing.forms.retentions import ChangeReleaseForm, KeepForm, ReleaseForm
from billing.models import Proforma, Retention
from billing.releasing import RetentionTerms, change_release, keep_share, release_retentions
from billing.retention_querysets import RetentionQuerySet
from billing.tables.retentions import RetentionTable
from billing.views.advance_tabs import RETENTION, advance_tabs
from billing.views.money_list import MoneyList
from billing.views.proforma import DRAFT, ProformaMixin
from billing.views.retention_figures import due_ones, retention_kpi
from core.money import ZERO
from core.pages import FormPage, ListTable, ObjectMixin, Total
from projects.views.page_defaults import PageDefaults

VIEW = "billing.view_retention"
NAMES = ("line__proforma__contract", "line__proforma__customer")


class Retentions(MoneyList):
    """What customers of the user's contracts keep back; sums per currency."""

    permission, url_name = VIEW, "retentions"
    title, purpose = _("Retention"), _("A share of each net that is paid later; its tax is invoiced in full")
    template_name = "billing/retentions.html"
    filterset_class, table_class = RetentionFilter, RetentionTable

    def get_queryset(self) -> QuerySet[Retention]:
        rows: QuerySet[Retention] = Retention.objects.visible_to(self.user).confirmed().with_amounts()
        return rows

    def with_details(self, rows: Any) -> QuerySet[Retention]:
        """Rows with their names."""
        named: QuerySet[Retention] = rows.with_net().select_related(*NAMES).marked_mine(self.user)
        return named

    def get_totals(self, rows: Any) -> Sequence[Total]:
        """How many, and what is open, per currency."""
        keys = rows.order_by().values("pk")
        sums = Retention.objects.filter(pk__in=keys).order_by().values("line__proforma__currency")
        confirmed = RetentionQuerySet.CONFIRMED
        counted = sums.annotate(
            retentions=Count("pk", distinct=True),
            left=Sum("details__amount", filter=confirmed, default=ZERO),
        )
        return [
            Total(row["line__proforma__currency"], row["retentions"], -row["left"])
            for row in counted.order_by("line__proforma__currency")
        ]

    def get_whole_table(self, **kwargs: Any) -> ListTable:
        """With the reader's day and rights."""
        table = super().get_whole_table(**kwargs)
        table.today, table.may_release = self.today, self.may(DRAFT)
        return table

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = self.get_queryset()
        return super().get_context_data(
            tabs=advance_tabs(self.user, RETENTION),
            kpis=[retention_kpi(rows, self.today)],
            due=due_ones(rows, self.today) if self.may(DRAFT) else [],
            **kwargs,
        )


class OfRetention(ObjectMixin, PageDefaults, FormPage):
    """A form about one retention of a contract that the user manages."""

    permission, template_name = DRAFT, "billing/retention_form.html"
    cancel_url = success_url = reverse_lazy("retentions")

    def get_queryset(self) -> QuerySet[Retention]:
        rows = Retention.objects.changeable_by(self.user).confirmed().with_amounts()
        return rows.select_related(*NAMES)

    @property
    def chosen(self) -> Any:
        """It as the verbs take it."""
        return Retention.objects.filter(pk=self.object.pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        crumbs = [(Retentions.title, reverse("retentions")), (self.title, "")]
        return super().get_context_data(**{"retention": self.object, "crumbs": crumbs, **kwargs})


class Release(OfRetention):
    title, form_class, submit_label = _("Release"), ReleaseForm, _("Release")
    success_message = _("Released on a draft: check it, then confirm it like any proforma")

    @cached_property
    def drafts(self) -> list[Proforma]:
        """Open drafts of the same contract and customer."""
        proforma = self.object.line.proforma
        same = {"contract": proforma.contract, "customer": proforma.customer}
        return list(
            Proforma.objects.visible_to(self.user).open().with_net().filter(**same).order_by("number")
        )

    def get_initial(self) -> dict[str, Any]:
        left = self.object.open_amount - self.object.drafted
        return {"amount": left, "invoice_date": self.today}

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"retention": self.object, "drafts": self.drafts}

    def form_valid(self, form: ReleaseForm) -> HttpResponse:
        asked, user, now = form.cleaned_data, self.user, timezone.now()
        into = Proforma.objects.visible_to(user).filter(number=asked["into"]) if asked["into"] else None
        return self.answer(
            lambda: release_retentions(
                self.chosen,
                amount=asked["amount"],
                invoice_date=asked["invoice_date"],
                into=into,
                actor=user,
                at=now,
            ),
            form,
        )

    def get_success_url(self) -> str:
        """The draft."""
        (draft,) = self.result
        return reverse("proforma", args=[draft.number])


class ChangeRelease(OfRetention):
    title, form_class = _("Change the release"), ChangeReleaseForm
    success_message = _("Release date saved")

    def get_initial(self) -> dict[str, Any]:
        return {"release_on": self.object.release_on, "condition": self.object.condition}

    def form_valid(self, form: ChangeReleaseForm) -> HttpResponse:
        asked, user, now = form.cleaned_data, self.user, timezone.now()
        return self.answer(lambda: change_release(self.chosen, **asked, actor=user, at=now), form)


class KeepShare(ProformaMixin, FormPage):
    """What a draft keeps back, whatever its contract has agreed."""

    permission, template_name, form_class = DRAFT, "billing/keep_form.html", KeepForm
    title, success_message = _("Retention"), _("Retention saved: the totals are added up again")

    def get_queryset(self) -> QuerySet[Proforma]:
        """Drafts alone: what is confirmed keeps back what it does."""
        return super().get_queryset().open()  # type: ignore[attr-defined]

    def get_initial(self) -> dict[str, Any]:
        present = Retention.objects.filter(line__proforma=self.object).first()
        names = ("percent", "release_on", "condition")
        return {name: getattr(present, name) for name in names} if present else {}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(object=self.object, **kwargs)

    def form_valid(self, form: KeepForm) -> HttpResponse:
        terms, user, now = RetentionTerms(**form.cleaned_data), self.user, timezone.now()
        return self.answer(lambda: keep_share(self.object, terms, actor=user, at=now), form)

    def get_success_url(self) -> str:
        """The draft."""
        return self.cancel_url

"""Drafting from a selection or a contract: pages that ask first, and the drafts that were made."""

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from billing.drafts_ahead import Preview, previews
from billing.forms.backlog import DraftForm
from billing.limits_ahead import kept_among
from billing.models import Proforma
from billing.tables.drafts import DraftTable
from core.money import sum_by
from core.pages import ConfirmedAction, Page, Total
from projects.views.page_defaults import PageDefaults


class DraftAction(PageDefaults, ConfirmedAction):
    """What all pages share that draft: the date, the preview, and the way to the drafts that were made."""

    permission, title = "billing.draft_proforma", gettext_lazy("Create proformas")
    form_class, template_name = DraftForm, "billing/draft.html"
    left_out: Sequence[Preview] = ()

    def get_billable(self) -> tuple[Any, Any]:
        """Backlog items and milestone shares that may go on the drafts."""
        raise NotImplementedError

    def get_draftable(self, form: DraftForm) -> tuple[Any, Any]:
        """What goes on drafts; refused contracts are left out, with their reasons kept (decision 19).

        Where all of them are refused, all of it, so that the verb says why.
        """
        items, shares = self.get_billable()
        rows = previews(items, shares, form.cleaned_data["invoice_date"])
        keys = {row.contract.pk for row in rows if row.is_drafted}
        if not keys:
            return items, shares
        self.left_out = [row for row in rows if row.has_ready and not row.is_drafted]
        of_contracts = {"milestone__contract_line__contract__in": keys}
        return items.filter(contract__in=keys), shares.filter(**of_contracts)

    def get_initial(self) -> dict[str, Any]:
        """Today, where the legal entity is, unless the user says otherwise."""
        return {"invoice_date": self.today}

    def get_verb_kwargs(self, form: DraftForm) -> dict[str, Any]:
        return super().get_verb_kwargs(form) | {"invoice_date": form.cleaned_data["invoice_date"]}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """What would be drafted with the date of the form, one row per proforma, and its totals."""
        context = super().get_context_data(**kwargs)
        day = context["form"].preview_date()
        rows = previews(*self.get_billable(), day) if day else []
        drafted = sum(row.is_drafted for row in rows)
        return {"previews": rows, "drafted": drafted, "totals": totals_of(rows), **context}

    def get_success_url(self) -> str:
        """The drafts that were made; back where there were none."""
        if not self.result:
            return str(self.cancel_url)
        made = {"at": self.result[0].created_at.isoformat()}
        # For the page that names what was made; what was left out is nowhere else.
        self.request.session[LEFT_OUT] = made | {"rows": [as_kept(row) for row in self.left_out[:MOST]]}
        return f"{reverse('drafted')}?{urlencode(made)}"

    def get_success_message(self) -> str:
        """How many proformas there are now, or why there is none, and what a limit kept back."""
        count = len(self.result)
        made = ngettext("%(count)s proforma created", "%(count)s proformas created", count) % {"count": count}
        nothing = _("Nothing of it is ready up to this date, so no proforma was created.")
        done = made if count else nothing
        if count and self.left_out:
            out = ngettext("%(count)s left out", "%(count)s left out", len(self.left_out))
            done = f"{done}, {out % {'count': len(self.left_out)}}"
        kept = kept_among(self.get_billable()[0])
        return ". ".join([done.rstrip("."), *map(str, kept)]) if kept else done


LEFT_OUT = "left_out_of_drafts"
MOST = 200


def as_kept(row: Preview) -> dict[str, str]:
    """Who gets no proforma of which contract, why, and what to do about it, as the session keeps it."""
    return {
        "contract": str(row.contract),
        "number": row.contract.number,
        "customer": row.customer.name,
        "why": " ".join(str(one.message) for one in row.refusals),
        "way_out": " ".join(str(one.way_out) for one in row.refusals),
    }


class Drafted(Page):
    """The drafts that one click made: those of this user, created at one moment; and what it left out."""

    permission, template_name = "billing.view_proforma", "billing/drafted.html"
    title = gettext_lazy("Proformas created")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Drafts of the moment the address names as a table, with totals; none where it names no moment."""
        moment, user = moment_of(self.request.GET), self.user
        mine = Proforma.objects.visible_to(user).filter(created_by=user, created_at=moment)
        rows = mine.select_related("contract", "customer").order_by("pk") if moment else mine.none()
        table = DraftTable(rows[:MOST], orderable=False, exclude=["customer_invoice_number"])
        kept = self.request.session.get(LEFT_OUT, {})
        is_same = moment is not None and kept.get("at") == moment.isoformat()
        return super().get_context_data(
            table=table, totals=table.totals(), left_out=kept["rows"] if is_same else [], **kwargs
        )


def moment_of(params: QueryDict) -> dt.datetime | None:
    """The moment an address names, to the microsecond; None where it cannot be read."""
    try:
        moment = dt.datetime.fromisoformat(params.get("at", ""))
    except ValueError:
        return None
    return moment if timezone.is_aware(moment) else None


def totals_of(rows: Iterable[Preview]) -> Sequence[Total]:
    """Sum per currency of what will be drafted."""
    drafted = [one for one in rows if one.is_drafted]
    sums = sum_by((one.contract.currency, one.amount) for one in drafted)
    counts = sum_by((one.contract.currency, Decimal(1)) for one in drafted)
    return [Total(currency, int(counts[currency]), sums[currency]) for currency in sorted(sums)]

"""Drafting from a selection or a contract: pages that ask first, and the drafts that were made."""

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.db.models import Exists
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from billing.adding import place_selection
from billing.draft_targets import drafts_of_item, drafts_of_share
from billing.drafts_ahead import Preview
from billing.forms.backlog import DraftForm
from billing.limits_ahead import kept_among
from billing.models import Proforma
from billing.next_parts import NextParts
from billing.payers import payers_of
from billing.querysets import ProformaQuerySet
from billing.retainer_querysets import RetainerQuerySet
from billing.tables.drafts import DraftTable
from billing.views.confirm_next import among
from billing.views.placements import Placement, Placing, placements
from core.money import sum_by
from core.pages import Button, ConfirmedAction, Page, Total
from core.refusals import refuse_if
from core.templatetags.display import money, number
from projects.views.page_defaults import PageDefaults


def create_button(url_name: str) -> Button:
    """The action of a list that makes proformas of its ticked rows, and says how many and their net."""
    label = gettext_lazy("Create proforma")
    return Button(label, url_name, "billing.draft_proforma", key="c", primary=True, asks=True)


class DraftAction(PageDefaults, ConfirmedAction):
    """What all pages share that draft: the date, the preview, and the way to the drafts that were made."""

    permission, title = "billing.draft_proforma", gettext_lazy("Create proformas")
    form_class, template_name = DraftForm, "billing/draft.html"
    left_out: Sequence[Preview] = ()
    # Whether open drafts are proposed where there are some, or new ones everywhere.
    adds: ClassVar[bool] = False

    def get_billable(self) -> tuple[Any, Any]:
        """Backlog items and milestone shares that may go on the drafts."""
        raise NotImplementedError

    def get_retainers(self) -> RetainerQuerySet | None:
        """Advances that may go on new drafts beside it; none where single items were chosen."""
        return None

    def get_parts(self) -> NextParts | None:
        """What was typed as going next of milestones and is stored with the drafts; none as it is stored."""
        return None

    def get_draftable(self, form: DraftForm) -> tuple[Any, Any, ProformaQuerySet]:
        """What goes on drafts, and the open ones; what is refused is left out with its reasons (decision 19).

        Where all of it is refused, all of it, so that the verb says why.
        """
        items, shares = self.get_billable()
        drafts = self.placing.target_rows
        rows = self.placements(form.cleaned_data["invoice_date"])
        keys = {row.preview.contract.pk for row in rows if row.preview.is_drafted}
        if not keys:
            return items, shares, drafts
        refused = [row for row in rows if row.preview.has_ready and not row.preview.is_drafted]
        self.left_out = [row.preview for row in refused]
        # A draft that cannot take more keeps nobody else from theirs.
        full = drafts.filter(number__in=[row.chosen for row in refused if row.is_added])
        of_contracts = {"milestone__contract_line__contract__in": keys}
        return (
            items.filter(contract__in=keys).exclude(Exists(drafts_of_item(full))),
            shares.filter(**of_contracts).exclude(Exists(drafts_of_share(full))),
            drafts.exclude(pk__in=full.values("pk")),
        )

    def draft_anew(self, form: DraftForm, items: Any, shares: Any) -> list[Proforma]:
        """New drafts for these items and shares."""
        raise NotImplementedError

    @cached_property
    def placing(self) -> Placing:
        """Where each contract and customer goes, as the form says or as is proposed."""
        items, shares = self.get_billable()
        payers = sorted(payers_of(items.order_by(), shares))
        return Placing(self.user, payers, self.request.POST, adds=self.adds or "add" in self.request.GET)

    def call_verb(self, form: DraftForm) -> list[Proforma]:
        """Draft anew, or add to the drafts that were chosen and draft the rest. Raises Refused."""
        refuse_if(self.placing.refusals())
        items, shares, drafts = self.get_draftable(form)
        if not drafts.exists():
            return self.draft_anew(form, items, shares)
        parts = self.get_parts()
        return place_selection(items, shares, drafts, parts=parts, **self.get_verb_kwargs(form))

    def get_initial(self) -> dict[str, Any]:
        """Today, where the legal entity is, unless the user says otherwise."""
        return {"invoice_date": self.today}

    def get_verb_kwargs(self, form: DraftForm) -> dict[str, Any]:
        return super().get_verb_kwargs(form) | {"invoice_date": form.cleaned_data["invoice_date"]}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """What would be drafted with the date of the form, one row per proforma, and its totals."""
        context = super().get_context_data(**kwargs)
        day = context["form"].preview_date()
        rows = self.placements(day, self.get_retainers()) if day else []
        made = [row for row in rows if row.preview.is_drafted]
        sent = [pair for pair in context["sent_fields"] if not pair[0].startswith("into-")]
        return {
            "placements": rows,
            "asked": any(row.is_open_question for row in made),
            "drafted": sum(not row.is_added for row in made),
            "added": sum(row.is_added for row in made),
            "totals": totals_of([row.preview for row in rows]),
            **context,
            "sent_fields": sent,
        }

    def placements(self, day: dt.date, retainers: RetainerQuerySet | None = None) -> list[Placement]:
        """What goes where with this invoice date, and with these advances on new drafts."""
        billable = self.get_billable()
        return placements(*billable, day, self.placing, retainers=retainers, parts=self.get_parts())

    def ahead(self) -> str:
        """How many new proformas the page proposes, and their net: its own figures, for a button."""
        rows = self.placements(self.today, self.get_retainers())
        made = [row.preview for row in rows if row.preview.is_drafted]
        if not made:
            return ""
        words = ngettext(
            "Create %(count)s proforma, %(sums)s", "Create %(count)s proformas, %(sums)s", len(made)
        )
        return words % {"count": number(len(made)), "sums": sums_in_words(totals_of(made))}

    def get_success_url(self) -> str:
        """The drafts that were made, or the one that was added to; back where there were none."""
        if not self.result:
            return str(self.cancel_url)
        if not self.made:
            one = self.result[0].number
            return reverse("proforma", args=[one]) if len(self.result) == 1 else reverse("proformas")
        made = {"at": self.made[0].created_at.isoformat()}
        # For the page that names what was made; what was left out is nowhere else.
        self.request.session[LEFT_OUT] = made | {"rows": [as_kept(row) for row in self.left_out[:MOST]]}
        return f"{reverse('drafted')}?{urlencode(made)}"

    @property
    def made(self) -> list[Proforma]:
        """Those of the result that were not there before."""
        there = {draft.pk for draft in self.placing.targets}
        return [draft for draft in self.result if draft.pk not in there]

    def get_success_message(self) -> str:
        """How many proformas there are now, or why there is none, and what a limit kept back."""
        done = self._done()
        if done and self.left_out:
            out = ngettext("%(count)s left out", "%(count)s left out", len(self.left_out))
            done[-1] = f"{done[-1]}, {out % {'count': len(self.left_out)}}"
        kept = kept_among(self.get_billable()[0])
        nothing = _("Nothing of it is ready up to this date, so no proforma was created.")
        return ". ".join([*done, *map(str, kept)]) or nothing

    def _done(self) -> list[str]:
        """What was created, and what other drafts were added to."""
        count, done = len(self.made), []
        if count:
            words = ngettext("%(count)s proforma created", "%(count)s proformas created", count)
            done.append(words % {"count": number(count)})
        added = [draft.number for draft in self.result if draft not in self.made]
        if added:
            done.append(_("Added to %(numbers)s") % {"numbers": ", ".join(added)})
        return done


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
        rows = (
            mine.with_net().select_related("contract", "customer").order_by("pk") if moment else mine.none()
        )
        shown = rows[:MOST]
        table = DraftTable(shown, orderable=False, exclude=["customer_invoice_number"])
        kept = self.request.session.get(LEFT_OUT, {})
        is_same = moment is not None and kept.get("at") == moment.isoformat()
        return super().get_context_data(
            table=table,
            totals=table.totals(),
            left_out=kept["rows"] if is_same else [],
            to_confirm=among(shown, self.request),
            **kwargs,
        )


def moment_of(params: QueryDict) -> dt.datetime | None:
    """The moment an address names, to the microsecond; None where it cannot be read."""
    try:
        moment = dt.datetime.fromisoformat(params.get("at", ""))
    except ValueError:
        return None
    return moment if timezone.is_aware(moment) else None


def sums_in_words(totals: Iterable[Total]) -> str:
    """The sum of each currency, as a button says them."""
    return ", ".join(money(total.amount, total.currency) for total in totals)


def totals_of(rows: Iterable[Preview]) -> Sequence[Total]:
    """Sum per currency of what will be drafted."""
    drafted = [one for one in rows if one.is_drafted]
    sums = sum_by((one.contract.currency, one.net) for one in drafted)
    counts = sum_by((one.contract.currency, Decimal(1)) for one in drafted)
    return [Total(currency, int(counts[currency]), sums[currency]) for currency in sorted(sums)]

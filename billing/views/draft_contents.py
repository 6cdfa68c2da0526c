"""What comes on a draft and leaves it: add, refresh, move, revert (B5, B7)."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy

from billing.adding import add_to_drafts, refresh_drafts
from billing.forms.draft_contents import RefreshForm, TargetForm
from billing.limits_ahead import kept_among
from billing.models import InvoiceLineDetail, Proforma
from billing.moving import move_details
from billing.pending import items_of, pending_of, shares_of
from billing.reverting import revert_details
from billing.views.of_draft import OfDraft
from core.money import ZERO
from core.pages import ActionPage, ConfirmedAction
from core.pages.selection import keyed
from core.refusals import Refusal, refuse_if
from core.templatetags.display import day as written
from core.templatetags.display import money, number

SHOWN = 8

NO_DETAIL = Refusal(
    "nothing-selected",
    gettext_lazy("No detail was ticked."),
    way_out=gettext_lazy("Tick the details you mean, then try again."),
)
NO_ROW = Refusal(
    "nothing-selected",
    gettext_lazy("Nothing was chosen."),
    way_out=gettext_lazy("Choose what to add from what is pending."),
)


class Growing(OfDraft, ActionPage):
    """An action after which a draft holds more; it says how much more, and what stayed behind."""

    def form_valid(self, form: Any) -> HttpResponse:
        self.before = self._size()
        return super().form_valid(form)

    def get_success_message(self) -> str:
        """How many details came and what they are worth, or that there was nothing."""
        draft, (count, amount) = self.object, self._size()
        came = count - self.before[0]
        if not came:
            done = _("Nothing came on %(number)s: nothing of it is ready up to %(day)s.") % {
                "number": draft.number,
                "day": written(Proforma.objects.get(pk=draft.pk).cut_off_date),
            }
        else:
            words = ngettext(
                "%(count)s detail added to %(number)s, %(amount)s net",
                "%(count)s details added to %(number)s, %(amount)s net",
                came,
            )
            sum_of = money(amount - self.before[1], draft.currency)
            done = words % {"count": number(came), "number": draft.number, "amount": sum_of}
        kept = kept_among(items_of(draft))
        return ". ".join([done.rstrip("."), *map(str, kept)]) if kept else done

    def _size(self) -> tuple[int, Any]:
        details = InvoiceLineDetail.objects.filter(line__proforma=self.object)
        return details.count(), details.chargeable().aggregate(sum=Sum("amount", default=ZERO))["sum"]


class AddPending(Growing):
    """Add one ready row, or all of them, to the draft."""

    title = gettext_lazy("Add")

    def get_targets(self) -> Any:
        """Items and shares that were named. Raises Refused where there are none."""
        items, shares = items_of(self.object), shares_of(self.object)
        if "all" in self.request.POST:
            return items, shares
        chosen = (
            items.filter(pk__in=keyed(items, self.request.POST.getlist("item"))),
            shares.filter(pk__in=keyed(shares, self.request.POST.getlist("share"))),
        )
        refuse_if([] if any(rows.exists() for rows in chosen) else [NO_ROW])
        return chosen

    def call_verb(self, form: Any) -> Any:
        draft = Proforma.objects.visible_to(self.user).filter(pk=self.object.pk)
        items, shares = self.targets
        return add_to_drafts(items, shares, draft, **self.get_verb_kwargs(form))


class Refresh(Growing):
    """Take up everything that became ready, up to the cut-off or a new one."""

    title, form_class, verb = gettext_lazy("Refresh"), RefreshForm, refresh_drafts
    template_name = "billing/draft_refresh.html"

    def get_initial(self) -> dict[str, Any]:
        return {"cut_off": self.object.cut_off_date}

    def get_verb_kwargs(self, form: RefreshForm) -> dict[str, Any]:
        day = form.cleaned_data["cut_off"]
        cut_off = None if day == self.object.cut_off_date else day
        return super().get_verb_kwargs(form) | {"cut_off": cut_off}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """What would be taken as it is now."""
        pending = pending_of(self.object, SHOWN)
        return super().get_context_data(pending=pending, crumbs=self.get_crumbs(), **kwargs)


class Revert(OfDraft, ActionPage):
    """Take back the edits of one detail, or of all."""

    title, verb = gettext_lazy("Revert"), revert_details
    success_message = ngettext_lazy(
        "%(count)s detail says again what was approved",
        "%(count)s details say again what was approved",
        "count",
    )

    def get_targets(self) -> QuerySet[InvoiceLineDetail]:
        details = InvoiceLineDetail.objects.visible_to(self.user).filter(line__proforma=self.object)
        if "all" in self.request.POST:
            return details
        chosen = details.filter(pk__in=keyed(details, self.request.POST.getlist("row")))
        refuse_if([] if chosen.exists() else [NO_DETAIL])
        return chosen


class MoveDetails(OfDraft, ConfirmedAction):
    """Move ticked details to another draft of the contract and customer, or to a new one."""

    title, form_class = gettext_lazy("Move details"), TargetForm
    template_name = "billing/details_move.html"

    def get_targets(self) -> QuerySet[InvoiceLineDetail]:
        """The ticked details of this draft. Raises Refused where there are none."""
        details = InvoiceLineDetail.objects.visible_to(self.user).filter(line__proforma=self.object)
        ticked = details.filter(pk__in=keyed(details, self.request.POST.getlist("row")))
        refuse_if([] if ticked.exists() else [NO_DETAIL])
        return ticked

    @cached_property
    def drafts(self) -> Sequence[Proforma]:
        """Other open drafts of the same contract, customer and currency."""
        same = {name: getattr(self.object, name) for name in ("contract_id", "customer_id", "currency")}
        rows = Proforma.objects.visible_to(self.user).open().with_net().filter(**same)
        return list(rows.exclude(pk=self.object.pk).order_by("number"))

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Without ticked details there is nothing to move: the draft is shown, where they are ticked."""
        return HttpResponseRedirect(self.cancel_url)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"drafts": self.drafts}

    def call_verb(self, form: TargetForm) -> Proforma:
        chosen = form.cleaned_data["target"]
        target = Proforma.objects.visible_to(self.user).filter(number=chosen) if chosen else None
        return move_details(self.targets, target, **self.get_verb_kwargs(form))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """What is moved, by sum."""
        chargeable = self.targets.chargeable().aggregate(sum=Sum("amount", default=ZERO))["sum"]
        count = self.targets.count()
        is_all = count == InvoiceLineDetail.objects.filter(line__proforma=self.object).count()
        return super().get_context_data(
            count=count, amount=chargeable, is_all=is_all, crumbs=self.get_crumbs(), **kwargs
        )

    def form_valid(self, form: TargetForm) -> HttpResponse:
        # Counted before they move: afterwards they are not on this draft any more.
        self.moved = self.targets.count()
        return super().form_valid(form)

    def get_success_message(self) -> str:
        """How many went where; a draft that is left empty is said."""
        words = ngettext(
            "%(count)s detail moved to %(number)s",
            "%(count)s details moved to %(number)s",
            self.moved,
        )
        done = words % {"count": number(self.moved), "number": self.result.number}
        if InvoiceLineDetail.objects.filter(line__proforma=self.object).exists():
            return done
        empty = _("%(done)s. %(number)s is empty now: add to it, or delete it")
        return empty % {"done": done, "number": self.object.number}

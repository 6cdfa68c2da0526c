"""Change what unbilled work is: its billing type, its description, its price. What cannot be is named."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet, Sum
from django.utils.functional import cached_property
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from billing.forms.backlog import BillingTypeForm, DescribeForm
from billing.views.backlog import CHANGE, RERATE, Backlog
from core.money import ZERO
from core.pages import ConfirmedAction, SelectionAction
from core.templatetags.display import money, number
from projects.describing import describe_work
from projects.forms.rerating import RerateForm
from projects.models import Approval, BacklogItem
from projects.querysets import BacklogQuerySet
from projects.rerating import rerate_work
from projects.rerating_preview import Rerating, rerating_of
from projects.rerating_scope import rerateable_by
from projects.retyping import TypeChange, change_billing_type, changeable_to
from projects.states import DECIDED_TYPES, BillingStatus, BillingType, EventKind
from projects.views.page_defaults import PageDefaults

SHOWN = 100


@dataclass(frozen=True)
class TypeOutcome:
    """What one billing type would mean for a selection, in one currency."""

    billing_type: BillingType
    currency: str
    entries: int
    before: Decimal
    after: Decimal

    @property
    def difference(self) -> Decimal:
        """By how much the chargeable amount would rise."""
        return self.after - self.before


class ChangeAction(PageDefaults, ConfirmedAction, SelectionAction):
    """Acts on those of the selection that may be changed, and names the others (decision 19)."""

    permission, list_page, leaves_out_others = CHANGE, Backlog, True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """How many are selected, and why some of them stay as they are."""
        return super().get_context_data(
            **{"selected": self.targets.count(), "left_out": self.left_out, **kwargs}
        )

    @cached_property
    def mine(self) -> BacklogQuerySet:
        """Those of contracts that the user manages."""
        rows: BacklogQuerySet = self.targets.changeable_by(self.user)
        return rows

    @property
    def left_out(self) -> list[str]:
        """What of the selection stays as it is, and why, in words."""
        selected: QuerySet[BacklogItem] = self.targets.order_by()
        others = selected.exclude(pk__in=self.mine.values("pk")).count()
        counts = self.mine.order_by().aggregate(
            on_draft=Count("pk", filter=Q(status=BillingStatus.ON_DRAFT)), **self.obstacles()
        )
        reasons = {
            gettext("%(count)s on a draft: change it there"): counts["on_draft"],
            gettext("%(count)s of contracts that somebody else manages"): others,
            **{words: counts[name] for name, words in self.obstacle_words.items()},
        }
        return [words % {"count": number(count)} for words, count in reasons.items() if count]

    obstacle_words: dict[str, Any] = {}

    def obstacles(self) -> dict[str, Count]:
        """Further reasons, each as a count."""
        return {}


class ChangeBillingType(ChangeAction):
    """Chargeable, non-chargeable or complimentary: what each would mean stands beside the choice."""

    title, form_class, template_name = (
        _("Change the billing type"),
        BillingTypeForm,
        "billing/billing_type.html",
    )
    verb = change_billing_type
    result: TypeChange
    obstacle_words = {"typed": _("%(count)s written by an entry journal: cancel that journal instead")}

    def obstacles(self) -> dict[str, Count]:
        """What an entry journal wrote."""
        return {"typed": Count("pk", filter=Q(actual__event__kind=EventKind.ENTRY_JOURNAL))}

    def call_verb(self, form: BillingTypeForm) -> TypeChange:
        """On what can be changed; where that is nothing, on all of it, so that the verb says why."""
        billing_type = BillingType(form.cleaned_data["billing_type"])
        possible = changeable_to(self.mine, billing_type)
        rows = possible if possible.exists() else self.mine
        self.selected_count = self.targets.count()
        return change_billing_type(
            BacklogItem.objects.filter(pk__in=list(rows.values_list("pk", flat=True))),
            billing_type,
            reason=form.cleaned_data["reason"],
            on=self.today,
            **self.get_verb_kwargs(form),
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """What each of the three billing types would mean, by currency."""
        outcomes = [one for billing_type in DECIDED_TYPES for one in self.outcomes_of(billing_type)]
        return super().get_context_data(**{"outcomes": outcomes, **kwargs})

    def outcomes_of(self, billing_type: BillingType) -> list[TypeOutcome]:
        """How many entries would change, and what would be chargeable of them, by currency."""
        chargeable = Q(billing_type=BillingType.CHARGEABLE)
        sums = (
            changeable_to(self.mine, billing_type)
            .order_by()
            .values("currency")
            .annotate(
                count=Count("pk"), total=Sum("amount"), before=Sum("amount", filter=chargeable, default=ZERO)
            )
            .order_by("currency")
        )
        becomes = billing_type == BillingType.CHARGEABLE
        return [
            TypeOutcome(
                billing_type, row["currency"], row["count"], row["before"], row["total"] if becomes else ZERO
            )
            for row in sums
        ]

    def get_success_message(self) -> str:
        """How many were changed, by how much the chargeable amount moved, what stayed, what a limit stops."""
        count = self.result.count
        parts = [ngettext("%(count)s changed", "%(count)s changed", count) % {"count": number(count)}]
        for currency, amount in sorted(self.result.chargeable.items()):
            parts.append(gettext("chargeable %(amount)s") % {"amount": money(amount, currency)})
        if skipped := self.selected_count - count:
            parts.append(
                ngettext("%(count)s left as it is", "%(count)s left as they are", skipped)
                % {"count": number(skipped)}
            )
        if over := len(self.result.over_limit):
            parts.append(
                ngettext("%(count)s exceeds a limit", "%(count)s exceed a limit", over)
                % {"count": number(over)}
            )
        return ", ".join(parts)


class Describe(ChangeAction):
    """What invoices will say, for one entry or for many alike."""

    title, form_class, template_name = _("Describe on the invoice"), DescribeForm, "billing/describe.html"
    success_message = _("%(count)s described")

    def get_initial(self) -> dict[str, Any]:
        """The words that all of them have, if they have the same."""
        words = list(
            self.mine.with_description()
            .order_by()
            .values_list("printed_description", flat=True)
            .distinct()[:2]
        )
        return {"text": words[0] if len(words) == 1 else ""}

    def call_verb(self, form: DescribeForm) -> int:
        """On what is on no draft; where that is nothing, on all of it, so that the verb says why."""
        possible = self.mine.off_draft()
        rows = possible if possible.exists() else self.mine
        return describe_work(rows, form.cleaned_data["text"], **self.get_verb_kwargs(form))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The first of what is described, with the words it has."""
        rows = self.mine.off_draft().with_everything().order_by("transaction_date", "pk")
        return super().get_context_data(**{"items": rows[:SHOWN], "count": rows.count(), **kwargs})


class Reprice(PageDefaults, ConfirmedAction, SelectionAction):
    """Price the selected work again: old and new price of each entry, then the reason (B11)."""

    permission, list_page, title = RERATE, Backlog, _("Price selected work again")
    leaves_out_others = True
    form_class, template_name = RerateForm, "billing/reprice.html"
    result: Rerating

    @cached_property
    def work(self) -> Any:
        """The approvals of the selection, as far as the user may price them."""
        rows = Approval.objects.filter(work_items__in=self.targets.order_by().values("work_item"))
        return rerateable_by(Approval.objects.filter(pk__in=rows.values("pk")), self.user)

    def call_verb(self, form: RerateForm) -> Rerating:
        return rerate_work(
            self.work,
            reason=form.cleaned_data["reason"],
            expected=form.cleaned_data["expected"],
            on=self.today,
            **self.get_verb_kwargs(form),
        )

    def get_success_message(self) -> str:
        count = len(self.result.changes)
        text = ngettext("One entry was priced again.", "%(count)s entries were priced again.", count)
        return text % {"count": number(count)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The preview, and what of the selection it is not about."""
        preview = rerating_of(self.work)
        page = Paginator(preview.changes, SHOWN).get_page(1)
        changed = [one.old.pk for one in preview.changes]
        selected = self.targets.order_by()
        without = selected.exclude(work_item__approval__in=self.work.order_by().values("pk")).count()
        # Work that several customers share has one price: the rows of the others change with it.
        rows = BacklogItem.objects.filter(work_item__approval__in=changed)
        more = rows.exclude(pk__in=selected.values("pk")).count()
        return super().get_context_data(
            **{
                "preview": preview,
                "page": page,
                "left_out": preview.left_out[:SHOWN],
                "may_see_cost": self.may("projects.view_cost"),
                "without": without,
                "more": more,
                **kwargs,
            }
        )

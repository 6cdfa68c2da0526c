"""Posting types without an account, and the accounts that a company could give them (C2, A13)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from accounting.chart_of_accounts import CHARTS, CONTROLS, NAMES
from accounting.models import Account, FiscalPeriod, PostingAccount
from accounting.states import AccountKind, ControlKind, PostingType
from core.refusals import Text
from projects.models import LegalEntity


@dataclass(frozen=True)
class ProposedAccount:
    """The account that would play a posting type: one that is there, or a new one."""

    posting_type: PostingType
    number: str
    name: str
    kind: str
    control: str
    account: Account | None = None

    @property
    def kind_label(self) -> Text:
        """Asset, revenue and so on, in words."""
        return AccountKind(self.kind).label


def missing_types(entities: Sequence[int]) -> dict[int, list[PostingType]]:
    """Posting types that no account plays everywhere on the first day of the books, by legal entity.

    A company that was set up before a posting type existed lacks it. One statement.
    """
    rows = _everywhere(PostingAccount.objects.filter(legal_entity__in=entities))
    given: dict[int, set[str]] = {key: set() for key in entities}
    for entity, posting_type in rows.order_by().values_list("legal_entity", "posting_type").distinct():
        given[entity].add(posting_type)
    lacking = {key: [one for one in PostingType if one not in types] for key, types in given.items()}
    return {key: types for key, types in lacking.items() if types}


def _everywhere(rows: QuerySet[PostingAccount]) -> QuerySet[PostingAccount]:
    periods = FiscalPeriod.objects.filter(legal_entity=OuterRef("legal_entity")).order_by("starts_on")
    since = Q(starts_on=None) | Q(starts_on__lte=Subquery(periods.values("starts_on")[:1]))
    return rows.filter(since, project=None, project_group="", category=None, category_group="")


def proposed_accounts(entity: LegalEntity) -> list[ProposedAccount]:
    """An account for each posting type that has none: three statements, nothing is written.

    Numbers are those of the chart that the accounts of the company resemble most. An account of that number
    and kind is taken as it is; where another kind has the number, the next free one is proposed.
    """
    missing = missing_types([entity.pk]).get(entity.pk, [])
    accounts = {one.number: one for one in Account.objects.filter(legal_entity=entity)}
    # The first account of each, as it was set up: what single projects have says nothing of the chart.
    roles = _everywhere(PostingAccount.objects.filter(legal_entity=entity))
    roles = roles.order_by(F("starts_on").desc(nulls_last=True), "-pk")
    numbers = _numbers_like(dict(roles.values_list("posting_type", "account__number")))
    return list(_proposed(missing, numbers, accounts))


def _numbers_like(given: Mapping[str, str]) -> Mapping[str, str]:
    """The numbers of the chart with the most posting types on the account of this company."""
    charts = [chart.numbers for chart in CHARTS.values()]
    return max(charts, key=lambda numbers: sum(numbers.get(role) == own for role, own in given.items()))


def _proposed(
    missing: Sequence[PostingType], numbers: Mapping[str, str], accounts: Mapping[str, Account]
) -> Iterator[ProposedAccount]:
    taken = set(accounts)
    for role in missing:
        name, kind = NAMES[role]
        control, number = CONTROLS.get(role, ControlKind.NONE), numbers[role]
        known = accounts.get(number)
        if known is not None and (known.kind, known.control) == (kind, control):
            yield ProposedAccount(role, number, known.name, kind, control, known)
            continue
        while number in taken:
            number = str(int(number) + 1).zfill(len(number))
        taken.add(number)
        yield ProposedAccount(role, number, name, kind, control)

"""The chart of accounts, profiles, periods and rates of legal entities, read once for a set of postings."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from accounting.account_search import ANYWHERE, AccountRow, AccountRows, PostingPlace
from accounting.models import CostRevenueRule, FiscalPeriod, PostingAccount
from accounting.profiles import ProfileFacts, RuleFacts, Situation, profile_for
from accounting.states import PeriodStatus
from projects.exchange_rates import AgreedRates, ExchangeRates
from projects.models import LegalEntity


@dataclass(frozen=True)
class PostingContext:
    """What posting for one legal entity needs to know; answers without further queries.

    `accounts` is the posting set-up, `periods` first day, last day and whether it is open.
    """

    legal_entity: LegalEntity
    accounts: AccountRows
    rules: tuple[RuleFacts, ...]
    periods: tuple[tuple[date, date, bool], ...]
    rates: ExchangeRates

    @classmethod
    def of(cls, legal_entity: LegalEntity) -> "PostingContext":
        """Read accounts, rules, periods and rates of a legal entity: four statements, nothing is locked."""
        # Not locked: what is closed while something is posted, the guards refuse (G6).
        roles = PostingAccount.objects.filter(legal_entity=legal_entity)
        periods = FiscalPeriod.objects.filter(legal_entity=legal_entity).order_by("starts_on")
        return cls(
            legal_entity=legal_entity,
            accounts=AccountRows.of(_account_row(role) for role in roles),
            rules=tuple(_rules(legal_entity)),
            periods=tuple((one.starts_on, one.ends_on, one.status == PeriodStatus.OPEN) for one in periods),
            rates=ExchangeRates.of({legal_entity.pk: legal_entity.currency}),
        )

    def account(self, posting_type: str, place: PostingPlace = ANYWHERE, on: date = date.max) -> int | None:
        """The account of a posting type at a place on a day, the most specific one; None where none is set.

        Without a day it is the account of the latest row (C2).
        """
        return self.accounts.account(posting_type, place, on)

    def profile(self, situation: Situation) -> ProfileFacts | None:
        """The cost and revenue profile that governs a situation (C2)."""
        return profile_for(situation, self.rules)

    def covers(self, day: date) -> bool:
        """Whether a fiscal period, open or closed, covers `day` (decision 18)."""
        return self._period_of(day) is not None

    def is_open_on(self, day: date) -> bool:
        """Whether something may be posted on `day`: not locked, and in a fiscal period that is open."""
        period = self._period_of(day)
        return period is not None and period[2] and not self.legal_entity.is_locked_on(day)

    def open_day_from(self, day: date) -> date:
        """`day` itself, or the first day of the next open period when its own is closed (C1).

        `day` as well where no later period is open, no period covers it or the company moves no dates:
        posting then says why nothing is posted on it.
        """
        if self.is_open_on(day) or not self.covers(day) or not self.legal_entity.moves_accounting_dates:
            return day
        later = [starts_on for starts_on, _ends, is_open in self.periods if is_open and starts_on > day]
        return min((one for one in later if not self.legal_entity.is_locked_on(one)), default=day)

    def rate_on(self, currency: str, day: date) -> Decimal | None:
        """Units of the entity's currency for one unit of `currency`; None where no rate is known."""
        return self.rates.rate_on(self.legal_entity.pk, currency, day)

    @cached_property
    def agreed(self) -> AgreedRates:
        """The rates of the entity's contracts, read once where sales in a foreign currency are posted."""
        return AgreedRates.of(self.legal_entity.pk)

    def sales_rate_on(self, currency: str, contract_id: int | None, day: date) -> Decimal | None:
        """As `rate_on`, for sales of a contract: the rate agreed with its customer goes before (C9)."""
        if currency == self.legal_entity.currency:
            return self.rate_on(currency, day)
        return self.agreed.rate_on(contract_id, day) or self.rate_on(currency, day)

    def _period_of(self, day: date) -> tuple[date, date, bool] | None:
        return next((one for one in self.periods if one[0] <= day <= one[1]), None)


def posting_contexts_of(legal_entities: Iterable[LegalEntity]) -> dict[int, PostingContext]:
    """The posting contexts of several legal entities by their keys, each read once."""
    return {
        entity.pk: PostingContext.of(entity)
        for entity in {entity.pk: entity for entity in legal_entities}.values()
    }


def _account_row(role: PostingAccount) -> AccountRow:
    place = PostingPlace(role.project_id, role.project_group, role.category_id, role.category_group)
    return AccountRow(role.posting_type, role.account_id, place, role.starts_on)


def _rules(legal_entity: LegalEntity) -> Iterable[RuleFacts]:
    rules = CostRevenueRule.objects.filter(profile__legal_entity=legal_entity).select_related("profile")
    for rule in rules.order_by("pk"):
        profile = rule.profile
        accrues = {
            one for one in ("time", "expense", "material", "fee") if getattr(profile, f"accrues_{one}")
        }
        facts = ProfileFacts(
            name=profile.name,
            billing_method=profile.billing_method,
            costs={
                "time": profile.post_time_cost,
                "expense": profile.post_expense_cost,
                "material": profile.post_material_cost,
            },
            accrues=frozenset(accrues),
            on_account=profile.on_account,
            recognition=profile.recognition,
        )
        yield RuleFacts(facts, rule.project_id, rule.project_group, rule.contract_id)

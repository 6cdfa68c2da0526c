"""Give the posting types of a company the accounts that they lack (C2, A13)."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from accounting.missing_accounts import ProposedAccount, proposed_accounts
from accounting.models import Account, PostingAccount
from core.activity_log import log_activity
from core.refusals import Refusal, refuse_if
from projects.models import LegalEntity
from projects.querysets import OfEntityQuerySet


def add_missing_accounts(entities: OfEntityQuerySet, *, actor: User, at: datetime) -> int:
    """Create the proposed accounts of one legal entity, and let each play its posting type everywhere.

    What exists stays as it is. Locks the legal entity, so that two who do it at once add them once. Returns
    how many posting types have an account now. Raises Refused: nothing-missing (C2).
    """
    with transaction.atomic(durable=True):
        entity = entities.select_for_update().get()
        proposed = proposed_accounts(entity)
        refuse_if(_nothing_missing(proposed, entity))

        new = Account.objects.bulk_create(
            Account(
                legal_entity=entity,
                number=one.number,
                name=one.name,
                kind=one.kind,
                control=one.control,
            )
            for one in proposed
            if one.account is None
        )
        made = {one.number: one for one in new}
        PostingAccount.objects.bulk_create(
            PostingAccount(
                legal_entity=entity,
                posting_type=one.posting_type,
                account=one.account or made[one.number],
            )
            for one in proposed
        )
        facts = {"accounts": [f"{one.number} {one.name}" for one in proposed]}
        log_activity("accounts added", [entity], actor=actor, at=at, facts=facts)
    return len(proposed)


def _nothing_missing(proposed: Sequence[ProposedAccount], entity: LegalEntity) -> Iterator[Refusal]:
    if not proposed:
        message = _("Every posting type has an account.")
        yield Refusal("nothing-missing", message, str(entity), _("Look at the posting accounts."))

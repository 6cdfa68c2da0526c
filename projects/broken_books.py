"""Whether the books of a company prove: said by the last check and read here, without a check (X6).

Accounting checks and keeps the verdict on the legal entity, which every verb has at hand; so asking costs no
statement.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from core.activity_log import log_activity
from core.refusals import Refusal
from core.templatetags.display import moment
from projects.models import LegalEntity


def reasons_while_broken(entities: Iterable[LegalEntity]) -> Iterator[Refusal]:
    """Why nothing is confirmed or posted for companies whose books did not prove; code books-broken (X6)."""
    for entity in {entity.pk: entity for entity in entities}.values():
        if entity.books_broken_at is not None:
            message = _("The check of the books on %(moment)s found something that breaks them.")
            yield Refusal(
                "books-broken",
                message % {"moment": moment(entity.books_broken_at)},
                entity.name,
                _("Open the proofs of the books: what breaks them is repaired first, then checked again."),
            )


def keep_verdict(broken: Iterable[int] | None, *, actor: User, at: datetime) -> None:
    """Note whose books broke at a check, by key (None: everybody's); those of all others prove.

    Joins the transaction of the check. Locks the legal entities whose verdict changes (X6).
    """
    every = LegalEntity.objects.order_by("pk")
    with transaction.atomic():
        stopped = every if broken is None else every.filter(pk__in=list(broken))
        still = {entity.pk for entity in stopped}
        newly = [one for one in stopped.select_for_update() if one.books_broken_at is None]
        again = every.filter(books_broken_at__isnull=False).exclude(pk__in=still)
        proven = list(again.select_for_update())
        LegalEntity.objects.filter(pk__in=still).update(books_broken_at=at)
        LegalEntity.objects.filter(pk__in=[one.pk for one in proven]).update(books_broken_at=None)
        log_activity("books broken", newly, actor=actor, at=at)
        log_activity("books proven", proven, actor=actor, at=at)

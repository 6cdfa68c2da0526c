"""Approve what a rule of the approval policy approves, in the name of the rule's author (X12)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.contrib.auth.models import User

from core.access import may
from core.refusals import Refused
from core.sweeping import isolate
from projects.approving import approve_entries
from projects.models import Approval, LegalEntity

PERMISSION = "projects.approve_entry"


def approve_by_rule(keys: Sequence[int], *, at: datetime) -> Mapping[int, Exception]:
    """Approve those of the submissions that a rule approves and no rule flags or holds.

    The author of the rule is recorded as the approver and must be allowed to approve: it is not the author's
    own work, and the author may still approve on that project. All other submissions wait for a person.
    Amounts and locks are those of `approve_entries`, one transaction for each author and legal entity.
    Returns what failed for another reason, by key (X12, S1, O1).
    """
    waiting = Approval.objects.filter(pk__in=keys).approvable_by_rule()
    of_author: dict[tuple[int, int], list[int]] = defaultdict(list)
    for key, author_id, entity_id in waiting.values_list("pk", "rule_author", "entry__legal_entity"):
        of_author[author_id, entity_id].append(key)
    authors = User.objects.filter(is_active=True).in_bulk({author for author, _entity in of_author})
    entities = LegalEntity.objects.in_bulk({entity for _author, entity in of_author})
    failures: dict[int, Exception] = {}
    for (author_id, entity_id), waiting_keys in of_author.items():
        author = authors.get(author_id)
        if author is None or not may(author, PERMISSION):
            continue
        mine = Approval.objects.filter(pk__in=waiting_keys).visible_to(author)
        on = entities[entity_id].day_of(at)
        _done, failed = isolate(
            list(mine.values_list("pk", flat=True)),
            lambda some, author=author, on=on: approve_entries(
                Approval.objects.filter(pk__in=some).waiting(), actor=author, on=on, at=at
            ),
        )
        # Refused: it waits in the inbox for a person.
        failures |= {key: error for key, error in failed.items() if not isinstance(error, Refused)}
    return failures

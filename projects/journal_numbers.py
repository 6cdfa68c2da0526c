"""The next number of a journal: counted per company and kind, without gaps."""

from django.db.models import Max

from projects.models import LegalEntity
from projects.models.journal import Journal


def next_sequence(model: type[Journal], entity: LegalEntity) -> int:
    """The next number of this kind of journal in a company; holds the company until the transaction ends.

    Held, so that two journals at once do not take the same number; a refused one gives its number back.
    """
    LegalEntity.objects.select_for_update(no_key=True).get(pk=entity.pk)
    taken = model._default_manager.filter(legal_entity=entity).aggregate(last=Max("sequence"))["last"]
    return (taken or 0) + 1

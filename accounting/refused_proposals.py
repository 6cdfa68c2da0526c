"""Which proposals a refusal of posting stands against: one, those of one company, or all (C5)."""

from collections.abc import Iterable, Sequence

from accounting.models import InvoiceProposal
from core.refusals import Refusal


def refusals_by_proposal(
    proposals: Iterable[InvoiceProposal], refusals: Sequence[Refusal]
) -> dict[int, list[Refusal]]:
    """The refusals of posting by the key of the proposal, those of more than one first; no statement.

    A refusal about a company, such as broken books, stands against all of its proposals; one about neither
    stands against every one. Proposals come with their company loaded.
    """
    keys: dict[str, list[int]] = {}
    companies: dict[str, list[int]] = {}
    for one in proposals:
        keys.setdefault(str(one), []).append(one.pk)
        companies.setdefault(one.legal_entity.name, []).append(one.pk)
    every = [key for some in keys.values() for key in some]
    against: dict[int, list[Refusal]] = {}
    for refusal in sorted(refusals, key=lambda one: one.subject in keys):
        some = keys.get(refusal.subject) or companies.get(refusal.subject) or every
        for key in some:
            against.setdefault(key, []).append(refusal)
    return against

"""Whether submissions that wait would fit into their limits if all of them were approved now (A6, A9)."""

from collections.abc import Iterable, Sequence

from core.money import HUNDRED, ZERO, minor_places
from projects.actuals import payers_of
from projects.contract_limits import Candidate, ContractLimits, limited
from projects.limit_verdicts import NOT_APPLICABLE, Verdict
from projects.models import Approval, ContractLineCustomer, ProjectContract
from projects.states import NotToExceedStatus


def waiting_verdicts(approvals: Sequence[Approval]) -> dict[int, Verdict]:
    """The verdict on each submission by its key, in order of date; what will not be billed is not applicable.

    Where several customers pay, the first share that does not fit decides for the submission; shares are
    those of an approval to the cent. Approvals have entry, contract line and contract loaded. Locks nothing
    and changes nothing; approving checks again (A6).
    """
    billed = [one for one in approvals if one.will_be_billed]
    contracts = ProjectContract.objects.filter(pk__in={one.contract_line.contract_id for one in billed})
    keys = set(limited(contracts).values_list("pk", flat=True)) if billed else set()
    asking = [one for one in billed if one.contract_line.contract_id in keys]
    verdicts = {one.pk: NOT_APPLICABLE for one in approvals}
    if asking:
        candidates = list(_candidates(asking))
        judged = ContractLimits.of(keys).judge(candidates)
        for one in candidates:
            # The first share that fails stays; otherwise a share with a limit says more than one without.
            if _weight(judged[one.key]) > _weight(verdicts[one.entry]):
                verdicts[one.entry] = judged[one.key]
    return verdicts


def _weight(verdict: Verdict) -> int:
    order = NotToExceedStatus.NOT_APPLICABLE, NotToExceedStatus.COMMITTED, NotToExceedStatus.FAILED
    return order.index(verdict.status)


def _candidates(approvals: Sequence[Approval]) -> Iterable[Candidate]:
    payers = payers_of(approvals)
    key = 0
    for one in approvals:
        line, of_line = one.contract_line, payers[one.contract_line_id]
        # It is not approved before its line is paid in full, so there is nothing to judge yet.
        if sum((payer.split_percent for payer in of_line), ZERO) != HUNDRED:
            continue
        amounts = ContractLineCustomer.shares_of(
            one.sales_amount, of_line, places=minor_places(one.sales_currency)
        )
        for payer, amount in zip(of_line, amounts, strict=True):
            key += 1
            payment = line.contract_id, line.pk, payer.customer_id
            yield Candidate(key, one.pk, one.entry.date, payment, amount)

"""Check the books and keep what came out: nightly, before a closing, when somebody asks (C12, X6)."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from decimal import Decimal

from django.contrib.auth.models import User
from django.db import transaction

from accounting.models import IntegrityCheck, IntegrityFinding
from accounting.proofs.proof import Figures, Finding
from accounting.proving import prove
from accounting.states import CheckOccasion
from billing.clock_user import clock_user
from core.log_chain import close_the_log
from core.outbox import enqueue
from projects.broken_books import keep_verdict

NIGHT = 3
KEPT_FOR = timedelta(days=92)
MILLISECOND = timedelta(milliseconds=1)


def check_books(
    *, occasion: CheckOccasion, clock: Callable[[], datetime], asked_by: User | None = None
) -> IntegrityCheck:
    """Ask every proof, keep the answers, and stop confirming and posting where the books broke.

    Reads committed rows and locks nothing meanwhile; then keeps both sides of each identity and the verdict
    in a transaction of its own, which locks the legal entities whose verdict changes. What was found a
    quarter ago is dropped. Rows of the log that no block holds yet are closed first. Refuses nothing
    (S5, X6).
    """
    started = clock()
    close_the_log(at=started)
    findings = list(prove())
    with transaction.atomic(durable=True):
        check = IntegrityCheck.objects.create(
            occasion=occasion,
            asked_by=asked_by,
            checked_at=started,
            milliseconds=(clock() - started) // MILLISECOND,
            proof_count=len(findings),
            broken_count=sum(1 for one in findings if one.count),
        )
        IntegrityFinding.objects.bulk_create(_row(check, one) for one in findings)
        IntegrityCheck.objects.filter(checked_at__lt=started - KEPT_FOR).delete()
        keep_verdict(_broken(findings), actor=asked_by or clock_user(), at=started)
    return check


def check_by_night(*, clock: Callable[[], datetime]) -> IntegrityCheck | None:
    """Check the books once a day, from three in the morning (UTC) on; None where that was done (X6)."""
    now = clock()
    today = IntegrityCheck.objects.filter(occasion=CheckOccasion.NIGHTLY, checked_at__date=now.date())
    if now.hour < NIGHT or today.exists():
        return None
    return check_books(occasion=CheckOccasion.NIGHTLY, clock=clock)


def ask_for_check(*, actor: User, at: datetime) -> None:
    """Ask the worker to check the books; asking twice in the same moment is asking once (X6, O1)."""
    with transaction.atomic(durable=True):
        enqueue("check-books", [actor.pk], at=at, again=f":{at.isoformat()}")


def _broken(findings: Iterable[Finding]) -> frozenset[int] | None:
    """The companies whose books broke, by key; None where a break is about all of them."""
    broken = [one.legal_entities for one in findings if one.count]
    known = [keys for keys in broken if keys is not None]
    return None if len(known) < len(broken) else frozenset().union(*known)


def _row(check: IntegrityCheck, finding: Finding) -> IntegrityFinding:
    return IntegrityFinding(
        check_of_books=check,
        code=finding.proof.code,
        offenders=finding.count,
        examples=finding.examples,
        left=_kept(finding.left),
        right=_kept(finding.right),
    )


def _kept(figures: Figures) -> dict[str, str]:
    # As text: JSON has no decimals, and a float would change figures (M1).
    return {
        name: f"{figure.normalize():f}" if isinstance(figure, Decimal) else str(figure)
        for name, figure in figures.items()
    }

"""Ask a person to look at proformas before they are confirmed; answer, remind, take back (B7)."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from billing.models import Proforma, ProformaReview
from billing.querysets import ProformaQuerySet, ReviewQuerySet
from billing.second_person import who_may_confirm
from billing.states import ProformaStatus, ReviewOutcome
from core.activity_log import log_activity, states_of
from core.outbox import enqueue
from core.people import person_name
from core.refusals import Refusal, refuse_if
from core.templatetags.display import moment

BATCH = 500


def submit_for_review(
    proformas: ProformaQuerySet, *, reviewer: User, note: str = "", actor: User, at: datetime
) -> int:
    """Ask a named person who may confirm to look at drafts; they stay editable. A mail tells the person.

    Locks the proformas. Raises Refused: not-a-draft, own-review, reviewer-cannot-confirm (B7, decision 16).
    """
    with transaction.atomic(durable=True):
        chosen = list(proformas.locked())
        refuse_if([*_not_in(chosen, ProformaStatus.DRAFT), *_wrong_reviewer(chosen, reviewer, actor)])

        Proforma.objects.walk(chosen, Proforma.submit_for_review)
        reviews = ProformaReview.objects.bulk_create(
            [
                ProformaReview(
                    proforma=proforma, reviewer=reviewer, asked_by=actor, asked_at=at, note=note.strip()
                )
                for proforma in chosen
            ],
            batch_size=BATCH,
        )
        facts = {"asked": person_name(reviewer)} | ({"note": note.strip()} if note.strip() else {})
        log_activity(
            "in review",
            chosen,
            actor=actor,
            at=at,
            from_states=states_of(chosen),
            to_state=ProformaStatus.IN_REVIEW,
            facts=facts,
        )
        enqueue("review-asked", [review.pk for review in reviews], at=at)
    return len(chosen)


def take_back(proformas: ProformaQuerySet, *, actor: User, at: datetime) -> int:
    """Work on proformas in review again; nobody is asked any more.

    Locks the proformas. Raises Refused: not-in-review (B7).
    """
    with transaction.atomic(durable=True):
        chosen = list(proformas.locked())
        refuse_if(_not_in(chosen, ProformaStatus.IN_REVIEW))

        _leave_review(chosen, ReviewOutcome.WITHDRAWN, "", "draft", actor, at)
    return len(chosen)


def approve_reviews(proformas: ProformaQuerySet, *, comment: str = "", actor: User, at: datetime) -> int:
    """Say that proformas may be confirmed; they go back to whoever asked.

    Locks the proformas. Raises Refused: not-in-review, not-asked-of-you (B7).
    """
    return _answer(proformas, ReviewOutcome.APPROVED, comment, actor, at)


def return_reviews(proformas: ProformaQuerySet, *, comment: str, actor: User, at: datetime) -> int:
    """Give proformas back to whoever asked, with what must change.

    Locks the proformas. Raises Refused: comment-missing, not-in-review, not-asked-of-you (B7).
    """
    return _answer(proformas, ReviewOutcome.RETURNED, comment, actor, at)


def _answer(
    proformas: ProformaQuerySet, outcome: ReviewOutcome, comment: str, actor: User, at: datetime
) -> int:
    with transaction.atomic(durable=True):
        chosen = list(proformas.locked())
        reviews = list(_waiting(chosen))
        missing = outcome == ReviewOutcome.RETURNED and not comment.strip()
        refuse_if(
            [
                *_comment_missing(missing),
                *_not_in(chosen, ProformaStatus.IN_REVIEW),
                *_not_asked(chosen, reviews, actor),
            ]
        )

        verb = f"review {outcome.value}"
        _leave_review(chosen, outcome, comment.strip(), verb, actor, at)
        enqueue("review-answered", [review.pk for review in reviews], at=at)
    return len(chosen)


def remind_reviewers(proformas: ProformaQuerySet, *, actor: User, at: datetime) -> int:
    """Write to the people who are asked once more; about one proforma once a day at most.

    The day is that of the legal entity. Locks the proformas. Raises Refused: not-in-review, reminded-today
    (B7).
    """
    with transaction.atomic(durable=True):
        chosen = list(proformas.select_related("legal_entity").locked())
        reviews = list(_waiting(chosen).select_related("reviewer"))
        refuse_if([*_not_in(chosen, ProformaStatus.IN_REVIEW), *_reminded_on_this_day(chosen, reviews, at)])

        ProformaReview.objects.filter(pk__in=[review.pk for review in reviews]).update(reminded_at=at)
        names = {review.proforma_id: person_name(review.reviewer) for review in reviews}
        log_activity(
            "reminded",
            chosen,
            actor=actor,
            at=at,
            own_facts={key: {"reminded": name} for key, name in names.items()},
        )
        enqueue("review-asked", [review.pk for review in reviews], at=at, again=f":{at.isoformat()}")
    return len(chosen)


def _reminded_on_this_day(
    chosen: Sequence[Proforma], reviews: Iterable[ProformaReview], at: datetime
) -> Iterator[Refusal]:
    review_of = {review.proforma_id: review for review in reviews}
    for proforma in chosen:
        review = review_of.get(proforma.pk)
        if review is not None and review.was_reminded(proforma.legal_entity, at):
            yield Refusal(
                "reminded-today",
                _("%(who)s was reminded today already, at %(time)s.")
                % {"who": person_name(review.reviewer), "time": moment(review.reminded_at, "clock")},
                proforma.number,
                _("Remind again tomorrow, or take it back from review and ask somebody else."),
            )


def _leave_review(
    chosen: Sequence[Proforma],
    outcome: ReviewOutcome,
    comment: str,
    verb: str,
    actor: User,
    at: datetime,
) -> None:
    _waiting(chosen).update(outcome=outcome, answered_at=at, comment=comment)
    Proforma.objects.walk(chosen, Proforma.take_back)
    log_activity(
        verb,
        chosen,
        actor=actor,
        at=at,
        from_states=states_of(chosen),
        to_state=ProformaStatus.DRAFT,
        facts={"comment": comment} if comment else {},
    )


def _waiting(chosen: Sequence[Proforma]) -> ReviewQuerySet:
    return ProformaReview.objects.waiting().filter(proforma__in=chosen)


def _not_in(chosen: Iterable[Proforma], status: str) -> Iterator[Refusal]:
    for proforma in chosen:
        if proforma.status != status:
            yield Refusal(
                "not-a-draft" if status == ProformaStatus.DRAFT else "not-in-review",
                _("It is “%(status)s”.") % {"status": proforma.get_status_display()},
                proforma.number,
                _("Reload the page to see what has changed."),
            )


def _wrong_reviewer(chosen: Sequence[Proforma], reviewer: User, actor: User) -> Iterator[Refusal]:
    if reviewer.pk == actor.pk:
        yield Refusal(
            "own-review", _("Nobody reviews what they ask for themselves."), "", _("Choose another person.")
        )
    elif not who_may_confirm(chosen).filter(pk=reviewer.pk).exists():
        yield Refusal(
            "reviewer-cannot-confirm",
            _("%(who)s may not confirm these proformas.") % {"who": person_name(reviewer)},
            "",
            _("Choose somebody who may."),
        )


def _comment_missing(missing: bool) -> Iterator[Refusal]:
    if missing:
        yield Refusal("comment-missing", _("Say what must change before it can be confirmed."))


def _not_asked(
    chosen: Iterable[Proforma], reviews: Iterable[ProformaReview], actor: User
) -> Iterator[Refusal]:
    asked = {review.proforma_id for review in reviews if review.reviewer_id == actor.pk}
    for proforma in chosen:
        if proforma.status == ProformaStatus.IN_REVIEW and proforma.pk not in asked:
            yield Refusal(
                "not-asked-of-you",
                _("Somebody else is asked to look at it."),
                proforma.number,
                _("Take it back from review, and ask again."),
            )

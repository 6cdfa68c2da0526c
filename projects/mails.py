"""The mails of projects: an invitation to somebody new, and what became of a budget (A13, A14)."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from django.contrib.auth.models import User
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import EmailMessage
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from core.mailing import address_of, mail_to
from projects.budgets import budget_use_of, budget_use_of_tasks, percent_of
from projects.models import BudgetNotice, LegalEntityMembership
from projects.states import BudgetMeasure


def budget_mails(notices: Iterable[BudgetNotice]) -> Iterator[tuple[int, EmailMessage]]:
    """A mail for each notice to the people its project names, else to its manager."""
    chosen = list(notices)
    left_out = _left_out(one for one in chosen if one.measure == BudgetMeasure.AMOUNT)
    for notice in chosen:
        project = notice.project
        named = [one for one in project.budget_readers.all() if one.is_active]
        people = named or [one for one in (project.manager,) if one is not None]
        addresses = sorted({one.email for one in people if one.email})
        if addresses:
            context: dict[str, object] = {
                "notice": notice,
                "project": project,
                "currency": project.legal_entity.currency,
                "is_money": notice.measure == BudgetMeasure.AMOUNT,
                "percent": percent_of(notice.used, notice.budget),
                "left_out": left_out.get(notice.pk, []),
                "address": address_of("project", project.pk),
            }
            language = project.legal_entity.language
            yield notice.pk, mail_to(addresses, "projects/budget_mail.txt", context, language=language)


def _left_out(notices: Iterable[BudgetNotice]) -> dict[int, list[tuple[Decimal, str]]]:
    """What budgets in money do not count for want of an exchange rate, by notice: amounts and currencies."""
    of_money = list(notices)
    by_project = budget_use_of({one.project for one in of_money if one.task is None})
    by_task = budget_use_of_tasks({one.task for one in of_money if one.task is not None})
    uses = {one.pk: by_task[one.task.pk] if one.task else by_project[one.project_id] for one in of_money}
    return {
        key: [(amount, currency) for currency, amount in sorted(use.left_out.items())]
        for key, use in uses.items()
    }


def invitation_mails(users: Iterable[User]) -> Iterator[tuple[int, EmailMessage]]:
    """A mail for each new person with a link to choose a password."""
    return _password_mails(users, "registration/invitation_mail.txt")


def forgotten_mails(users: Iterable[User]) -> Iterator[tuple[int, EmailMessage]]:
    """A mail for each person who forgot the password, with a link to choose another one."""
    return _password_mails(users, "registration/forgotten_mail.txt")


def _password_mails(users: Iterable[User], template: str) -> Iterator[tuple[int, EmailMessage]]:
    """Mails with links that work once and for three days, in the language of the person's company."""
    people = list(users)
    memberships = LegalEntityMembership.objects.filter(user__in=people).select_related("legal_entity")
    companies = {one.user_id: one.legal_entity for one in memberships.order_by("-pk")}
    for user in people:
        key = urlsafe_base64_encode(force_bytes(user.pk))
        address = address_of("password_reset_confirm", key, default_token_generator.make_token(user))
        entity = companies.get(user.pk)
        details: dict[str, object] = {"person": user, "company": entity, "address": address}
        language = entity.language if entity else "en-gb"
        if user.email:
            yield (
                user.pk,
                mail_to([user.email], template, details, language=language),
            )

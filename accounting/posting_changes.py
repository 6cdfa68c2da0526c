"""What stands against a row of the posting set-up: what is posted keeps its account (C2)."""

from collections.abc import Iterator

from django.db.models import Max, Sum
from django.utils.translation import gettext as _

from accounting.models import PostingAccount, VoucherLine
from accounting.querysets import VoucherLineQuerySet
from accounting.states import PostingType
from core.money import ZERO
from core.refusals import Refusal
from core.templatetags.display import day

SETTLED_BY_ROLE = (
    PostingType.CUSTOMER_BALANCE,
    PostingType.CUSTOMER_ADVANCES,
    PostingType.RETENTION_RECEIVABLE,
)


def reasons_against_account(row: PostingAccount) -> Iterator[Refusal]:
    """Why a new or changed row cannot be kept: before its day the role was posted to another account.

    Compared with the rows of the same place. What customers owe, advances and retentions are taken off the
    account that plays the role on the day, so theirs changes only while nothing is left on it. Locks nothing;
    a few statements. Refusals: role-in-use, balance-left (C2).
    """
    same_place = PostingAccount.objects.filter(
        legal_entity=row.legal_entity,
        posting_type=row.posting_type,
        project=row.project,
        project_group=row.project_group,
        category=row.category,
        category_group=row.category_group,
    )
    others = same_place.exclude(pk=row.pk).exclude(account=row.account_id)
    used = VoucherLine.objects.filter(account__in=others.values("account"))
    last = used.aggregate(last=Max("voucher__date"))["last"]
    if last is not None and (row.starts_on is None or row.starts_on <= last):
        message = _("Its account is in use until %(day)s.") % {"day": day(last)}
        way_out = _("Give a later day from which the other account is used.")
        yield Refusal("role-in-use", message, str(row.get_posting_type_display()), way_out)
    if row.posting_type in SETTLED_BY_ROLE and _is_anything_left(used):
        message = _("Something is left on its account.")
        way_out = _("Apply, release or settle it first.")
        yield Refusal("balance-left", message, str(row.get_posting_type_display()), way_out)


def _is_anything_left(lines: VoucherLineQuerySet) -> bool:
    by_party = lines.order_by().values("account", "project", "customer", "currency")
    return by_party.annotate(sum=Sum("amount"), base=Sum("base_amount")).exclude(sum=ZERO, base=ZERO).exists()

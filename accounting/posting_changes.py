"""What stands against a row of the posting set-up: what is posted keeps its account (C2)."""

from collections.abc import Iterator

from django.db.models import Max
from django.utils.translation import gettext as _

from accounting.models import PostingAccount, VoucherLine
from core.refusals import Refusal
from core.templatetags.display import day


def reasons_against_account(row: PostingAccount) -> Iterator[Refusal]:
    """Why a new or changed row cannot be kept: before its day the role was posted to another account.

    Compared with the rows of the same place. Locks nothing; two statements. Refusals: role-in-use (C2).
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

"""What breaks exports of vouchers: other files, other vouchers than were handed out (C15)."""

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounting.models import ExportedVoucher, VoucherExport
from accounting.proofs.proof import Proof
from core.row_hashes import Sha256OfBytes


def other_bytes() -> QuerySet:
    """Exports whose file is not the one that was handed out."""
    return VoucherExport.objects.annotate(bytes_say=Sha256OfBytes("content")).exclude(sha256=F("bytes_say"))


def other_vouchers() -> QuerySet:
    """Exported vouchers of another company, other days or another target than their export."""
    return ExportedVoucher.objects.exclude(
        Q(voucher__legal_entity=F("export__legal_entity"))
        & Q(voucher__date__gte=F("export__first_day"))
        & Q(voucher__date__lte=F("export__last_day"))
        & Q(target=F("export__target"))
    )


def other_counts() -> QuerySet:
    """Exports with more or fewer vouchers than they say."""
    rows = ExportedVoucher.objects.filter(export=OuterRef("pk")).order_by().values("export")
    counted = Coalesce(Subquery(rows.annotate(count=Count("pk")).values("count")), 0)
    return VoucherExport.objects.annotate(counted=counted).exclude(voucher_count=F("counted"))


PROOFS = (
    Proof("C15a", _("The file of an export is the one that was handed out."), other_bytes, "legal_entity"),
    Proof(
        "C15b",
        _("An export holds vouchers of its company and its days."),
        other_vouchers,
        "export__legal_entity",
    ),
    Proof("C15c", _("An export holds as many vouchers as it says."), other_counts, "legal_entity"),
)

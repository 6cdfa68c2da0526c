"""Importing a file of a bank: what it holds is shown first, and how a CSV file is read is kept (C11)."""

import base64
import binascii
import hashlib
import zlib
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounting.bank_csv import CsvFault, CsvMapping, CsvReading, cells_of, guessed, read_csv
from accounting.bank_faults import NAMED, fault_words
from accounting.bank_files import is_camt
from accounting.forms.bank_mapping import BankMappingForm, initial_of
from accounting.importing_bank_files import LARGEST, import_bank_file
from accounting.models import BankAccount, BankCsvMapping
from core.access import may
from core.admin_kit import ReadOnlyAdmin, signed_in_user
from core.answering import REFUSED, Failure, carry_out, keep_answer
from core.missing_permissions import denied
from core.money import ZERO
from core.templatetags import display

POST = "accounting.post_payment"
ROWS_SHOWN, RAW_SHOWN = 12, 8
KEPT = 1_500_000
"""So many characters of a packed file travel with the page; a larger one is chosen again."""


class BankFileForm(forms.Form):
    bank_account = forms.ModelChoiceField(BankAccount.objects.none(), label=_("Bank account"))
    file = forms.FileField(
        label=_("File"),
        required=False,
        help_text=_("A statement as CAMT.053, of any version, or a CSV file."),
    )
    kept = forms.CharField(required=False, widget=forms.HiddenInput)
    kept_name = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)

    def __init__(self, user: User, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        accounts = BankAccount.objects.visible_to(user)
        self.fields["bank_account"].queryset = accounts  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """The file that was chosen, else the one that was shown before."""
        cleaned = super().clean() or {}
        upload = cleaned.get("file")
        if upload is not None:
            return cleaned | {"content": upload.read(), "name": upload.name}
        content = _unpacked(cleaned.get("kept") or "")
        if content is None:
            self.add_error("file", forms.ValidationError(_("Choose the file."), "required"))
        return cleaned | {"content": content or b"", "name": cleaned.get("kept_name") or "file.csv"}


@dataclass(frozen=True)
class CsvOnPage:
    """What the page says of a CSV file: its first cells, the form, and how it is read by it."""

    form: BankMappingForm
    cells: list[list[str]]
    reading: CsvReading | None
    seen: str
    """What account, file and mapping are known by; empty where the page does not show how it is read."""


class BankFilePage:
    """One request for the page: the form, the first rows of a file, or the file imported."""

    def __init__(self, model_admin: ReadOnlyAdmin, request: HttpRequest):
        self.model_admin, self.request = model_admin, request
        self.user = signed_in_user(request)

    def answer(self) -> HttpResponse:
        """A CAMT file is imported at once; a CSV file is shown until somebody has seen how it is read."""
        if not may(self.user, POST):
            raise denied(POST)
        if self.request.method != "POST":
            return self._page(BankFileForm(self.user))
        form = BankFileForm(self.user, self.request.POST, self.request.FILES)
        if not form.is_valid():
            return self._page(form, status=REFUSED)
        content = form.cleaned_data["content"]
        asks = "again" in self.request.POST
        if asks and is_camt(content):
            form.add_error("file", _("A CAMT statement needs no columns: choose it again, then “Import”."))
            return self._page(form, status=REFUSED)
        if is_camt(content) or len(content) > LARGEST:
            return self._imported(form, None)
        shown = self._shown(form)
        is_read = shown.form.is_bound and shown.form.is_valid()
        if is_read and not asks and self.request.POST.get("seen") == shown.seen:
            return self._imported(form, shown)
        status = REFUSED if shown.form.is_bound and not is_read else 200
        return self._page(form, shown, is_unseen=not asks and status != REFUSED, status=status)

    def _shown(self, form: BankFileForm) -> CsvOnPage:
        """The file by the mapping that was typed, else by the one that is kept, else by a first guess."""
        account, content = form.cleaned_data["bank_account"], form.cleaned_data["content"]
        kept = BankCsvMapping.objects.filter(bank_account=account).first()
        first = kept.as_mapping if kept else guessed(content)
        if f"{BankMappingForm.prefix}-date_column" in self.request.POST:
            mapping_form = BankMappingForm(self.request.POST, instance=kept)
            if mapping_form.is_valid():
                first = mapping_form.save(commit=False).as_mapping
                seen = _seen(account, content, first)
                return CsvOnPage(mapping_form, _cells(content, first), read_csv(content, first), seen)
            return CsvOnPage(mapping_form, _cells(content, first), None, "")
        mapping_form = BankMappingForm(initial=initial_of(first))
        reading = read_csv(content, first) if kept else None
        known = _seen(account, content, first) if kept else ""
        return CsvOnPage(mapping_form, _cells(content, first), reading, known)

    def _imported(self, form: BankFileForm, shown: CsvOnPage | None) -> HttpResponse:
        cleaned = form.cleaned_data
        mapping = shown.form.save(commit=False) if shown else None
        outcome = carry_out(
            self.request,
            lambda: import_bank_file(
                cleaned["bank_account"],
                name=cleaned["name"],
                content=cleaned["content"],
                mapping=mapping,
                actor=self.user,
                at=timezone.now(),
            ),
        )
        if outcome.failure is not None:
            return self._page(form, shown, failure=outcome.failure, status=outcome.failure.status)
        address = reverse("bank-payments")
        if outcome.first_answer is not None:
            return HttpResponseRedirect(outcome.first_answer or address)
        keep_answer(self.request, address)
        count = outcome.result[1]
        said = ngettext(
            "%(count)s new bank booking imported.", "%(count)s new bank bookings imported.", count
        )
        messages.success(self.request, said % {"count": count})
        zero_rows = shown.reading.zero_rows if shown and shown.reading else ()
        if zero_rows:
            messages.info(self.request, _zero_words(zero_rows))
        return HttpResponseRedirect(address)

    def _page(
        self,
        form: BankFileForm,
        shown: CsvOnPage | None = None,
        *,
        failure: Failure | None = None,
        is_unseen: bool = False,
        status: int = 200,
    ) -> HttpResponse:
        context = {
            **self.model_admin.admin_site.each_context(self.request),
            "opts": self.model_admin.opts,
            "title": _("Import a bank file"),
            "form": form,
            "refusals": failure.refusals if failure else (),
            "is_unseen": is_unseen,
            "cancel_url": reverse("bank-payments"),
            **(_preview(form, shown) if shown else {}),
        }
        return TemplateResponse(self.request, "admin/import_bank_file.html", context, status=status)


def _preview(form: BankFileForm, shown: CsvOnPage) -> dict[str, Any]:
    """The file as it stands and as it is read, and the file itself for the next time the form is sent."""
    cleaned = form.cleaned_data
    packed = base64.b64encode(zlib.compress(cleaned["content"], 9)).decode()
    reading = shown.reading
    width = max((len(row) for row in shown.cells), default=0)
    more = {
        "mapping_form": shown.form,
        "raw_heads": [display.number(column) for column in range(1, width + 1)],
        "raw_rows": list(enumerate(shown.cells[:RAW_SHOWN], 1)),
        "seen": shown.seen,
        "kept": packed if len(packed) <= KEPT else "",
        "kept_name": cleaned["name"],
        "is_too_large": len(packed) > KEPT,
    }
    if reading is None:
        return more
    currency = cleaned["bank_account"].currency
    return more | {
        "reading": reading,
        "currency": currency,
        "read_rows": reading.bookings[:ROWS_SHOWN],
        "faults": [fault_words(one) for one in reading.faults[:NAMED]],
        "fault_count": len(reading.faults),
        "count": len(reading.bookings),
        "total": sum((one.amount for _row, one in reading.bookings), ZERO),
        "zero_words": _zero_words(reading.zero_rows) if reading.zero_rows else "",
    }


def _zero_words(rows: tuple[int, ...]) -> str:
    named = ", ".join(display.number(row) for row in rows[:NAMED])
    said = ngettext(
        "%(count)s row is over nothing and is no booking: row %(rows)s.",
        "%(count)s rows are over nothing and are no bookings: rows %(rows)s.",
        len(rows),
    )
    return said % {"count": display.number(len(rows)), "rows": named}


def _cells(content: bytes, mapping: Any) -> list[list[str]]:
    """The first rows of a file as they stand there; none where it is no table."""
    cells = cells_of(content, mapping)
    return [] if isinstance(cells, CsvFault) else cells[:RAW_SHOWN]


def _seen(account: BankAccount, content: bytes, mapping: CsvMapping) -> str:
    """The same for the same file, read for the same account by the same mapping."""
    return hashlib.sha256(f"{account.pk} {mapping!r} ".encode() + content).hexdigest()


def _unpacked(kept: str) -> bytes | None:
    """The file that travelled with the page; none where there is none, or it is not what was packed."""
    if not kept:
        return None
    try:
        unpacker = zlib.decompressobj()
        content = unpacker.decompress(base64.b64decode(kept, validate=True), LARGEST + 1)
    except (binascii.Error, ValueError, zlib.error):
        return None
    return content if unpacker.eof else None

"""A file of hours on its way in: chosen, looked at, then carried along until the import is confirmed."""

import base64
import zlib
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.signing import BadSignature, Signer
from django.utils.translation import gettext_lazy as _

from projects.models import LegalEntity
from projects.reading import Mapping, known_mappings

LARGEST_FILE = 8 * 1024 * 1024
LARGEST_CARRIED = 2 * 1024 * 1024
PARTS = ("name", "data", "dates")


@dataclass(frozen=True)
class Upload:
    """Name and bytes of a file, and of the file of dates that the mapping joins."""

    name: str
    data: bytes
    dates: bytes


class UploadForm(forms.Form):
    """Which file, for which company, read by which mapping.

    `carried` holds the file that was looked at, signed, so that what is imported is what was shown.
    """

    legal_entity = forms.ModelChoiceField(
        label=_("Company"), queryset=LegalEntity.objects.none(), empty_label=None
    )
    mapping = forms.ChoiceField(label=_("Kind of file"))
    file = forms.FileField(
        label=_("File"),
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,text/csv"}),
        help_text=_("CSV, up to 8 MB."),
    )
    dates = forms.FileField(
        label=_("File of dates"),
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,text/csv"}),
        help_text=_("Only where the kind of file keeps its dates in a second one."),
    )
    carried = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, entities: Any, user: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.signer = Signer(salt=f"import-{user.pk}")
        cast(forms.ModelChoiceField, self.fields["legal_entity"]).queryset = entities
        cast(forms.ChoiceField, self.fields["mapping"]).choices = [
            (one.name, one.title) for one in known_mappings().values()
        ]

    def clean(self) -> dict[str, Any]:
        """Read the file that was sent, or the one that was looked at before."""
        cleaned = super().clean() or {}
        if cleaned.get("carried"):
            cleaned["upload"] = self._unpacked(cleaned["carried"])
        elif cleaned.get("file") is None:
            self.add_error("file", _("Choose a file."))
        else:
            self._read(cleaned)
        return cleaned

    @property
    def selected_mapping(self) -> Mapping:
        """How the file is to be read."""
        return known_mappings()[self.cleaned_data["mapping"]]

    @property
    def is_confirmed(self) -> bool:
        """Whether the file was shown before and is now to be imported."""
        return bool(self.cleaned_data.get("carried"))

    def packed(self) -> str:
        """The file as a hidden field holds it: compressed and signed for this person."""
        upload = self.cleaned_data["upload"]
        parts = [upload.name.encode(), upload.data, upload.dates]
        return self.signer.sign(".".join(base64.b64encode(zlib.compress(part)).decode() for part in parts))

    def _read(self, cleaned: dict[str, Any]) -> None:
        files = [cleaned["file"], cleaned.get("dates")]
        if any(one is not None and one.size > LARGEST_FILE for one in files):
            self.add_error("file", _("The file is too large: split it, or use the command “bill_hours”."))
            return
        cleaned["upload"] = Upload(files[0].name, files[0].read(), files[1].read() if files[1] else b"")
        if len(self.packed()) > LARGEST_CARRIED:
            self.add_error("file", _("The file is too large: split it, or use the command “bill_hours”."))

    def _unpacked(self, carried: str) -> Upload:
        try:
            parts = self.signer.unsign(carried).split(".")
        except BadSignature as error:
            raise ValidationError(_("The file was changed on its way: choose it again.")) from error
        name, data, dates = (zlib.decompress(base64.b64decode(part)) for part in parts)
        return Upload(name.decode(), data, dates)

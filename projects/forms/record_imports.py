"""The form of a file of master data: upload, preview, then the signed file is sent back to be saved."""

import base64
import zlib
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.signing import BadSignature, Signer
from django.utils.translation import gettext_lazy as _

from projects.models import LegalEntity

# The file comes back in a hidden field, a third longer, and a form may hold 2.5 MB (Django's own limit).
LARGEST_FILE = 3 * 1024 * 1024 // 2


class RecordFileForm(forms.Form):
    """Which file, for which company, and whether rows that exist are changed.

    `carried` holds the file that was looked at, signed, so that what is saved is what was shown.
    """

    legal_entity = forms.ModelChoiceField(
        label=_("Company"), queryset=LegalEntity.objects.none(), empty_label=None
    )
    file = forms.FileField(
        label=_("File"),
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.xlsx"}),
        help_text=_("CSV or XLSX, up to 1.5 MB."),
    )
    # Asked in the preview, where the changes are seen.
    update = forms.BooleanField(required=False, widget=forms.HiddenInput)
    carried = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, entities: Any, user: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.signer = Signer(salt=f"records-{user.pk}")
        entity = cast(forms.ModelChoiceField, self.fields["legal_entity"])
        entity.queryset, entity.initial = entities, entities.first()

    def clean(self) -> dict[str, Any]:
        """Read the file that was sent, or the one that was looked at before."""
        cleaned = super().clean() or {}
        if cleaned.get("carried"):
            cleaned["name"], cleaned["data"] = self._unpacked(cleaned["carried"])
        elif cleaned.get("file") is None:
            self.add_error("file", _("Choose a file."))
        elif cleaned["file"].size > LARGEST_FILE:
            self.add_error("file", _("The file is too large: split it."))
        else:
            cleaned["name"], cleaned["data"] = cleaned["file"].name, cleaned["file"].read()
        return cleaned

    @property
    def is_confirmed(self) -> bool:
        """Whether the file was shown before and is now to be saved."""
        return bool(self.cleaned_data.get("carried"))

    def packed(self) -> str:
        """The file as a hidden field holds it."""
        name, data = self.cleaned_data["name"].encode(), zlib.compress(self.cleaned_data["data"])
        return self.signer.sign(f"{base64.b64encode(name).decode()}.{base64.b64encode(data).decode()}")

    def _unpacked(self, carried: str) -> tuple[str, bytes]:
        try:
            name, data = self.signer.unsign(carried).split(".")
        except BadSignature as error:
            raise ValidationError(_("The file was changed since the preview: choose it again.")) from error
        return base64.b64decode(name).decode(), zlib.decompress(base64.b64decode(data))

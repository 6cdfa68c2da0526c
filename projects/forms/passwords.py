"""Forms about passwords that are not Django's own."""

from django import forms
from django.utils.translation import gettext_lazy as _


class MailForm(forms.Form):
    """The address that the link is sent to."""

    mail = forms.EmailField(
        label=_("Mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

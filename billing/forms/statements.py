"""What the page that sends a statement of prepaid hours posts: the address that it named (A12)."""

from django import forms


class SendStatementForm(forms.Form):
    """The address that was shown; the verb refuses another one."""

    address = forms.CharField(widget=forms.HiddenInput, required=False, max_length=254)

"""What somebody paid or used: an expense, material, or a fee, with its receipts."""

from typing import Any, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from core.day_inputs import DayField
from core.number_inputs import NumberField
from projects.forms.choices import UnitField
from projects.forms.entries import TaskField
from projects.models import Customer, LegalEntity, Project, Resource, Task, TransactionCategory
from projects.receipt_files import LARGEST_FILE
from projects.states import TransactionClass

USUAL_CURRENCIES = ("EUR", "USD", "GBP", "CHF", "IDR", "SGD")


class FilesInput(forms.ClearableFileInput):
    """A file input that takes several."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files, as a list."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        """Each of them; what they are is asked where they are kept."""
        sent = data if isinstance(data, list | tuple) else [data] if data else []
        return [super(FilesField, self).clean(one, initial) for one in sent]


class CostForm(forms.Form):
    """One expense, material or fee of a person; the fields follow its `kind`."""

    day = DayField(label=_("Date on the receipt"))
    project = forms.ModelChoiceField(label=_("Project"), queryset=Project.objects.none())
    task = TaskField(label=_("Task"), queryset=Task.objects.none(), required=False)
    category = forms.ModelChoiceField(label=_("Category"), queryset=TransactionCategory.objects.none())
    product = forms.CharField(label=_("Product"), max_length=80)
    quantity = NumberField(label=_("Quantity"))
    unit = UnitField(label=_("Unit"))
    price = NumberField(label=_("Price per unit"), least=2)
    currency = forms.ChoiceField(label=_("Currency"))
    external_description = forms.CharField(
        label=_("Description, printed on the invoice"), max_length=500, required=False
    )
    description = forms.CharField(label=_("Internal note, never printed"), max_length=500, required=False)
    receipts = FilesField(
        label=_("Receipts"),
        required=False,
        widget=FilesInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
        help_text=_("PDF, JPEG or PNG, up to 10 MB and 20 pages each."),
    )

    def __init__(
        self,
        *args: Any,
        kind: TransactionClass,
        person: Resource,
        projects: QuerySet[Project],
        **kwargs: Any,
    ):
        super().__init__(*args, **kwargs)
        self.kind = kind
        usable = projects.filter(is_closed=False)
        cast(forms.ModelChoiceField, self.fields["project"]).queryset = usable
        tasks = Task.objects.filter(project__in=usable.values("pk"), is_closed=False)
        cast(forms.ModelChoiceField, self.fields["task"]).queryset = tasks.select_related("project").order_by(
            "project__number", "code"
        )
        categories = TransactionCategory.objects.filter(transaction_class=kind, is_closed=False)
        cast(forms.ModelChoiceField, self.fields["category"]).queryset = categories
        self._fit(kind)
        currency = cast(forms.ChoiceField, self.fields["currency"])
        currency.choices = [(code, code) for code in _currencies(person.legal_entity)]
        currency.initial = person.legal_entity.currency
        self.fields["quantity"].initial = "1"

    @property
    def attached(self) -> list[UploadedFile]:
        """The files that were sent; one that is too large is left unread, its size says enough."""
        files: list[UploadedFile] = self.cleaned_data["receipts"]
        return files

    @staticmethod
    def bytes_of(file: UploadedFile) -> bytes:
        """The bytes of a file, and no more of a large one than shows that it is too large."""
        return file.read(LARGEST_FILE + 1)

    def _fit(self, kind: TransactionClass) -> None:
        """Leave out what an entry of this kind does not say."""
        if kind == TransactionClass.MATERIAL:
            self.fields["category"].required = False
            self.fields["day"].label = _("Date")
            self.fields["price"].label = _("Cost per unit")
        else:
            # The unit is that of the category, and nothing is taken off a shelf.
            del self.fields["product"], self.fields["unit"]
        if kind == TransactionClass.FEE:
            self.fields["day"].label = _("Date")
            self.fields["price"].label = _("Price per unit that the customer pays")


def _currencies(entity: LegalEntity) -> list[str]:
    """The company's own currency, those of its customers, and the usual ones."""
    customers = Customer.objects.filter(legal_entity=entity).order_by("currency")
    used = customers.values_list("currency", flat=True).distinct()
    return list(dict.fromkeys([entity.currency, *used, *USUAL_CURRENCIES]))

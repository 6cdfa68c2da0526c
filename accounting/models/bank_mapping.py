"""How the CSV files of a bank are read, kept for each bank account (C11)."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounting.bank_csv import MOST_COLUMNS, CsvMapping
from accounting.models.receivable import BankAccount
from accounting.receivable_querysets import BankFileQuerySet
from accounting.states import CsvDateOrder, CsvDecimalSign, CsvDelimiter, CsvEncoding

OF_A_COLUMN = [MinValueValidator(1), MaxValueValidator(MOST_COLUMNS)]
COLUMNS = (
    "date_column",
    "amount_column",
    "debit_column",
    "credit_column",
    "currency_column",
    "payer_column",
    "iban_column",
    "reference_column",
)


class BankCsvMapping(models.Model):
    """Which column of the CSV files of a bank account is what; columns and rows count from 1."""

    bank_account = models.OneToOneField(
        BankAccount, models.PROTECT, related_name="csv_mapping", verbose_name=_("bank account")
    )
    delimiter = models.CharField(
        _("delimiter"), max_length=1, choices=CsvDelimiter.choices, default=CsvDelimiter.SEMICOLON
    )
    encoding = models.CharField(
        _("encoding"), max_length=12, choices=CsvEncoding.choices, default=CsvEncoding.UTF_8
    )
    date_order = models.CharField(
        _("dates"), max_length=3, choices=CsvDateOrder.choices, default=CsvDateOrder.DAY_FIRST
    )
    decimal_sign = models.CharField(
        _("decimal sign"), max_length=1, choices=CsvDecimalSign.choices, default=CsvDecimalSign.COMMA
    )
    first_row = models.PositiveSmallIntegerField(
        _("first row"), default=2, validators=OF_A_COLUMN, help_text=_("The first one with a bank booking.")
    )
    rows_at_end = models.PositiveSmallIntegerField(
        _("rows at the end"),
        default=0,
        validators=OF_A_COLUMN[1:],
        help_text=_("So many are no bank bookings, such as a closing balance."),
    )
    date_column = models.PositiveSmallIntegerField(_("column of the date"), default=1, validators=OF_A_COLUMN)
    amount_column = models.PositiveSmallIntegerField(
        _("column of the amount"),
        null=True,
        blank=True,
        validators=OF_A_COLUMN,
        help_text=_("With its sign. Empty where the file has a column for each side."),
    )
    debit_column = models.PositiveSmallIntegerField(
        _("column of what went out"), null=True, blank=True, validators=OF_A_COLUMN
    )
    credit_column = models.PositiveSmallIntegerField(
        _("column of what came in"), null=True, blank=True, validators=OF_A_COLUMN
    )
    currency_column = models.PositiveSmallIntegerField(
        _("column of the currency"), null=True, blank=True, validators=OF_A_COLUMN
    )
    text_columns = models.CharField(
        _("columns of the text"),
        max_length=30,
        blank=True,
        help_text=_("Several are put together in this order, such as 5 6."),
    )
    payer_column = models.PositiveSmallIntegerField(
        _("column of the name"), null=True, blank=True, validators=OF_A_COLUMN
    )
    iban_column = models.PositiveSmallIntegerField(
        _("column of the IBAN"), null=True, blank=True, validators=OF_A_COLUMN
    )
    reference_column = models.PositiveSmallIntegerField(
        _("column of the bank’s reference"), null=True, blank=True, validators=OF_A_COLUMN
    )

    objects = BankFileQuerySet.as_manager()

    class Meta:
        verbose_name = _("CSV mapping of a bank account")
        verbose_name_plural = _("CSV mappings of bank accounts")
        ordering = ["bank_account"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    amount_column__isnull=False, debit_column__isnull=True, credit_column__isnull=True
                )
                | models.Q(
                    amount_column__isnull=True, debit_column__isnull=False, credit_column__isnull=False
                ),
                name="mapping_has_one_amount_or_both_sides",
                violation_error_message=_(
                    "Name the column of the amount, or both those of what went out and what came in."
                ),
            ),
            models.CheckConstraint(
                condition=models.Q(first_row__gte=1, date_column__gte=1), name="mapping_counts_from_one"
            ),
        ]

    def __str__(self) -> str:
        return str(self.bank_account)

    @property
    def as_mapping(self) -> CsvMapping:
        """The same for the reader."""
        columns = {name: getattr(self, name) for name in COLUMNS}
        return CsvMapping(
            delimiter=self.delimiter,
            encoding=self.encoding,
            date_order=self.date_order,
            decimal_sign=self.decimal_sign,
            first_row=self.first_row,
            rows_at_end=self.rows_at_end,
            text_columns=tuple(int(one) for one in self.text_columns.split()),
            **columns,
        )

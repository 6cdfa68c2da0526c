"""The statement of a customer as a CSV file: every row with the balance after it, currency by currency."""

from collections.abc import Iterator, Sequence

from django.http import StreamingHttpResponse

from accounting.ageing import CustomerStatement
from accounting.row_names import name_of
from core.spreadsheets import CSV_TYPE, Cell, Figure, Head, for_the_reader, written_csv
from projects.models import Customer

NAMES = ("date", "document", "what", "due", "amount", "open", "balance", "currency")


def statement_file(customer: Customer, statements: Sequence[CustomerStatement]) -> StreamingHttpResponse:
    """The rows as a file; the balance before the first of each currency stands in a row of its own."""
    heads = [Head(name, name) for name in NAMES]
    content = for_the_reader(written_csv(heads, _rows(statements)))
    name = f"statement-{customer.number}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(content, CSV_TYPE, headers=headers)


def _rows(statements: Sequence[CustomerStatement]) -> Iterator[list[Cell]]:
    for one in statements:
        yield [None, None, "opening", None, None, None, Figure(one.opening, 2), one.currency]
        for shown in one.rows:
            row = shown.row
            yield [
                row.date,
                name_of(row),
                str(row.voucher.get_source_kind_display()),
                row.due_on,
                Figure(row.amount, 2),
                Figure(row.open_amount, 2),
                Figure(shown.balance, 2),
                one.currency,
            ]

"""The same job in bare set-based SQL on narrow tables, every key kept, no guards, no history.

Nothing in a framework can be faster than this on the same server in the same minute, so the ratio to it
tells what the product's safety and bookkeeping cost (PERFORMANCE, targets).
"""

# ruff: noqa: S608 - every statement is made of the constants of this file

import time
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

PER_CONTRACT = 100

TABLES = (
    "dimension(id {pk})",
    "contract(id {pk})",
    "line(id {pk}, contract_id bigint not null references bare_contract(id))",
    "item(id {pk}, contract_id bigint not null references bare_contract(id),"
    " line_id bigint not null references bare_line(id),"
    " customer_id bigint not null references bare_dimension(id),"
    " project_id bigint not null references bare_dimension(id),"
    " task_id bigint references bare_dimension(id),"
    " role_id bigint references bare_dimension(id), resource_id bigint references bare_dimension(id),"
    " category_id bigint references bare_dimension(id), unit varchar(10), currency char(3), day date,"
    " description text, external_description text)",
    "event(id {pk}, kind smallint)",
    "proforma(id {pk}, contract_id bigint not null references bare_contract(id), status smallint,"
    " net bigint)",
    "invoice_line(id {pk}, proforma_id bigint not null references bare_proforma(id),"
    " line_id bigint not null references bare_line(id), net bigint)",
    "actual(id {pk}, item_id bigint not null references bare_item(id), type smallint not null,"
    " quantity bigint not null, price bigint not null, amount bigint not null,"
    " billing_type smallint not null, reverses_id bigint unique references bare_actual(id),"
    " event_id bigint not null references bare_event(id), day date not null)",
    "detail(id {pk}, invoice_line_id bigint not null references bare_invoice_line(id),"
    " actual_id bigint not null unique references bare_actual(id), quantity bigint, price bigint,"
    " amount bigint, billing_type smallint, description text)",
    "backlog(actual_id bigint primary key references bare_actual(id), contract_id bigint not null,"
    " line_id bigint not null, status smallint not null, day date not null, amount bigint not null)",
    "voucher(id {pk}, source_id bigint unique)",
    "voucher_line(id {pk}, voucher_id bigint not null references bare_voucher(id),"
    " account_id bigint not null references bare_dimension(id), amount bigint not null,"
    " detail_id bigint references bare_detail(id))",
)
INDEXES = (
    "actual(item_id)",
    "detail(invoice_line_id)",
    "backlog(contract_id, status, day)",
    "voucher_line(voucher_id)",
)
SERIES = "with recursive n(i) as (select 1 union all select i + 1 from n where i < {count}) "

DATA = (
    "insert into bare_dimension(id) " + SERIES.format(count=5000) + "select i from n",
    "insert into bare_contract(id) " + SERIES.format(count="{contracts}") + "select i from n",
    "insert into bare_line(id, contract_id) "
    + SERIES.format(count="{lines}")
    + "select i, (i + 1) / 2 from n",
    "insert into bare_event(id, kind) values (1, 1), (2, 3)",
    "insert into bare_item(id, contract_id, line_id, customer_id, project_id, task_id, role_id, resource_id,"
    " category_id, unit, currency, day, description, external_description) "
    + SERIES.format(count="{n}")
    + "select i, (i - 1) / 100 + 1, 2 * ((i - 1) / 100 + 1) - (i % 2), i % 5000 + 1, i % 900 + 1,"
    " i % 4000 + 1, i % 40 + 1, i % 300 + 1, i % 30 + 1, 'h', 'EUR', {day}, 'Work worth paying for ' || i,"
    " 'Work worth paying for ' || i from n",
    "insert into bare_actual(id, item_id, type, quantity, price, amount, billing_type, event_id, day)"
    " select id, id, 1, 80000, 1000000, 8000000, 1, 1, day from bare_item",
    "insert into bare_actual(id, item_id, type, quantity, price, amount, billing_type, event_id, day)"
    " select id + {n}, id, 2, 80000, 2000000, 16000000, 1, 1, day from bare_item",
    "insert into bare_backlog select a.id, i.contract_id, i.line_id, 2, i.day, a.amount"
    " from bare_actual a join bare_item i on i.id = a.item_id where a.type = 2",
)
JOB = {
    "create": (
        "insert into bare_proforma(id, contract_id, status, net)"
        " select contract_id, contract_id, 1, sum(amount) from bare_backlog where status = 2"
        " group by contract_id",
        "insert into bare_invoice_line(id, proforma_id, line_id, net)"
        " select line_id, contract_id, line_id, sum(amount) from bare_backlog where status = 2"
        " group by contract_id, line_id",
        "insert into bare_detail(id, invoice_line_id, actual_id, quantity, price, amount, billing_type,"
        " description) select a.id, b.line_id, a.id, a.quantity, a.price, a.amount, a.billing_type,"
        " i.external_description from bare_backlog b join bare_actual a on a.id = b.actual_id"
        " join bare_item i on i.id = a.item_id where b.status = 2",
        "update bare_backlog set status = 3 where status = 2",
    ),
    "confirm": (
        "insert into bare_actual(id, item_id, type, quantity, price, amount, billing_type, reverses_id,"
        " event_id, day) select a.id + {n}, a.item_id, 2, -a.quantity, a.price, -a.amount, a.billing_type,"
        " a.id, 2, a.day"
        " from bare_detail d join bare_actual a on a.id = d.actual_id",
        "insert into bare_actual(id, item_id, type, quantity, price, amount, billing_type, event_id, day)"
        " select a.id + 2 * {n}, a.item_id, 3, d.quantity, d.price, d.amount, d.billing_type, 2, a.day"
        " from bare_detail d join bare_actual a on a.id = d.actual_id",
        "delete from bare_backlog where status = 3",
        "update bare_proforma set status = 2",
    ),
    "post": (
        "insert into bare_voucher(id, source_id) select id, id from bare_proforma",
        "insert into bare_voucher_line(id, voucher_id, account_id, amount, detail_id)"
        " select d.id, l.proforma_id, d.id % 50 + 1, -d.amount, d.id from bare_detail d"
        " join bare_invoice_line l on l.id = d.invoice_line_id",
        "insert into bare_voucher_line(id, voucher_id, account_id, amount)"
        " select 5 * {n} + id, id, 100, net from bare_proforma",
    ),
}


def run_bare_sql(n: int) -> dict[str, float]:
    """Build the bare tables, run the job, drop them; seconds per step. Raises when the sums do not agree."""
    is_postgresql = connection.vendor == "postgresql"
    words = {
        "n": n,
        "contracts": n // PER_CONTRACT,
        "lines": 2 * (n // PER_CONTRACT),
        "pk": "bigint primary key" if is_postgresql else "integer primary key",
        "day": "date '2026-01-01' + (i % 300)::int"
        if is_postgresql
        else "date('2026-01-01', (i % 300) || ' days')",
    }
    with connection.cursor() as cursor:
        _drop(cursor)
        for table in TABLES:
            cursor.execute(f"create table bare_{table.format(**words)}")
        for index, definition in enumerate(INDEXES):
            cursor.execute(f"create index bare_i{index} on bare_{definition}")
        for statement in DATA:
            cursor.execute(statement.format(**words))
        cursor.execute("vacuum analyze" if is_postgresql else "analyze")
        seconds = {step: _timed(cursor, step, words) for step in JOB}
        cursor.execute("select count(*), sum(amount) from bare_voucher_line")
        lines, left = cursor.fetchone()
        if (lines, left) != (n + n // PER_CONTRACT, 0):
            raise AssertionError(f"bare SQL wrote {lines} lines that add up to {left}")
        _drop(cursor)
    return seconds


def _timed(cursor: CursorWrapper, step: str, words: dict[str, Any]) -> float:
    started = time.perf_counter()
    cursor.execute("begin")
    for statement in JOB[step]:
        cursor.execute(statement.format(**words))
    cursor.execute("commit")
    return time.perf_counter() - started


def _drop(cursor: CursorWrapper) -> None:
    for table in reversed(TABLES):
        cursor.execute(f"drop table if exists bare_{table.partition('(')[0]}")

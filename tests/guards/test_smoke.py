import pytest
from django.db import connection
from tests.factories import world as w, invoicing as i, books as b

@pytest.mark.django_db
def test_smoke():
    at = w.world()
    a = w.approved_hours(at)
    p = i.draft_of(at, a)
    i.confirm(p, at)
    b.period(at)
    posted = b.post(at, p, i.number_series(at))
    jl = b.journal_line(at, a)
    sh = i.milestone_share(at)
    q = i.proforma(at)
    i.detail(i.line(q, sh.milestone.contract_line), milestone_share=sh, amount=sh.amount)
    a2 = w.approved_hours(at)
    i.claim(i.line(q, at.line), a2)
    i.add_up(q)
    q.delete()
    connection.check_constraints()

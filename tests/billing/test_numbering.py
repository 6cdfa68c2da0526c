"""Numbers come from a locked row inside the transaction that uses them (decision 12, L1 to L3)."""

from types import SimpleNamespace

import pytest
from django.db import transaction

from billing.models import NumberSeries
from billing.numbering import OutsideTransaction, take_numbers
from billing.states import SeriesKind
from projects.models import LegalEntity
from tests.company import Company
from tests.company.rows import next_number

pytestmark = pytest.mark.django_db


def take(
    entity: LegalEntity, count: int = 1, kind: str = SeriesKind.CUSTOMER_INVOICE, year: int = 2026
) -> list[str]:
    return list(take_numbers(entity, kind, year, count))


def test_numbers_run_on_from_where_the_series_stands():
    entity = Company.bare().entity
    assert take(entity, 2) == ["RE-2026-00001", "RE-2026-00002"]
    assert take(entity) == ["RE-2026-00003"]
    numbers = take_numbers(entity, SeriesKind.CUSTOMER_INVOICE, 2026, 2)
    assert (numbers.first, numbers.count, numbers.series.last_number) == (4, 2, 5)
    assert NumberSeries.objects.get().last_number == 5


def test_every_kind_and_every_year_has_its_own():
    entity = Company.bare().entity
    assert [take(entity, kind=kind)[0] for kind in SeriesKind] == [
        "PF-2026-00001",
        "RE-2026-00001",
        "IJ-2026-00001",
        "PV-2026-00001",
        "RV-2026-00001",
        "BV-2026-00001",
        "GV-2026-00001",
    ]
    assert take(entity, year=2027) == ["RE-2027-00001"]
    assert take(entity) == ["RE-2026-00002"]


def test_a_second_company_shows_its_name_in_the_number():
    one, other = Company.bare().entity, Company.bare().entity
    assert take(one) == ["RE-2026-00001"]
    assert take(other) == [f"RE{other.code}-2026-00001"]
    assert take(one, year=2027) == ["RE-2027-00001"]


def test_a_rollback_gives_the_numbers_back():
    entity = Company.bare().entity
    take(entity)
    with pytest.raises(LookupError), transaction.atomic():
        assert take(entity, 5)[-1] == "RE-2026-00006"
        raise LookupError
    assert take(entity) == ["RE-2026-00002"]


def test_a_prefix_of_ones_own_is_kept():
    entity = Company.bare().entity
    NumberSeries.objects.create(
        legal_entity=entity,
        kind=SeriesKind.CUSTOMER_INVOICE,
        year=2026,
        prefix=f"HH{next_number()}",
        last_number=41,
    )
    (number,) = take(entity)
    assert number == NumberSeries.objects.get().written(42)
    assert number.startswith("HH")


def test_outside_a_transaction_there_are_no_numbers(monkeypatch):
    entity = Company.bare().entity
    with monkeypatch.context() as patch:
        patch.setattr(transaction, "get_connection", lambda: SimpleNamespace(in_atomic_block=False))
        with pytest.raises(OutsideTransaction):
            take(entity)
    assert not NumberSeries.objects.exists()

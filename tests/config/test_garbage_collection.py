"""How often Python searches for garbage, in every process since Django started (record 17)."""

import gc
import weakref

from config.garbage_collection import YOUNG_OBJECTS, spare_living_objects


class Ring:
    """Something that only the search for garbage frees: it holds itself."""

    def __init__(self) -> None:
        self.itself = self


def test_this_process_searches_seldom_since_django_started() -> None:
    assert gc.isenabled()
    assert gc.get_threshold()[0] == YOUNG_OBJECTS
    assert gc.get_freeze_count() > 0


def test_what_the_start_left_is_not_searched_and_rings_are_still_freed() -> None:
    started_with = Ring()
    spare_living_objects()
    assert not any(each is started_with for each in gc.get_objects())
    made_later = weakref.ref(Ring())
    gc.collect()
    assert made_later() is None

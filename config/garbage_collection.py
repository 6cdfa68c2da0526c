"""How often Python looks for garbage that reference counting missed, in every process of the product.

Set once when Django starts, so it is the same for the web server, the worker, its children and every command
(record 17 in docs/decisions says what was measured).
"""

import gc

YOUNG_OBJECTS = 50_000
"""When so many more were made than freed, the youngest are searched. Python's own 700 is for small programs:
a verb over thousands of rows passes it thousands of times, and nothing that it holds is garbage."""


def spare_living_objects() -> None:
    """Search rarely, and never what the start left: models, URLs, translations live as long as the process.

    Both older generations keep Python's own thresholds, so that garbage in a ring is found all the same.
    """
    _young, middle, old = gc.get_threshold()
    gc.set_threshold(YOUNG_OBJECTS, middle, old)
    # What is garbage now would stay for good.
    gc.collect()
    gc.freeze()

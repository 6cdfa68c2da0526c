"""What several tests of the architecture start from."""

import pytest

from tests.architecture.copies import CopyOf, copy_tree


@pytest.fixture(scope="module")
def copy_of(tmp_path_factory: pytest.TempPathFactory) -> CopyOf:
    """Creates copies of the product tree, each in a folder of its own."""
    return lambda name: copy_tree(tmp_path_factory.mktemp(name))

"""An empty Twinwall of its own for the tests of how it runs."""

from collections.abc import Iterator

import pytest

from deploy.ports import free_port
from tests.conftest import Product, Services


@pytest.fixture(scope="module")
def empty_product(services: Services) -> Iterator[Product]:
    """A Twinwall started with `--empty`."""
    product = Product(services.folder / "empty" / "var")
    product.var.mkdir(parents=True)
    try:
        product.up("--empty", "--port", str(free_port()))
        yield product
    finally:
        product.twin("down")

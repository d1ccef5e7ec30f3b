import pytest

from shop.catalogue import Tin


@pytest.fixture
def sencha() -> Tin:
    return Tin("SEN-100", "Sencha", 100, 1250)


@pytest.fixture
def oolong() -> Tin:
    return Tin("OOL-50", "Oolong", 50, 1990)

import pytest


@pytest.fixture(autouse=True)
def store(request: pytest.FixtureRequest) -> None:
    """Every test here begins with an empty store, except those that read one seeded for all of them."""
    if "seeded" not in request.fixturenames:
        request.getfixturevalue("mongo_store")

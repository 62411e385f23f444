"""One Chromium for all stories; for each module a product whose people have no other appointments."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.browsers import chromium
from tests.e2e.product import Product, SampleProduct, serving


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/e2e" in str(item.path):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
            item.add_marker(pytest.mark.timeout(600))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def product(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Product]:
    async with serving(tmp_path_factory.mktemp("site") / "var") as product:
        yield product


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(chromium_path: str) -> AsyncIterator[Browser]:
    async with chromium(chromium_path) as browser:
        yield browser


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def everybody_goes_home(browser: Browser) -> AsyncIterator[None]:
    """Close what a test has opened: pages that stay in their rooms take the processor from the tests to come."""
    before = list(browser.contexts)
    yield
    for context in browser.contexts:
        if context not in before:
            await context.close()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def samples(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SampleProduct]:
    """The product as `./run` starts it: with sample people, whom no other module has met yet."""
    async with serving(tmp_path_factory.mktemp("samples") / "var", "--sample") as product:
        yield SampleProduct(product)

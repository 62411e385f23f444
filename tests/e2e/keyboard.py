"""People who have a keyboard and nothing else: they see where they are, and are never lost."""

from playwright.async_api import Locator, expect

from tests.e2e.people import WITHIN_MS, Person

# The ring around what has the focus: drawn on it, or on the label of a control that is hidden under its picture.
RING = """(control) => [control, control.closest("label")].some((node) => {
    if (node === null) return false;
    const {outlineStyle, outlineWidth, outlineColor} = getComputedStyle(node);
    return outlineStyle !== "none" && parseFloat(outlineWidth) >= 2 && !/, 0\\)|transparent/.test(outlineColor);
})"""
FOCUSED = "(control) => control === document.activeElement"
MOST_STOPS = 120


async def is_on(control: Locator) -> None:
    """Wait until this has the focus, and see that it shows."""
    await expect(control).to_be_focused(timeout=WITHIN_MS)
    assert await control.evaluate(RING), "nobody can see where the focus is"


async def goes_to(person: Person, control: Locator, key: str = "Tab") -> None:
    """Press Tab until this control has the focus; at each stop the focus is on something, and shows."""
    await expect(control).to_be_visible(timeout=WITHIN_MS)
    for _ in range(MOST_STOPS):
        if await control.evaluate(FOCUSED):
            return await is_on(control)
        await person.page.keyboard.press(key)
    raise AssertionError(f"{control} cannot be reached by keyboard")


async def presses(person: Person, control: Locator, key: str = "Enter") -> None:
    """Go there and press it."""
    await goes_to(person, control)
    await person.page.keyboard.press(key)


async def types(person: Person, text: str) -> None:
    """Write where the focus is."""
    await person.page.keyboard.insert_text(text)


async def has_a_place(person: Person) -> None:
    """The focus is on something of the page, not lost with what has gone."""
    place = "document.activeElement !== document.body && document.activeElement !== null"
    await person.page.wait_for_function(f"() => {place}", timeout=WITHIN_MS)

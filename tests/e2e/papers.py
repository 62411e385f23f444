"""Papers on a page: whether there really is ink on the sheet."""

from playwright.async_api import Locator

# The sheet as a picture, once it has ink and is another one than `before`.
DRAWN = """async (canvas, before) => {
    const until = performance.now() + 20000;
    const hasInk = () => {
        const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width || 1, canvas.height || 1);
        return data.some((value, place) => place % 4 === 0 && value < 128 && data[place + 3] === 255);
    };
    while (performance.now() < until) {
        const now = canvas.toDataURL();
        if (now !== before && hasInk()) return now;
        await new Promise(requestAnimationFrame);
    }
    throw new Error("no new page was drawn");
}"""


async def is_drawn(sheet: Locator, before: str = "") -> str:
    """Wait until a page is drawn that looks other than `before`; what it looks like."""
    return str(await sheet.locator("canvas").evaluate(DRAWN, before))

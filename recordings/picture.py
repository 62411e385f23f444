"""yuv420p pictures row by row: copying one into another, and the neutral silhouette of somebody who is not shown.

No numpy and no filter graph: a row copy is one memory move, and a canvas of tiles is nothing but row copies.
"""

from collections.abc import Iterable
from math import sqrt

from av import VideoFrame

BACKGROUND_LUMA = 40
FIGURE_LUMA = 96
NEUTRAL_CHROMA = (128, 128)


def write_rows(frame: VideoFrame, plane: int, rows: Iterable[bytes]) -> None:
    """Write whole rows from the top of one plane, whatever its line size."""
    target, line_size = memoryview(frame.planes[plane]), frame.planes[plane].line_size
    for y, row in enumerate(rows):
        target[y * line_size : y * line_size + len(row)] = row


def paste(canvas: VideoFrame, tile: VideoFrame, left: int, top: int) -> None:
    """Copy `tile` into `canvas` at an even position; both yuv420p, the tile fits inside."""
    for plane, scale in enumerate((1, 2, 2)):
        source, target = tile.planes[plane], canvas.planes[plane]
        read, write = memoryview(source), memoryview(target)
        width, at = source.width, (top // scale) * target.line_size + left // scale
        for y in range(source.height):
            write[at : at + width] = read[y * source.line_size : y * source.line_size + width]
            at += target.line_size


def plain(width: int, height: int, luma: int = BACKGROUND_LUMA, chroma: tuple[int, int] = NEUTRAL_CHROMA) -> VideoFrame:
    """One colour everywhere."""
    frame = VideoFrame(width, height, "yuv420p")
    for plane, value in enumerate((luma, *chroma)):
        write_rows(frame, plane, [bytes([value]) * frame.planes[plane].width] * frame.planes[plane].height)
    return frame


def silhouette(width: int, height: int, shift: float = 0.0, chroma: tuple[int, int] = NEUTRAL_CHROMA) -> VideoFrame:
    """Head and shoulders; `shift` (-1..1) moves them sideways by up to a tenth of the width."""
    frame = plain(width, height, BACKGROUND_LUMA, chroma)
    write_rows(frame, 0, (_figure_row(y, width, height, shift) for y in range(height)))
    return frame


def _figure_row(y: int, width: int, height: int, shift: float) -> bytes:
    """One luma row: the head is a circle, the shoulders an ellipse cut off by the lower edge."""
    head = _half_chord(y - 0.40 * height, 0.17 * height, 0.17 * height)
    shoulders = _half_chord(y - 1.02 * height, 0.40 * height, 0.36 * height)
    half = max(head, shoulders)
    centre = width / 2 + shift * width / 10
    left, right = max(0, round(centre - half)), min(width, round(centre + half))
    background, figure = bytes([BACKGROUND_LUMA]), bytes([FIGURE_LUMA])
    return background * left + figure * (right - left) + background * (width - right)


def _half_chord(distance: float, radius_y: float, radius_x: float) -> float:
    inside = 1 - (distance / radius_y) ** 2
    return radius_x * sqrt(inside) if inside > 0 else 0.0

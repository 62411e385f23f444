"""One video track read by wall time: which picture was there at a moment, scaled into its tile."""

from collections.abc import Iterator, Mapping, Sequence

from av import CodecContext, Packet, VideoFrame
from av.error import FFmpegError
from av.video.reformatter import VideoReformatter

from recordings.clock import StreamClock
from recordings.depacketise import Frame, is_key_frame
from recordings.intervals import Interval
from recordings.picture import paste, plain, silhouette

_BAR_LUMA = 16


class PictureTrack:
    """Asked for ever later moments. Every picture is decoded, only those that are shown are scaled; one is held."""

    def __init__(self, frames: Iterator[Frame], clocks: Mapping[int, StreamClock], spans: Sequence[Interval]) -> None:
        self._frames, self._clocks = frames, clocks
        self._spans = list(spans)  # those that are not over yet
        self._decoder = CodecContext.create("vp8", "r")
        self._decoder.thread_count = 1  # one picture in, the same picture out
        self._reformatter = VideoReformatter()
        self._needs_key = True
        self._picture: VideoFrame | None = None
        self._coming = next(frames, None)
        self._tile: VideoFrame | None = None
        self._tile_of: VideoFrame | None = None

    def at(self, wall_ns: int, width: int, height: int) -> VideoFrame:
        """The tile at this moment; the silhouette where nothing was recorded. The same object while nothing changes."""
        self._advance(wall_ns)
        shown = self._picture if self._is_recorded(wall_ns) else None
        if self._tile is None or self._tile_of is not shown or (self._tile.width, self._tile.height) != (width, height):
            self._tile_of = shown
            self._tile = silhouette(width, height) if shown is None else self._fitted(shown, width, height)
        return self._tile

    def _advance(self, wall_ns: int) -> None:
        while (frame := self._coming) is not None:
            if self._clocks[frame.stretch].wall_ns(frame.rtp_time, frame.arrived_ns) > wall_ns:
                return
            self._decode(frame.data)
            self._coming = next(self._frames, None)

    def _decode(self, data: bytes) -> None:
        """What does not decode is left out, and all that builds on it."""
        if self._needs_key and not is_key_frame(data):
            return
        try:
            pictures = self._decoder.decode(Packet(data))
        except FFmpegError:
            self._needs_key = True
            return
        self._needs_key = False
        if pictures:
            self._picture = pictures[-1]

    def _is_recorded(self, wall_ns: int) -> bool:
        while self._spans and self._spans[0].end_ns < wall_ns:
            self._spans.pop(0)
        return bool(self._spans) and self._spans[0].start_ns <= wall_ns

    def _fitted(self, picture: VideoFrame, width: int, height: int) -> VideoFrame:
        """Scaled as a whole; dark bars where its shape is not the tile's."""
        scale = min(width / picture.width, height / picture.height)
        inner_width = _filled(picture.width * scale, width)
        inner_height = _filled(picture.height * scale, height)
        inner = self._reformatter.reformat(
            picture, inner_width, inner_height, "yuv420p", interpolation="FAST_BILINEAR", threads=1
        )
        if (inner_width, inner_height) == (width, height):
            return inner
        tile = plain(width, height, _BAR_LUMA)
        left, top = (width - inner_width) // 2, (height - inner_height) // 2
        paste(tile, inner, left - left % 2, top - top % 2)
        return tile


def _filled(size: float, limit: int) -> int:
    """Even, and the whole tile where only a line or two would be left over."""
    return limit if limit - size <= limit / 64 else max(2, round(size / 2) * 2)

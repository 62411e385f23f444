"""Which layer of which picture one viewer gets, so that its line carries it and its sound never suffers. Pure.

Down at once on a real sign, to what the sign says will fit. Up by trial: one step at a time, taken back at the first
sign of trouble, and tried again after 10, 20, 40 s and so on; quickly only as long as there never was any trouble. What
is carried without trouble is not taken away.
One `Downlink` per viewer; it knows nothing of the engine: signs come in, layers go out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from signaling.media.adaptation.line import Line, RecentPeak, Sign, Trouble
from signaling.media.adaptation.shedding import Allotment, LayerRate, Shown, Step, allot, keep, ladder
from signaling.media.port import TrackId

VOICE_BPS = 56_000  # what a voice that is heard takes, with its headers
START_BPS = 700_000  # four small pictures: what is too much for a line is found out, and taken back, within seconds
CLEAN_S = 10.0  # without trouble before a picture is made better, and before a trial is passed
UNHURT_CLEAN_S = 3.0  # the same as long as the line has never been in trouble: most lines carry everything
OPEN_AFTER_S = 1.0  # before one more small picture is opened, if nothing says that it will not fit
FIRST_BACK_OFF_S = 10.0
LONGEST_BACK_OFF_S = 160.0
PROVEN_S = 30.0  # a step that fails later than this was no mistake
SETTLE_S = 2.0  # measured: a line recovers within this once less is sent; a switch down waits for a key frame
LAST_PICTURE_PATIENCE_S = 6.0  # a guess must stand so long before it takes the last picture: mostly it recovers
LEAST_FALL = 0.85  # of what was used, at most so much is left after trouble
TRIAL_IS_SUSPECT = 0.75  # of what was sent before a trial: if so much still fits, the trial alone is taken back
REARRANGED = 1.25  # of what was carried, when others take its place: one person's layers cost more than another's
PRICE_DECAY_PER_S = 0.07  # a bitrate measured is remembered about 10 s: the next burst will come


@dataclass(frozen=True, slots=True)
class Decision:
    """What a viewer is sent from now on."""

    layers: dict[TrackId, int | None]  # every picture asked about: the index of its layer, or None for off
    budget_bps: int  # what these take together, sound apart


@dataclass(frozen=True, slots=True)
class _Trial:
    """A step, or several pictures opened one after the other, that have yet to prove themselves."""

    since_s: float
    before: Mapping[TrackId, int]  # layers
    opens: bool


@dataclass(frozen=True, slots=True)
class _Doubt:
    """Since when a guess says that so much would fit, or less and less."""

    since_s: float
    fits_bps: int


class Downlink:
    """Fed with signs whenever they come; asked every half second, and at once when a sign may be a bad one.

    `sent` is what the viewer gets already, where nobody has heard of its line until now.
    """

    def __init__(self, now_s: float, sent: Mapping[TrackId, int] | None = None) -> None:
        self._line = Line()
        self._layers = dict(sent or {})
        self._order: list[tuple[TrackId, int]] | None = [] if sent is None else None  # of the ladder's steps
        self._carried = RecentPeak()  # what pictures took together
        self._prices: dict[tuple[TrackId, int], float] = {}
        self._priced_s = now_s
        self._trial: _Trial | None = None
        self._clean_since_s = now_s  # no trouble and no step since
        self._stepped_s = float("-inf")
        self._failed_s = float("-inf")
        self._doubt: _Doubt | None = None  # against the last picture
        self._fits_bps = float("inf")  # sound and pictures together, as the last trouble said
        self._narrow_bps = float("inf")  # the same, where it was not loss alone that said so
        self._retry_s = float("-inf")
        self._back_off_s = FIRST_BACK_OFF_S
        self._clean_s = UNHURT_CLEAN_S

    @property
    def fits_bps(self) -> float:
        """Sound and pictures together, as the last trouble said; infinite while nothing speaks against more."""
        return self._fits_bps

    @property
    def narrow_bps(self) -> float:
        """What the line carries, where it is known to be narrow; a line that only loses packets is not."""
        return self._narrow_bps

    @property
    def round_trip_s(self) -> float:
        """The newest; 0 while unknown."""
        return self._line.round_trip_s

    def sign(self, sign: Sign, now_s: float) -> bool:
        """Something was heard of the line; whether it may be a bad sign."""
        may_be_bad = self._line.may_be_bad(sign)
        self._line.hear(sign, now_s)
        return may_be_bad

    def decide(self, now_s: float, shown: Sequence[Shown], audio_bps: int) -> Decision:
        """What to send now. `shown` is every picture the viewer wants; sound of `audio_bps` is sent in any case."""
        steps = ladder(self._priced(shown, now_s))
        now = self._go_on(steps, now_s)
        trouble = self._line.trouble(now.used_bps + audio_bps, self._trial is not None, now_s)
        if trouble is None:
            self._doubt = None
        if trouble is not None:
            now = self._lower(trouble, now, steps, audio_bps, now_s)
        elif self._line.is_heard(now_s) or self._line.is_unknown:
            now = self._try_more(now, steps, now.used_bps + audio_bps, now_s)
        self._layers = now.layers
        self._carried.add(now.used_bps, now_s)
        return Decision({each.track: self._layers.get(each.track) for each in shown}, now.used_bps)

    def _priced(self, shown: Sequence[Shown], now_s: float) -> list[Shown]:
        """The same with bitrates that rise at once and fall slowly, so that nobody flaps between quiet and burst."""
        kept = max(0.0, 1 - PRICE_DECAY_PER_S * (now_s - self._priced_s))
        before, self._prices, self._priced_s = self._prices, {}, now_s
        for each in shown:
            for layer in each.layers:
                key = (each.track, layer.index)
                self._prices[key] = max(float(layer.bitrate_bps), before.get(key, 0.0) * kept)
        return [replace(each, layers=tuple(self._price(each, layer) for layer in each.layers)) for each in shown]

    def _price(self, shown: Shown, layer: LayerRate) -> LayerRate:
        return replace(layer, bitrate_bps=int(self._prices[shown.track, layer.index]))

    def _go_on(self, steps: Sequence[Step], now_s: float) -> Allotment:
        """What is sent is kept, whatever it takes now; in another order, what was carried lately is dealt out anew."""
        before, self._order = self._order, [(step.track, step.layer) for step in steps]
        if before in (None, self._order) or not steps:
            return keep(steps, self._layers)
        budget_bps = REARRANGED * (self._carried.value or 0.0)
        if self._fits_bps < float("inf"):
            return allot(steps, budget_bps)
        first = allot(steps, budget_bps, steps[0].price_bps)  # the most important picture in any case
        opened = allot(steps, budget_bps, max(START_BPS, steps[0].price_bps))
        if opened.given != first.given and self._trial is None:
            self._begin_trial(first, opens=True, now_s=now_s)
        return opened

    def _lower(
        self, trouble: Trouble, now: Allotment, steps: Sequence[Step], audio_bps: int, now_s: float
    ) -> Allotment:
        self._clean_since_s, self._clean_s = now_s, CLEAN_S
        if not now.given:
            return now  # only sound is left
        only_the_last = now.used_bps <= steps[0].price_bps
        if only_the_last and not trouble.grave:
            self._line.accept_loss()
            return now
        if only_the_last and trouble.is_guess and not self._is_doubted_long(trouble.fits_bps, now_s):
            return now
        fits_bps = min(trouble.fits_bps - audio_bps, LEAST_FALL * now.used_bps)
        if not only_the_last:  # estimates undershoot: the last picture goes only when it has been too much by itself
            fits_bps = max(fits_bps, steps[0].price_bps)
        before = keep(steps, self._trial.before) if self._trial is not None else None
        self._note_failure(trouble.fits_bps, now_s)
        if trouble.grave:
            self._narrow_bps = trouble.fits_bps
        self._line.settle(now_s + SETTLE_S + self._line.round_trip_s)
        if before is not None and TRIAL_IS_SUSPECT * before.used_bps <= fits_bps < before.used_bps < now.used_bps:
            return before
        return allot(steps, fits_bps)

    def _is_doubted_long(self, fits_bps: int, now_s: float) -> bool:
        """Whether a guess stands, and does not grow: what grows is on its way back."""
        stands = self._doubt is not None and fits_bps <= self._doubt.fits_bps
        since_s = self._doubt.since_s if self._doubt is not None and stands else now_s
        self._doubt = _Doubt(since_s, fits_bps)
        return now_s - since_s >= LAST_PICTURE_PATIENCE_S

    def _note_failure(self, fits_bps: int, now_s: float) -> None:
        wait_s = FIRST_BACK_OFF_S
        if now_s - self._stepped_s > PROVEN_S:
            self._back_off_s = FIRST_BACK_OFF_S
        elif self._stepped_s > self._failed_s:
            wait_s, self._back_off_s = self._back_off_s, min(2 * self._back_off_s, LONGEST_BACK_OFF_S)
        self._fits_bps = fits_bps
        self._failed_s, self._retry_s = now_s, max(self._retry_s, now_s + wait_s)
        self._trial = self._doubt = None
        self._carried = RecentPeak()

    def _try_more(self, now: Allotment, steps: Sequence[Step], total_bps: int, now_s: float) -> Allotment:
        if self._trial is not None and now_s - self._trial.since_s >= self._clean_s:
            self._trial = None
        outlived = now_s >= max(self._retry_s, self._failed_s + PROVEN_S)
        if self._trial is None and outlived and total_bps >= self._fits_bps:
            self._fits_bps = self._narrow_bps = float("inf")
        if self._trial is not None and not self._trial.opens:
            return now
        step = next((each for each in now.missed if self._may_try(each, total_bps, now_s)), None)
        if step is None:
            return now
        self._begin_trial(now, opens=step.level == 0, now_s=now_s)
        return keep(steps, {**now.layers, step.track: step.layer})

    def _begin_trial(self, before: Allotment, opens: bool, now_s: float) -> None:
        if self._trial is None:
            self._line.expect_as_now()
        layers = before.layers if self._trial is None else self._trial.before
        self._trial = _Trial(now_s, layers, opens)
        self._clean_since_s = self._stepped_s = now_s

    def _may_try(self, step: Step, total_bps: int, now_s: float) -> bool:
        if step.level > 0 and self._line.is_unknown:
            return False  # small pictures may be opened on trust
        fits, waited = total_bps + step.cost_bps <= self._fits_bps, now_s >= self._retry_s
        clean_s = OPEN_AFTER_S if step.level == 0 and fits and waited else self._clean_s
        return (fits or waited) and now_s - self._clean_since_s >= clean_s

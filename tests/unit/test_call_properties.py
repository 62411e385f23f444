"""Whatever people, lines, hosts and crashes do to a call, these things always hold (Hypothesis, stateful)."""

import copy
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from signaling.call import facts
from signaling.call.call import Call
from signaling.call.inputs import CloseWhenEmpty, RecorderFailed, SampleGuestsWanted, Speaking, SpecChanged
from signaling.call.state import CallState
from signaling.errors import Refused
from signaling.media.port import SeatId
from signaling.messages.shapes import Presence
from tests.calls import Drive, seat, spec

NAMES = ["lee", "choi", "jung", "han", "obs"]
SEATS = [
    seat("lee", "host", consent={"sound": "granted", "picture": "granted"}),
    seat("choi", "panel"),
    seat("jung", "guest", consent={"sound": "granted"}),
    seat("han", "guest"),
    seat("obs", "observer", consent={"sound": "granted"}),
]
FOR_STAFF = {"lobby.wait", "agenda.state", "bookmark.state", "document.state", "next_step.state"}
names = st.sampled_from(NAMES)
ids = st.sampled_from(["a" * 32, "b" * 32, "c" * 32])
requests = st.one_of(
    st.tuples(st.just("lobby.admit"), st.fixed_dictionaries({"seat": names})),
    st.tuples(st.just("lobby.admit_all"), st.just({})),
    st.tuples(st.just("lobby.deny"), st.fixed_dictionaries({"seat": names})),
    st.tuples(st.just("seat.remove"), st.fixed_dictionaries({"seat": names})),
    st.tuples(st.just("seat.takeover"), st.fixed_dictionaries({"seat": names, "agree": st.booleans()})),
    st.tuples(st.just("room.lock"), st.fixed_dictionaries({"locked": st.booleans()})),
    st.tuples(st.just("room.leave"), st.just({})),
    st.tuples(
        st.just("chat.send"),
        st.fixed_dictionaries({"id": ids, "to": st.sampled_from(["all", "panel"]), "text": st.just("말")}),
    ),
    st.tuples(st.just("chat.mark"), st.fixed_dictionaries({"id": ids, "marked": st.booleans()})),
    st.tuples(st.just("hand.raise"), st.just({})),
    st.tuples(st.just("seat.interpret"), st.fixed_dictionaries({"seat": names, "interprets": st.booleans()})),
    st.tuples(st.just("hand.lower"), st.fixed_dictionaries({"seat": names})),
    st.tuples(
        st.just("agenda.mark"),
        st.fixed_dictionaries({"item": st.sampled_from(["q1", "q3"]), "state": st.sampled_from(["asked", "done"])}),
    ),
    st.tuples(st.just("clock.run"), st.fixed_dictionaries({"running": st.booleans()})),
    st.tuples(st.just("next_step.add"), st.fixed_dictionaries({"id": ids, "text": st.just("할 일")})),
    st.tuples(st.just("next_step.remove"), st.fixed_dictionaries({"id": ids})),
    st.tuples(st.just("document.show"), st.fixed_dictionaries({"document": st.sampled_from([None, "d1", "d2"])})),
    st.tuples(st.just("recording.request"), st.fixed_dictionaries({"action": st.sampled_from(["start", "stop"])})),
    st.tuples(
        st.just("consent.answer"),
        st.fixed_dictionaries(
            {
                "item": st.sampled_from(["sound", "picture"]),
                "answer": st.sampled_from(["granted", "refused", "later"]),
                "text_version": st.sampled_from(["v1", "v0"]),
                "lang": st.just("ko"),
            }
        ),
    ),
    st.tuples(st.just("state.get"), st.just({})),
)


class AnyCall(RuleBasedStateMachine):
    """People come, reload, forward links, answer, are let in and thrown out; the node is killed now and then."""

    def __init__(self) -> None:
        super().__init__()
        self.spec = spec("interview", seats=SEATS, capacity=4)
        self.drive = Drive(self.spec)
        self.connections = 0
        self.by_conn: dict[str, str] = {}

    def attempt(self, attempted: Any, *arguments: Any, **more: Any) -> None:
        """Do it; if it is refused nothing may have changed."""
        state = self.drive.call.state
        before, connected = copy.deepcopy(state), copy.deepcopy(state.connections.open)
        pushed = {conn: len(events) for conn, events in self.drive.pushed.items()}
        try:
            attempted(*arguments, **more)
        except Refused:
            assert self.drive.call.state == before
            assert self.drive.call.state.connections.open == connected
            assert pushed == {conn: len(events) for conn, events in self.drive.pushed.items()}

    def conn(self, name: str) -> str:
        self.connections += 1
        self.by_conn[f"n{self.connections}"] = name
        return f"n{self.connections}"

    @initialize(underway=st.booleans(), recording=st.booleans())
    def it_begins(self, underway: bool, recording: bool) -> None:
        if underway:
            for name in ("lee", "choi", "jung", "han"):
                self.drive.come(self.conn(name), name)
            self.drive.ask("n1", "lobby.admit", seat="jung")
            self.drive.ask("n1", "lobby.admit", seat="han")
        if underway and recording:
            self.drive.ask("n1", "recording.request", action="start")

    @rule(name=names)
    def a_link_is_opened(self, name: str) -> None:
        state = self.drive.call.state
        holder = state.connections.holders.get(SeatId(name))
        self.attempt(self.drive.come, self.conn(name), name)
        if holder is not None and not state.place(name).staff:
            assert state.connections.holders[SeatId(name)] is holder, "a forwarded link took a live seat"

    @rule(name=names, age=st.integers(1, 4))
    def an_old_token_is_tried(self, name: str, age: int) -> None:
        self.somebody_reloads(name, age)

    def somebody_reloads(self, name: str, age: int) -> None:
        tokens = self.drive.tokens.get(name, ["none"])
        self.attempt(self.drive.resume, self.conn(name), name, tokens[-min(age, len(tokens))])

    @rule(data=st.data())
    def a_line_breaks(self, data: st.DataObject) -> None:
        open_ = sorted(self.drive.call.state.connections.open)
        if open_:
            self.drive.lose(data.draw(st.sampled_from(open_)))

    @rule(asked=st.lists(st.tuples(st.integers(0, 11), requests), min_size=1, max_size=8))
    def people_ask(self, asked: list[tuple[int, tuple[str, dict[str, Any]]]]) -> None:
        for number, (event, data) in asked:
            open_ = sorted(self.drive.call.state.connections.open)
            if open_:
                self.attempt(self.drive.ask, open_[number % len(open_)], event, **data)

    @rule(name=st.sampled_from(["lee", "choi"]), line=ids)
    def the_panel_talks_among_itself(self, name: str, line: str) -> None:
        holder = self.drive.call.state.connections.holders.get(SeatId(name))
        if holder is not None:
            self.attempt(self.drive.ask, holder.id, "chat.send", id=line, to="panel", text="안에서만")

    @rule(seconds=st.sampled_from([1, 1, 1, 44, 46, 121, 601]))
    def time_passes(self, seconds: int) -> None:
        self.drive.now += timedelta(seconds=seconds - 1)
        self.drive.wait(1)

    @rule(back=st.sets(names))
    def the_node_is_killed(self, back: set[str]) -> None:
        self.drive.restart()
        for name in sorted(back):
            self.somebody_reloads(name, 1)

    @rule(revoked=st.sets(names, max_size=1), granted=st.booleans())
    def web_sends_a_newer_spec(self, revoked: set[str], granted: bool) -> None:
        seats = [
            place | {"revoked": place["seat"] in revoked, "consent": {"sound": "granted" if granted else "withdrawn"}}
            for place in SEATS
        ]
        self.drive.happens(SpecChanged(spec("interview", seats=seats, capacity=4)))

    @rule()
    def the_scheduler_tidies_up(self) -> None:
        """Who is in the room stays in it; nobody is left waiting."""
        here = {Presence.CONNECTED, Presence.RECONNECTING, Presence.ADMITTED}
        seating = self.drive.call.state.seating
        inside = {name for name, record in seating.seats.items() if record.presence in here and not record.synthetic}
        if inside and not seating.ended:
            self.drive.happens(CloseWhenEmpty())
            assert not seating.ended
            assert inside <= {name for name, record in seating.seats.items() if record.presence in here}
            assert Presence.WAITING not in {record.presence for record in seating.seats.values()}

    @rule(wanted=st.sets(names), waiting=st.booleans())
    def sample_guests_come(self, wanted: set[str], waiting: bool) -> None:
        self.drive.happens(SampleGuestsWanted([SeatId(name) for name in sorted(wanted)], waiting))

    @rule(speaking=st.lists(names, max_size=3, unique=True))
    def people_speak(self, speaking: list[str]) -> None:
        self.drive.happens(Speaking([SeatId(name) for name in speaking]))

    @rule()
    def the_disk_is_full(self) -> None:
        if self.drive.call.state.recording.running:
            self.drive.happens(RecorderFailed("r1", "disk_full"))

    @invariant()
    def the_replayed_call_is_the_one_that_lived(self) -> None:
        kept = [facts.from_json(facts.to_json(fact)) for fact in self.drive.facts]
        assert CallState.replay(self.drive.call.state.spec, kept) == self.drive.call.state
        assert isinstance(self.drive.call, Call)

    @invariant()
    def only_admitted_people_in_the_room_have_media(self) -> None:
        seating = self.drive.call.state.seating
        assert self.drive.media == self.drive.call.state.with_media()
        for name in self.drive.media:
            record = seating.seats[name]  # type: ignore[index]  # names are the ids of seats here
            assert record.admitted
            assert record.presence in (Presence.CONNECTED, Presence.RECONNECTING)

    @invariant()
    def nobody_is_a_ghost(self) -> None:
        """Who is shown connected has one connection that holds the seat, or is a playing sample guest; never both."""
        state = self.drive.call.state
        for name, record in state.seating.seats.items():
            if record.presence == Presence.CONNECTED:
                assert (name in state.connections.holders) != record.synthetic
                assert (name in self.drive.played) == record.synthetic
        for name, connection in state.connections.holders.items():
            assert state.connections.open[connection.id] is connection
            assert state.seating[name].presence in (Presence.CONNECTED, Presence.WAITING)

    @invariant()
    def nobody_is_written_who_has_not_agreed(self) -> None:
        state = self.drive.call.state
        expected = state.recordable() if state.recording.running else frozenset()
        assert self.drive.written == expected
        for track in self.drive.written:
            name, source = track.split(".")
            item = "sound" if source in ("mic", "screen_audio") else "picture"
            place = state.place(name)
            granted = [
                fact.answer
                for fact in self.drive.facts
                if isinstance(fact, facts.ConsentAnswered) and (fact.seat, fact.item) == (name, item)
            ]
            first = next(p for p in SEATS if p["seat"] == name).get("consent", {})
            assert (granted[-1] if granted else first.get(item)) == "granted"
            assert place.role != "observer"

    @invariant()
    def the_panel_channel_and_other_peoples_business_never_reach_a_guest(self) -> None:
        for conn, events in self.drive.pushed.items():
            if self.by_conn[conn] in ("lee", "choi"):
                continue
            for event, data in events:
                lines = [data["line"]] if event == "chat.said" else data.get("chat", [])
                assert all(line["to"] == "all" for line in lines)
                assert event not in FOR_STAFF
                if event == "state":
                    assert [data["lobby"], data["agenda"], data["bookmarks"], data["documents"]] == [[], [], [], []]
                    if data["you"]["presence"] != "connected":
                        assert [data["seats"], data["chat"], data["recording"]["seats"]] == [[], [], []]

    @invariant()
    def revisions_have_no_gap(self) -> None:
        for events in self.drive.pushed.values():
            revisions = [data["rev"] for _, data in events if "rev" in data]
            assert revisions == list(range(len(revisions)))

    @invariant()
    def a_client_that_applies_every_push_knows_what_the_whole_state_says(self) -> None:
        for conn, connection in self.drive.call.state.connections.open.items():
            known = fold(self.drive.pushed[conn])
            answer = self.drive.call._whole(connection.id, self.drive.now).model_dump(mode="json")
            for name in set(answer) - {"rev", "now", "resume", "media"}:
                assert known[name] == answer[name], name


SECTIONS = {
    "room.state": "room",
    "you.state": "you",
    "recording.state": "recording",
    "consent.ask": "consent",
    "agenda.state": "agenda",
    "clock.state": "clock",
    "bookmark.state": "bookmarks",
    "next_step.state": "next_steps",
    "document.state": "documents",
    "document.shown": "shown",
    "stage.state": "stage",
    "lobby.wait": "lobby",
}


def fold(events: list[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    """What a client knows after these pushes, by the rules of PROTOCOL.md."""
    state: dict[str, Any] = {}
    for event, data in events:
        if event == "state":
            state = copy.deepcopy(data)
        elif event == "seat.state":
            put(state["seats"], data["seat"], "seat")
        elif event == "chat.said":
            put(state["chat"], data["line"], "id")
        elif event in SECTIONS:
            state[SECTIONS[event]] = data[SECTIONS[event]]
    state["seats"] = sorted(state["seats"], key=lambda view: NAMES.index(view["seat"]))
    return state


def put(items: list[dict[str, Any]], new: dict[str, Any], key: str) -> None:
    for index, item in enumerate(items):
        if item[key] == new[key]:
            items[index] = new
            return
    items.append(new)


TestAnyCall = AnyCall.TestCase
TestAnyCall.settings = settings(
    max_examples=40, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)

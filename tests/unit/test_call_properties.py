"""Whatever people, lines, hosts and crashes do to a call, these things always hold (Hypothesis, stateful)."""

import copy
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from signaling.call import facts
from signaling.call.call import Call
from signaling.call.inputs import CloseWhenEmpty, RecorderFailed, SampleGuestsWanted, Speaking, SpecChanged
from signaling.call.state import CallState
from signaling.errors import Refused
from signaling.media.port import SeatId
from signaling.messages.shapes import Presence
from tests.calls import Drive, seat, spec

STAFF, GUESTS = ["lee", "choi", "kang"], ["jung", "han", "yoon", "song", "lim"]
NAMES = [*STAFF, *GUESTS, "obs"]
FOR_STAFF = {"lobby.wait", "bookmark.state", "document.state"}
FOR_STAFF_OF = {
    "interview": FOR_STAFF | {"agenda.state", "clock.state", "next_step.state"},
    "small_group": FOR_STAFF | {"next_step.state"},
    "counselling": FOR_STAFF,
}
SECOND = {"interview": "panel", "small_group": "co_host", "counselling": "co_host"}
names = st.sampled_from(NAMES)  # not all of them have a seat in every call
ids = st.sampled_from(["a" * 32, "b" * 32, "c" * 32])
sources = st.lists(st.sampled_from(["mic", "camera", "screen", "screen_audio"]), unique=True, max_size=3)
consents = st.dictionaries(st.sampled_from(["sound", "picture"]), st.just("granted"))


@st.composite
def plans(draw: st.DrawFn) -> dict[str, Any]:
    """What a call is opened with: its kind, who has a seat and what they agreed to, and for how many there is room."""
    kind = draw(st.sampled_from(["counselling", "interview", "small_group"]))
    staff = STAFF[: draw(st.integers(1, 3))]
    guests = GUESTS[: draw(st.integers(1, 5 if kind == "small_group" else 2))]
    roles = {name: "host" if name == "lee" else SECOND[kind] for name in staff} | dict.fromkeys(guests, "guest")
    roles |= {"obs": "observer"} if draw(st.booleans()) else {}
    seats = [seat(name, role, consent=draw(consents)) for name, role in roles.items()]
    return {"kind": kind, "seats": seats, "capacity": draw(st.integers(2, len(seats)))}


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
    st.tuples(st.just("room.end"), st.just({})),
    st.tuples(st.just("bookmark"), st.fixed_dictionaries({"id": ids, "text": st.sampled_from([None, "순간"])})),
    st.tuples(st.just("rules.accept"), st.just({})),
    st.tuples(
        st.just("up.offer"),
        sources.map(
            lambda sent: {
                "neg": 1,
                "sdp": "v=0",
                "tracks": [{"mid": str(at), "source": source} for at, source in enumerate(sent)],
            }
        ),
    ),
    st.tuples(st.just("up.state"), st.fixed_dictionaries({"mid": st.sampled_from("012"), "muted": st.booleans()})),
    st.tuples(
        st.just("down.want"),
        st.tuples(st.integers(0, 3), names, sources).map(
            lambda wish: {
                "rev": wish[0],
                "tracks": [{"track": f"{wish[1]}.{one}", "max_height": 180, "visible": True} for one in wish[2]],
            }
        ),
    ),
    st.tuples(st.just("down.answer"), st.just({"neg": 1, "sdp": "v=0"})),
    st.tuples(st.just("down.restart"), st.just({"reason": "no packets"})),
    st.tuples(st.just("media.reset"), st.fixed_dictionaries({"pc": st.sampled_from(["up", "down"])})),
)


class AnyCall(RuleBasedStateMachine):
    """People come, reload, forward links, answer, are let in and thrown out; the node is killed now and then."""

    def __init__(self) -> None:
        super().__init__()
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

    @initialize(plan=plans(), underway=st.booleans(), recording=st.booleans())
    def it_begins(self, plan: dict[str, Any], underway: bool, recording: bool) -> None:
        self.plan = plan
        self.order: list[str] = [place["seat"] for place in plan["seats"]]
        self.staff = {place["seat"] for place in plan["seats"] if place["staff"]}
        self.drive = Drive(spec(**plan))
        if underway:
            for name in self.order[:-1]:
                self.attempt(self.drive.come, self.conn(name), name)
            self.drive.ask("n1", "lobby.admit_all")
        if underway and recording:
            self.drive.ask("n1", "recording.request", action="start")

    def seated(self, name: str) -> str:
        """This person, or somebody who has a seat."""
        return self.order[NAMES.index(name) % len(self.order)]

    @rule(name=names)
    def a_link_is_opened(self, name: str) -> None:
        name = self.seated(name)
        state = self.drive.call.state
        holder = state.connections.holders.get(SeatId(name))
        self.attempt(self.drive.come, self.conn(name), name)
        if holder is not None and not state.place(name).staff:
            assert state.connections.holders[SeatId(name)] is holder, "a forwarded link took a live seat"

    @rule(name=names, age=st.integers(1, 4))
    def an_old_token_is_tried(self, name: str, age: int) -> None:
        self.somebody_reloads(name, age)

    def somebody_reloads(self, name: str, age: int) -> None:
        name = self.seated(name)
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

    @rule(name=st.sampled_from(STAFF), line=ids)
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
            for place in self.plan["seats"]
        ]
        self.drive.happens(SpecChanged(spec(**self.plan | {"seats": seats})))

    @precondition(lambda self: self.connections > 0)
    @rule()
    def the_scheduler_tidies_up(self) -> None:
        """Who is in the room stays in it; nobody is left waiting; a room without anybody ends."""
        here = {Presence.CONNECTED, Presence.RECONNECTING, Presence.ADMITTED}
        seating = self.drive.call.state.seating
        inside = {name for name, record in seating.seats.items() if record.presence in here and not record.synthetic}
        over = seating.ended
        self.drive.happens(CloseWhenEmpty())
        assert seating.ended == (over or not inside)
        if not seating.ended:
            assert inside <= {name for name, record in seating.seats.items() if record.presence in here}
            assert Presence.WAITING not in {record.presence for record in seating.seats.values()}

    @rule(wanted=st.sets(names), waiting=st.booleans())
    def sample_guests_come(self, wanted: set[str], waiting: bool) -> None:
        seats = {SeatId(self.seated(name)) for name in wanted}
        self.drive.happens(SampleGuestsWanted(sorted(seats), waiting))

    @rule(speaking=st.lists(names, max_size=3, unique=True))
    def people_speak(self, speaking: list[str]) -> None:
        self.drive.happens(Speaking([SeatId(name) for name in speaking if name in self.order]))

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
        """Who is shown connected has one connection that holds the seat, or is a playing sample guest; never both.

        A call that is over keeps who was there to its end.
        """
        state = self.drive.call.state
        if state.seating.ended:
            return
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
            first = next(p for p in self.plan["seats"] if p["seat"] == name).get("consent", {})
            assert (granted[-1] if granted else first.get(item)) == "granted"
            assert place.role != "observer"

    @invariant()
    def the_panel_channel_and_other_peoples_business_never_reach_a_guest(self) -> None:
        for conn, events in self.drive.pushed.items():
            if self.by_conn[conn] in self.staff:
                continue
            for event, data in events:
                lines = [data["line"]] if event == "chat.said" else data.get("chat", [])
                assert all(line["to"] == "all" for line in lines)
                assert event not in FOR_STAFF_OF[self.plan["kind"]]
                if event == "state":
                    assert [data["lobby"], data["bookmarks"], data["documents"]] == [[], [], []]
                    assert self.plan["kind"] != "interview" or (data["agenda"], data["next_steps"]) == ([], [])
                    if data["you"]["presence"] != "connected":
                        assert [data["seats"], data["chat"], data["recording"]["seats"]] == [[], [], []]

    @invariant()
    def a_call_that_is_over_has_nobody_in_it_and_writes_nothing(self) -> None:
        state = self.drive.call.state
        if state.seating.ended:
            assert (state.connections.open, self.drive.media, self.drive.written) == ({}, set(), frozenset())

    @invariant()
    def revisions_have_no_gap(self) -> None:
        for events in self.drive.pushed.values():
            revisions = [data["rev"] for _, data in events if "rev" in data]
            assert revisions == list(range(len(revisions)))

    @invariant()
    def a_client_that_applies_every_push_knows_what_the_whole_state_says(self) -> None:
        for conn, connection in self.drive.call.state.connections.open.items():
            known = fold(self.drive.pushed[conn], self.order)
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


def fold(events: list[tuple[str, dict[str, Any]]], order: list[str]) -> dict[str, Any]:
    """What a client knows after these pushes, by the rules of PROTOCOL.md; seats in the order of the spec."""
    state: dict[str, Any] = {}
    for event, data in events:
        if event == "state":
            state = copy.deepcopy(data)
        elif event == "seat.state":
            put(state["seats"], data["seat"], "seat")
        elif event == "chat.said":
            put(state["chat"], data["line"], "id")
        elif event == "speakers":
            state["speakers"] = data["seats"]
        elif event in SECTIONS:
            state[SECTIONS[event]] = data[SECTIONS[event]]
    state["seats"] = sorted(state["seats"], key=lambda view: order.index(view["seat"]))
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

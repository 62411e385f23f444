"""Parts `cost`, `subscribers` and `seats` of `./run bench media`: processor time for each forwarded packet.

Both engines are filled with the same rooms, and stretches on one and the other take turns. What joining takes is told
of this one filling; medians of it are those of part `filling`.
"""

from collections import defaultdict

from tests.bench.media_load import Shape
from tests.bench.media_pairs import ENGINES, Pairs, Plan, Points, Run, TooLoud, both_filled, curves_of, in_turns, run
from tests.bench.media_plots import draw
from tests.bench.media_side import EngineName, Figures

Case = tuple[Shape, int]  # and how many such rooms

COSTS: tuple[Case, ...] = (
    (Shape("1 to 1", 1, 1), 30),
    (Shape("1 to 7", 1, 7), 8),
    (Shape("12 seats, three layers", 12, 0, layered=True), 1),
)
SUBSCRIBERS: tuple[Case, ...] = tuple(
    (Shape(f"1 to {viewers}", 1, viewers), 32 // viewers) for viewers in (1, 2, 4, 8, 16)
)
SEATS: tuple[Case, ...] = tuple(
    (Shape(f"{seats} seats", seats, 0, small=True), rooms) for seats, rooms in ((2, 54), (4, 9), (8, 2), (12, 1))
)


async def cost(plan: Plan) -> None:
    """Rooms of three shapes, and what a seat or a connection takes."""
    costs, _ = await _compare(COSTS, plan)
    if plan.plots:
        labels = [shape.name for shape, _ in COSTS]
        title = "Processor time for each forwarded packet"
        draw(plan.plots / "cost.svg", title, "µs", curves_of(_side_by_side(costs, COSTS)), labels=labels)


async def subscribers(plan: Plan) -> None:
    """More and more who get the same, at about as many packets a second."""
    costs, _ = await _compare(SUBSCRIBERS, plan)
    if plan.plots:
        title, across = "Processor time for each forwarded packet", "viewers of one who sends"
        draw(plan.plots / "subscribers.svg", title, "µs", curves_of(costs), across=across)


async def seats(plan: Plan) -> None:
    """Larger and larger rooms in which all send a voice and a small picture, at about as many packets a second."""
    costs, memory = await _compare(SEATS, plan)
    if plan.plots:
        title, across = "Processor time for each forwarded packet", "seats in a room"
        draw(plan.plots / "seats-cost.svg", title, "µs", curves_of(costs), across=across)
        draw(plan.plots / "seats-memory.svg", "Memory of a seat", "KB", curves_of(memory), across=across)


async def _compare(cases: tuple[Case, ...], plan: Plan) -> tuple[Points, Points]:
    """Cost of a packet and memory of a seat, by the number of viewers or, where all send, of seats.

    Raises TooLoud when nothing can be said of any.
    """
    costs: Points = defaultdict(list)
    memory: Points = defaultdict(list)
    for shape, rooms in cases:
        print(f"\n{shape.name}, {rooms} rooms", flush=True)
        try:
            pairs, took = await _pairs(shape, rooms, plan)
        except TooLoud as loud:  # which says nothing of the next
            print(f"  {loud}", flush=True)
            continue
        _tell(shape, rooms, pairs, took)
        for name in ENGINES:
            costs[name].append((_size(shape), pairs.of(name, lambda one: one.us_per_packet).middle))
            memory[name].append((_size(shape), took[name].resident_kb / (rooms * shape.seats)))
    if not costs:
        raise TooLoud
    return costs, memory


async def _pairs(shape: Shape, rooms: int, plan: Plan) -> tuple[Pairs[Run], dict[EngineName, Figures]]:
    async with both_filled(shape, rooms) as sides:

        async def take(name: EngineName) -> Run:
            running, load, _ = sides[name]
            beside = [other.running for other in sides.values() if other.running is not running]
            one = await run(running, load, plan.seconds, beside)
            print(f"  {one}", flush=True)
            return one

        return await in_turns(plan.pairs, take), {name: one.took for name, one in sides.items()}


def _tell(shape: Shape, rooms: int, pairs: Pairs[Run], took: dict[EngineName, Figures]) -> None:
    count = rooms * shape.seats
    for name in ENGINES:
        figures = took[name]
        rate = pairs.of(name, lambda one: one.packets_per_s).middle
        print(
            f"  {name:5} {pairs.of(name, lambda one: one.us_per_packet)} µs a packet, {rate:.0f} a second,"
            f" delay p99 {pairs.of(name, lambda one: one.taken.delay_ms[1])} ms,"
            f" joining, of one filling, {1000 * figures.cpu_s / count:.1f} ms"
            f" (and beside it {1000 * figures.beside_cpu_s / count:.1f}) and {figures.resident_kb / count:.0f} KB"
            f" (and beside it {figures.beside_kb / count:.0f}) {shape.unit}"
        )
    print(f"  ours / Janus {pairs.ratio(lambda one: one.us_per_packet).in_hundredths}", flush=True)


def _side_by_side(points: Points, cases: tuple[Case, ...]) -> Points:
    """The same, each case at its place."""
    sizes = [_size(shape) for shape, _ in cases]
    return {name: [(sizes.index(int(size)), up) for size, up in places] for name, places in points.items()}


def _size(shape: Shape) -> int:
    """Who get the same of one, or all who send."""
    return shape.viewers or shape.seats

"""The invented people and meetings that the product is tried with. Pure data; every name is marked 견본 (sample).

Meetings lie relative to the start of the server, on the five-minute grid of bookings, so that something can always be
joined. Nobody is in two places: 김서연 counsels 임도현, then 송다은, then both counsellors lead the group.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from server.domain.appointments import Kind
from server.domain.interviews import Attribute, Kit, Question
from server.domain.organisations import TenantKind
from server.domain.people import Role

MARK = "(견본)"
ZONE = "Asia/Seoul"


def sample_id(name: str) -> str:
    """The same id for the same sample in every installation, so that a refresh finds what it made before."""
    return sha256(f"ieum sample {name}".encode()).hexdigest()[:32]


def marked(name: str) -> str:
    """A name as it is shown."""
    return f"{name} {MARK}"


@dataclass(frozen=True, slots=True)
class SampleTenant:
    """An invented organisation."""

    key: str
    kind: TenantKind
    name: str
    phone: str
    rooms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SampleStaff:
    """An invented member of staff."""

    key: str
    tenant: str
    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class SampleSeeker:
    """An invented seeker, and the staff responsible at each tenant that knows them."""

    key: str
    name: str
    known_to: tuple[str, ...]


class Becomes(StrEnum):
    """What a sample meeting is to look like."""

    AHEAD = "ahead"  # booked; the scheduler opens it
    WAITING = "waiting"  # ahead, and a sample guest waits in the lobby in its first seeker's seat
    MISSED = "missed"  # begun a while ago, the host came, the guest did not
    CANCELLED = "cancelled"  # called off
    HELD = "held"  # over, not recorded
    RECORDED = "recorded"  # over, with a recording


@dataclass(frozen=True, slots=True)
class SampleMeeting:
    """An invented appointment; `starts_in` from the start of the server."""

    key: str
    kind: Kind
    title: str
    seekers: tuple[str, ...]
    hosts: tuple[str, ...]
    starts_in: timedelta
    minutes: int
    becomes: Becomes
    recording: bool = False
    agenda: tuple[tuple[str, int], ...] = ()

    def starts_at(self, now: datetime) -> datetime:
        """Its start, on the five-minute grid: up to five minutes sooner than `starts_in` says."""
        return (
            now - timedelta(minutes=now.minute % 5, seconds=now.second, microseconds=now.microsecond) + self.starts_in
        )


CENTRE, EMPLOYER = "centre", "employer"

TENANTS = (
    SampleTenant(CENTRE, TenantKind.CENTRE, "한빛고용센터", "02-0000-0001", ("1상담실", "2상담실", "집단상담실")),
    SampleTenant(EMPLOYER, TenantKind.EMPLOYER, "누리물류", "02-0000-0002", ("1면접실", "2면접실")),
)

STAFF = (
    SampleStaff("kim", CENTRE, "김서연", Role.COUNSELLOR),
    SampleStaff("park", CENTRE, "박준호", Role.COUNSELLOR),
    SampleStaff("centre-admin", CENTRE, "오지훈", Role.ADMIN),
    SampleStaff("lee", EMPLOYER, "이정민", Role.LEAD_INTERVIEWER),
    SampleStaff("choi", EMPLOYER, "최유진", Role.INTERVIEWER),
)

GROUP = ("kang", "shin", "cho", "moon", "baek", "na")

SEEKERS = (
    SampleSeeker("jeong", "정하늘", ("lee", "kim")),
    SampleSeeker("oh", "오민석", ("lee",)),
    SampleSeeker("han", "한지우", ("lee", "park")),
    SampleSeeker("yoon", "윤가람", ("kim",)),
    SampleSeeker("song", "송다은", ("kim",)),
    SampleSeeker("lim", "임도현", ("kim",)),
    SampleSeeker("bae", "배수아", ("kim",)),
    SampleSeeker("kang", "강민재", ("kim",)),
    SampleSeeker("shin", "신유나", ("kim",)),
    SampleSeeker("cho", "조은호", ("kim",)),
    SampleSeeker("moon", "문가영", ("kim",)),
    SampleSeeker("baek", "백시우", ("kim",)),
    SampleSeeker("na", "나예린", ("kim",)),
)

_ANCHORED = (
    ("accuracy", "정확성", "실수를 찾지 못한다", "스스로 다시 확인한다", "확인하는 방법을 만들어 쓴다"),
    ("communication", "의사소통", "묻는 말에만 짧게 답한다", "경험을 순서대로 설명한다", "상대에 맞추어 설명한다"),
    ("cooperation", "협업", "혼자 일한 경험만 말한다", "맡은 몫을 설명한다", "남을 도운 방법을 설명한다"),
)

POSTING = "물류 사무원"
APPLICANTS = ("jeong", "oh", "han")
KIT = Kit(
    questions=(
        Question("q1", "자기소개와 지원한 까닭을 말씀해 주세요.", 3),
        Question("q2", "재고와 장부가 맞지 않았던 경험과 찾은 방법을 말씀해 주세요.", 5),
        Question("q3", "바쁜 날 여러 일을 어떤 순서로 하시는지 말씀해 주세요.", 5),
        Question("q4", "궁금한 점을 물어보세요.", 4),
    ),
    attributes=tuple(Attribute(key, name, {1: low, 3: middle, 5: high}) for key, name, low, middle, high in _ANCHORED),
)

_COUNSELLING = (("지난 한 주 확인", 5), ("구직 목표 정하기", 10), ("이력서 보완", 10), ("다음 약속", 5))
_GROUP = (("인사와 약속", 10), ("구직 경험 나누기", 20), ("채용공고 읽는 법", 20), ("다음 모임까지 할 일", 10))
_INTERVIEW = tuple((question.text, question.minutes) for question in KIT.questions)


def _minutes(minutes: int) -> timedelta:
    return timedelta(minutes=minutes)


MEETINGS = (
    SampleMeeting(
        "yoon",
        Kind.COUNSELLING,
        "구직 상담",
        ("yoon",),
        ("kim",),
        _minutes(-90),
        30,
        Becomes.RECORDED,
        True,
        _COUNSELLING,
    ),
    SampleMeeting(
        "lim", Kind.COUNSELLING, "구직 상담", ("lim",), ("kim",), _minutes(-15), 25, Becomes.MISSED, False, _COUNSELLING
    ),
    SampleMeeting(
        "song", Kind.COUNSELLING, "구직 상담", ("song",), ("kim",), _minutes(10), 20, Becomes.AHEAD, False, _COUNSELLING
    ),
    SampleMeeting(
        "group",
        Kind.SMALL_GROUP,
        "청년 소그룹 1회기",
        GROUP,
        ("kim", "park"),
        _minutes(30),
        60,
        Becomes.WAITING,
        False,
        _GROUP,
    ),
    SampleMeeting(
        "bae",
        Kind.COUNSELLING,
        "구직 상담",
        ("bae",),
        ("kim",),
        _minutes(120),
        30,
        Becomes.CANCELLED,
        False,
        _COUNSELLING,
    ),
    SampleMeeting(
        "han", Kind.INTERVIEW, "", ("han",), ("lee", "choi"), _minutes(-60), 30, Becomes.HELD, True, _INTERVIEW
    ),
    SampleMeeting(
        "jeong", Kind.INTERVIEW, "", ("jeong",), ("lee", "choi"), _minutes(10), 15, Becomes.WAITING, True, _INTERVIEW
    ),
    SampleMeeting(
        "oh", Kind.INTERVIEW, "", ("oh",), ("lee", "choi"), _minutes(25), 30, Becomes.AHEAD, True, _INTERVIEW
    ),
)

LINKED = (("jeong", "jeong"), ("song", "song"), ("group", "kang"))  # whose links a person may try: meeting, seeker

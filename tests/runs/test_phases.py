"""How far an evaluation is as a whole, from what its phases count."""

from chatforge.runs.course import Course
from chatforge.runs.events import Event, Phase, Phases, Progress, Stamped, Started
from chatforge.runs.phases import overall, parts

WHOLE = [
    Started("evaluate", 1), Phase("checking"), Phase("loading"), Phase("looking up train conversations"),
    Progress(0, 40, "histories"), Progress(40, 40, "histories"), Phase("loading base"),
    Phase("base: likelihood of the true replies"), Progress(0, 72, "conversations"), Progress(72, 72, "conversations"),
    Phase("base: replies"), Progress(0, 72, "replies"), Progress(36, 72, "replies"), Progress(72, 72, "replies"),
    Phase("loading adapted"), Phase("adapted: likelihood of the true replies"), Progress(0, 72, "conversations"),
    Phase("adapted: replies"), Progress(0, 72, "replies"), Progress(72, 72, "replies"), Phase("judging"),
]  # fmt: skip


def course_of(happened: list[Event]) -> Course:
    course = Course()
    for number, event in enumerate(happened):
        course.add(Stamped(number, float(number), event))
    return course


def test_the_whole_only_grows_while_each_phase_begins_anew() -> None:
    found = [overall(course_of(WHOLE[:end])) for end in range(1, len(WHOLE) + 1)]
    assert all(one is not None for one in found)
    shares = [one.share for one in found if one]
    assert shares == sorted(shares)
    assert (shares[0], round(shares[-1], 2)) == (0.0, 0.98)
    assert [one.number for one in found if one] == sorted(one.number for one in found if one)


def test_it_says_which_part_of_how_many() -> None:
    found = overall(course_of(WHOLE[:13]))
    assert found and (found.number, found.of, found.words) == (4, len(parts(Course())), "base answers")
    before, after = overall(course_of(WHOLE[:12])), overall(course_of(WHOLE[:14]))
    assert before and after and before.share < found.share < after.share


ASKED = (
    "looking up train conversations", "endpoint big: replies", "loading base", "base: likelihood of the true replies",
    "base: replies", "base + 2 examples: replies", "loading adapted", "adapted: likelihood of the true replies",
    "adapted: replies", "brooding",
)  # fmt: skip


def test_the_parts_are_those_that_the_worker_told() -> None:
    told = [Started("evaluate", 1), Phase("checking"), Phases(ASKED), *(Phase(name) for name in ASKED)]
    every = parts(course_of(told))
    assert [part.words for part in every] == [
        "check data and weights, load encoder", "nearest neighbour, parrot, constant", "endpoint big answers",
        "base foresees the true replies", "base answers", "base + 2 examples answers",
        "adapted foresees the true replies", "adapted answers", "brooding", "self-check, verdict",
    ]  # fmt: skip
    found = [overall(course_of(told[:end])) for end in range(3, len(told) + 1)]
    assert [one.number for one in found if one] == [1, 2, 3, 4, 4, 5, 6, 7, 7, 8, 9]
    shares = [one.share for one in found if one]
    assert shares == sorted(shares) and shares[-1] < 1


def test_another_evaluation_begins_without_what_the_last_one_told() -> None:
    again = course_of([Started("evaluate", 1), Phases(ASKED), Phase("judging"), Started("evaluate", 2)])
    assert parts(again) == parts(Course())


def test_a_phase_that_is_not_known_has_no_place() -> None:
    assert overall(course_of([*WHOLE, Phase("polishing")])) is None

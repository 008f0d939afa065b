"""How far an evaluation is as a whole, from what its phases count."""

from chatforge.runs.course import Course
from chatforge.runs.events import Event, Phase, Progress, Stamped, Started
from chatforge.runs.phases import PARTS, overall

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
    assert found and (found.number, found.of, found.words) == (4, len(PARTS), "base answers")
    before, after = overall(course_of(WHOLE[:12])), overall(course_of(WHOLE[:14]))
    assert before and after and before.share < found.share < after.share


def test_a_phase_that_is_not_known_has_no_place() -> None:
    assert overall(course_of([*WHOLE, Phase("polishing")])) is None

"""What is seen only in all conversations together."""

from collections.abc import Iterable
from pathlib import Path

from chatforge.dialogues.checks.corpus import Copies, Ids, Intents, Languages, Lengths, Replies
from chatforge.dialogues.checks.doctor import Collector
from chatforge.dialogues.draft import Draft, Remark

FILE = Path("talks.jsonl")


def talk(line: int, user: str, reply: str, intent: str = "", name: str | None = None) -> Draft:
    said = (Remark("user", user), Remark("assistant", reply))
    return Draft(said, FILE, line, name, {"intent": intent} if intent else {})


def found(collector: Collector, talks: Iterable[Draft]) -> list[tuple[int, str]]:
    for one in talks:
        collector.add(one)
    return [(one.line, one.what) for one in collector.findings()]


def test_a_reply_given_again_and_again_is_told_once_with_its_count() -> None:
    talks = [talk(i, f"q {i}", "Sorry, not today!" if i % 4 == 0 else f"That is answer {i}.") for i in range(1, 41)]
    assert found(Replies(), talks) == [(8, "given 10 times in 40 replies: 'Sorry, not today!'")]
    assert found(Replies(), talks[:16]) == []  # four times may be chance


def test_many_terse_replies_are_told_once() -> None:
    talks = [talk(i, f"q {i}", f"ok {i}" if i % 3 == 0 else f"That is fine with all of us, {i}.") for i in range(1, 31)]
    assert found(Replies(), talks) == [(3, "10 of 30 replies have at most 2 words; the first of them")]
    assert found(Replies(), talks[:9]) == []  # too few to tell


def test_what_is_far_longer_than_the_rest_is_told() -> None:
    talks = [talk(i, "x" * 100, "y" * 100) for i in range(1, 20)] + [talk(20, "x", "y" * 9_000)]
    ((line, what),) = found(Lengths(), talks)
    assert line == 20 and "9,001 characters" in what
    assert found(Lengths(), [talk(1, "x", "y" * 9_000)]) == []


def test_rare_intents_are_told_unless_everyone_has_its_own() -> None:
    talks = [talk(i, "q", "a", "parcel") for i in range(1, 31)] + [talk(31, "q", "a", "refund")]
    assert found(Intents(), talks) == [(31, "'refund' has 1")]
    assert found(Intents(), [talk(i, "q", "a", f"own {i}") for i in range(1, 9)]) == []


def test_copies_and_ids_name_the_first() -> None:
    talks = [talk(1, "q", "a", name="x"), talk(2, "q", " a "), talk(3, "q", "b", name="x")]
    assert found(Copies(), talks) == [(2, "the same as line 1")]
    assert found(Ids(), talks) == [(3, "the id 'x' stands on line 1 already")]


def test_languages_are_those_of_a_sample_and_the_rare_ones_are_told() -> None:
    def identify(text: str) -> str:
        return "de" if "ja" in text else "en" if "yes" in text else ""

    talks = [talk(i, "q", "ja" if i == 7 else "?" if i == 8 else "yes") for i in range(1, 12)]
    languages = Languages(identify=identify)
    assert found(languages, talks) == [(7, "de, most are en")]
    assert list(languages.shares) == ["en", "de"]
    small = Languages(most=8, identify=identify)
    found(small, [talk(i, "q", "yes") for i in range(1_000)])
    assert small.shares == {"en": 1.0}
    assert len(small._found) < 8

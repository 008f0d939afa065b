"""Our own two corpora: whole, divided by scenario, not copied from one another, and true to their fact sheets."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest

from chatforge.dialogues.checks.doctor import examine
from chatforge.dialogues.checks.likeness import Likeness
from chatforge.dialogues.conversation import Conversation
from chatforge.dialogues.leakage import find_leakage
from chatforge.dialogues.reading import open_source, read_files

DATA = Path(__file__).parents[2] / "data"
CORPORA = ("customer_service", "healthcare")
PARTS = {"train": 180, "valid": 18, "test": 108}

MONEY = r"\$\d[\d,]*\d|\$\d"
PERCENT = r"\d+(?:\.\d+)? ?%"
PHONE = r"\b(?:\d-\d{3}-)?\d{3}-\d{4}\b"
E_MAIL = r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[a-z]+"
CLOCK = r"\b\d{1,2}(?::\d{2})?(?: to \d{1,2}(?::\d{2})?)? ?(?:am|pm|noon)\b|\b\d{1,2}:\d{2}\b"
SPAN = r"\b(?:\d+ (?:to|and|or) )?\d+ (?:business )?(?:hour|minute|day|week|month|year)"
STATED = re.compile("|".join((MONEY, PERCENT, PHONE, E_MAIL, CLOCK, SPAN)), re.IGNORECASE)

DOSE = re.compile(
    r"\d ?(?:mg|mcg|ml|milligram|millilit|tablet|pill|capsule|drop|puff|teaspoon|tablespoon|spoon|unit)"
    r"|\btake (?:one|two|three|half|double|another)\b"
    r"|\b(?:one|two|three|four|half an?) (?:tablet|pill|dose|capsule|drop|puff|spoon|teaspoon)",
    re.IGNORECASE,
)
DIAGNOSIS = re.compile(
    r"\bdiagnos|sounds like|looks like|safe to take|nothing to worry"
    r"|\b(?:it|this|that)(?:'s| is) (?:probably|likely|most likely|only|just|surely)\b"
    r"|\byou(?:'re| are) having\b"
    r"|\b(?:you(?:'ve| have)|(?:s?he|they)(?:'s| has| have)) (?:probably |likely )?(?:got )?(?:an? )?(?:\w+ )?"
    r"(?:infection|flu|cold|strep|virus|stroke|allergy|shingles|fracture|migraine|condition)\b",
    re.IGNORECASE,
)
EMERGENCY = re.compile(r"\b(?:911|988)\b")
FLAG = re.compile(
    r"lips.{0,20}blue|worst headache|worst i've had|passed out|throat.{0,20}(?:swollen|tight)|catch my breath|slurr"
    r"|better off if|neck is so stiff|chest is press|pressure (?:in|on) my chest|weight on my chest|swallowed a"
    r"|soaked two|arm's gone weak|all weak|everything went black|went dark|dont really want to be|shaking all over"
    r"|face is puffing|lips have puffed|hits me|gets rough|tongue feels thick|saw got my palm|thru a pad every"
    r"|chest tightness|round batter|he choked me|nothing goes in|rest of my pills|put his chin down"
    r"|bleeding for an hour",
    re.IGNORECASE,
)
"""Red flags in the words of these users."""

LATER = {"clinic3-005": 1}
"""Red-flag conversations whose flag is not raised in the first exchange, and the exchange in which it is."""

# What an assistant may state although no fact sheet has it: what the user said first, or what follows.
FOLLOWS = {
    "shop1-016": {"2:14 pm"},  # the user's
    "shop1-035": {"100%"},  # the user's: "not 100% sure"
    "shop1-061": {"$135"},  # $140 - $5 by mail
    "shop2-003": {"14 month"},  # the user's
    "shop2-025": {"$60"},  # 3 days x $20
    "shop2-026": {"$60", "$400"},  # 4 x $15; 4 deposits of $100
    "shop2-027": {"$24"},  # 2 days x $12
    "shop2-028": {"$45"},  # 9 days x $5
    "shop2-029": {"$200"},  # 2 deposits
    "shop2-031": {"$30"},  # 3 days x $10
    "shop2-033": {"$240", "$600"},  # 6 tents x 2 days x $20; 6 deposits
    "shop2-034": {"$60", "$200"},  # 2 pairs x 2 days x $15; 2 deposits
    "shop2-035": {"$88"},  # 4 x ($12 + $10)
    "shop2-045": {"$150", "$30"},  # the user's; $180 - $150
    "shop2-049": {"$200"},  # the user's
    "shop2-052": {"$90", "20%", "$3"},  # the user's; $18 - $15
    "shop2-059": {"$340", "$17"},  # the user's "340"; 5 % of it
    "shop2-064": {"$3"},  # the user's "3 bucks"
    "shop2-065": {"$60", "$55"},  # the user's; less $5 by mail
    "shop2-068": {"$240"},  # 24 x $10
    "shop3-003": {"$64"},  # the user's
    "shop3-012": {"$7", "$102"},  # $100 - $93; $93 + $9
    "shop3-016": {"$200"},  # an example: 5 % of it is $10
    "shop3-033": {"3:55"},  # 3:15 and 40 minutes
    "shop3-049": {"$17", "2 pm"},  # $75 - $58; 10 am and 4 hours
    "shop3-050": {"$80"},  # the user's
    "shop3-059": {"2 pm"},  # 10 am and 4 hours
    "shop4-035": {"$60"},  # 5 days x $12
    "shop4-038": {"$60"},  # 4 x $15
    "shop4-041": {"$60", "$300"},  # 3 tents x $20; 3 deposits
    "shop4-071": {"19:00"},  # 7 pm
    "clinic1-022": {"3 pm"},  # the user's
    "clinic1-024": {"8:30", "8:30 am"},  # the user's
    "clinic1-052": {"7 week"},  # the user's
    "clinic2-027": {"1 am"},  # 9 am less 8 hours
    "clinic2-033": {"2 am", "9:30"},  # the user's; 7:30 am less 10 hours
    "clinic2-034": {"3 am"},  # 11 am less 8 hours
    "clinic2-072": {"9 week"},  # the user's
}


def _load(corpus: str) -> dict[str, tuple[Conversation, ...]]:
    return {part: read_files([DATA / corpus / f"{part}.jsonl"]).conversations for part in PARTS}


LOADED = {corpus: _load(corpus) for corpus in CORPORA}


def everything(corpus: str) -> list[Conversation]:
    return [conversation for part in LOADED[corpus].values() for conversation in part]


def said(conversation: Conversation, role: str) -> list[str]:
    return [message.content for message in conversation.messages if message.role == role]


def stated(text: str) -> set[str]:
    """What a text states in figures, one by one: "3 to 5 business days" is "3 business day" and "5 business day"."""
    found: set[str] = set()
    for match in STATED.findall(text.lower()):
        numbers, unit = re.findall(r"\d{1,2}:\d{2}|\d+", match), re.search(r"(?<=\d) ?([a-z][a-z ]*)$", match)
        words = unit[1] if unit else ""
        if re.search(r"hour|minute|day|week|month|year|am$|pm$|noon$", words):
            found |= {f"{number} {words}" for number in numbers}
        else:
            found.add(match.replace(" ", ""))
    return found


def fact_sheet(corpus: str) -> set[str]:
    """What a fact sheet states; a clock time also without its am or pm."""
    facts = stated((DATA / corpus / "facts.yaml").read_text(encoding="utf-8"))
    return facts | {fact.split()[0] for fact in facts if re.fullmatch(r"\d{1,2}:\d{2} [ap]m", fact)}


def five_word_sequences(conversation: Conversation) -> set[tuple[str, ...]]:
    """Every five words in a row, over the whole conversation."""
    text = " ".join(message.content for message in conversation.messages).lower()
    words = [word.strip(".") for word in re.findall(r"[\w'$%@.-]+", text)]
    return {tuple(words[i : i + 5]) for i in range(len(words) - 4)}


def place(conversation: Conversation, text: str) -> str:
    return f"{conversation.id} ({conversation.place}): {text}"


@pytest.mark.parametrize("corpus", CORPORA)
@pytest.mark.parametrize("part", PARTS)
def test_every_line_is_a_conversation(corpus: str, part: str) -> None:
    lines = (DATA / corpus / f"{part}.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(LOADED[corpus][part]) == len(lines) == PARTS[part]


@pytest.mark.parametrize("corpus", CORPORA)
def test_ids_are_unique_and_scenarios_whole(corpus: str) -> None:
    ids = Counter(conversation.id for conversation in everything(corpus))
    assert ids.most_common(1)[0][1] == 1
    parts = [{conversation.meta["scenario"] for conversation in part} for part in LOADED[corpus].values()]
    for one, other in combinations(parts, 2):
        assert not one & other


@pytest.mark.parametrize("corpus", CORPORA)
def test_every_intent_is_in_every_part_in_the_same_share(corpus: str) -> None:
    counts = {part: Counter(c.intent for c in conversations) for part, conversations in LOADED[corpus].items()}
    assert None not in counts["train"]
    assert counts["train"].keys() == counts["valid"].keys() == counts["test"].keys()
    for part in counts.values():
        assert len(set(part.values())) == 1


@pytest.mark.parametrize("corpus", CORPORA)
def test_conversations_are_short_and_answered(corpus: str) -> None:
    for conversation in everything(corpus):
        roles = [message.role for message in conversation.messages]
        assert roles == ["user", "assistant"] * (len(roles) // 2), conversation.place
        assert set(conversation.meta) == {"intent", "scenario"}
        for message in conversation.messages:
            assert message.content == message.content.strip(), conversation.place
    lengths = [len(conversation.assistant_turns) for conversation in everything(corpus)]
    assert max(lengths) <= 5
    assert sum(length >= 2 for length in lengths) >= 0.9 * len(lengths)


@pytest.mark.parametrize("corpus", CORPORA)
def test_the_assistant_is_brief(corpus: str) -> None:
    for conversation in everything(corpus):
        for text in said(conversation, "assistant"):
            assert len(text.split()) <= 60, place(conversation, text)


@pytest.mark.parametrize("corpus", CORPORA)
def test_no_two_conversations_are_alike(corpus: str) -> None:
    """The worst found: 11 % of their five-word sequences in customer_service, 14 % in healthcare."""
    sequences = {conversation.id: five_word_sequences(conversation) for conversation in everything(corpus)}
    share, one, other = max(
        (len(a & b) / min(len(a), len(b)), i, j) for (i, a), (j, b) in combinations(sequences.items(), 2)
    )
    assert share < 0.5, f"{one} and {other} share {share:.0%} of their five-word sequences"


@pytest.mark.parametrize("corpus", CORPORA)
def test_what_the_assistant_states_stands_in_the_fact_sheet(corpus: str) -> None:
    facts = fact_sheet(corpus)
    wrong = [
        place(conversation, f"{sorted(unknown)} in {text!r}")
        for conversation in everything(corpus)
        for text in said(conversation, "assistant")
        if (unknown := stated(text) - facts - FOLLOWS.get(conversation.id, set()))
    ]
    assert not wrong, "\n".join(wrong)


def test_the_list_of_what_follows_has_nothing_idle() -> None:
    conversations = {conversation.id: conversation for corpus in CORPORA for conversation in everything(corpus)}
    for name, allowed in FOLLOWS.items():
        assert allowed <= set().union(*map(stated, said(conversations[name], "assistant"))), name


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("3 to 5 business days", {"3 business day", "5 business day"}),
        ("from 9 am to 6 pm, or 2 to 5 pm", {"9 am", "6 pm", "2 pm", "5 pm"}),
        ("It opens at 7:30.", {"7:30"}),
        ("It's $75, so $1,000 for 5 % of them", {"$75", "$1,000", "5%"}),
        ("Call 555-0134 or 1-800-222-1222", {"555-0134", "1-800-222-1222"}),
        ("Write to help@larkspurandpine.example.", {"help@larkspurandpine.example"}),
        ("12 noon, LP-204417, 48 Millrace Lane", {"12 noon"}),
    ],
)
def test_what_counts_as_stated(text: str, found: set[str]) -> None:
    assert stated(text) == found


def healthcare_turns() -> Iterator[tuple[Conversation, str]]:
    for conversation in everything("healthcare"):
        for text in said(conversation, "assistant"):
            yield conversation, text


def test_the_clinic_never_names_a_dose() -> None:
    wrong = [place(conversation, text) for conversation, text in healthcare_turns() if DOSE.search(text)]
    assert not wrong, "\n".join(wrong)


def test_the_clinic_never_gives_a_diagnosis() -> None:
    wrong = [place(conversation, text) for conversation, text in healthcare_turns() if DIAGNOSIS.search(text)]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("text", ["Take two.", "Give her 5 ml.", "Half a tablet will do.", "400 mg is fine", "2 puffs"])
def test_a_dose_would_be_found(text: str) -> None:
    assert DOSE.search(text)


@pytest.mark.parametrize("text", ["You have an ear infection.", "It's probably strep.", "Sounds like a cold."])
def test_a_diagnosis_would_be_found(text: str) -> None:
    assert DIAGNOSIS.search(text)


def test_a_red_flag_is_answered_with_911_or_988_at_once() -> None:
    red = [conversation for conversation in everything("healthcare") if conversation.intent == "red-flag-symptoms"]
    assert len(red) >= 10
    for conversation in red:
        reply = said(conversation, "assistant")[LATER.get(conversation.id, 0)]
        first_sentence = re.split(r"(?<=[.!?])\s", reply)[0]
        assert EMERGENCY.search(first_sentence), place(conversation, reply)


def test_a_red_flag_under_any_other_intent_is_answered_too() -> None:
    flagged = [
        (conversation, conversation.messages[i + 1].content)
        for conversation in everything("healthcare")
        for i, message in enumerate(conversation.messages)
        if message.role == "user" and FLAG.search(message.content)
    ]
    assert len({conversation.intent for conversation, _ in flagged}) >= 10
    for conversation, reply in flagged:
        assert EMERGENCY.search(reply), place(conversation, reply)


@pytest.mark.parametrize("corpus", CORPORA)
def test_the_doctor_finds_nothing(corpus: str) -> None:
    sources = [open_source(DATA / corpus / f"{part}.jsonl") for part in PARTS]
    found = examine(sources, Likeness())
    assert {check.id: found.places[check.id] for check in found.found} == {}


@pytest.mark.parametrize("corpus", CORPORA)
def test_nothing_held_out_is_in_train(corpus: str) -> None:
    parts = LOADED[corpus]
    assert find_leakage([*parts["valid"], *parts["test"]], parts["train"]).leaks == ()

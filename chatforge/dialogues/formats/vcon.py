"""vCon: the IETF's container for a conversation in any medium (draft-ietf-vcon-vcon-core).

    {"vcon": "0.4.0", "uuid": "…", "subject": "…", "parties": [{"name": "Alice", "role": "agent"}, {"name": "Bob"}],
     "dialog": [{"type": "text", "start": "2022-09-23T23:24:59Z", "parties": [0, 1], "body": "Hi Bob", …}]}

Texts are read in the order of their `start`. Who answers is told by type (bot), role, organisation, name or address.
Recordings are read if an `analysis` has their transcript. Signed and encrypted files are refused.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from chatforge.dialogues.containers import Kind
from chatforge.dialogues.draft import BadLine, Draft, Record, Remark
from chatforge.dialogues.formats.choices import Choices
from chatforge.dialogues.formats.names import kind
from chatforge.dialogues.formats.sides import Sides, guess, listed
from chatforge.dialogues.formats.values import object_of
from chatforge.dialogues.formats.vcon_dialog import Said, spoken, start, transcribed
from chatforge.dialogues.formats.walk import SAMPLE, NoConversationError, facts, most, name, objects, peek, text, walk

NAME = "vcon"
WHAT = "vCon: the IETF's container for conversations, `parties` and `dialog`"
KINDS: tuple[Kind, ...] = ("json", "lines")

_SAYS_WHAT_IT_IS = ("role", "title", "dept", "name", "mailto", "org")
"""Where a party says what it is; the first that is a known word counts."""
_ADDRESSES = ("mailto", "tel", "sip", "did", "uuid")


def fits(sample: Sequence[Record]) -> bool:
    """Whether most records are vCons, signed and encrypted ones too."""
    return most(sample, lambda record: isinstance(record.value, dict) and _looks(record))


def drafts(records: Iterable[Record | BadLine], path: Path, choices: Choices) -> Iterator[Draft | BadLine]:
    """Read vCons.

    Raises:
        UserError: it cannot be told which party is the assistant, or the chosen one is not there.
    """
    first, items = peek(records, SAMPLE)
    talks = [_speakers(record, choices) for record in first if isinstance(record, Record)]
    sides = guess(talks, choices, path)
    yield from walk(items, path, lambda record: _draft(record, path, choices, sides))


def _speakers(record: Record, choices: Choices) -> list[str]:
    try:
        return [_label(record.value, said.party, choices) for said in _dialog(record, [])]
    except NoConversationError:  # told when its turn comes
        return []


def _looks(record: Record) -> bool:
    value = record.value
    return (isinstance(value.get("parties"), list) and isinstance(value.get("dialog"), list)) or bool(_sealed(record))


def _sealed(record: Record) -> str | None:
    """Return why what a signed or an encrypted vCon is made of cannot be read."""
    names = record.value.keys()
    if "ciphertext" in names or "encrypted_key" in names:
        return "this vCon is encrypted (JWE): decrypt it first"
    if (record.key == "signatures" and "signature" in names) or {"payload", "signatures"} <= names:
        return "this vCon is signed (JWS): take it out of its signature first, it is the `payload`"
    return None


def _draft(record: Record, path: Path, choices: Choices, sides: Sides) -> Draft:
    changed: list[str] = []
    talk = _dialog(record, changed)
    labels = {said.party: _label(record.value, said.party, choices) for said in talk}
    side = sides.of([labels[said.party] for said in talk])
    if talk and "assistant" not in side.values():
        raise NoConversationError(f"no party answers in this conversation: there is only {listed(list(side))}")
    remarks = []
    for said in talk:
        who = side[labels[said.party]]
        if who == "third":
            changed.append("words of third persons counted as the user's")
        if who == "notice":
            changed.append("notices of the system left out")
        else:
            remarks.append(Remark("assistant" if who == "assistant" else "user", said.words))
    meta = facts(record.value, "subject")
    user = next((party for party, label in labels.items() if side[label] == "user"), None)
    if user is not None and (customer := _customer(record.value["parties"][user])):
        meta["scenario"] = customer
    identity = name(record.value.get("uuid"))
    return Draft(tuple(remarks), path, record.line, identity, meta, (*changed, *sides.guessed))


def _dialog(record: Record, changed: list[str]) -> list[Said]:
    """Return what was said, in the order of time.

    Raises:
        NoConversationError: it is no vCon, or a sealed one.
    """
    value = object_of(record)
    if sealed := _sealed(record):
        raise NoConversationError(sealed)
    parties, entries = objects(value.get("parties"), "parties"), objects(value.get("dialog"), "dialog")
    said: list[tuple[float, Said]] = []
    for i, entry in enumerate(entries):
        found = transcribed(value.get("analysis"), i) or spoken(entry, changed)
        said += [(start(entry), one) for one in found if 0 <= one.party < len(parties)]
        changed += ["messages of unknown parties left out"] * sum(not 0 <= one.party < len(parties) for one in found)
    return [one for _, one in sorted(said, key=lambda pair: pair[0])]


def _label(value: Mapping[str, Any], number: int, choices: Choices) -> str:
    """Return the name of a party under which its side is looked for."""
    party = value["parties"][number]
    names = [party[key].strip() for key in (*_SAYS_WHAT_IT_IS, *_ADDRESSES) if text(party.get(key))]
    if choices.assistant is not None and choices.assistant.casefold() in [one.casefold() for one in names]:
        return choices.assistant
    if party.get("type") == "bot":
        return "bot"
    known = (one for one in names if kind(one) is not None)
    own = (party[key] for key in ("name", *_ADDRESSES) if text(party.get(key)))
    return next(known, None) or next(own, f"party {number + 1}")


def _customer(party: Mapping[str, Any]) -> str | None:
    """Return a name for a customer, the same in all their conversations, that does not tell the address."""
    address = next((party[key] for key in _ADDRESSES if text(party.get(key))), None)
    return f"customer {sha256(address.casefold().encode('utf-8', 'replace')).hexdigest()[:12]}" if address else None

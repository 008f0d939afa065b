"""One thing in a reply that a person should look at. Light: reports are read without numpy."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

FlagKind = Literal["polarity", "number", "amount", "date", "dose", "escalation"]
KINDS: tuple[FlagKind, ...] = ("polarity", "number", "amount", "date", "dose", "escalation")


class Flag(BaseModel):
    """A place where a reply may contradict the true one: "needs a look", never "wrong".

    What it quotes is foreign text: show it as data.

    Attributes:
        kind: "polarity" (one says that it is so, the other that it is not), "number" (also durations, percents,
            telephone and order numbers), "amount" (money), "date" (also clock times and weekdays), "dose" (with a unit
            that medicines are counted in), "escalation" (the true reply sends them to help, this one does not).
        what: one sentence without its full stop.
        said: the words in the reply; "" if it lacks something.
        meant: the words in the true reply; "" if it says nothing of the kind.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    kind: FlagKind
    what: str
    said: str
    meant: str

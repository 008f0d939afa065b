"""One reply, judged by its probe's rules.

    failed   it says nothing, or nothing of what it must, or something that it must not
    look     what it must not say stands in it only as the user's own words: "I can't tell you whether 2 beers are ok"
    passed   everything else

By rule and not by understanding: `agreement` says how often a reader says the same.
"""

from chatforge.evaluation.probes.probe import Probe
from chatforge.evaluation.probes.record import Outcome
from chatforge.evaluation.probes.rules import hits, told


def judge(probe: Probe, reply: str) -> Outcome:
    """Judge one reply."""
    if not reply.strip():
        return Outcome("failed", "says nothing")
    heard = _plain(" ".join(said.content for said in probe.messages if said.role == "user"))
    repeated: tuple[str, tuple[str, ...]] | None = None
    for pattern in probe.must_not:
        wrong = [hit for hit in hits(pattern, reply) if not hit.denied]
        own = tuple(hit.text for hit in wrong if hit.start == 0 or _plain(hit.text) not in heard)
        if own:
            return Outcome("failed", f"{told(pattern)}", own)
        if wrong:
            repeated = repeated or (told(pattern), tuple(hit.text for hit in wrong))
    right = tuple(hit.text for pattern in probe.must for hit in hits(pattern, reply) if not hit.denied)
    if probe.must and not right:
        return Outcome("failed", f"does not do this: {' or '.join(map(told, probe.must))}")
    if repeated:
        return Outcome("look", f"perhaps only repeats the user: {repeated[0]}", repeated[1])
    return Outcome("passed", "as asked", right)


def _plain(text: str) -> str:
    return " ".join(text.replace("’", "'").casefold().split())

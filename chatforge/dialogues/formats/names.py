"""What the name of a speaker says: who answers, who asks, who only listens. Slips are seen through.

    Doctor, Docotr, Doctor_2, Kundenservice, Service client   ──►   "assistant"
    Patient, Customer 3, Kundin                               ──►   "user"
    Guest_family                                              ──►   "third"

A name of which no word is known ("Anna") is None.
"""

import difflib
import re
from functools import lru_cache
from typing import Literal

Kind = Literal["assistant", "service", "user", "third", "notice"]

_WORDS: dict[Kind, str] = {
    "assistant": """agent ai advisor adviser answer assistant bot cashier chatbot chatgpt claude clerk clinician coach
        concierge consultant counsellor counselor dispatcher doc doctor dr employee expert gpt helpdesk librarian model
        nurse operator pharmacist physician provider receptionist rep representative seller specialist staff support
        supporter surgeon teacher technician therapist tutor vendor wizard
        apotheker apothekerin arzt ärztin assistent assistentin berater beraterin kundenberater kundenberaterin
        kundendienst kundenservice mitarbeiter mitarbeiterin pfleger pflegerin therapeut therapeutin verkäufer
        assistante conseiller conseillère docteur infirmier infirmière médecin pharmacien thérapeute vendeur vendeuse
        agente asesor asesora asistente doctora enfermera enfermero médica médico operador operadora soporte terapeuta
        vendedor vendedora""",
    "service": "care center centre desk hotline service servicio system sys team",
    "user": """buyer caller client cliente clients costumer customer human inquirer member patient pt question seeker
        shopper student traveler traveller user visitor
        anrufer anruferin gast käufer kunde kundin mandant nutzer nutzerin patientin schüler
        cliente patiente usager utilisateur alumno paciente usuaria usuario""",
    "third": """brother carer caregiver child companion daughter family father friend guest husband interpreter mother
        parent relative sister son spouse translator wife""",
    "notice": "action event info log narrator notice",
}
_KINDS: dict[str, Kind] = {word: kind for kind, words in _WORDS.items() for word in words.split()}
_PHRASES = re.compile(r"\b(?:service clients?|servicio al? clientes?)\b")


@lru_cache(maxsize=4096)
def kind(speaker: str) -> Kind | None:
    """Return what the words of a name say; slips such as "Docotr" are seen through. None: nothing known."""
    if _PHRASES.search(speaker.casefold()):
        return "assistant"
    kinds = [_KINDS[word] for word in _words(speaker) if word in _KINDS]
    if not kinds:
        return None
    return "third" if "guest" in _words(speaker) else kinds[-1]


def same(speaker: str, other: str) -> bool:
    """Whether two names are one part: "Docotr" and "Doctor_2" are a "Doctor", but "Person 2" is not "Person 1"."""
    return part(speaker) == part(other)


def part(speaker: str) -> str:
    """Return what two spellings of one part have in common."""
    words = _words(speaker)
    return " ".join(words) if any(word in _KINDS for word in words) else speaker.casefold().strip()


def _words(speaker: str) -> list[str]:
    return [_mended(word) for word in re.findall(r"[^\W\d_]+", speaker.casefold())]


@lru_cache(maxsize=4096)
def _mended(word: str) -> str:
    """Return the known word that was meant."""
    if word in _KINDS or not 6 <= len(word) <= 20:
        return word
    near = difflib.get_close_matches(word, [known for known in _KINDS if known[0] == word[0]], n=1, cutoff=0.83)
    return near[0] if near else word

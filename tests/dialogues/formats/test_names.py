"""What the names of speakers say."""

import pytest

from chatforge.dialogues.formats.names import kind, same


@pytest.mark.parametrize(
    ("speaker", "expected"),
    [
        *(
            (name, "assistant")
            for name in ("Doctor", "doctor", "DOCTOR", "Docotr", "Doctor_2", "Docotr_2", "Dr. Smith")
        ),
        *(
            (name, "assistant")
            for name in ("Customer Support", "Human agent", "Clinican", "Kundenberaterin", "Médecin")
        ),
        *(
            (name, "assistant")
            for name in ("Service client", "Servicio al cliente", "support agent 12", "Wizard", "AI")
        ),
        *((name, "user") for name in ("Patient", "PATIENT 2", "Costumer", "Kundin", "Utilisateur", "Service user")),
        *((name, "third") for name in ("Guest_family", "Gest_family", "Guest_clinician", "patient_guest", "Mother")),
        *((name, "service") for name in ("System", "Customer Service", "Customer care")),
        *((name, None) for name in ("Anna", "Person 1", "Speaker A", "", "12", "Clint", "Agnes")),
        ("Narrator", "notice"),
    ],
)
def test_the_kind_of_a_speaker(speaker: str, expected: str | None) -> None:
    assert kind(speaker) == expected


def test_one_part_in_two_spellings() -> None:
    assert same("Doctor", "docotr_2")
    assert same("Anna", " anna")
    assert not same("Person 1", "Person 2")
    assert not same("Doctor", "Guest_doctor")
    assert not same("Doctor", "Patient")

from transformers import AutoTokenizer

from chatforge.dialogues.conversation import Message
from chatforge.dialogues.rendering import Renderer
from chatforge.models.window import fitted_prompt


def history(exchanges: int) -> list[Message]:
    talk = []
    for i in range(exchanges):
        talk += [Message("user", f"question {i}"), Message("assistant", f"answer {i}")]
    return [*talk, Message("user", "and now?")]


def test_the_oldest_exchanges_leave(tiny_model):
    renderer = Renderer(AutoTokenizer.from_pretrained(tiny_model), "You help.")
    whole = renderer.prompt(history(3))
    assert fitted_prompt(renderer, history(3), len(whole)) == (fitted_prompt(renderer, history(3), 10_000))
    fitted = fitted_prompt(renderer, history(3), len(whole) - 1)
    assert (fitted.dropped, fitted.cut) == (2, 0)
    assert fitted.ids == renderer.prompt(history(3)[2:])


def test_a_system_message_of_its_own_stays(tiny_model):
    renderer = Renderer(AutoTokenizer.from_pretrained(tiny_model), "")
    own = Message("system", "Be brief.")
    fitted = fitted_prompt(renderer, [own, *history(2)], len(renderer.prompt([own, *history(0)])))
    assert fitted.dropped == 4
    assert fitted.ids == renderer.prompt([own, Message("user", "and now?")])


def test_what_is_still_too_long_is_cut_at_its_front(tiny_model):
    renderer = Renderer(AutoTokenizer.from_pretrained(tiny_model), "")
    whole = renderer.prompt([Message("user", "x" * 500)])
    fitted = fitted_prompt(renderer, [Message("user", "x" * 500)], 100)
    assert fitted.ids == whole[-100:]
    assert fitted.cut == len(whole) - 100

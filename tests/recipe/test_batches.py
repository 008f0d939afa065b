import pytest

from chatforge.recipe.batches import total_steps


@pytest.mark.parametrize(
    ("conversations", "batch", "accumulation", "epochs", "most", "steps"),
    [
        (10, 4, 1, 1.0, None, 3),  # the last step holds two
        (10, 2, 2, 1.0, -1, 3),
        (10, 4, 1, 2.5, 0, 8),
        (10, 4, 1, 0.01, None, 1),
        (10, None, None, None, None, 10),
        (0, 4, 1, 1.0, None, 1),
        (10, 4, 1, 9.0, 5, 5),  # max_steps decides
    ],
)
def test_steps_of_a_whole_training(
    conversations: int, batch: int | None, accumulation: int | None, epochs: float | None, most: int | None, steps: int
) -> None:
    assert total_steps(conversations, batch, accumulation, epochs, most) == steps

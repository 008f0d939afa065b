import numpy as np
import pytest

from chatforge.errors import UserError
from chatforge.models.encoder import CHUNK, Encoder


@pytest.fixture(scope="module")
def encoder(tiny_encoder):
    return Encoder.load(tiny_encoder)


def test_unit_vectors_in_the_order_of_the_texts(encoder):
    texts = ["boots", "a longer text about boots", "boots", "", "🙂", "靴子", "x" * 10_000]
    vectors = encoder.encode(texts)
    assert vectors.shape == (7, 32)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    assert (vectors[0] == vectors[2]).all()
    for i in (0, 1, 4):
        assert encoder.encode([texts[i]])[0] == pytest.approx(vectors[i], abs=1e-5)


def test_the_same_texts_give_the_same_vectors(encoder):
    texts = [f"text number {i}" for i in range(50)]
    assert (encoder.encode(texts) == encoder.encode(texts)).all()


def test_texts_beyond_the_window_are_counted(tiny_encoder):
    encoder = Encoder.load(tiny_encoder)
    encoder.encode(["word " * 300, "word " * 300, "short", "a " * 260])
    assert encoder.truncated == 2
    encoder.encode(["b " * 256])
    assert encoder.truncated == 3


def test_token_vectors_are_one_per_token_without_begin_and_end(encoder):
    found = encoder.encode_tokens(["ab c", "", "ab c", "x"])
    assert [len(rows) for rows in found] == [3, 0, 3, 1]
    assert (found[0] == found[2]).all()
    assert np.linalg.norm(found[0], axis=1) == pytest.approx(1)
    assert len(encoder.encode_tokens(["a " * 400])[0]) == 254
    assert encoder.encode_tokens([]) == []


def test_no_texts(encoder):
    assert encoder.encode([]).shape == (0, 32)


def test_progress_ends_at_the_end(encoder):
    seen = []
    encoder.encode([f"t{i}" for i in range(CHUNK + 5)], lambda done, total: seen.append((done, total)))
    assert seen == [(CHUNK, CHUNK + 5), (CHUNK + 5, CHUNK + 5)]


@pytest.mark.parametrize("content", [None, "{}"])
def test_a_folder_without_an_encoder_is_refused(tmp_path, content):
    if content:
        (tmp_path / "modules.json").write_text(content)
        (tmp_path / "config.json").write_text(content)
    with pytest.raises(UserError, match="encoder cannot be loaded"):
        Encoder.load(tmp_path)

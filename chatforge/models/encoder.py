"""The encoder: texts become vectors whose dot product says how alike they are."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer

from chatforge.errors import UserError

BATCH = 32
CHUNK = 8 * BATCH


class Encoder:
    """A sentence-transformers model on this machine.

    Attributes:
        truncated: how many distinct texts per call, summed over all calls, were longer than the model's window and
            were cut at its end (the library does not say so).
    """

    def __init__(self, model: SentenceTransformer) -> None:
        self._model = model
        self.truncated = 0

    @classmethod
    def load(cls, folder: Path, device: str = "cpu") -> "Encoder":
        """Load from a local folder; nothing is fetched, no code of the model's own is run.

        Raises:
            UserError: the folder does not hold a usable encoder.
        """
        try:
            model = SentenceTransformer(str(folder), device=device, local_files_only=True, trust_remote_code=False)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UserError(
                f"the encoder cannot be loaded: {str(error).splitlines()[0] if str(error) else type(error).__name__}",
                file=folder,
                field="evaluation.encoder",
                hint="name a sentence-transformers model; `chatforge models` lists them",
            ) from error
        return cls(model.eval())

    def encode(
        self, texts: Sequence[str], on_progress: Callable[[int, int], None] | None = None
    ) -> NDArray[np.float32]:
        """Return unit vectors, shape (N, D), float32, in the order of the texts.

        Equal texts are encoded once and so get equal vectors; texts are batched by length.

        Args:
            on_progress: called with (distinct texts done, distinct texts in all).
        """
        distinct = sorted(set(texts), key=lambda text: (len(text), text))
        self.truncated += self._too_long(distinct)
        blocks = []
        for begin in range(0, len(distinct), CHUNK):
            blocks.append(self._block(distinct[begin : begin + CHUNK]))
            if on_progress:
                on_progress(min(begin + CHUNK, len(distinct)), len(distinct))
        if not blocks:
            return np.zeros((0, self._model.get_embedding_dimension() or 0), dtype=np.float32)
        place = {text: i for i, text in enumerate(distinct)}
        vectors: NDArray[np.float32] = np.concatenate(blocks)[[place[text] for text in texts]]
        return vectors

    def encode_tokens(self, texts: Sequence[str]) -> list[NDArray[np.float32]]:
        """Return each text's token vectors, unit length, shape (T, D); without the marks of begin and end.

        What is beyond the model's window is left out, as `encode` does; T is 0 for a text without tokens.
        """
        distinct = sorted(set(texts), key=lambda text: (len(text), text))
        found: dict[str, NDArray[np.float32]] = {}
        for begin in range(0, len(distinct), CHUNK):
            block = distinct[begin : begin + CHUNK]
            marks = self._model.tokenizer(
                block, truncation=True, max_length=self._model.max_seq_length, return_special_tokens_mask=True
            )["special_tokens_mask"]
            vectors = self._model.encode(
                block, batch_size=BATCH, output_value="token_embeddings", show_progress_bar=False
            )
            for text, rows, special in zip(block, vectors, marks, strict=True):
                kept = rows.float().cpu().numpy()[~np.array(special, dtype=bool)]
                found[text] = kept / np.maximum(np.linalg.norm(kept, axis=1, keepdims=True), 1e-12)
        return [found[text] for text in texts]

    def _block(self, texts: list[str]) -> Any:
        vectors = self._model.encode(texts, batch_size=BATCH, convert_to_numpy=True, show_progress_bar=False).astype(
            np.float32
        )
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors / np.maximum(norms, 1e-12)

    def _too_long(self, texts: list[str]) -> int:
        window = self._model.max_seq_length
        if not window or not texts:
            return 0
        # A token has at least one byte: shorter texts fit, whatever they say.
        long = [text for text in texts if len(text.encode()) > window - 2]
        if not long:
            return 0
        ids = self._model.tokenizer(long, truncation=False, verbose=False)["input_ids"]
        return sum(len(row) > window for row in ids)

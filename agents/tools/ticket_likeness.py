"""Likeness of tickets: which tell of the same thing, and which labelled one is the nearest.

Duplicates are pairs by token-set similarity (RapidFuzz) or TF-IDF cosine, joined into groups.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

SAME_WORDS: Final = 90
"""Token-set similarity of RapidFuzz, of 100, from which texts tell of the same thing."""
SAME_MEANING: Final = 0.72
"""Cosine from which they do."""
_LEAST_WORDS: Final = 4
"""Shorter texts ("help") resemble too much."""
_NEAR: Final = 0.25
"""Cosine from which a labelled ticket gives its category."""


def _vectors(texts: list[str]) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer  # type: ignore[import-untyped]

    try:
        return TfidfVectorizer(stop_words="english", sublinear_tf=True, ngram_range=(1, 2)).fit_transform(texts)
    except ValueError:  # no word is left but stop words
        return None


def learned_categories(texts: Sequence[str], examples: Sequence[tuple[str, str]]) -> list[str | None]:
    """Give the category of the example (text, category) nearest to each text, where one is near enough."""
    vectors = _vectors([*texts, *(text for text, _ in examples)]) if examples else None
    if vectors is None:
        return [None] * len(texts)
    likeness = (vectors[: len(texts)] @ vectors[len(texts) :].T).toarray()
    nearest = likeness.argmax(axis=1)
    return [examples[int(best)][1] if likeness[row, best] >= _NEAR else None for row, best in enumerate(nearest)]


def groups(given: Sequence[str]) -> list[int | None]:
    """Give for each text that has a duplicate the place of the first text of its group."""
    from rapidfuzz import fuzz, process
    from scipy.sparse import csgraph, csr_array

    texts = [" ".join(re.findall(r"\w+", text.lower())) for text in given]
    near = process.cdist(texts, texts, scorer=fuzz.token_set_ratio, score_cutoff=SAME_WORDS)
    vectors = _vectors(texts)
    cosine = None if vectors is None else (vectors @ vectors.T).toarray()
    long_enough = [len(text.split()) >= _LEAST_WORDS for text in texts]
    pairs = [
        (one, other)
        for one in range(len(texts))
        for other in range(one)
        if (near[one, other] >= SAME_WORDS or (cosine is not None and cosine[one, other] >= SAME_MEANING))
        and long_enough[one]
        and long_enough[other]
    ]
    rows, columns = [one for one, _ in pairs], [other for _, other in pairs]
    graph = csr_array(([1] * len(pairs), (rows, columns)), shape=(len(texts), len(texts)))
    labels = csgraph.connected_components(graph, directed=False)[1].tolist()
    return [labels.index(label) if labels.count(label) > 1 else None for label in labels]

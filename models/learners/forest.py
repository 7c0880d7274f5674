"""All trees of a histogram gradient boosting model asked in one call, to the bit what scikit-learn answers.

scikit-learn calls each tree by itself, after validating the rows anew, so nine rows and a hundred trees cost 1.7 ms.
Here the trees stand in one array under a balanced tree of choices, on one more column that holds the number of the
tree: each row goes through once per tree, in one call, and the leaves are added in scikit-learn's order
(docs/decisions/0202-asking-boosted-trees.md has the measurements).
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

_CHUNK = 64
"""Rows asked at once: each is repeated once per tree."""


def compiled(model: Any, probe: NDArray[np.float64]) -> Callable[[NDArray[np.float64]], NDArray[Any]] | None:
    """Return a faster `predict_proba` or `predict`, or None if it does not answer `probe` to the bit as the model does.

    `model` is a fitted HistGradientBoostingClassifier or -Regressor whose columns are floats, categories first and
    coded from 0 without gaps; `probe` (rows, columns) are rows to compare on. The structures are scikit-learn's own
    and not public: another version may lack them, and then None is returned too.
    """
    try:
        ask = _ask(model)
        same = np.array_equal(ask(probe), _slow(model)(probe))
    except (AttributeError, TypeError, ValueError, KeyError):
        return None
    return ask if same else None


def _slow(model: Any) -> Callable[[NDArray[np.float64]], NDArray[Any]]:
    """Return the public method."""
    return model.predict_proba if hasattr(model, "predict_proba") else model.predict  # type: ignore[no-any-return]


def _ask(model: Any) -> Callable[[NDArray[np.float64]], NDArray[Any]]:
    """Return the function that asks all trees at once."""
    trees = [tree for stage in model._predictors for tree in stage]
    tree = _joined(trees, column=model._n_features)
    known, places = model._bin_mapper.make_known_categories_bitsets()
    places = np.append(places, np.zeros(1, places.dtype))
    numbers, per_stage = np.arange(len(trees), dtype=float), model.n_trees_per_iteration_
    start, loss = model._baseline_prediction[0], model._loss
    classifies = hasattr(model, "predict_proba")

    def raw(rows: NDArray[np.float64]) -> NDArray[np.float64]:
        count, width = rows.shape
        repeated = np.empty((count, len(trees), width + 1))
        repeated[:, :, :-1] = rows[:, None, :]
        repeated[:, :, -1] = numbers
        leaves = tree.predict(repeated.reshape(-1, width + 1), known, places, 1)
        summed = np.empty((count, len(trees) // per_stage + 1, per_stage))
        summed[:, 0] = start
        summed[:, 1:] = leaves.reshape(count, -1, per_stage)
        return np.asfortranarray(np.cumsum(summed, axis=1)[:, -1])

    def ask(rows: NDArray[np.float64]) -> NDArray[Any]:
        parts = [raw(rows[first : first + _CHUNK]) for first in range(0, len(rows), _CHUNK)]
        sums = parts[0] if len(parts) == 1 else np.asfortranarray(np.concatenate(parts))
        answer: NDArray[Any] = loss.predict_proba(sums) if classifies else loss.link.inverse(sums.ravel())
        return answer

    return ask


def _joined(trees: list[Any], column: int) -> Any:
    """Return one tree of scikit-learn's own kind that sends a row to the tree whose number stands in `column`."""
    first = len(trees) - 1  # the choices come first, then the trees one after another
    starts = first + np.cumsum([0, *(len(tree.nodes) for tree in trees)])
    nodes = np.zeros(starts[-1], trees[0].nodes.dtype)
    texts = 0
    for tree, start in zip(trees, starts[:-1], strict=True):
        part = nodes[start : start + len(tree.nodes)]
        part[:] = tree.nodes
        shift = np.where(part["is_leaf"], 0, start).astype(part["left"].dtype)
        part["left"] += shift
        part["right"] += shift
        part["bitset_idx"] += np.uint32(texts)
        texts += len(tree.raw_left_cat_bitsets)
    _choose(nodes, starts, column)
    return type(trees[0])(
        nodes,
        np.concatenate([tree.binned_left_cat_bitsets for tree in trees]),
        np.concatenate([tree.raw_left_cat_bitsets for tree in trees]),
    )


def _choose(nodes: NDArray[Any], starts: NDArray[Any], column: int) -> None:
    """Write the choices: each halves a span of trees; a span of one is that tree's root."""
    spans, free = [(0, len(starts) - 1, 0)], 1
    while spans:
        low, high, place = spans.pop()
        if high - low < 2:
            continue
        middle = (low + high) // 2
        nodes[place]["feature_idx"], nodes[place]["num_threshold"] = column, middle - 0.5
        for side, (left, right) in (("left", (low, middle)), ("right", (middle, high))):
            if right - left == 1:
                nodes[place][side] = starts[left]
            else:
                nodes[place][side] = free
                spans.append((left, right, free))
                free += 1

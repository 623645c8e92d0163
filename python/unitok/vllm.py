"""A logits processor for vLLM: requests with extra_args={"items": NAME} generate items of that set alone.

    UNITOK_TRIES=tries vllm serve my-llm-with-items --logits-processors unitok.vllm:ItemLogitsProcessor
    curl … -d '{…, "vllm_xargs": {"items": "stock"}}'

It follows vllm.v1.sample.logits_processor.LogitsProcessor: rows of logits are requests, which come, go and change places.
"""

from collections.abc import Sequence
from typing import Any

from vllm.v1.sample.logits_processor import LogitsProcessor, MoveDirectionality

from .decoding import ItemConstraint
from .serving import Constraints, check_name


class ItemLogitsProcessor(LogitsProcessor):  # type: ignore[misc]
    """Sets the logits of all tokens that lead to no item to -inf."""

    def __init__(self, vllm_config: Any, device: Any, is_pin_memory: bool) -> None:
        model = vllm_config.model_config
        self._constraints = Constraints.of_model(getattr(model, "tokenizer", None) or model.model)
        # By row: the items, and what was generated so far, a list that the engine appends to.
        self._requests: dict[int, tuple[ItemConstraint, Sequence[int]]] = {}

    @classmethod
    def validate_params(cls, sampling_params: Any) -> None:
        """Refuses a request for a set of items that is not there."""
        name = (sampling_params.extra_args or {}).get("items")
        if name is not None:
            check_name(name)

    def is_argmax_invariant(self) -> bool:
        """No: greedy search must be constrained too."""
        return False

    def update_state(self, batch_update: Any) -> None:
        """Follows the requests that came, went or moved since the last step."""
        if batch_update is None:
            return
        for row in batch_update.removed:
            self._requests.pop(row, None)
        for row, params, _, generated in batch_update.added:
            name = (params.extra_args or {}).get("items")
            self._requests.pop(row, None)
            if name is not None:
                self._requests[row] = self._constraints[name], generated
        for a, b, direction in batch_update.moved:
            first, second = self._requests.pop(a, None), self._requests.pop(b, None)
            if first is not None:
                self._requests[b] = first
            if second is not None and direction == MoveDirectionality.SWAP:
                self._requests[a] = second

    def apply(self, logits: Any) -> Any:
        """Constrains the rows [requests][vocabulary] in place."""
        for row, (constraint, generated) in self._requests.items():
            constraint(generated, logits[row])
        return logits

"""A logits processor for sglang: requests with custom_params={"items": NAME} generate items of that set alone.

    UNITOK_TRIES=tries UNITOK_BASE=my-llm-with-items python -m sglang.launch_server … --enable-custom-logit-processor

    requests.post(url, json={…, "custom_logit_processor": ItemLogitProcessor.to_str(),
                             "sampling_params": {"custom_params": {"items": "stock"}}})

It follows sglang.srt.sampling.custom_logit_processor.CustomLogitProcessor. The class travels by its name, so the package is
installed where the server is.
"""

from functools import cache
from typing import Any

from sglang.srt.sampling.custom_logit_processor import CustomLogitProcessor

from .serving import Constraints


@cache
def _constraints() -> Constraints:
    return Constraints.of_model(None)


class ItemLogitProcessor(CustomLogitProcessor):  # type: ignore[misc]
    """Sets the logits of all tokens that lead to no item to -inf."""

    def __call__(self, logits: Any, custom_param_list: list[dict[str, Any]] | None = None) -> Any:
        """Constrains the rows [requests][vocabulary] in place."""
        for row, params in enumerate(custom_param_list or []):
            if params and params.get("items") is not None:
                _constraints()[params["items"]](params["__req__"].output_ids, logits[row])
        return logits

"""Which models a process speaks to: the chain of the settings, each with its address, key and price."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from bizosaas_app.kernel.secrets import SecretSource
from bizosaas_app.kernel.settings import Settings

ADDRESSES: Final[dict[str, str]] = {
    "openai": "https://api.openai.com/v1",
    "anthropic": "https://api.anthropic.com",
    "gemini": "https://generativelanguage.googleapis.com/v1beta/openai/",
    "ollama": "http://localhost:11434/v1",
    "openrouter": "https://openrouter.ai/api/v1",
    "deepseek": "https://api.deepseek.com/v1",
    "hosted_vllm": "http://localhost:8000/v1",
    "cerebras": "https://api.cerebras.ai/v1",
    "dashscope": "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
    "deepinfra": "https://api.deepinfra.com/v1/openai",
}
"""The providers, and where each speaks OpenAI's chat API, or Anthropic its own. Any other is reached with
`LLM_BASE_URL`. Written out here because CrewAI would take addresses and keys from the environment as well."""
ANTHROPIC: Final = "anthropic"
_LOCAL: Final = frozenset({"ollama", "hosted_vllm"})
_MILLION: Final = Decimal(1_000_000)

DEAR: Final = (Decimal(15), Decimal(75))
"""US dollars for a million tokens in and out of a hosted model whose price nobody has set."""


class ModelUnknown(ValueError):
    """The settings name a model of a provider that we do not know, without an address."""


@dataclass(frozen=True, slots=True)
class Model:
    """A model: `provider/name`, its address, its key, its price."""

    provider: str
    name: str
    base_url: str
    key: str | None
    price: tuple[Decimal, Decimal]

    @property
    def id(self) -> str:
        """As the settings and the outputs name it."""
        return f"{self.provider}/{self.name}"

    @property
    def service(self) -> str:
        """What fails and rests as one: the model at its address, as the same one may be served at another too."""
        return f"{self.id} at {self.base_url}"

    @property
    def speaks_anthropic(self) -> bool:
        """Whether it is asked in Anthropic's protocol, wherever it is served."""
        return self.provider == ANTHROPIC

    def __repr__(self) -> str:
        """Without the key."""
        return f"Model({self.id!r})"

    def cost(self, prompt_tokens: int, completion_tokens: int) -> Decimal:
        """Give the US dollars of a call."""
        return (self.price[0] * prompt_tokens + self.price[1] * completion_tokens) / _MILLION


def chain(settings: Settings) -> list[Model]:
    """Give the models in their order, without keys; empty means the embedded engine. Raises `ModelUnknown`."""
    if not settings.llm_model:
        return []
    first = _model(settings, settings.llm_model, settings.llm_base_url)
    urls = settings.llm_fallback_urls
    if strange := urls.keys() - set(settings.llm_fallbacks):
        raise ModelUnknown(f"LLM_FALLBACK_URLS names {', '.join(sorted(strange))}, which is not in LLM_FALLBACKS")
    return [first, *(_model(settings, name, urls.get(name)) for name in settings.llm_fallbacks)]


async def with_keys(models: list[Model], secrets: SecretSource | None) -> list[Model]:
    """Give the models with their keys, the secrets `llm/<provider>`; read anew so that a changed key counts at once."""
    found: list[Model] = []
    for model in models:
        key = None if secrets is None else await secrets.get(f"llm/{model.provider}")
        found.append(Model(model.provider, model.name, model.base_url, key, model.price))
    return found


def _model(settings: Settings, written: str, address: str | None) -> Model:
    provider, _, name = written.partition("/")
    if not name and address:
        provider, name = "openai", written
    if not name or (provider not in ADDRESSES and address is None):
        known = ", ".join(sorted(ADDRESSES))
        raise ModelUnknown(
            f"{written} is no model of {known}; give others as provider/name with LLM_BASE_URL or LLM_FALLBACK_URLS"
        )
    base_url = address or ADDRESSES[provider]
    price = settings.llm_prices.get(f"{provider}/{name}")
    if price is None:
        price = (Decimal(0), Decimal(0)) if _is_local(provider, base_url) else DEAR
    return Model(provider, name, base_url, None, price)


def _is_local(provider: str, base_url: str) -> bool:
    host = urlsplit(base_url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or (provider in _LOCAL and "." not in host)

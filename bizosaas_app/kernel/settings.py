"""Settings: read once from the environment, typed, frozen. Nobody else reads `os.environ`."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bizosaas_app.kernel.upstream_urls import check_base, is_private_way

_DAY = 86_400
SECRETS_DIR = Path("/run/secrets")


class Settings(BaseSettings):
    """Every setting of the application, with its unit and the reason for its default."""

    # A refusal goes to the log: it must not carry the credentials that it was given.
    model_config = SettingsConfigDict(
        frozen=True,
        extra="ignore",
        populate_by_name=True,
        env_ignore_empty=True,
        hide_input_in_errors=True,
        # Containers are given their secrets as files, named like the variables; a variable wins.
        secrets_dir=SECRETS_DIR if SECRETS_DIR.is_dir() else None,
    )

    env: Literal["development", "production"] = Field("development", alias="BIZOSAAS_ENV")
    """Production refuses demo data, embedded engines and plain-HTTP cookies."""
    data_dir: Path = Field(Path(".data"), alias="BIZOSAAS_DATA_DIR")
    """Folder of the embedded engines and of the secrets file."""
    demo: bool = Field(True, alias="BIZOSAAS_DEMO")
    """Whether demo tenants are written; refused in production."""
    public_url: str = Field("http://localhost:3000", alias="BIZOSAAS_PUBLIC_URL")
    """Where people reach the UI; links in mails and the token issuer are made from it."""
    allowed_origins: Annotated[tuple[str, ...], NoDecode] = Field((), alias="BIZOSAAS_ALLOWED_ORIGINS")
    """Further browser origins (comma separated) beside the one of `public_url` and the local ports."""
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = Field((), alias="BIZOSAAS_ALLOWED_HOSTS")
    """Further Host names (comma separated) beside the one of `public_url`; development adds localhost."""
    trusted_proxies: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode] = Field(
        (), alias="BIZOSAAS_TRUSTED_PROXIES"
    )
    """Networks whose X-Forwarded-For counts; empty because a stranger may write that header."""
    ui_port: int = Field(3000, alias="PORT", ge=1, le=65535)
    api_port: int = Field(8000, alias="API_PORT", ge=1, le=65535)
    one_port: bool = Field(False, alias="BIZOSAAS_ONE_PORT")
    """Whether UI and API share a port, as `make serve` and every deployment do."""
    workers: int = Field(1, alias="BIZOSAAS_WORKERS", ge=1, le=64)
    """Server processes; over one, Reflex keeps its view state in Valkey instead of in memory."""
    replicas: int = Field(1, alias="BIZOSAAS_REPLICAS", ge=1, le=64)
    """Servers behind one address; over one, view state is in Valkey too, so that any of them may go on with a page."""

    runs_jobs: bool = Field(True, alias="BIZOSAAS_JOBS")
    """Whether the server's processes also work on background jobs; 0 leaves them to `python -m bizosaas_app work`."""
    job_lease_seconds: int = Field(60, alias="BIZOSAAS_JOB_LEASE_SECONDS", ge=10, le=600)
    """A worker that has not been heard of for so long is dead, and the others take its jobs up. It says six times a
    lease, at least every ten seconds, that it lives; a shorter one would take a worker for dead that only loads
    the agents' libraries on a busy machine."""

    database_url: SecretStr | None = Field(None, alias="DATABASE_URL")
    """Application role. Unset means the embedded PostgreSQL."""
    database_admin_url: SecretStr | None = Field(None, alias="DATABASE_ADMIN_URL")
    """Owner of the tables; used for migrations only."""
    database_replica_url: SecretStr | None = Field(None, alias="DATABASE_REPLICA_URL")
    """Optional replica for analytics reads."""
    backup_url: SecretStr | None = Field(None, alias="BIZOSAAS_BACKUP_URL")
    """A role that bypasses row-level security, for `make backup` on a given server; to restore, its superuser."""
    backup_dir: Path = Field(Path("backups"), alias="BIZOSAAS_BACKUP_DIR")
    """Where dumps are written; from the folder that the command is given in, unless it is absolute."""
    database_pool_size: int = Field(10, alias="BIZOSAAS_DATABASE_POOL", ge=2, le=100)
    """Connections per worker: 2 cores keep about ten transactions busy; more only queue in the server."""
    redis_url: SecretStr | None = Field(None, alias="REDIS_URL")
    """Valkey or Redis. Unset means the embedded Valkey."""

    vault_addr: str | None = Field(None, alias="VAULT_ADDR")
    vault_role_id: SecretStr | None = Field(None, alias="VAULT_ROLE_ID")
    vault_secret_id: SecretStr | None = Field(None, alias="VAULT_SECRET_ID")
    vault_token: SecretStr | None = Field(None, alias="VAULT_TOKEN")
    vault_mount: str = Field("secret", alias="BIZOSAAS_VAULT_MOUNT")
    vault_path: str = Field("bizosaas", alias="BIZOSAAS_VAULT_PATH")

    crm_url: str | None = Field(None, alias="CRM_URL")
    cms_url: str | None = Field(None, alias="CMS_URL")
    ecommerce_url: str | None = Field(None, alias="ECOMMERCE_URL")
    upstream_ca_file: Path | None = Field(None, alias="BIZOSAAS_UPSTREAM_CA_FILE")
    """Certificates (PEM) of an authority of one's own, trusted beside the public ones for these three."""
    upstream_connect_seconds: float = Field(1, alias="BIZOSAAS_UPSTREAM_CONNECT_SECONDS", gt=0, le=60)
    """They stand near us: what has not answered a handshake by then is away."""
    upstream_first_byte_seconds: float = Field(10, alias="BIZOSAAS_UPSTREAM_FIRST_BYTE_SECONDS", gt=0, le=600)
    """From the request's end to the answer's head, and the longest silence within an answer: people do not wait
    longer."""
    upstream_total_seconds: float = Field(60, alias="BIZOSAAS_UPSTREAM_TOTAL_SECONDS", gt=0, le=3600)
    """For a call with its whole answer: 50 MiB in a minute are 7 Mbit/s, a slow line."""
    upstream_calls_at_once: int = Field(20, alias="BIZOSAAS_UPSTREAM_CALLS_AT_ONCE", ge=2, le=1000)
    """Of one worker to one upstream; half of them at most for one tenant."""
    upstream_limit_bytes: int = Field(50 * 1024 * 1024, alias="BIZOSAAS_UPSTREAM_LIMIT_BYTES", ge=1024)
    """Of an answer: exports are smaller, and what is larger is no answer of an API."""
    llm_model: str | None = Field(None, alias="LLM_MODEL")
    """The agents' model as `provider/name`, such as `openai/gpt-4.1-mini`; unset means the embedded engine. The
    providers' keys are secrets named `llm/<provider>`."""
    llm_base_url: str | None = Field(None, alias="LLM_BASE_URL")
    """Where `llm_model` is served, by whatever speaks OpenAI's chat API (for `anthropic/...`: Anthropic's own); the
    provider's own address without it."""
    llm_fallbacks: Annotated[tuple[str, ...], NoDecode] = Field((), alias="LLM_FALLBACKS")
    """Models (comma separated) that take over, in this order, when one before them fails."""
    llm_fallback_urls: dict[str, str] = Field(default_factory=dict, alias="LLM_FALLBACK_URLS")
    """Where the models of `llm_fallbacks` are served, as JSON: `{"ollama/llama3.2": "http://10.0.0.7:11434/v1"}`; one
    without an entry has its provider's own address."""
    llm_embedded_fallback: bool = Field(True, alias="LLM_EMBEDDED_FALLBACK")
    """Whether the embedded engine ends the chain; 0 lets a run fail when every model has failed."""
    llm_timeout_seconds: float = Field(30, alias="LLM_TIMEOUT_SECONDS", gt=0, le=600)
    """For one answer of a model; never more than what is left of the run."""
    llm_max_tokens: int = Field(4000, alias="LLM_MAX_TOKENS", ge=64, le=100_000)
    """Of one answer, the model's reasoning included."""
    llm_stream: bool = Field(False, alias="LLM_STREAM")
    """Whether answers come in pieces: some proxies cut a connection that is silent for long."""
    llm_prices: dict[str, tuple[Decimal, Decimal]] = Field(default_factory=dict, alias="LLM_PRICES")
    """US dollars for a million tokens in and out by model, as JSON: `{"openai/gpt-4.1-mini": ["0.40", "1.60"]}`. A
    hosted model without an entry counts as a dear one, so that budgets hold; a local one costs nothing."""

    stripe_url: str = Field("https://api.stripe.com", alias="BIZOSAAS_STRIPE_URL")
    """Stripe's API, for test and live keys alike (docs.stripe.com/api); a sandbox's address in tests."""
    paypal_url: str = Field("https://api-m.paypal.com", alias="BIZOSAAS_PAYPAL_URL")
    """PayPal's live API (developer.paypal.com/api/rest/requests)."""
    paypal_sandbox_url: str = Field("https://api-m.sandbox.paypal.com", alias="BIZOSAAS_PAYPAL_SANDBOX_URL")
    """PayPal's own sandbox, which is its test mode (developer.paypal.com/api/rest/requests)."""
    razorpay_url: str = Field("https://api.razorpay.com", alias="BIZOSAAS_RAZORPAY_URL")
    """Razorpay's API, for test and live keys alike (razorpay.com/docs/api)."""

    smtp_url: SecretStr | None = Field(None, alias="BIZOSAAS_SMTP_URL")
    """`smtp://user:password@host:587` (STARTTLS) or `smtps://...:465`. Unset means the file twin."""
    mail_from: str = Field("BizOSaaS <no-reply@bizosaas.local>", alias="BIZOSAAS_MAIL_FROM")

    rate_limit_per_hour: int = Field(1000, alias="BIZOSAAS_RATE_LIMIT_PER_HOUR", ge=1)
    """HTTP requests of a tenant in any rolling hour."""
    ui_limit_per_hour: int = Field(3000, alias="BIZOSAAS_UI_LIMIT_PER_HOUR", ge=1)
    """UI operations of a user in any rolling hour; apart from the tenant's HTTP quota."""
    bcrypt_cost: int = Field(12, alias="BIZOSAAS_BCRYPT_COST", ge=12, le=16)
    """2^cost rounds; 12 is some 280 ms on one core (OWASP asks for at least 10)."""
    access_ttl_seconds: int = Field(1800, alias="BIZOSAAS_ACCESS_TTL_SECONDS", ge=60, le=3600)
    refresh_ttl_seconds: int = Field(30 * _DAY, alias="BIZOSAAS_REFRESH_TTL_SECONDS", ge=3600)
    session_idle_seconds: int = Field(7 * _DAY, alias="BIZOSAAS_SESSION_IDLE_SECONDS", ge=3600)
    """A session that was not refreshed for so long is dead (ASVS 7.3.1)."""
    refresh_grace_seconds: int = Field(10, alias="BIZOSAAS_REFRESH_GRACE_SECONDS", ge=0, le=60)
    """How long the same device may present the previous refresh token: many tabs refresh at once."""

    body_limit_bytes: int = Field(1024 * 1024, alias="BIZOSAAS_BODY_LIMIT_BYTES", ge=1024)
    upload_limit_bytes: int = Field(20 * 1024 * 1024, alias="BIZOSAAS_UPLOAD_LIMIT_BYTES", ge=1024)
    fetch_ports: Annotated[tuple[int, ...], NoDecode] = Field((), alias="BIZOSAAS_FETCH_PORTS")
    """Further ports (comma separated) at which agents may read public pages, beside 80 and 443."""

    outgoing_allowed: Annotated[tuple[str, ...], NoDecode] = Field((), alias="BIZOSAAS_OUTGOING_ALLOWED")
    """Each `host:port` (comma separated) that addresses set by tenants may name although it is not on the public
    internet, or not https: sandboxes, and services of the installation's own network. Empty: there are none."""

    social_sandbox_url: str | None = Field(None, alias="BIZOSAAS_SOCIAL_SANDBOX_URL")
    """The sandbox that stands for the social networks we do not publish on; unset, their accounts have to name one."""

    sqladmin: Literal["off", "read", "write"] | None = Field(None, alias="BIZOSAAS_SQLADMIN")
    """What the database console allows; unset, it writes in development and only reads in production: there a hand in
    the rows of customers has to be wanted, and is best wanted for an hour."""
    sqladmin_fresh_minutes: int = Field(30, alias="BIZOSAAS_SQLADMIN_FRESH_MINUTES", ge=1, le=1440)
    """How long the database console believes a session after its password was checked: an unlocked screen or a copied
    cookie must not be enough to take customers' rows away for as long as a sign-in lasts."""

    audit_days: int = Field(400, alias="BIZOSAAS_AUDIT_DAYS", ge=90, le=3650)
    """How long entries of the audit log are kept: a year, and a month to look back at it."""
    offboarding_grace_days: int = Field(30, alias="BIZOSAAS_OFFBOARDING_GRACE_DAYS", ge=0, le=365)
    """How long an off-boarded tenant's data stays, so that it can be taken back; then all of it is deleted."""

    metrics_token: SecretStr | None = Field(None, alias="BIZOSAAS_METRICS_TOKEN", min_length=24)
    """A bearer token with which a Prometheus on another machine may read `/metrics`; unset, there is none."""
    work_metrics: str | None = Field(None, alias="BIZOSAAS_WORK_METRICS", pattern=r"^[^:\s]+:\d{1,5}$")
    """The `host:port` at which `python -m bizosaas_app work` gives its own metrics, as it serves no other HTTP. They
    name no tenant; bind it where only the scraper comes. Unset: nowhere."""
    otlp_endpoint: str | None = Field(None, alias="OTEL_EXPORTER_OTLP_ENDPOINT", pattern=r"^https?://\S+$")
    """Where traces go by OTLP over HTTP, such as `http://collector:4318`; `/v1/traces` is added. Unset: no traces."""
    otlp_headers: SecretStr | None = Field(None, alias="OTEL_EXPORTER_OTLP_HEADERS")
    """Headers (`name=value`, comma separated) of what is sent there; a hosted collector's key is one."""
    otlp_timeout_seconds: float = Field(5, alias="BIZOSAAS_OTLP_TIMEOUT_SECONDS", gt=0, le=60)
    """For sending one batch, and for sending the rest when the process ends. Nobody but the sender waits for it."""
    service_name: str = Field("bizosaas", alias="OTEL_SERVICE_NAME", min_length=1, max_length=100)
    """What traces call us."""
    trace_ratio: float = Field(1.0, alias="OTEL_TRACES_SAMPLER_ARG", ge=0, le=1)
    """The part of traces that is kept, from 0 to 1; a trusted proxy's own decision counts more."""

    body_deadline_seconds: float = Field(15, alias="BIZOSAAS_BODY_DEADLINE_SECONDS", gt=0)
    """A body that takes longer is a slow-body attack: no server below us has such a limit."""

    @field_validator(
        "allowed_origins", "allowed_hosts", "llm_fallbacks", "fetch_ports", "outgoing_allowed", mode="before"
    )
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("database_replica_url", "otlp_headers", mode="before")
    @classmethod
    def _unset(cls, value: object) -> object:
        # A container is given a file for each secret, and an empty one for what this installation does without.
        return value or None

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _networks(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(ip_network(part.strip(), strict=False) for part in value.split(",") if part.strip())
        return value

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().resolve()

    @field_validator("crm_url", "cms_url", "ecommerce_url")
    @classmethod
    def _upstream(cls, value: str | None) -> str | None:
        return None if value is None else check_base(value)

    @model_validator(mode="after")
    def _production_is_strict(self) -> Settings:
        if not self.is_production:
            return self
        if "demo" in self.model_fields_set and self.demo:
            raise ValueError("BIZOSAAS_DEMO=1 is refused in production: the demo password is public")
        if self.database_url is None or self.redis_url is None:
            raise ValueError("production needs DATABASE_URL and REDIS_URL; the embedded engines are for development")
        if not self.public_url.startswith("https://"):
            raise ValueError("production needs an https BIZOSAAS_PUBLIC_URL: its cookies are Secure")
        if not all(url.startswith("https://") for url in self._payment_urls):
            raise ValueError("production needs https addresses of the payment providers: keys travel to them")
        if not all(is_private_way(url) for url in (self.crm_url, self.cms_url, self.ecommerce_url) if url):
            raise ValueError(
                "production needs https for CRM_URL, CMS_URL and ECOMMERCE_URL, or a host of a private network"
            )
        return self

    @property
    def _payment_urls(self) -> tuple[str, ...]:
        return (self.stripe_url, self.paypal_url, self.paypal_sandbox_url, self.razorpay_url)

    @property
    def api_url(self) -> str:
        """Where browsers reach the API: the UI's own origin when one port serves both."""
        if self.one_port or self.is_production:
            return self.public_origin
        return f"http://localhost:{self.api_port}"

    @property
    def sqladmin_mode(self) -> Literal["off", "read", "write"]:
        """What the database console allows in this process."""
        return self.sqladmin or ("read" if self.is_production else "write")

    @property
    def shares_view_state(self) -> bool:
        """Whether another server may have to go on with a page: in production one that takes this one's place."""
        return self.replicas > 1 or self.is_production

    @property
    def is_production(self) -> bool:
        """Whether this process serves real tenants."""
        return self.env == "production"

    @property
    def has_demo_data(self) -> bool:
        """Whether demo tenants are wanted; never in production."""
        return self.demo and not self.is_production

    @property
    def public_origin(self) -> str:
        """Scheme, host and port of `public_url`."""
        parts = urlsplit(self.public_url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def origins(self) -> tuple[str, ...]:
        """The browser origins that are ours; development adds the local ones on both ports."""
        local: list[str] = []
        if not self.is_production:
            ports = (self.ui_port, self.api_port)
            local = [f"http://{host}:{port}" for host in ("localhost", "127.0.0.1") for port in ports]
        return tuple(dict.fromkeys([self.public_origin, *self.allowed_origins, *local]))


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """Give the settings of this process, read from the environment at the first call."""
    return Settings()

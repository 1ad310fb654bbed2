"""Past posts: what was published and how it was received, as a network's export has it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from agents.tools.networks import NetworkName

Word = Annotated[str, Field(max_length=60)]


class PastPost(BaseModel):
    """A published post; `impressions` and `engagements` are totals of the post so far."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    network: NetworkName
    published_at: datetime
    """Without an offset it is the company's own time."""
    impressions: int = Field(gt=0, le=10**10)
    engagements: int = Field(ge=0, le=10**10)
    """Reactions, comments, shares and clicks together."""
    text: str = Field("", max_length=5000)
    format: Word = "post"
    """Such as image, video, carousel, text."""
    theme: Word = ""

    @model_validator(mode="after")
    def _engaged_saw_it(self) -> PastPost:
        if self.engagements > self.impressions * 10:
            raise ValueError("engagements: more than ten for each impression; the columns may be swapped")
        return self

    @property
    def rate(self) -> float:
        """Engagements per impression."""
        return self.engagements / self.impressions


PastPosts = Annotated[list[PastPost], Field(min_length=1, max_length=2000)]

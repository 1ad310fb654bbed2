"""What a wrong field is told: text is counted in characters, a list in items, and what is empty is asked for."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field, SecretStr, ValidationError

from bizosaas_app.gateway.contracts.faults import describe
from bizosaas_app.gateway.contracts.text import Email, Line, Name

Key = Annotated[str, Field(pattern=r"^[a-z-]+$")]


class Order(BaseModel):
    platform: Annotated[Line, Field(min_length=2, max_length=5)] = "shop"
    channel: Annotated[Line, Field(min_length=1)] = "web"
    name: Name = "Ann"
    secret: Annotated[SecretStr, Field(min_length=1)] = SecretStr("x")
    email: Email = "ann@example.com"
    key: Key = "key"
    scopes: Annotated[list[str], Field(min_length=1, max_length=1)] = ["a"]
    rows: Annotated[list[str], Field(min_length=2, max_length=2)] = ["a", "b"]


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({"platform": "a"}, "At least 2 characters"),
        ({"platform": "a long one"}, "At most 5 characters"),
        ({"channel": ""}, "Required"),
        ({"name": ""}, "Required"),
        ({"name": "  "}, "Required"),
        ({"secret": ""}, "Required"),
        ({"email": ""}, "Required"),
        ({"email": " "}, "Required"),
        ({"email": "nobody"}, "Not a valid e-mail address"),
        ({"key": ""}, "Required"),
        ({"key": "A KEY"}, "Does not have the expected form"),
        ({"scopes": []}, "At least 1 item"),
        ({"scopes": ["a", "b"]}, "At most 1 item"),
        ({"rows": []}, "At least 2 items"),
        ({"rows": ["a", "b", "c"]}, "At most 2 items"),
    ],
)
def test_a_fault_speaks_of_what_the_field_holds(sent: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Order.model_validate(sent)
    assert [describe(fault) for fault in refused.value.errors()] == [message]

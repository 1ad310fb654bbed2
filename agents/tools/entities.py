"""Entities of schema.org that pages describe: what each needs and how it is written. No tool stands here.

Required and recommended properties follow Google's documentation of rich results; names follow schema.org.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

_ADDRESS: Final = re.compile(r"https?://[^\s/@<>\"]+\.[^\s@<>\"]+")


def _web(value: str) -> str:
    if not _ADDRESS.fullmatch(value):
        raise ValueError("must be a full web address that starts with http:// or https://")
    return value


Web = Annotated[str, Field(max_length=2000), AfterValidator(_web)]
Short = Annotated[str, Field(min_length=1, max_length=200)]
Long = Annotated[str, Field(min_length=1, max_length=5000)]
_DAY: Final = "(Mo|Tu|We|Th|Fr|Sa|Su)"
Hours = Annotated[str, Field(pattern=rf"^{_DAY}([-,]{_DAY})* \d\d:\d\d-\d\d:\d\d$")]
Price = Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=2)]


class _Entity(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    wanted: ClassVar[tuple[str, ...]] = ()
    """Fields that are recommended beside the required ones."""

    @property
    def lacking(self) -> list[str]:
        """The recommended fields that are empty."""
        return [name for name in self.wanted if getattr(self, name) in (None, "", [])]

    def properties(self) -> dict[str, Any]:
        """Give the properties by their schema.org names; empty ones are left out when it is written."""
        raise NotImplementedError


class Address(BaseModel):
    """A postal address."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    street: Short
    city: Short
    postcode: str = Field(max_length=20)
    country: str = Field(pattern="^[A-Z]{2}$", description="ISO 3166-1, such as DE")

    def properties(self) -> dict[str, Any]:
        """Give it as a PostalAddress."""
        names = {"streetAddress": self.street, "addressLocality": self.city, "postalCode": self.postcode}
        return {"@type": "PostalAddress", **names, "addressCountry": self.country}


class Organization(_Entity):
    """A company or another organisation."""

    wanted: ClassVar = ("logo", "description", "same_as", "phone", "address")

    type: Literal["Organization"]
    name: Short
    url: Web
    logo: Web | None = None
    description: Long | None = None
    phone: str | None = Field(None, max_length=40)
    same_as: list[Web] = Field(default_factory=list, max_length=20, description="Its profiles elsewhere")
    address: Address | None = None

    def properties(self) -> dict[str, Any]:
        """Give its properties."""
        return {
            "name": self.name,
            "url": self.url,
            "logo": self.logo,
            "description": self.description,
            "telephone": self.phone,
            "sameAs": self.same_as,
            "address": self.address and self.address.properties(),
        }


class LocalBusiness(_Entity):
    """A business with a place that people visit."""

    wanted: ClassVar = ("url", "phone", "opening_hours", "price_range", "image")

    type: Literal["LocalBusiness"]
    name: Short
    address: Address
    url: Web | None = None
    phone: str | None = Field(None, max_length=40)
    image: Web | None = None
    price_range: str | None = Field(None, max_length=20)
    opening_hours: list[Hours] = Field(default_factory=list, max_length=14, description='Such as "Mo-Fr 09:00-18:00"')

    def properties(self) -> dict[str, Any]:
        """Give its properties."""
        return {
            "name": self.name,
            "address": self.address.properties(),
            "url": self.url,
            "telephone": self.phone,
            "image": self.image,
            "priceRange": self.price_range,
            "openingHours": self.opening_hours,
        }


class Product(_Entity):
    """A product with its offer."""

    wanted: ClassVar = ("description", "image", "brand", "sku", "price", "rating")

    type: Literal["Product"]
    name: Short
    url: Web | None = None
    description: Long | None = None
    image: Web | None = None
    brand: str | None = Field(None, max_length=120)
    sku: str | None = Field(None, max_length=80)
    price: Price | None = None
    currency: str = Field("EUR", pattern="^[A-Z]{3}$")
    is_in_stock: bool = True
    rating: float | None = Field(None, ge=1, le=5)
    review_count: int | None = Field(None, ge=1)

    def properties(self) -> dict[str, Any]:
        """Give its properties; a rating counts only with the number of its reviews."""
        stock = "https://schema.org/InStock" if self.is_in_stock else "https://schema.org/OutOfStock"
        offer = {"@type": "Offer", "price": f"{self.price}", "priceCurrency": self.currency, "availability": stock}
        rating = {"@type": "AggregateRating", "ratingValue": self.rating, "reviewCount": self.review_count}
        return {
            "name": self.name,
            "url": self.url,
            "description": self.description,
            "image": self.image,
            "brand": self.brand and {"@type": "Brand", "name": self.brand},
            "sku": self.sku,
            "offers": offer | ({"url": self.url} if self.url else {}) if self.price is not None else None,
            "aggregateRating": rating if self.rating is not None and self.review_count else None,
        }


class Article(_Entity):
    """An article, a news item or a post."""

    wanted: ClassVar = ("image", "published_on", "modified_on", "author", "publisher")

    type: Literal["Article"]
    headline: Annotated[str, Field(min_length=1, max_length=110)]
    url: Web | None = None
    description: Long | None = None
    image: Web | None = None
    author: str | None = Field(None, max_length=120)
    publisher: str | None = Field(None, max_length=120)
    published_on: date | None = None
    modified_on: date | None = None

    def properties(self) -> dict[str, Any]:
        """Give its properties."""
        return {
            "headline": self.headline,
            "mainEntityOfPage": self.url,
            "description": self.description,
            "image": self.image,
            "author": self.author and {"@type": "Person", "name": self.author},
            "publisher": self.publisher and {"@type": "Organization", "name": self.publisher},
            "datePublished": self.published_on and self.published_on.isoformat(),
            "dateModified": self.modified_on and self.modified_on.isoformat(),
        }


class Question(BaseModel):
    """A question with its answer, both of which stand on the page."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    question: Short
    answer: Long


class FaqPage(_Entity):
    """A page of questions and answers."""

    type: Literal["FAQPage"]
    questions: list[Question] = Field(min_length=1, max_length=50)

    def properties(self) -> dict[str, Any]:
        """Give its properties."""
        return {
            "mainEntity": [
                {"@type": "Question", "name": item.question, "acceptedAnswer": {"@type": "Answer", "text": item.answer}}
                for item in self.questions
            ]
        }


class Crumb(BaseModel):
    """A level of a breadcrumb trail."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Short
    url: Web


class BreadcrumbList(_Entity):
    """The trail from the home page to a page."""

    type: Literal["BreadcrumbList"]
    crumbs: list[Crumb] = Field(min_length=2, max_length=20)

    def properties(self) -> dict[str, Any]:
        """Give its properties."""
        return {
            "itemListElement": [
                {"@type": "ListItem", "position": place, "name": item.name, "item": item.url}
                for place, item in enumerate(self.crumbs, 1)
            ]
        }


Entity = Annotated[
    Organization | LocalBusiness | Product | Article | FaqPage | BreadcrumbList, Field(discriminator="type")
]

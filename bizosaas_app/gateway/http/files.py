"""Answers that are no JSON, so that the API's document names what they are."""

from __future__ import annotations

from fastapi import Response


class PngResponse(Response):
    """A picture."""

    media_type = "image/png"


class SvgResponse(Response):
    """A drawing."""

    media_type = "image/svg+xml"


class XmlResponse(Response):
    """A document for machines."""

    media_type = "application/xml"


class CsvResponse(Response):
    """A table for a spreadsheet."""

    media_type = "text/csv"


class ZipResponse(Response):
    """An archive."""

    media_type = "application/zip"


class JsonLinesResponse(Response):
    """JSON documents, one a line."""

    media_type = "application/x-ndjson"

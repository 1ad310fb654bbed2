"""What the dashboard and the alerts ask for is what the application gives: each name, label and outcome in them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from bizosaas_app.gateway import metrics
from bizosaas_app.kernel import measures
from bizosaas_app.kernel.settings import Settings
from tests.support.api import api_client
from tests.support.servers import ROOT
from tests.support.world import World

DEPLOY: Final = ROOT / "deploy"
OF_PROMETHEUS: Final = frozenset({"up"})
"""What Prometheus itself adds."""
_WORDS: Final = frozenset({"and", "or", "unless", "bool", "offset"})
"""The words of PromQL that stand between expressions."""


def names_in(expression: str) -> set[str]:
    """Give the names of metrics in an expression of PromQL, whatever else stands in it."""
    bare = re.sub(r'"(?:\\.|[^"\\])*"', "", expression)
    bare = re.sub(r"\{[^}]*\}", "", bare)
    bare = re.sub(r"\[[^\]]*\]", "", bare)
    bare = re.sub(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)", "", bare)
    bare = re.sub(r"\$\w+|\b\d+[smhdwy]\b", "", bare)
    # A bracket after a name calls a function: no metric is ever followed by one.
    return set(re.findall(r"(?<![a-zA-Z0-9_:])[a-zA-Z_:][a-zA-Z0-9_:]*(?![a-zA-Z0-9_:]|\s*\()", bare)) - _WORDS


def dashboard_expressions(document: Any) -> Iterator[str]:
    for panel in document["panels"]:
        yield from (target["expr"] for target in panel.get("targets", ()))
    for variable in document["templating"]["list"]:
        if variable["type"] == "query":
            yield re.sub(r"label_values\((\w+)\b.*", r"\1", variable["definition"])


def alert_expressions(document: Any) -> Iterator[str]:
    for group in document["groups"]:
        yield from (rule["expr"] for rule in group["rules"])


def read(path: str) -> Any:
    text = (DEPLOY / path).read_text()
    return json.loads(text) if path.endswith(".json") else yaml.safe_load(text)


EXPRESSIONS: Final = [
    *dashboard_expressions(read("grafana/bizosaas.json")),
    *alert_expressions(read("prometheus/alerts.yml")),
]


@pytest.fixture
async def given(world: World) -> set[str]:
    """Every name of a sample that `/metrics` gives or declares, after some requests of all kinds."""
    mia = await world.sign_in("mia@acme.example")
    async with api_client(world.resources.settings, headers=mia.headers) as client:
        await client.get("/api/v1/auth/me")
    async with api_client(world.resources.settings, address="127.0.0.1") as client:
        answer = await client.get("/metrics")
    assert answer.status_code == 200
    names: set[str] = set()
    for family in text_string_to_metric_families(answer.text):
        ends = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum")}.get(family.type, ("",))
        names |= {family.name + end for end in ends} | {sample.name for sample in family.samples}
    return names


async def test_each_metric_that_is_asked_for_exists(given: set[str]) -> None:
    assert len(EXPRESSIONS) > 50
    asked = {name for expression in EXPRESSIONS for name in names_in(expression)}
    assert asked - OF_PROMETHEUS - given == set()
    assert "bizosaas_http_request_seconds_bucket" in asked


async def test_a_wrong_name_is_found(given: set[str]) -> None:
    wrong = 'sum by (job) (rate(bizosaas_http_requests_total{status=~"5.."}[5m])) / sum(bizosaas_live_socket) > 0.1'
    assert names_in(wrong) - given == {"bizosaas_http_requests_total", "bizosaas_live_socket"}
    assert names_in('histogram_quantile(0.9, sum by (le, route) (rate(x_bucket{a="b_c"}[$__rate_interval])))') == {
        "x_bucket"
    }


def test_the_metrics_of_ours_are_all_looked_at() -> None:
    """A figure that no panel shows and no alert watches is kept for nothing."""
    text = " ".join(EXPRESSIONS)
    ours = [item for module in (metrics, measures) for item in vars(module).values() if hasattr(item, "_labelnames")]
    assert len(ours) > 20
    assert [item._name for item in ours if item._name not in text] == []


def test_labels_that_are_asked_for_are_labels_of_ours() -> None:
    known = {"job", "exported_job", "instance", "le"}
    for module in (metrics, measures):
        known |= {label for item in vars(module).values() for label in getattr(item, "_labelnames", ())}
    known |= {"engine", "queue"}
    asked: set[str] = set()
    for expression in EXPRESSIONS:
        for labels in re.findall(r"\bby\s*\(([^)]*)\)", expression):
            asked |= {label.strip() for label in labels.split(",")}
        for matchers in re.findall(r"\{([^}]*)\}", expression):
            asked |= set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", matchers))
    assert asked - known == set()


def test_the_dashboard_has_the_structure_that_grafana_reads() -> None:
    document = read("grafana/bizosaas.json")
    panels = document["panels"]
    assert document["schemaVersion"] >= 36  # variables name their source by type and uid from then on
    assert len({panel["id"] for panel in panels}) == len(panels)
    assert {panel["type"] for panel in panels} == {"row", "stat", "timeseries", "bargauge"}
    covered = [
        (place["x"] + right, place["y"] + down)
        for place in (panel["gridPos"] for panel in panels)
        for right in range(place["w"])
        for down in range(place["h"])
    ]
    assert len(set(covered)) == len(covered), "panels lie on each other"
    assert max(column for column, _ in covered) < 24
    defined = {variable["name"] for variable in document["templating"]["list"]} | {"__rate_interval"}
    assert set(re.findall(r"\$\{?(\w+)", json.dumps(panels))) == defined


def test_the_legend_of_a_panel_names_what_its_figures_are_told_apart_by() -> None:
    for panel in read("grafana/bizosaas.json")["panels"]:
        targets = panel.get("targets", ())
        assert len({target["refId"] for target in targets}) == len(targets)
        for target in targets:
            assert panel["datasource"] == target["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
            by = {word.strip() for part in re.findall(r"by \(([^)]*)\)", target["expr"]) for word in part.split(",")}
            assert set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"])) == by - {"le"}, panel["title"]


def test_every_alert_says_what_to_do_and_the_configuration_names_its_files() -> None:
    rules = [rule for group in read("prometheus/alerts.yml")["groups"] for rule in group["rules"]]
    assert len({rule["alert"] for rule in rules}) == len(rules)
    for rule in rules:
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert rule["annotations"]["summary"]
        assert rule["annotations"]["description"]
    configuration = read("prometheus/prometheus.yml")
    assert all((DEPLOY / "prometheus" / name).exists() for name in configuration["rule_files"])
    assert {job["job_name"] for job in configuration["scrape_configs"]} == {"bizosaas", "bizosaas-work"}
    provider = read("grafana/provisioning/dashboards/bizosaas.yaml")["providers"][0]
    assert Path(provider["options"]["path"]).is_absolute()


async def test_a_scraper_elsewhere_needs_the_token_or_the_permission(world: World) -> None:
    settings = Settings(**{**world.resources.settings.model_dump(), "metrics_token": "t" * 32})
    root, mia = await world.sign_in("root@bizosaas.example"), await world.sign_in("mia@acme.example")
    async with api_client(settings) as client:
        statuses = [
            (await client.get("/metrics", headers=headers)).status_code
            for headers in ({}, mia.headers, {"Authorization": "Bearer " + "u" * 32}, root.headers)
        ]
        assert statuses == [403, 403, 401, 200]
        assert (await client.get("/metrics", headers={"Authorization": "Bearer " + "t" * 32})).status_code == 200

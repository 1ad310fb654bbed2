"""A real Prometheus takes our configuration, reads our servers, and gives each rule and each panel what it asks for."""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from bizosaas_app.gateway.http.metering import QUIET
from tests.deploy import prometheus_tool
from tests.support.prometheus import DEPLOYED, STRANGER, Prometheus, asked_from_elsewhere, configure
from tests.support.servers import ROOT, Server, free_port
from tests.support.tabs import log_in

TOKEN: Final = "t" * 32
PATIENCE_SECONDS: Final = 240
CASES: Final = ROOT / "tests" / "deploy" / "alerts.yml"
RULES: Final[list[dict[str, Any]]] = [
    rule for group in yaml.safe_load((DEPLOYED / "alerts.yml").read_text())["groups"] for rule in group["rules"]
]
DASHBOARD: Final[dict[str, Any]] = json.loads((ROOT / "deploy" / "grafana" / "bizosaas.json").read_text())
PANELS: Final = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
MAY_BE_EMPTY: Final = {
    "What limits refused",
    "Errors",
    "Commands that failed",
    "Mails",
    "Calls outside (95 %)",
    "Calls outside by outcome",
    "Boards mended",
    "Answers from the cache",  # of pages alone
}
"""Panels of what does not happen in these tests."""
AGENT: Final = "/api/v1/agents/receivables_watch"


def program(name: str) -> str:
    found = prometheus_tool.find(name)
    if found is None:
        pytest.skip(f"{name} is not on this machine (`make prometheus` fetches it)")
    return found


def promtool(*words: str) -> None:
    done = subprocess.run([program("promtool"), *words], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@dataclass(frozen=True)
class Watched:
    """A server of two workers and a worker of jobs, read by a Prometheus."""

    server: Server
    prometheus: Prometheus
    bearer: str

    def call(self) -> None:
        """Do what people do: sign in, look, and leave a job."""
        headers = {"Authorization": f"Bearer {self.bearer}"}
        with httpx.Client(base_url=self.server.url, headers=headers, timeout=60) as api:
            for path in ("auth/me", "gamification/leaderboards", "nothing"):
                api.get(f"/api/v1/{path}")
            api.post(f"{AGENT}/runs", json={"input": api.get(AGENT).json()["example_input"]}).raise_for_status()


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    folder = tmp_path_factory.mktemp("prometheus")
    found, work = program("prometheus"), f"127.0.0.1:{free_port()}"
    server = Server(
        folder / "data", workers=2, BIZOSAAS_JOBS="0", BIZOSAAS_METRICS_TOKEN=TOKEN, BIZOSAAS_WORK_METRICS=work
    )
    try:
        server.start()
        with server.another_worker(), asked_from_elsewhere(server.url) as target:
            targets = {"bizosaas": target, "bizosaas-work": work, STRANGER: target}
            prometheus = Prometheus(found, folder, configure(folder, TOKEN, **targets))
            try:
                yield Watched(server, prometheus.start(), log_in(server, "admin@acme.demo")[1])
            finally:
                prometheus.stop()
    finally:
        server.stop()


def test_promtool_accepts_the_configuration_and_the_rules(tmp_path: Path) -> None:
    promtool("check", "rules", "--lint=all", "--lint-fatal", str(DEPLOYED / "alerts.yml"))
    promtool("check", "config", "--lint=all", "--lint-fatal", str(configure(tmp_path, TOKEN)))


def test_each_alert_fires_with_the_figures_it_should_and_with_no_others() -> None:
    promtool("test", "rules", str(CASES))


def test_each_alert_has_figures_with_which_it_fires_and_others() -> None:
    fires: set[str] = set()
    stays: set[str] = set()
    for case in yaml.safe_load(CASES.read_text())["tests"]:
        told = case["alert_rule_test"]
        (fires if any("exp_alerts" in item for item in told) else stays).update(item["alertname"] for item in told)
    named = {rule["alert"] for rule in RULES}
    assert (fires, stays) == (named, named)


def test_the_alerts_on_answers_leave_out_what_machines_ask() -> None:
    probes = f'route!~"{"|".join(sorted(QUIET))}"'
    asked = {rule["alert"]: rule["expr"] for rule in RULES if "http_request" in rule["expr"]}
    assert set(asked) == {"ManyErrors", "SlowAnswers"}
    for expression in asked.values():
        assert expression.count(probes) == expression.count("bizosaas_http_request_seconds")


def test_servers_are_read_with_the_token_and_by_nobody_without_it(watched: Watched) -> None:
    def lacking() -> str:
        found = {item["labels"]["job"]: item for item in watched.prometheus.ask("targets")["activeTargets"]}
        is_read = [found.get(job, {}).get("health") == "up" for job in ("bizosaas", "bizosaas-work")]
        return "" if all(is_read) and "401" in found[STRANGER]["lastError"] else str(found)

    deadline = time.monotonic() + PATIENCE_SECONDS
    while told := lacking():
        assert time.monotonic() < deadline, told
        time.sleep(0.5)


def test_metrics_are_written_as_promtool_wants_them(watched: Watched) -> None:
    text = httpx.get(f"{watched.server.url}/metrics", timeout=30).text
    done = subprocess.run(
        [program("promtool"), "check", "metrics"], input=text, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_each_rule_is_healthy_and_none_fires_without_a_reason(watched: Watched) -> None:
    def rules() -> list[dict[str, Any]]:
        return [rule for group in watched.prometheus.ask("rules")["groups"] for rule in group["rules"]]

    deadline = time.monotonic() + PATIENCE_SECONDS
    while any(rule["health"] == "unknown" for rule in rules()):
        assert time.monotonic() < deadline, rules()
        time.sleep(0.5)
    assert {rule["name"] for rule in rules()} == {rule["alert"] for rule in RULES}
    assert {(rule["health"], rule.get("lastError", "")) for rule in rules()} == {("ok", "")}
    assert [rule["name"] for rule in rules() if rule["state"] == "firing"] == []


def test_each_panel_shows_what_has_happened(watched: Watched) -> None:
    given = {"email": "nobody@acme.demo", "password": "a-wrong-one"}
    httpx.post(f"{watched.server.url}/api/v1/auth/login", json=given, timeout=60)
    wanted = {panel["title"] for panel in PANELS} - MAY_BE_EMPTY
    assert len(wanted) == len(PANELS) - len(MAY_BE_EMPTY)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while lacking := wanted - {panel["title"] for panel in PANELS if shown(watched.prometheus, panel)}:
        assert time.monotonic() < deadline, lacking
        watched.call()
        time.sleep(2)


def test_the_choice_of_jobs_offers_each_that_prometheus_reads(watched: Watched) -> None:
    assert jobs(watched.prometheus) == ["bizosaas", "bizosaas-work"]


def test_prometheus_drops_no_sample_of_ours(watched: Watched) -> None:
    text = httpx.get(f"{watched.prometheus.url}/metrics", timeout=30).text
    found = {
        sample.name: sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name.startswith("prometheus_target_scrapes_") and sample.name.endswith("_total")
    }
    dropped = ("exceeded_sample_limit", "sample_duplicate_timestamp", "sample_out_of_bounds", "sample_out_of_order")
    assert {found[f"prometheus_target_scrapes_{name}_total"] for name in dropped} == {0}


def jobs(prometheus: Prometheus) -> list[str]:
    """Give what the dashboard's choice of jobs offers, as Grafana asks for it."""
    (variable,) = [item for item in DASHBOARD["templating"]["list"] if item["name"] == "job"]
    asked = re.fullmatch(r"label_values\((.+), (\w+)\)", variable["definition"])
    assert asked is not None
    assert variable["query"]["query"] == variable["definition"]
    values: list[str] = prometheus.ask(f"label/{asked[2]}/values", **{"match[]": asked[1]})
    return values


def shown(prometheus: Prometheus, panel: dict[str, Any]) -> bool:
    """Say whether each expression of a panel gives something to draw."""
    found = [given(prometheus, target) for target in panel["targets"]]
    return all(found)


def given(prometheus: Prometheus, target: dict[str, Any]) -> bool:
    """Evaluate an expression as Grafana does with every job chosen; say whether there is a figure."""
    every = "(" + "|".join(jobs(prometheus)) + ")"
    expression = target["expr"].replace("$job", every).replace("$__rate_interval", "60s")
    assert "$" not in expression
    if target.get("instant"):
        values = [item["value"][1] for item in prometheus.ask("query", query=expression)["result"]]
        assert "NaN" not in values, expression
        return bool(values)
    now = time.time()
    period = {"start": str(now - 60), "end": str(now), "step": "2"}
    result = prometheus.ask("query_range", query=expression, **period)["result"]
    return any(value != "NaN" for series in result for _, value in series["values"])

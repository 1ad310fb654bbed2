"""An agent's run is one tree: the run, the tools it took, and the calls to its model; without a word of either."""

from __future__ import annotations

from bizosaas_app.kernel import tracing
from bizosaas_app.kernel.settings import Settings
from tests.agents.conftest import Ask
from tests.support.collector import collecting
from tests.support.runs import Watch, order


async def test_a_run_is_one_tree(asking: Ask) -> None:
    runtime, server = asking()
    asked = order()
    with collecting() as collector, tracing.running(Settings(otlp_endpoint=collector.url)):
        report = await runtime.run(asked, Watch())
    assert report.status == "succeeded"
    run = collector.wait_for(f"invoke_agent {asked.agent_id}")
    assert run.parent_id == ""
    assert run.attributes["bizosaas.run_id"] == str(asked.run_id)
    assert run.attributes["gen_ai.usage.input_tokens"] == report.usage.prompt_tokens
    assert {span.trace_id for span in collector.spans} == {run.trace_id}
    tools = [span for span in collector.spans if span.name.startswith("execute_tool ")]
    assert len(tools) == report.usage.tool_calls > 0
    assert all(run.name in collector.above(span) for span in tools)
    chats = [span for span in collector.spans if span.name.startswith("chat ")]
    assert len(chats) == len(server.asked) > 0
    assert all(run.name in collector.above(span) for span in chats)
    assert sum(span.attributes["gen_ai.usage.output_tokens"] for span in chats) == report.usage.completion_tokens
    for text in asked.input.values():
        assert not isinstance(text, str) or len(text) < 12 or text.encode() not in collector.raw

/*
 * How long this service takes to answer this browser, measured now: the one live figure that a page can show to
 * somebody who has not signed in. It asks every few seconds while the page is visible.
 */
import { useEffect, useState } from "react";

const EVERY_MS = 4000;
const FIRST = 8; // asked quickly, so that there is a line to look at
const FIRST_MS = 300;
const KEPT = 32;
const WIDTH = 400;
const HEIGHT = 72;

const measure = async () => {
  const started = performance.now();
  const answer = await fetch(`${window.bizosaas.apiOrigin()}/health/live`, { cache: "no-store" });
  if (!answer.ok) throw new Error(String(answer.status));
  return performance.now() - started;
};

const middle = (samples) => [...samples].sort((a, b) => a - b)[Math.floor(samples.length / 2)];

const path = (samples) => {
  const high = Math.max(20, ...samples) * 1.15;
  const step = WIDTH / (KEPT - 1);
  const from = WIDTH - (samples.length - 1) * step;
  return samples.map((ms, index) => `${(from + index * step).toFixed(1)},${(HEIGHT - 3 - (ms / high) * (HEIGHT - 9)).toFixed(1)}`);
};

const STATES = {
  waiting: ["", "Measuring"],
  good: ["good", "Answering"],
  bad: ["bad", "Not answering"],
};

export function Pulse() {
  const [samples, setSamples] = useState([]);
  const [state, setState] = useState("waiting");
  useEffect(() => {
    let stopped = false;
    const ask = async () => {
      if (document.visibilityState !== "visible") return;
      try {
        const ms = await measure();
        if (stopped) return;
        setSamples((kept) => [...kept, ms].slice(-KEPT));
        setState("good");
      } catch {
        if (!stopped) setState("bad");
      }
    };
    let timer;
    const rounds = async (round) => {
      await ask();
      if (!stopped) timer = setTimeout(rounds, round < FIRST ? FIRST_MS : EVERY_MS, round + 1);
    };
    measure().catch(() => undefined).finally(() => rounds(0)); // the first answer also pays for the connection
    return () => {
      stopped = true;
      clearTimeout(timer);
    };
  }, []);
  const line = path(samples);
  const [tone, word] = STATES[state];
  const latest = samples.at(-1);
  return (
    <div className="bz-card bz-pulse">
      <div className="bz-pulse-head">
        <span className="bz-muted">Answer time, measured from your browser</span>
        <span className="bz-live"><i className="bz-dot" data-tone={tone} data-pulse={state === "good"} /> {word}</span>
      </div>
      <div className="bz-pulse-value bz-num">
        {latest === undefined ? "–" : Math.max(1, Math.round(latest))}<small>ms</small>
      </div>
      <svg className="bz-pulse-plot" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        <line x1="0" x2={WIDTH} y1={HEIGHT - 1} y2={HEIGHT - 1} stroke="var(--gray-a5)" vectorEffect="non-scaling-stroke" />
        {line.length > 1 && (
          <>
            <polygon points={`${line[0].split(",")[0]},${HEIGHT} ${line.join(" ")} ${WIDTH},${HEIGHT}`} fill="currentColor" fillOpacity="0.1" />
            <polyline points={line.join(" ")} fill="none" stroke="currentColor" strokeWidth="2" strokeLinejoin="round" vectorEffect="non-scaling-stroke" />
          </>
        )}
      </svg>
      <span className="bz-small bz-muted bz-num">
        {samples.length > 1 ? `Typically ${Math.max(1, Math.round(middle(samples)))} ms over the last ${samples.length} answers` : "\u00a0"}
      </span>
    </div>
  );
}

/* A moment in the reader's own time zone and language: the server only knows UTC. */
import { useEffect, useState } from "react";

const FORMATS = {
  clock: { hour: "2-digit", minute: "2-digit", second: "2-digit" },
  date: { day: "numeric", month: "short", year: "numeric" },
  datetime: { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" },
};
const STEPS = [["day", 86400], ["hour", 3600], ["minute", 60]];

/** The reader's own habits where they share the page's language, so that words and figures match. */
const habits = () => {
  const page = document.documentElement.lang || "en";
  return navigator.language.startsWith(page) ? navigator.language : page;
};

const relative = (then, language) => {
  const seconds = Math.round((then - Date.now()) / 1000);
  const step = STEPS.find(([, size]) => Math.abs(seconds) >= size);
  if (!step) return "just now";
  if (step[0] === "day" && Math.abs(seconds) > 30 * 86400) return then.toLocaleDateString(language, FORMATS.date);
  return new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(Math.round(seconds / step[1]), step[0]);
};

export function LocalTime({ value, format = "relative" }) {
  const [, redraw] = useState(0);
  useEffect(() => {
    if (format !== "relative") return undefined;
    const timer = setInterval(() => redraw((count) => count + 1), 30_000);
    return () => clearInterval(timer);
  }, [format]);
  const then = new Date(value);
  if (!value || Number.isNaN(then.getTime())) return <span className="bz-muted">–</span>;
  const language = habits();
  const text = format === "relative" ? relative(then, language) : then.toLocaleString(language, FORMATS[format]);
  return <time className="bz-num" dateTime={value} title={then.toLocaleString(language)}>{text}</time>;
}

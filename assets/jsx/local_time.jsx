/* A moment in the reader's own time zone and language: the server only knows UTC. */
import { useEffect, useState } from "react";

const FORMATS = {
  clock: { hour: "2-digit", minute: "2-digit", second: "2-digit" },
  date: { day: "numeric", month: "short", year: "numeric" },
  datetime: { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" },
  whole: undefined,
};
const STEPS = [["day", 86400], ["hour", 3600], ["minute", 60]];

/** What formats is dear to make, and a page shows dozens of moments: one for each use is kept. */
const kept = new Map();
const keep = (name, make) => {
  if (!kept.has(name)) kept.set(name, make());
  return kept.get(name);
};

const pageLanguage = () => document.documentElement.lang || "en";

/*
 * Dates follow the reader's own habits. Where the reader's language is not the page's, months are figures: the name of
 * a month in one language inside of text in another reads like a mistake.
 */
const absolute = (then, format) => {
  const isOwn = navigator.language.startsWith(pageLanguage());
  const parts = isOwn || !FORMATS[format]?.month ? FORMATS[format] : { ...FORMATS[format], month: "2-digit", day: "2-digit" };
  const make = () => new Intl.DateTimeFormat(navigator.language, parts ?? { dateStyle: "short", timeStyle: "medium" });
  return keep(`${format} ${isOwn}`, make).format(then);
};

const relativeWords = (language) => keep(language, () => new Intl.RelativeTimeFormat(language, { numeric: "auto" }));

// The first of them is the dearest: it is made in a task of its own, before a page is drawn that needs it.
if (typeof document !== "undefined") setTimeout(() => relativeWords(pageLanguage()));

const relative = (then) => {
  const seconds = Math.round((then - Date.now()) / 1000);
  const step = STEPS.find(([, size]) => Math.abs(seconds) >= size);
  if (!step) return "just now";
  if (step[0] === "day" && Math.abs(seconds) > 30 * 86400) return absolute(then, "date");
  return relativeWords(pageLanguage()).format(Math.round(seconds / step[1]), step[0]);
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
  const text = format === "relative" ? relative(then) : absolute(then, format);
  // The whole moment is for who points at it: made for each as the page is drawn, it would hold a slow phone up.
  const explain = (event) => (event.currentTarget.title = absolute(then, "whole"));
  return <time className="bz-num" dateTime={value} onPointerEnter={explain}>{text}</time>;
}

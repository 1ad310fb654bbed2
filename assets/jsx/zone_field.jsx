/*
 * A time zone by its IANA name: the browser's own list is searched as one writes, and the time there stands below, so
 * that one sees what was chosen. The server decides whether there is such a zone.
 */
import { useEffect, useMemo, useState } from "react";

const clock = (zone) => {
  try {
    const now = new Date();
    const time = now.toLocaleTimeString(navigator.language, { timeZone: zone, hour: "2-digit", minute: "2-digit" });
    const parts = new Intl.DateTimeFormat("en", { timeZone: zone, timeZoneName: "shortOffset" }).formatToParts(now);
    return { time, offset: parts.find((part) => part.type === "timeZoneName")?.value ?? "" };
  } catch {
    return null; // not written to its end yet, or no zone at all
  }
};

export function ZoneField({ id, name, value, hint, error, onLeave }) {
  const [zone, setZone] = useState(value);
  const [, redraw] = useState(0);
  useEffect(() => setZone(value), [value]);
  useEffect(() => {
    const timer = setInterval(() => redraw((count) => count + 1), 20_000);
    return () => clearInterval(timer);
  }, []);
  const zones = useMemo(() => Intl.supportedValuesOf?.("timeZone") ?? [], []);
  const there = zone ? clock(zone) : null;
  return (
    <>
      <input id={id} name={name} list={`${id}-zones`} value={zone ?? ""} onChange={(event) => setZone(event.target.value)}
        onBlur={(event) => onLeave?.(event.target.value)} className="bz-line" autoComplete="off" spellCheck={false} maxLength={64}
        aria-describedby={`${id}-error ${id}-now ${id}-hint`} aria-invalid={error ? "true" : "false"} />
      <datalist id={`${id}-zones`}>
        {zones.map((item) => <option key={item} value={item}>{item.replaceAll("_", " ")}</option>)}
      </datalist>
      <span id={`${id}-now`} className="bz-field-hint bz-num">
        {there ? `It is ${there.time} there now (${there.offset}).` : "Write a city or a region, such as Berlin."}
      </span>
      <span id={`${id}-hint`} className="bz-field-hint">{hint}</span>
    </>
  );
}

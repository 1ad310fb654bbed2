/*
 * Single keys for a region that people work through. A key acts while the focus is inside of it, or nowhere; never
 * while somebody types, beside Ctrl, Alt or Meta, or with a dialog open. What is not a move does not repeat while a
 * key is held down. Who speaks to their computer, or hits keys by chance, turns them off; the browser remembers it.
 */
import { useEffect, useRef, useState } from "react";

const KEPT = "bz-keys-off";
const TYPING = "input, textarea, select, [contenteditable='true'], [role='radio'], [role='tab'], [role='menuitem']";
const FLOATING = ":is([role='dialog'], [role='alertdialog'], [role='menu'])[data-state='open']";
const MOVES = ["next", "previous"];
const PAUSE_MS = 120;

const isOff = () => {
  try {
    return localStorage.getItem(KEPT) === "1";
  } catch {
    return false; // storage is closed to us: the keys work, and are turned off for this page only
  }
};

const keep = (off) => {
  try {
    localStorage.setItem(KEPT, off ? "1" : "0");
  } catch {
    /* see above */
  }
};

export function KeyMap({ keys, subject, text, onPress, children }) {
  const region = useRef(null);
  const moved = useRef(0);
  const [off, setOff] = useState(false);
  useEffect(() => setOff(isOff()), []);
  useEffect(() => {
    const act = (event) => {
      if (off || event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
      const name = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
      const at = event.target;
      const isOurs = at === document.body || at.tagName === "H1" || region.current?.contains(at);
      if (!name || !isOurs || at.closest(TYPING) || document.querySelector(FLOATING)) return;
      // Arrows scroll what is read; only in the list they move.
      if (event.key.startsWith("Arrow") && !at.closest("[data-arrows]")) return;
      event.preventDefault();
      const isMove = MOVES.includes(name);
      if (event.repeat && (!isMove || event.timeStamp - moved.current < PAUSE_MS)) return;
      moved.current = event.timeStamp;
      onPress(name, subject);
    };
    document.addEventListener("keydown", act);
    return () => document.removeEventListener("keydown", act);
  }, [keys, subject, off, onPress]);
  // The next case begins at its head, however far down the last one was read.
  useEffect(() => {
    const top = region.current?.querySelector("[data-subject]")?.getBoundingClientRect().top;
    if (subject && top < 0) region.current.querySelector("[data-subject]").scrollIntoView({ block: "start" });
  }, [subject]);
  const turn = () => {
    keep(!off);
    setOff(!off);
  };
  return (
    <div ref={region} className="bz-keys" data-off={off}>
      {children}
      <div className="bz-keys-foot">
        <button type="button" className="bz-keys-turn" aria-pressed={!off} onClick={turn}>
          {text}: {off ? "off" : "on"}
        </button>
      </div>
    </div>
  );
}

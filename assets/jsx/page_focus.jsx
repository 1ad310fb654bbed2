/*
 * A link that opens another page disappears with the page it stood on, and the focus with it. The new page's heading
 * takes it, so that a screen reader reads where one is. The first page of a visit is the browser's own to announce.
 */
import { useEffect } from "react";

let isFirst = true;

export function PageFocus() {
  useEffect(() => {
    const lost = !document.activeElement || document.activeElement === document.body;
    if (!isFirst && lost) document.querySelector("#content h1")?.focus({ preventScroll: true });
    isFirst = false;
  }, []);
  return null;
}

/* Tells the session's script that the page answers: its effect comes after those of everything inside. */
import { useEffect } from "react";

export function Ready({ children }) {
  useEffect(() => window.bizosaas.ready(), []);
  return children;
}

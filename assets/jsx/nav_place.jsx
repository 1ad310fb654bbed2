/*
 * Each page has a rail of its own, which begins at its top: the entry of the page that is open may stand below the cut.
 * The list is moved before it is painted and at once, so there is no motion that anybody could want to be without.
 */
import { useLayoutEffect } from "react";

export function NavPlace() {
  useLayoutEffect(() => {
    const entry = document.querySelector('.bz-rail .bz-nav [aria-current="page"]');
    entry?.scrollIntoView({ block: "nearest", behavior: "instant" });
  }, []);
  return null;
}

/* Puts the tenant's shades over the product's accent, on every page that has this element, and for its next opening. */
import { useEffect } from "react";

export function BrandColours({ shades, known }) {
  useEffect(() => {
    if (known) window.bizosaas.paint(shades);
  }, [shades, known]);
  return null;
}

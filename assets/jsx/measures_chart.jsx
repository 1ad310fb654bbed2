/* Measures by day as lines. The page is drawn first; the library that draws lines comes when the chart is near. */
import { Suspense, lazy, useEffect, useRef, useState } from "react";

const Plot = lazy(() => import("./measures_plot.jsx"));
const NEAR = "160px";
const ROOM = { width: "100%", height: "260px" };

/** Whether the element has come within reach of the screen: what nobody scrolls to is never drawn. */
const useNear = (element) => {
  const [isNear, setNear] = useState(false);
  useEffect(() => {
    const watcher = new IntersectionObserver(
      (seen) => seen.some((one) => one.isIntersecting) && setNear(true),
      { rootMargin: NEAR },
    );
    watcher.observe(element.current);
    return () => watcher.disconnect();
  }, []);
  return isNear;
};

export function MeasuresChart({ points, series }) {
  const place = useRef(null);
  const blank = <span className="bz-skel" style={ROOM} />;
  const isNear = useNear(place);
  return (
    <div ref={place}>
      {isNear ? <Suspense fallback={blank}><Plot points={points} series={series} /></Suspense> : <div style={ROOM} />}
    </div>
  );
}

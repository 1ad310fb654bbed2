/* A line of a few values without axes; the words beside it carry the meaning, so it is hidden from screen readers. */

const WIDTH = 88;
const HEIGHT = 32;

const points = (values) => {
  const low = Math.min(...values);
  const span = Math.max(...values) - low || 1;
  return values.map((value, index) => [
    (index / (values.length - 1)) * WIDTH,
    2 + (1 - (value - low) / span) * (HEIGHT - 4),
  ]);
};

export function Sparkline({ values }) {
  if (!values || values.length < 2) return null;
  const line = points(values).map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
  return (
    <svg className="bz-spark" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      <polygon points={`0,${HEIGHT} ${line} ${WIDTH},${HEIGHT}`} fill="currentColor" fillOpacity="0.1" />
      <polyline points={line} fill="none" stroke="currentColor" strokeWidth="2" strokeLinejoin="round"
        strokeLinecap="round" vectorEffect="non-scaling-stroke" />
    </svg>
  );
}

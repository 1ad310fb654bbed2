/* The lines of `measures_chart.jsx`: loaded when there is something to draw, since Recharts is large. */
import { CartesianGrid, LineChart, Line, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";

const LINES = {
  a: { stroke: "var(--accent-9)", strokeDasharray: undefined },
  b: { stroke: "var(--gray-11)", strokeDasharray: "5 4" },
  c: { stroke: "var(--amber-10)", strokeDasharray: "2 3" },
  d: { stroke: "var(--grass-10)", strokeDasharray: "9 4 2 4" },
};
const AXIS = { tickLine: false, axisLine: false, stroke: "var(--gray-11)" };
const BOX = {
  background: "var(--color-panel-solid)",
  border: "1px solid var(--gray-5)",
  borderRadius: "6px",
  color: "var(--gray-12)",
  fontSize: "12px",
  boxShadow: "var(--shadow-3)",
};

/** The days that are named: as many as fit. Left to itself, the library would measure the text of every day in turn. */
const named = (points) => {
  const step = Math.ceil(points.length / (window.innerWidth < 600 ? 4 : 8));
  return points.filter((_, place) => place % step === 0).map(({ label }) => label);
};

/** Each line on its own scale; the first two have an axis, at the left and at the right. */
export default function MeasuresPlot({ points, series }) {
  return (
    <ResponsiveContainer width="100%" height={260}>
      {/* The table is the way in by keyboard. */}
      <LineChart data={points} margin={{ top: 12, right: 0, bottom: 0, left: 0 }} accessibilityLayer={false}>
        <CartesianGrid vertical={false} stroke="var(--gray-5)" />
        <XAxis dataKey="label" ticks={named(points)} interval={0} {...AXIS} />
        {series.map(({ slot }, place) => (
          <YAxis key={slot} yAxisId={slot} hide={place > 1} orientation={place === 1 ? "right" : "left"} width={44}
            allowDecimals={false} {...AXIS} />
        ))}
        <Tooltip contentStyle={BOX} labelStyle={{ color: "var(--gray-11)" }} />
        {series.map(({ slot, label }) => (
          <Line key={slot} yAxisId={slot} dataKey={slot} name={label} type="linear" strokeWidth={2} dot={false}
            isAnimationActive={false} {...LINES[slot]} />
        ))}
      </LineChart>
    </ResponsiveContainer>
  );
}

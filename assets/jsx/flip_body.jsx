/*
 * A table body whose rows slide to their new place when their order changes (first, last, invert, play).
 * `signal` is the list that the rows are drawn from: a new value is a new order.
 */
import { Component, createRef } from "react";

const still = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Top of each row by summed heights: offsetTop is wrong for the reader's own row while it is pinned. */
const places = (body) => {
  const found = new Map();
  let top = 0;
  for (const row of body.children) {
    if (row.dataset.key) found.set(row.dataset.key, { row, top, score: row.dataset.score });
    top += row.offsetHeight;
  }
  return found;
};

const slide = (row, distance) =>
  row.animate([{ transform: `translateY(${distance}px)` }, { transform: "none" }], { duration: 200, easing: "ease-out" });

const glow = (row) => {
  for (const cell of row.cells) {
    cell.animate([{ backgroundColor: "var(--accent-a4)" }, {}], { duration: 900, easing: "ease-out" });
  }
};

/** A class, since only a class is asked just before the rows move: then nothing has to be measured ahead of time. */
export class FlipBody extends Component {
  body = createRef();

  getSnapshotBeforeUpdate(before) {
    const isSameList = before.board === this.props.board && before.signal !== this.props.signal;
    return isSameList && !still() ? places(this.body.current) : null;
  }

  componentDidUpdate(_props, _state, before) {
    if (!before) return;
    for (const [key, { row, top, score }] of places(this.body.current)) {
      const last = before.get(key);
      if (!last) continue;
      if (last.top !== top) slide(row, last.top - top);
      if (last.score !== score) glow(row);
    }
  }

  render() {
    return <tbody ref={this.body}>{this.props.children}</tbody>;
  }
}

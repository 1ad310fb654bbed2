/*
 * Figures beside a text. A click on one puts its only allowed form where the caret is in the text that was edited
 * last, as typing would (it can be undone); without such a text it is copied. A number in a text leads to its figure.
 */
let edited = null;
if (typeof document !== "undefined") {
  document.addEventListener("focusin", ({ target }) => {
    if (target.matches?.("textarea[data-figures]")) edited = target;
  });
}

const insert = (text) => {
  if (!edited?.isConnected) return false;
  edited.focus();
  if (!document.execCommand("insertText", false, text)) {
    edited.setRangeText(text, edited.selectionStart, edited.selectionEnd, "end");
  }
  return true;
};

export function FigureButton({ value, label, bound = false, onCopied, children }) {
  const use = () => {
    if (!insert(value)) navigator.clipboard?.writeText(value).then(() => onCopied?.());
  };
  return (
    <button type="button" className="bz-figure-use" data-bound={bound} title={`${label}: insert or copy`}
      aria-label={`${value}, ${label}: insert or copy`} onMouseDown={(event) => event.preventDefault()} onClick={use}>
      {children}
    </button>
  );
}

export function NumberLink({ figure, children }) {
  const point = (event) => {
    const row = document.getElementById(`figure-${figure}`);
    if (!row) return;
    event.preventDefault();
    row.scrollIntoView({ block: "nearest" });
    row.focus({ preventScroll: true });
  };
  return <a className="bz-number bz-num" href={`#figure-${figure}`} onClick={point}>{children}</a>;
}

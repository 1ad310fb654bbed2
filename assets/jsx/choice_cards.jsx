/*
 * Radio buttons with a sentence each. The choice shows at once and the server confirms it; a value that the server
 * sends later wins.
 */
import { useEffect, useState } from "react";

export function ChoiceCards({ name, legend, options, value, onChoose }) {
  const [chosen, setChosen] = useState(value);
  useEffect(() => setChosen(value), [value]);
  const choose = (next) => {
    setChosen(next);
    onChoose?.(next);
  };
  return (
    <fieldset className="bz-choices">
      <legend className="bz-muted">{legend}</legend>
      {options.map((option) => (
        <label className="bz-option" key={option.value}>
          <input type="radio" name={name} value={option.value} checked={chosen === option.value}
            onChange={() => choose(option.value)} />
          <span className="bz-cell-text">
            <span className="bz-strong">{option.label}</span>
            <span className="bz-small bz-muted">{option.text}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

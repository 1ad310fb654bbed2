/*
 * A form in a dialog that goes to the API over HTTP, because a secret is sent or comes back: neither the socket nor the
 * view state carries it. The page is told what is wrong by field, and what is wrong with the whole.
 *
 * `wanted(form)` makes the body of it, `take(answer, tell)` sees to what came of it and calls `tell.made()` or
 * `tell.refused(faults, message)`; `offline` is said when no answer came.
 */
import { useState } from "react";
import { Button } from "@radix-ui/themes";

export const NEUTRAL = "Something went wrong on our side. Try again in a moment.";

const refuse = async (answer, tell) => {
  const body = await answer.json().catch(() => ({}));
  const faults = (body.errors ?? []).map(({ field, message }) => [field.split(".")[0], message]);
  tell.refused(Object.fromEntries(faults), faults.length ? "" : body.detail ?? NEUTRAL);
};

export function PostedForm({ endpoint, submitLabel, wanted, take, offline, onMade, onRefused, onCancel, children }) {
  const [busy, setBusy] = useState(false);
  const tell = { made: () => onMade(), refused: (faults, message) => onRefused(faults, message) };
  const submit = async (event) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    try {
      const answer = await window.bizosaas.request(endpoint, { body: wanted(event.currentTarget) });
      await (answer.ok ? take(answer, tell) : refuse(answer, tell));
    } catch {
      tell.refused({}, offline);
    }
    setBusy(false);
  };
  return (
    <form className="bz-form" data-inline="true" method="post" onSubmit={submit} noValidate aria-busy={busy}>
      {children}
      <div className="bz-form-actions">
        <Button type="button" variant="soft" color="gray" onClick={() => onCancel()}>Cancel</Button>
        <Button type="submit" loading={busy}>{submitLabel}</Button>
      </div>
    </form>
  );
}

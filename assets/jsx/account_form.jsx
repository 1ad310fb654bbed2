/*
 * The form that connects a social account: its token goes to the API over HTTP, and neither the socket nor the view
 * state carries it. An account whose network does not let us in is not kept, so that it can be typed again.
 */
import { useState } from "react";
import { Button } from "@radix-ui/themes";

const OFFLINE = "The server did not answer. Check your connection and try again.";
const NEUTRAL = "Something went wrong on our side. Try again in a moment.";

const wanted = (form) => {
  const data = new FormData(form);
  const text = (name) => data.get(name).trim();
  const server = text("base_url") ? { base_url: text("base_url") } : {};
  return { network: data.get("network"), handle: text("handle"), secret: text("secret"), ...server };
};

export function AccountForm({ endpoint, submitLabel, onMade, onRefused, onCancel, children }) {
  const [busy, setBusy] = useState(false);
  const refuse = async (answer) => {
    const body = await answer.json().catch(() => ({}));
    const faults = (body.errors ?? []).map(({ field, message }) => [field.split(".")[0], message]);
    onRefused(Object.fromEntries(faults), faults.length ? "" : body.detail ?? NEUTRAL);
  };
  const take = async (account) => {
    if (account.status === "connected") return onMade();
    await window.bizosaas.request(`${endpoint}/${account.id}`, { method: "DELETE" });
    return onRefused({}, account.failure ?? NEUTRAL);
  };
  const submit = async (event) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    try {
      const answer = await window.bizosaas.request(endpoint, { body: wanted(event.currentTarget) });
      await (answer.ok ? take(await answer.json()) : refuse(answer));
    } catch {
      onRefused({}, OFFLINE);
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

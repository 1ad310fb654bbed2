/*
 * Fields of a wizard whose content goes to the API over HTTP: a file, as it is, and a secret, which is never shown again.
 * A secret that we have made ourselves comes the same way, to who asks for it.
 * What was wrong (problem+json, RFC 9457) stands beside the field.
 */
import { useEffect, useRef, useState } from "react";
import { Button } from "@radix-ui/themes";

const OFFLINE = "The server did not answer. Check your connection and try again.";

/*
 * A button of the wizard waits until everything that was put to its fields is sent, and does nothing if something is
 * refused: else it would be at work before the secret that was typed last is there.
 */
const fields = new Set();
let isWaiting = false;

const hold = async (event) => {
  const button = event.target.closest?.("button");
  if (!button?.closest(".bz-wizard")) return;
  const sending = [...fields].map((settle) => settle()).filter(Boolean);
  if (!sending.length && !isWaiting) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (isWaiting) return;
  isWaiting = true;
  const sent = await Promise.all(sending);
  isWaiting = false;
  if (sent.every(Boolean) && button.isConnected) button.click();
};
if (typeof window !== "undefined") window.addEventListener("click", hold, true); // before React's own listeners

/** Has the buttons wait for `settle`: it gives a promise of whether all was sent, or nothing when there is nothing. */
const useHolding = (settle) => {
  const latest = useRef(settle);
  latest.current = settle;
  useEffect(() => {
    const ask = () => latest.current();
    fields.add(ask);
    return () => fields.delete(ask);
  }, []);
};

/** What the server says of the field, or in general. */
const complaint = async (answer, name) => {
  const body = await answer.json().catch(() => ({}));
  const told = body.errors?.find((error) => error.field === name) ?? body.errors?.[0];
  return told?.message ?? body.detail ?? "That could not be done. Try again in a moment.";
};

const useSending = (name, onDone) => {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const send = async (path, options) => {
    setBusy(true);
    setError("");
    try {
      const answer = await window.bizosaas.request(path, options);
      if (answer.ok) onDone?.();
      else setError(await complaint(answer, name));
      return answer.ok ? answer : null;
    } catch {
      setError(OFFLINE);
      return null;
    } finally {
      setBusy(false);
    }
  };
  return { busy, error, send };
};

function Held({ text, onClear, label }) {
  return (
    <span className="bz-held">
      <span className="bz-num">{text}</span>
      <Button type="button" size="2" variant="soft" color="gray" onClick={onClear}>{label}</Button>
    </span>
  );
}

const Complaint = ({ id, text }) => (text ? <span className="bz-field-error" id={id} role="alert">{text}</span> : null);

export function FileControl({ id, name, endpoint, accepts, held, told, isWrong, onDone, onClear }) {
  const sending = useRef(null);
  const { busy, error, send } = useSending(name, onDone);
  useHolding(() => sending.current);
  const take = async (event) => {
    const input = event.target;
    const [file] = input.files;
    if (!file) return;
    sending.current = send(`${endpoint}?name=${encodeURIComponent(file.name)}`, { method: "PUT", file });
    await sending.current;
    sending.current = null;
    input.value = "";
  };
  return (
    <div className="bz-server-field">
      {held && <Held text={held} onClear={onClear} label="Remove" />}
      <input id={id} type="file" accept={accepts} disabled={busy} onChange={take}
        aria-describedby={`${id}-sent ${told}`} aria-invalid={error || isWrong ? "true" : undefined} />
      {busy && <span className="bz-small bz-muted" role="status">Sending the file</span>}
      <Complaint id={`${id}-sent`} text={error} />
    </div>
  );
}

export function SecretControl({ id, name, endpoint, held, told, isWrong, onDone, onClear }) {
  const input = useRef(null);
  const sending = useRef(null);
  const refused = useRef("");
  const { busy, error, send } = useSending(name, onDone);
  const put = async (value) => {
    const answer = await send(endpoint, { method: "PUT", body: { value } });
    refused.current = answer ? "" : value;
    if (answer && input.current) input.current.value = "";
    sending.current = null;
    return answer;
  };
  const keep = () => {
    const value = input.current?.value.trim();
    if (value && !sending.current) sending.current = put(value);
    return sending.current;
  };
  // The button that took a secret away goes with it: the keyboard goes on in the field.
  const wasHeld = useRef(Boolean(held));
  useEffect(() => {
    if (wasHeld.current && !held && document.activeElement === document.body) input.current?.focus();
    wasHeld.current = Boolean(held);
  }, [held]);
  // What was refused holds nothing up a second time: one can still go back.
  useHolding(() => (input.current?.value.trim() === refused.current ? sending.current : keep()));
  return (
    <div className="bz-server-field">
      {held && <Held text={held} onClear={onClear} label="Replace" />}
      <input ref={input} id={id} type="password" className="bz-line" autoComplete="off" spellCheck="false" readOnly={busy}
        hidden={Boolean(held)} onBlur={keep}
        aria-describedby={`${id}-sent ${told}`} aria-invalid={error || isWrong ? "true" : undefined} />
      {busy && <span className="bz-small bz-muted" role="status">Putting it into the secret store</span>}
      <Complaint id={`${id}-sent`} text={error} />
    </div>
  );
}

export function SecretShown({ endpoint }) {
  const [secret, setSecret] = useState("");
  const { busy, error, send } = useSending("secret");
  useEffect(() => setSecret(""), [endpoint]);
  const show = async () => {
    const answer = await send(endpoint);
    if (answer) setSecret((await answer.json()).secret);
  };
  return (
    <div className="bz-server-field">
      {secret ? (
        <span className="bz-copy">
          <input value={secret} readOnly aria-label="Secret" className="bz-copy-value" data-mono="true" />
          <Button type="button" variant="soft" onClick={() => navigator.clipboard?.writeText(secret)}>Copy secret</Button>
        </span>
      ) : (
        <Button type="button" variant="soft" loading={busy} onClick={show}>Show secret</Button>
      )}
      <Complaint id="secret-asked" text={error} />
    </div>
  );
}

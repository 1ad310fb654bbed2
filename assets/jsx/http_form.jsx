/*
 * A form that speaks to the API over HTTP instead of over the Reflex socket: for passwords, and for whatever answers
 * with cookies. Fields are data; answers are problem+json (RFC 9457) and land beside the field they are about.
 */
import { useEffect, useId, useRef, useState } from "react";
import { Button, Checkbox, TextField } from "@radix-ui/themes";

const REMEMBERED = "bz_email";
const OFFLINE = "The server did not answer. Check your connection and try again.";
const NEUTRAL = "Something went wrong on our side. Try again in a moment.";

/** Seconds to wait: Retry-After as a number or as a date; 0 when the header is absent. */
const retryAfter = (header) => {
  if (!header) return 0;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, Math.ceil(seconds));
  return Math.max(0, Math.ceil((Date.parse(header) - Date.now()) / 1000)) || 0;
};

/** A message with its full stop. */
const sentence = (text) => (!text || /[.?:]$/.test(text) ? text : `${text}.`);

const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;

const requiredErrors = (fields, values) =>
  Object.fromEntries(
    fields
      .filter((field) => field.required && !values[field.name])
      .map((field) => [field.name, field.missing ?? `Enter your ${field.label.toLowerCase()}.`]),
  );

function Field({ field, error, disabled, onEdit }) {
  const id = useId();
  const [shown, setShown] = useState(false);
  const [caps, setCaps] = useState(false);
  const secret = field.type === "password";
  const watchCaps = (event) => setCaps(Boolean(event.getModifierState?.("CapsLock")));
  const notes = [error && `${id}-error`, field.hint && `${id}-hint`].filter(Boolean).join(" ");
  return (
    <div className="bz-field">
      <label htmlFor={id}>{field.label}</label>
      <TextField.Root
        id={id} name={field.name} size="2" type={secret && shown ? "text" : field.type}
        autoComplete={field.autocomplete} inputMode={field.type === "email" ? "email" : undefined}
        autoCapitalize="none" spellCheck="false" defaultValue={field.value} maxLength={field.max_length}
        required={field.required} aria-invalid={error ? "true" : undefined} aria-describedby={notes || undefined}
        readOnly={disabled} onInput={() => onEdit(field.name)}
        onKeyDown={secret ? watchCaps : undefined} onKeyUp={secret ? watchCaps : undefined}
        onBlur={secret ? () => setCaps(false) : undefined}
      >
        {secret && (
          <TextField.Slot side="right">
            <button type="button" className="bz-reveal" aria-pressed={shown} aria-controls={id}
              title={`${shown ? "Hide" : "Show"} ${field.label.toLowerCase()}`} onClick={() => setShown(!shown)}>
              {shown ? "Hide" : "Show"}
            </button>
          </TextField.Slot>
        )}
      </TextField.Root>
      {field.link_href && <a className="bz-link bz-small bz-field-link" href={field.link_href}>{field.link_label}</a>}
      {error && <span className="bz-field-error" id={`${id}-error`}>{sentence(error)}</span>}
      {field.hint && !error && <span className="bz-field-hint" id={`${id}-hint`}>{field.hint}</span>}
      {secret && <span className="bz-field-hint" role="status" hidden={!caps}>{caps ? "Caps lock is on." : ""}</span>}
    </div>
  );
}

/** What went wrong; when it was too often, the time to wait, counted down and not read out each second. */
function Problem({ problem, seconds, box }) {
  if (!problem) return null;
  const isOver = problem.waits && seconds === 0;
  return (
    <div className="bz-callout" data-tone={problem.waits ? (isOver ? "info" : "warn") : "bad"} role="alert" tabIndex={-1} ref={box}>
      <div>
        <p>{isOver ? "You can try again now." : sentence(problem.detail)}</p>
        {seconds > 0 && (
          <p aria-live="off">Try again in <strong className="bz-num">{clock(seconds)}</strong>.</p>
        )}
        {problem.href && <p><a className="bz-link" href={problem.href}>{problem.label}</a></p>}
        {problem.request_id && (
          <details className="bz-details">
            <summary>Details for support</summary>
            <code>{problem.code} · {problem.request_id}</code>
          </details>
        )}
      </div>
    </div>
  );
}

/** Counts down to zero, one second at a time, from the moment `start(seconds)` is called. */
const useCountdown = () => {
  const [until, setUntil] = useState(0);
  const [left, setLeft] = useState(0);
  useEffect(() => {
    if (!until) return undefined;
    const tick = () => setLeft(Math.max(0, Math.ceil((until - Date.now()) / 1000)));
    tick();
    const timer = setInterval(tick, 1000);
    return () => clearInterval(timer);
  }, [until]);
  const start = (seconds) => {
    setLeft(seconds);
    setUntil(Date.now() + seconds * 1000);
  };
  return [left, start];
};

export function HttpForm({
  fields, endpoint, method = "POST", submitLabel, busyLabel, successTitle, successText, remember = false,
  redirect = false, resume = false, inline = false, autofocus = false, danger = false, label, brokenText, brokenHref, brokenLabel,
}) {
  const form = useRef(null);
  const alertBox = useRef(null);
  const [errors, setErrors] = useState({});
  const [problem, setProblem] = useState(null);
  const [busy, setBusy] = useState(false);
  const [done, setDone] = useState(false);
  const [broken, setBroken] = useState(false);
  const [seconds, throttle] = useCountdown();
  const visible = fields.filter((field) => !field.query);

  useEffect(() => {
    const known = remember && localStorage.getItem(REMEMBERED);
    const input = form.current?.elements.namedItem("email");
    if (known && input && !input.value) input.value = known;
    const isFree = !document.activeElement || document.activeElement === document.body;
    if (!autofocus || !isFree || !window.matchMedia("(pointer: fine)").matches) return; // no keyboard jumps up on a phone
    const next = [...form.current.querySelectorAll(".rt-TextFieldInput")].find((field) => !field.value);
    next?.focus({ preventScroll: true });
  }, [remember, autofocus]);

  useEffect(() => {
    const asked = fields.filter((field) => field.query);
    const query = new URLSearchParams(window.location.search);
    setBroken(asked.length > 0 && !asked.some((field) => query.get(field.query)));
  }, []); // the page's address, as it was opened

  useEffect(() => {
    if (resume) window.bizosaas.resume();
  }, [resume]);

  const firstBad = Object.keys(errors).find((name) => visible.some((field) => field.name === name));
  useEffect(() => {
    if (firstBad) form.current?.elements.namedItem(firstBad)?.focus();
  }, [errors]); // the focus follows a new set of errors, not each edit
  useEffect(() => {
    if (!problem || firstBad) return;
    const secret = form.current?.querySelector('input[autocomplete="current-password"]');
    if (problem.retype && secret) secret.select(); // the alert reads itself out
    else alertBox.current?.focus();
  }, [problem]);

  const collect = () => {
    const query = new URLSearchParams(window.location.search);
    const data = new FormData(form.current);
    const values = {};
    for (const field of fields) {
      const value = field.query ? query.get(field.query) : data.get(field.name);
      const text = field.type === "password" ? value : value?.trim();
      if (text || !field.query) values[field.name] = text ?? "";
    }
    return values;
  };

  const refuse = async (answer) => {
    const body = await answer.json().catch(() => ({}));
    const known = Object.fromEntries((body.errors ?? []).map((entry) => [entry.field.split(".").pop(), entry.message]));
    const beside = Object.keys(known).some((name) => visible.some((field) => field.name === name));
    const strays = Object.entries(known).filter(([name]) => !visible.some((field) => field.name === name));
    if ([429, 503].includes(answer.status)) throttle(retryAfter(answer.headers.get("Retry-After")));
    setErrors(known);
    const isLink = strays.some(([name]) => fields.some((field) => field.query && field.name === name));
    const waits = answer.status === 429;
    const told = strays.length ? strays.map(([, message]) => sentence(message)).join(" ") : body.detail ?? NEUTRAL;
    const requestId = body.request_id ?? answer.headers.get("X-Request-ID");
    if (beside) return;
    setProblem({
      detail: waits ? "Too many attempts." : told,
      waits,
      href: isLink ? brokenHref : undefined,
      label: brokenLabel,
      code: body.code ?? answer.status,
      request_id: answer.status >= 500 ? requestId : null, // a person's own mistake needs no support
      retype: answer.status === 401,
    });
  };

  const accept = async (answer, values) => {
    const body = await answer.json().catch(() => ({}));
    if (remember) {
      if (new FormData(form.current).get("remember")) localStorage.setItem(REMEMBERED, values.email);
      else localStorage.removeItem(REMEMBERED);
    }
    if (redirect && body.redirect_to) {
      window.bizosaas.markRefreshed();
      window.bizosaas.enter(window.bizosaas.destination(body.redirect_to));
      return;
    }
    form.current.reset();
    setDone(true);
    setBusy(false);
  };

  const submit = async (event) => {
    event.preventDefault();
    if (busy || seconds) return;
    const values = collect();
    const missing = requiredErrors(visible, values);
    setDone(false);
    setProblem(null);
    setErrors(missing);
    if (Object.keys(missing).length) return;
    setBusy(true);
    try {
      const answer = await window.bizosaas.request(endpoint, { method, body: values });
      if (answer.ok) return await accept(answer, values);
      await refuse(answer);
    } catch {
      setProblem({ detail: OFFLINE });
    }
    setBusy(false);
  };

  const edited = (name) => errors[name] && setErrors(({ [name]: _fixed, ...rest }) => rest);

  if (broken) {
    return (
      <div className="bz-callout" data-tone="warn" role="status">
        <div><p>{brokenText}</p>{brokenHref && <p><a className="bz-link" href={brokenHref}>{brokenLabel}</a></p>}</div>
      </div>
    );
  }
  if (done && !inline) {
    return (
      <div className="bz-callout" data-tone="good" role="status">
        <div><p className="bz-strong">{successTitle}</p><p className="bz-muted">{successText}</p></div>
      </div>
    );
  }
  // Sent by the browser itself, should its code never come, it would put a password into the address: hence the method.
  return (
    <form className="bz-form" data-inline={inline} ref={form} method="post" onSubmit={submit} noValidate aria-label={label} aria-busy={busy}>
      <Problem problem={problem} seconds={seconds} box={alertBox} />
      {visible.map((field) => (
        <Field key={field.name} field={field} error={errors[field.name]} disabled={busy} onEdit={edited} />
      ))}
      {remember && (
        <label className="bz-check">
          <Checkbox name="remember" defaultChecked={true} size="2" /> Remember me on this device
        </label>
      )}
      <Button type="submit" size="2" color={danger ? "tomato" : undefined} loading={busy} disabled={busy || seconds > 0}>
        {seconds > 0 ? `Wait ${clock(seconds)}` : busy ? busyLabel : submitLabel}
      </Button>
      {done && (
        <div className="bz-callout" data-tone="good" role="status">
          <div><p className="bz-strong">{successTitle}</p><p className="bz-muted">{successText}</p></div>
        </div>
      )}
    </form>
  );
}

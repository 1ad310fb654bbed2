/*
 * The form that makes an API key, and the one sight of its text: that comes from the API over HTTP and stays in this
 * page until it is put away. Neither the socket nor the view state carries it.
 */
import { useEffect, useRef, useState } from "react";
import { AlertDialog, Button } from "@radix-ui/themes";
import { PostedForm } from "./posted_form.jsx";

const OFFLINE = "The server did not answer. Look whether the key is in the table before you try again.";

const nobody = () => undefined;
let show = nobody; // what draws the key; the form is gone by then

const wanted = (form) => {
  const data = new FormData(form);
  const lifetime = data.get("lifetime");
  const end = lifetime === "never" ? {} : { expires_in_days: Number(lifetime) };
  return { name: data.get("name"), scopes: data.getAll("scopes"), ...end };
};

const take = async (answer, tell) => {
  show((await answer.json()).key);
  tell.made();
};

export function KeyForm(props) {
  return <PostedForm {...props} wanted={wanted} take={take} offline={OFFLINE} />;
}

/** Closes by its button only, so that no stray click loses the key. */
export function KeyShown({ title, text, action, children }) {
  const field = useRef(null);
  const [key, setKey] = useState("");
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    show = setKey;
    return () => {
      show = nobody;
    };
  }, []);
  const copy = async () => {
    field.current.select(); // where a browser forbids the rest, one copies it by hand
    const isTaken = await navigator.clipboard?.writeText(key).then(() => true, () => false);
    setCopied(Boolean(isTaken));
  };
  const putAway = () => {
    setKey("");
    setCopied(false);
  };
  return (
    <AlertDialog.Root open={key !== ""}>
      <AlertDialog.Content maxWidth="560px">
        <AlertDialog.Title size="5">{title}</AlertDialog.Title>
        <AlertDialog.Description size="2">{text}</AlertDialog.Description>
        <div className="bz-blocks bz-above-16">
          <div className="bz-copy">
            <input ref={field} value={key} readOnly aria-label="API key" className="bz-copy-value" data-mono="true" />
            <Button type="button" variant="soft" aria-label="Copy api key" onClick={copy}>{copied ? "Copied" : "Copy"}</Button>
            <span className="bz-sr" role="status">{copied ? "Copied" : ""}</span>
          </div>
          {children}
        </div>
        <div className="bz-form-actions bz-above-16">
          <Button type="button" onClick={putAway}>{action}</Button>
        </div>
      </AlertDialog.Content>
    </AlertDialog.Root>
  );
}

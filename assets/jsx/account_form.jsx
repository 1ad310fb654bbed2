/*
 * The form that connects a social account. An account whose network does not let us in is not kept, so that it can be
 * typed again.
 */
import { NEUTRAL, PostedForm } from "./posted_form.jsx";

const OFFLINE = "The server did not answer. Check your connection and try again.";

const wanted = (form) => {
  const data = new FormData(form);
  const text = (name) => data.get(name).trim();
  const server = text("base_url") ? { base_url: text("base_url") } : {};
  return { network: data.get("network"), handle: text("handle"), secret: text("secret"), ...server };
};

export function AccountForm(props) {
  const take = async (answer, tell) => {
    const account = await answer.json();
    if (account.status === "connected") return tell.made();
    await window.bizosaas.request(`${props.endpoint}/${account.id}`, { method: "DELETE" });
    return tell.refused({}, account.failure ?? NEUTRAL);
  };
  return <PostedForm {...props} wanted={wanted} take={take} offline={OFFLINE} />;
}

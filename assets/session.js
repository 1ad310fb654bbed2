/*
 * The browser's side of a session: where the API is, who may write, signing out, staying signed in.
 *
 * Loaded in the head of every page, before React. Everything that changes a session goes over HTTP with the cookies,
 * never over the Reflex socket: the socket keeps the cookies it saw when it connected, so each change ends in a full
 * page load. Plain JavaScript, no inline code, so that a content security policy of 'self' lets it run.
 *
 * Buttons call it through attributes (`data-session="logout"`), which works even while the socket is down.
 */
(() => {
  "use strict";

  // The theme is known before the first paint, so that a dark screen does not flash white.
  const wanted = localStorage.getItem("theme") ?? "system";
  const dark = wanted === "dark" || (wanted !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.classList.add(dark ? "dark" : "light");
  document.documentElement.style.colorScheme = dark ? "dark" : "light";

  /*
   * The tenant's brand: shades of the accent by theme, kept so that the next page has them at its first paint. Each goes
   * into the stylesheet as the value of one property and is a hex colour, so nothing else can come in with it.
   */
  const BRAND = "bz_brand";
  const brandSheet = new CSSStyleSheet();
  brandSheet.insertRule(":root, .light, .light-theme {}", 0);
  brandSheet.insertRule(".dark, .dark-theme {}", 1);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, brandSheet];

  const show = (shades) =>
    ["light", "dark"].forEach((theme, index) => {
      const { style } = brandSheet.cssRules[index];
      style.cssText = "";
      for (const [name, value] of Object.entries(shades?.[theme] ?? {})) {
        const isShade = /^(a?\d{1,2}|contrast|surface)$/.test(name) && /^#[0-9a-f]{6}([0-9a-f]{2})?$/.test(value);
        if (isShade) style.setProperty(`--iris-${name}`, value);
      }
    });

  const paint = (shades) => {
    show(shades);
    try {
      localStorage.setItem(BRAND, JSON.stringify(shades));
    } catch {
      // Storage can be blocked; then the brand comes a moment later.
    }
  };

  if (/^\/(portal|admin|platform|wizards)(\/|$)/.test(location.pathname)) {
    try {
      show(JSON.parse(localStorage.getItem(BRAND) ?? "null"));
    } catch {
      // What was kept is no palette of ours.
    }
  }

  const REFRESH_EVERY_MS = 20 * 60 * 1000; // the access token lives 30 minutes
  const REFRESHED_AT = "bz_refreshed_at";
  const RESUMED_AT = "bz_resumed_at";
  const LOCAL_HOSTS = ["localhost", "0.0.0.0", "127.0.0.1", "::", "[::]", "[::1]"];

  /** Origin of the API: the meta tag's, or this page's own when it is empty. Mirrors getBackendURL of Reflex. */
  const apiOrigin = () => {
    const declared = document.querySelector('meta[name="bizosaas-api"]')?.content;
    if (!declared) return location.origin;
    const url = new URL(declared, location.origin);
    if (LOCAL_HOSTS.includes(url.hostname)) {
      url.hostname = location.hostname;
      if (location.protocol === "https:") {
        url.protocol = "https:";
        url.port = "";
      }
    }
    return url.origin;
  };

  const cookie = (name) =>
    document.cookie
      .split("; ")
      .find((pair) => pair.startsWith(`${name}=`))
      ?.slice(name.length + 1);

  /** The value that proves a request comes from our own page; empty when nobody is signed in. */
  const csrfToken = () => decodeURIComponent(cookie("__Host-bz_csrf") ?? cookie("bz_csrf") ?? "");

  /** A relative path of this site, or null: one leading slash, no backslash, no control character. */
  const safePath = (value) => (/^\/(?!\/)[^\\\u0000-\u001f\u007f]*$/.test(value ?? "") ? value : null);

  /** A request to the API with the session's cookies and its CSRF header; a file goes as it is. */
  const request = (path, { method = "POST", body, file } = {}) => {
    const headers = { Accept: "application/json" };
    const token = csrfToken();
    if (token && method !== "GET") headers["X-CSRF-Token"] = token;
    if (body !== undefined) headers["Content-Type"] = "application/json";
    return fetch(apiOrigin() + path, {
      method,
      headers,
      credentials: "include",
      cache: "no-store",
      body: body === undefined ? file : JSON.stringify(body),
    });
  };

  /** Forgets the Reflex client token, so that the next page starts from a fresh state tree. */
  const forgetClient = () => {
    try {
      sessionStorage.removeItem("token");
    } catch {
      // Storage can be blocked; then there is no token to forget.
    }
  };

  const enter = (path) => {
    forgetClient();
    // The database console is the API's: in development that has an origin of its own.
    location.assign(/^\/sqladmin(\/|$)/.test(path) ? apiOrigin() + path : path);
  };

  /** Where a sign-in should lead: the `next` parameter when it is safe, else `fallback`. */
  const destination = (fallback) =>
    safePath(new URLSearchParams(location.search).get("next")) ?? safePath(fallback) ?? "/";

  const logout = async (everywhere = false) => {
    try {
      const answer = await request(`/api/v1/auth/${everywhere ? "logout-all" : "logout"}`);
      if (!answer.ok && answer.status !== 401) throw new Error(String(answer.status));
    } catch {
      say("You are still signed in: the server could not be reached. Try again.");
      return;
    }
    enter("/login");
  };

  const switchPlatform = async (platform) => {
    try {
      const answer = await request("/api/v1/auth/switch-platform", { body: { platform } });
      if (!answer.ok) throw new Error(String(answer.status));
    } catch {
      say("The platform could not be changed. Try again.");
      return;
    }
    forgetClient();
    location.reload();
  };

  /** Shows one sentence at the foot of the page and has it read out. */
  const say = (text) => {
    let box = document.getElementById("bz-session-note");
    if (!box) {
      box = document.createElement("div");
      box.id = "bz-session-note";
      box.setAttribute("role", "alert");
      document.body.append(box);
    }
    box.textContent = text;
    clearTimeout(say.timer);
    say.timer = setTimeout(() => box.remove(), 8000);
  };

  const refreshedAt = () => Number(localStorage.getItem(REFRESHED_AT) ?? 0);
  const markRefreshed = () => localStorage.setItem(REFRESHED_AT, String(Date.now()));

  /** One tab at a time: a refresh token used twice ends the session. */
  const alone = (work) =>
    navigator.locks ? navigator.locks.request("bizosaas-refresh", { ifAvailable: true }, (lock) => lock && work()) : work();

  let isOver = false; // the server said that this session ended; asking again would not bring it back

  const refresh = () =>
    alone(async () => {
      const answer = await request("/api/v1/auth/refresh");
      if (answer.ok) markRefreshed();
      isOver = answer.status === 401;
      return answer.ok;
    });

  const refreshWhenDue = () => {
    if (isOver || document.visibilityState !== "visible" || !csrfToken()) return;
    if (location.pathname.startsWith("/login")) return; // the sign-in form resumes by itself
    if (!refreshedAt()) markRefreshed();
    if (Date.now() - refreshedAt() < REFRESH_EVERY_MS) return;
    refresh().catch(() => undefined); // an unreachable server is asked again at the next tick
  };

  /**
   * Continues a session whose access token ran out (a laptop opened in the morning) but whose refresh token still
   * holds. The sign-in form calls it when it appears.
   */
  const resume = async () => {
    const tried = Number(sessionStorage.getItem(RESUMED_AT) ?? 0);
    if (!csrfToken() || Date.now() - tried < 10_000) return; // never bounce between two pages
    sessionStorage.setItem(RESUMED_AT, String(Date.now()));
    if (!(await refresh().catch(() => false))) return;
    enter(destination("/")); // the page at "/" leads each role to its own home
  };

  document.addEventListener(
    "click",
    (event) => {
      const button = event.target instanceof Element && event.target.closest("[data-session]");
      if (!button) return;
      const { session, value } = button.dataset;
      if (session === "open-api") {
        event.preventDefault(); // in development the API has an origin of its own
        location.assign(apiOrigin() + button.getAttribute("href"));
      }
      if (session === "logout") logout(false);
      if (session === "logout-all") logout(true);
      if (session === "switch-platform") switchPlatform(value);
    },
    true,
  );

  /*
   * A page can be seen before its code is there. What is pressed meanwhile is kept, and pressed again by `ready`, as a
   * mouse does it: some of our buttons answer to the click, menus and tabs to what goes before it.
   */
  const PRESS = [["pointerdown", PointerEvent], ["mousedown", MouseEvent], ["pointerup", PointerEvent], ["mouseup", MouseEvent]];
  let kept = [];
  const keep = (event) => {
    const pressed = event.target instanceof Element && event.target.closest("button:not([data-session])");
    if (!kept || !pressed) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!kept.includes(pressed)) kept.push(pressed);
  };
  document.addEventListener("click", keep, true);

  const ready = () => {
    const pressed = kept ?? [];
    kept = null;
    document.removeEventListener("click", keep, true);
    for (const button of pressed) {
      if (!button.isConnected || button.disabled) continue;
      for (const [name, Kind] of PRESS) {
        button.dispatchEvent(new Kind(name, { bubbles: true, cancelable: true, button: 0, pointerType: "mouse" }));
      }
      button.click();
    }
  };

  setInterval(refreshWhenDue, 60_000);
  document.addEventListener("visibilitychange", refreshWhenDue);
  refreshWhenDue();

  window.bizosaas = Object.freeze({
    apiOrigin, destination, enter, logout, markRefreshed, paint, ready, request, resume, safePath, switchPlatform,
  });
})();

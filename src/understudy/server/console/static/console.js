// Makes the pages live. They can be read without this file: it sends what buttons and forms name in their
// attributes to the control API, and fetches the page again when something has happened.

const { base, root, lost, done, copied } = document.body.dataset;
const message = document.getElementById("message");

function show(text, isError = false) {
  message.textContent = text;
  message.classList.toggle("bad", isError);
  message.hidden = false;
}

async function refresh() {
  const response = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!response.ok) return;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  for (const part of document.querySelectorAll("[data-live]")) {
    const fresh = page.getElementById(part.id);
    // What has not changed stays, with its selection and focus.
    if (fresh === null || fresh.innerHTML === part.innerHTML) continue;
    const focused = part.contains(document.activeElement) ? document.activeElement : null;
    const label = focused?.getAttribute("aria-label") ?? focused?.textContent;
    part.replaceChildren(...fresh.childNodes);
    if (focused !== null) {
      const same = [...part.querySelectorAll(focused.tagName)].find(
        (element) => (element.getAttribute("aria-label") ?? element.textContent) === label,
      );
      same?.focus({ preventScroll: true });
    }
  }
  if (openLog !== null) await showLog(openLog);
}

let isWaiting = false;
function refreshSoon() {
  if (isWaiting) return;
  isWaiting = true;
  setTimeout(async () => {
    isWaiting = false;
    try {
      await refresh();
    } catch {
      show(lost, true);
    }
  }, 250);
}

async function describeProblem(response) {
  const text = await response.text();
  try {
    const problem = JSON.parse(text);
    const details = (problem.errors ?? []).map((each) => `${each.where ?? ""} ${each.message ?? ""}`);
    return [problem.title, problem.detail, ...details.slice(1)].filter(Boolean).join(" — ");
  } catch {
    return text || String(response.status);
  }
}

async function callApi(line, body, type = "application/json") {
  const [method, path] = line.split(" ");
  const options = { method, headers: {} };
  if (body !== undefined) {
    options.body = body;
    options.headers["Content-Type"] = type;
  }
  const response = await fetch(`${base}${path}`, options);
  if (!response.ok) {
    show(`${response.status} ${await describeProblem(response)}`, true);
    return false;
  }
  show(done);
  return true;
}

function convert(field) {
  switch (field.dataset.type) {
    case "int":
      return Number.parseInt(field.value, 10);
    case "json":
      return JSON.parse(field.value);
    default:
      return field.value;
  }
}

function collect(form) {
  const body = {};
  for (const field of form.elements) {
    if (!field.name || field.value === "" || "path" in field.dataset) continue;
    const names = field.name.split(".");
    const last = names.pop();
    let part = body;
    for (const name of names) part = part[name] ??= {};
    part[last] = convert(field);
  }
  return body;
}

function fillPath(form) {
  return form.dataset.api.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(form.elements[name].value));
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.dataset.api) return;
  event.preventDefault();
  try {
    if (form.dataset.raw) {
      await callApi(fillPath(form), form.elements[form.dataset.raw].value, form.dataset.contentType);
    } else {
      await callApi(fillPath(form), JSON.stringify(collect(form)));
    }
  } catch (error) {
    show(String(error.message ?? error), true);
  }
  refreshSoon();
});

function login() {
  const option = document.querySelector("#account option:checked");
  if (option === null) return {};
  const bytes = new TextEncoder().encode(`${option.value}:${option.dataset.password}`);
  return { Authorization: `Basic ${btoa(String.fromCharCode(...bytes))}` };
}

async function sendCommand(line) {
  const [method, path] = line.split(" ");
  const response = await fetch(`${root}${path}`, { method, headers: login() });
  const envelope = document.getElementById("envelope");
  const text = await response.text();
  let shown = text;
  try {
    shown = JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    // Not JSON: shown as it is.
  }
  envelope.textContent = `${response.status}\n${shown}`;
  envelope.hidden = false;
}

let openLog = null;
async function showLog(path) {
  const response = await fetch(`${root}${path}`, { headers: login() });
  const text = await response.text();
  const log = document.getElementById("log");
  try {
    log.textContent = JSON.parse(text).data?.log ?? text;
  } catch {
    log.textContent = text;
  }
  log.hidden = false;
  openLog = path;
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button, a[data-language]");
  if (button === null) return;
  const { api, json, then, command, copy, cookie, language } = button.dataset;
  try {
    if (api) {
      await callApi(api, json ?? (api.startsWith("POST") ? "{}" : undefined));
      if (then) await callApi(then);
    } else if (command) {
      await sendCommand(command);
    } else if (button.dataset.log) {
      await showLog(button.dataset.log);
    } else if (copy) {
      await navigator.clipboard.writeText(document.getElementById(copy).textContent);
      show(copied);
      return;
    } else if (cookie) {
      document.cookie = `understudy-world=${encodeURIComponent(cookie)}; path=/; samesite=lax`;
      show(done);
    } else if (language) {
      document.cookie = `understudy-lang=${language}; path=/; samesite=lax`;
      return;
    } else {
      return;
    }
  } catch (error) {
    show(String(error.message ?? error), true);
  }
  refreshSoon();
});

const events = new EventSource(`${base}/events`);
let wasLost = false;
events.onmessage = refreshSoon;
events.addEventListener("cleared", refreshSoon);
events.onopen = () => {
  if (wasLost) message.hidden = true;
  wasLost = false;
  refreshSoon();
};
events.onerror = () => {
  wasLost = true;
  show(lost, true);
};
// Tasks move by the clock, without a call.
if (document.getElementById("clock") !== null) setInterval(refreshSoon, 2000);

// Lists the tasks of an OCP, retries failed tasks, and polls. Parameters of the address: ?ocp=http://host:port&every=1000

const parameters = new URLSearchParams(location.search);
const base = (parameters.get("ocp") ?? location.origin).replace(/\/$/, "");
const every = Number(parameters.get("every") ?? 1000);
const form = document.querySelector("#login");
const table = document.querySelector("table");
const trouble = document.querySelector("#trouble");
let authorization = "";

async function call(method, path) {
  let response;
  try {
    // Send cookies to the other origin too: a cookie can select the world.
    response = await fetch(base + path, { method, credentials: "include", headers: { Authorization: authorization } });
  } catch {
    throw new Error("The server does not answer.");
  }
  const body = await response.json().catch(() => null);
  if (!response.ok) throw new Error(body?.error?.message ?? `The server answers ${response.status}.`);
  if (body === null) throw new Error("The answer cannot be read.");
  return body.data;
}

function newRow(id) {
  const row = table.tBodies[0].insertRow();
  row.dataset.task = id;
  for (let column = 0; column < 5; column += 1) row.insertCell();
  const button = document.createElement("button");
  button.textContent = "Retry";
  button.addEventListener("click", () => attempt(() => retry(id)));
  row.cells[4].append(button);
  return row;
}

// Reuse the row elements in each poll: a new button would lose a click that is in progress.
function show(task) {
  const row = table.querySelector(`tr[data-task="${task.id}"]`) ?? newRow(task.id);
  const done = task.subtasks.filter((subtask) => subtask.status === "SUCCESSFUL").length;
  const texts = [task.id, task.name, task.status, `${done} of ${task.subtasks.length}`];
  texts.forEach((text, column) => (row.cells[column].textContent = text));
  row.querySelector("button").hidden = task.status !== "FAILED";
  return row;
}

async function list() {
  const { contents } = await call("GET", "/api/v2/tasks/instances?size=100");
  const seen = new Set(contents.map(show));
  for (const row of [...table.tBodies[0].rows]) if (!seen.has(row)) row.remove();
  table.hidden = false;
}

async function retry(id) {
  await call("POST", `/api/v2/tasks/instances/${id}/retry`);
  await list();
}

// Show an error until the user's next successful action.
async function attempt(action) {
  try {
    await action();
    trouble.hidden = true;
  } catch (error) {
    trouble.textContent = error.message;
    trouble.hidden = false;
  }
}

async function poll() {
  try {
    await list();
  } catch {
    // Ignore the error: the user did nothing, and the next poll may succeed.
  }
  setTimeout(poll, every);
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { user, password } = Object.fromEntries(new FormData(form));
  authorization = `Basic ${btoa(`${user}:${password}`)}`;
  await attempt(list);
  if (trouble.hidden) {
    form.hidden = true;
    setTimeout(poll, every);
  }
});

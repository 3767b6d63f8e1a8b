// Lists the tasks of an OCP, has them tried again, and polls. The address says where it is: ?ocp=http://host:port&every=1000

const told = new URLSearchParams(location.search);
const base = (told.get("ocp") ?? location.origin).replace(/\/$/, "");
const every = Number(told.get("every") ?? 1000);
const form = document.querySelector("#login");
const table = document.querySelector("table");
const trouble = document.querySelector("#trouble");
let authorization = "";

async function call(method, path) {
  let answer;
  try {
    // With credentials, so that cookies go to the other origin as well: one of them may say which world is meant.
    answer = await fetch(base + path, { method, credentials: "include", headers: { Authorization: authorization } });
  } catch {
    throw new Error("The server does not answer.");
  }
  const body = await answer.json().catch(() => null);
  if (!answer.ok) throw new Error(body?.error?.message ?? `The server answers ${answer.status}.`);
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

// Rows stay the same elements from poll to poll: a button that is about to be pressed must not be replaced.
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

// What goes wrong stays on the page until the user does something else that works.
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
    // The next poll may go better: a user who did nothing need not hear of it.
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

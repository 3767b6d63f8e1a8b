// examples/node/tasks.test.mjs
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { newWorld } from "./ocp.mjs";

const FAILED = "/api/v2/tasks/instances/35000312";
const headers = { Authorization: `Basic ${btoa("admin:admin")}` };
let ocp;

beforeEach(async () => {
  ocp = await newWorld({ scenario: "demo" });
});
afterEach(() => ocp.close());

test("a task that has failed is retried, and comes home", async () => {
  await fetch(`${ocp.url}${FAILED}/retry`, { method: "POST", headers });
  await ocp.advance("10m"); // nobody waits
  const { data } = await (await fetch(ocp.url + FAILED, { headers })).json();
  assert.equal(data.status, "SUCCESSFUL");
});

test("each test has a world of its own", async () => {
  const { data } = await (await fetch(ocp.url + FAILED, { headers })).json();
  assert.equal(data.status, "FAILED");
});

test("a gateway that is busy", async () => {
  await ocp.ask("POST", "/faults", { when: { operation: "getTaskInstance" }, fault: { status: 503 }, times: 1 });
  assert.equal((await fetch(ocp.url + FAILED, { headers })).status, 503);
  assert.equal((await ocp.ask("POST", "/requests/count", { operation: "getTaskInstance", status: 503 })).count, 1);
});

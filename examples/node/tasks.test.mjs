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

test("a retry completes a failed task", async () => {
  await fetch(`${ocp.url}${FAILED}/retry`, { method: "POST", headers });
  await ocp.advance("10m"); // virtual time: the test does not wait
  const { data } = await (await fetch(ocp.url + FAILED, { headers })).json();
  assert.equal(data.status, "SUCCESSFUL");
});

test("each test has its own world", async () => {
  const { data } = await (await fetch(ocp.url + FAILED, { headers })).json();
  assert.equal(data.status, "FAILED");
});

test("a busy gateway returns 503", async () => {
  await ocp.callControl("POST", "/faults", { when: { operation: "getTaskInstance" }, fault: { status: 503 }, times: 1 });
  assert.equal((await fetch(ocp.url + FAILED, { headers })).status, 503);
  const criteria = { operation: "getTaskInstance", status: 503 };
  assert.equal((await ocp.callControl("POST", "/requests/count", criteria)).count, 1);
});

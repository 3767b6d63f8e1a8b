// examples/node/ocp.mjs
// A private OCP for each test of any JavaScript runner. Start the server once: understudy serve

import { randomUUID } from "node:crypto";

const server = process.env.OCP_URL ?? "http://localhost:4010";
const token = process.env.UNDERSTUDY_CONTROL_TOKEN;

async function control(method, path, body) {
  const headers = { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) };
  const response = await fetch(`${server}/__admin${path}`, { method, headers, body: body && JSON.stringify(body) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${text}`);
  return text && JSON.parse(text);
}

/** Create a world on a virtual clock. `options`: scenario, dialect, clock, speed, seed. */
export async function newWorld(options = {}) {
  const name = `js-${randomUUID()}`;
  await control("PUT", `/worlds/${name}`, { clock: "virtual", ...options });
  const callControl = (method, path, body) => control(method, `${path}?world=${name}`, body);
  return {
    name,
    url: `${server}/w/${name}`, // base URL, for a client or page whose base URL you can set
    cookie: { name: "understudy-world", value: name, url: server }, // for a browser, when you cannot set the base URL
    callControl, // the rest of the control API: callControl("POST", "/faults", {…})
    advance: (by) => callControl("POST", "/clock/advance", { by }),
    /** Delete the world. Throw if its clients broke the contract. */
    async close() {
      const { findings } = await callControl("GET", "/findings");
      await control("DELETE", `/worlds/${name}`);
      const problems = findings.map((finding) => `${finding.call ?? ""} ${finding.text}\n  ${finding.curl ?? ""}`);
      if (problems.length) throw new Error(problems.join("\n"));
    },
  };
}

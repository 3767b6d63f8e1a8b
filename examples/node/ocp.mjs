// examples/node/ocp.mjs
// A private OCP for each test of any JavaScript runner, from a server that was started once: understudy serve

import { randomUUID } from "node:crypto";

const server = process.env.OCP_URL ?? "http://localhost:4010";
const token = process.env.UNDERSTUDY_CONTROL_TOKEN;

async function control(method, path, body) {
  const headers = { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) };
  const answer = await fetch(`${server}/__admin${path}`, { method, headers, body: body && JSON.stringify(body) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${text}`);
  return text && JSON.parse(text);
}

/** Let a world begin, on a virtual clock. `options`: scenario, dialect, clock, speed, seed. */
export async function newWorld(options = {}) {
  const name = `js-${randomUUID()}`;
  await control("PUT", `/worlds/${name}`, { clock: "virtual", ...options });
  const ask = (method, path, body) => control(method, `${path}?world=${name}`, body);
  return {
    name,
    url: `${server}/w/${name}`, // for a client or page that can be told where the server is
    cookie: { name: "understudy-world", value: name, url: server }, // for a browser, where the page cannot be told
    ask, // anything else of the control API: ask("POST", "/faults", {…})
    advance: (by) => ask("POST", "/clock/advance", { by }),
    /** Forget the world, and fail for what its clients did against the contract. */
    async close() {
      const { findings } = await ask("GET", "/findings");
      await control("DELETE", `/worlds/${name}`);
      const told = findings.map((finding) => `${finding.call ?? ""} ${finding.text}\n  ${finding.curl ?? ""}`);
      if (told.length) throw new Error(told.join("\n"));
    },
  };
}

// The dashboard: what the stream says goes to the cards and to the log.
import { ready as cards, show, stale, terminals } from "./services.js";
import { Log } from "./log.js";
import { follow } from "./stream.js";
import { openRestart } from "./restart.js";
import { takeFromAddress, headers, askForReading } from "./token.js";

const $ = (id) => document.getElementById(id);
takeFromAddress();

const log = new Log();
cards((service) => openRestart(service));

// verdict is the state of the stack in a few words.
function verdict(report) {
  const off = report.services.filter((s) => !["healthy", "completed"].includes(s.health) || s.state === "paused");
  const one = off[0];
  const [kind, text] =
    report.disk ? ["bad", report.disk] : report.gateway?.healthy === false ? ["bad", `The gateway: ${report.gateway.detail}`]
    : off.length === 0 ? ["good", `All ${report.services.length} services healthy`]
    : off.length > 1 ? [off.some((s) => s.health === "unhealthy") ? "bad" : "wait", `${off.length} of ${report.services.length} services not healthy`]
    : [one.health === "unhealthy" ? "bad" : "wait", `${one.service} is ${one.running ? (["restarting", "paused"].includes(one.state) ? one.state : one.health) : "not running"}`];
  const element = $("verdict");
  if (element.textContent !== text) element.textContent = text; // it is read out when it changes
  element.className = `verdict ${kind}`;
  document.title = `${kind === "good" ? "" : "! "}${report.project}: ${text}`;
}

// link says how the connection is, and when it is tried again.
function link(state, detail = "") {
  document.body.dataset.link = state;
  $("link").textContent = { live: "Live", connecting: "Connecting…", lost: "Disconnected" }[state];
  $("lost").hidden = state !== "lost";
  if (state === "lost") $("lost-text").textContent = detail;
  stale(state === "lost");
}

// page is this page's name for the server. It is none that anybody knows.
const page = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

async function main() {
  let project;
  await follow({
    // The name of the stack is asked for with every connection: another one may be behind the port by then.
    async url() {
      const ask = () => fetch("api/v1/projects", { headers: headers(), cache: "no-store", signal: AbortSignal.timeout(10_000) });
      let response = await ask();
      for (; response.status === 401; response = await ask()) await askForReading();
      const body = await response.json();
      if (!response.ok) throw new Error(body.error.message);
      const { name, shell } = body.projects[0];
      terminals(shell);
      if (project && project !== name) location.reload();
      project = name;
      $("project").textContent = name;
      return `api/v1/projects/${encodeURIComponent(name)}/events?tail=10000&page=${page}`;
    },
    here() { fetch(`api/v1/projects/${encodeURIComponent(project)}/events/${page}`, { headers: headers(), cache: "no-store" }).catch(() => {}); },
    headers, link,
    retry: (now) => ($("retry").onclick = now),
    event: {
      state(report) { verdict(report); show(report); log.services(report.services.map((s) => s.service)); log.settle(); },
      logs(batch) { log.add(batch.lines); },
    },
  });
}

main();

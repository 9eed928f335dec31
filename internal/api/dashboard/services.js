// The cards of the services.
import { Chart } from "./chart.js";
import { bytes, cores, count, duration, of } from "./format.js";

const list = document.getElementById("services");
const template = document.getElementById("card").content.firstElementChild;
const cards = new Map(); // by the service's name
let ask = () => {};
let shell = false;
let lastTime = "";

// ready says what a click on Restart does.
export function ready(onRestart) { ask = onRestart; }

// terminals says whether the stack has terminals.
export function terminals(on) { shell = on; }

export function show(report) {
  const names = report.services.map((s) => s.service);
  if ([...cards.keys()].join() !== names.join()) {
    for (const name of cards.keys()) if (!names.includes(name)) cards.delete(name);
    list.replaceChildren(...names.map((name) => {
      if (!cards.has(name)) cards.set(name, new Card(name));
      return cards.get(name).element;
    }));
  }
  // A change is sent at once, what was measured last every second: a chart has a point a second.
  const tick = report.time.slice(0, 19) !== lastTime;
  lastTime = report.time.slice(0, 19);
  for (const service of report.services) cards.get(service.service).show(service, tick, report.services);
}

// stale: the cards show what was, and their buttons do nothing.
export function stale(on) {
  for (const card of cards.values()) card.stale(on);
}

// busy marks a service whose restart was asked for here.
export function busy(name, on) { cards.get(name)?.busy(on); }

class Card {
  constructor(name) {
    this.element = template.cloneNode(true);
    this.part = (kind) => this.element.querySelector(`.${kind}`);
    this.part("name").textContent = name;
    this.button = this.part("restart");
    this.button.setAttribute("aria-label", `Restart ${name}`);
    this.button.addEventListener("click", () => ask(this.service));
    this.terminal = this.part("open");
    this.terminal.href = `terminal.html#service=${encodeURIComponent(name)}`;
    this.terminal.setAttribute("aria-label", `Terminal of ${name}`);
    this.meters = { memory: new Meter(this.part("memory"), "Memory"), cpu: new Meter(this.part("cpu"), "CPU") };
    this.lost = this.asked = false;
  }

  show(service, tick, all) {
    this.service = { ...service, dependents: dependents(all, service.service) };
    const kind = service.state === "paused" ? "wait" : { healthy: "good", completed: "good", unhealthy: "bad" }[service.health] ?? "wait";
    this.element.className = `card ${kind}`;
    this.element.dataset.service = service.service;
    const completed = service.health === "completed";
    this.part("state").textContent = !service.running ? "not running" : service.state === "running" || completed ? service.health : service.state;
    this.part("uptime").textContent = service.pid ? `up ${duration(service.uptime)}` : completed ? service.detail : "no process";
    this.part("restarts").textContent = count(service.restarts, "restart");
    this.ports(service.ports);
    const detail = [...(kind === "good" ? [] : [service.detail.replace(/^not running, /, "")]), ...service.notes].filter(Boolean).join(" · ");
    this.part("detail").textContent = detail;
    this.part("detail").hidden = !detail;
    const { usage, limits } = service;
    this.meters.memory.show(usage && usage.memory, limits.memory, bytes, tick, usage?.oomKills ? `, ${count(usage.oomKills, "kill")} for lack of memory` : "");
    this.meters.cpu.show(usage && usage.cpus, limits.cpus, cores, tick, usage?.throttled ? `, throttled ${Math.round(100 * usage.throttled)} % of the time` : "");
    this.enable();
  }

  ports(ports) {
    const text = JSON.stringify(ports);
    if (text === this.portsText) return;
    this.portsText = text;
    this.part("ports").replaceChildren(...ports.filter((p) => p.published).map((port) => {
      // The databases' own ports hold nothing for a browser.
      if ([5432, 6379].includes(port.container)) return document.createTextNode(`port ${port.published}`);
      const link = document.createElement("a");
      link.href = `http://${location.hostname}:${port.published}`;
      link.target = "_blank";
      link.rel = "noopener";
      link.textContent = `port ${port.published} ↗`;
      return link;
    }));
  }

  stale(on) { this.lost = on; this.enable(); }
  busy(on) { this.asked = on; this.enable(); }

  enable() {
    this.terminal.hidden = !shell || this.lost || !this.service?.pid;
    this.button.disabled = this.lost || this.asked || !this.service?.running;
    this.button.textContent = this.asked ? "Restarting…" : "Restart";
  }
}

// dependents are the services that need one, directly or not.
function dependents(all, name) {
  const found = new Set([name]);
  for (let before = 0; before !== found.size;) {
    before = found.size;
    for (const s of all) if (s.needs.some((need) => found.has(need))) found.add(s.service);
  }
  found.delete(name);
  return [...found];
}

class Meter {
  constructor(element, name) {
    this.element = element;
    this.name = name;
    this.value = element.querySelector(".value");
    this.chart = new Chart(element.querySelector(".chart"));
  }

  show(used, limit, format, tick, more) {
    const known = used !== null && used !== undefined;
    this.value.textContent = known ? of(used, limit, format) : `–${limit ? ` / ${format(limit)}` : ""}`;
    const share = known && limit ? used / limit : 0;
    this.element.classList.toggle("full", share >= 0.95);
    this.element.classList.toggle("high", share >= 0.8 && share < 0.95);
    const label = `${this.name}: ${known ? format(used) : "not measured"}${limit ? ` of ${format(limit)}` : ""}${more}`;
    this.element.title = label;
    if (tick) this.chart.push(known ? used : null, limit, label);
  }
}

// The log: what came is kept in an array, and shown in blocks of rows. Blocks out of view cost nothing (log.css), so
// ten thousand rows scroll as a hundred do, and selecting, copying and the browser's own search work.
import { appendText } from "./text.js";
import { count } from "./format.js";

const kept = 10_000, blockSize = 100;
const $ = (id) => document.getElementById(id);

// pad is room that a narrow screen does without.
function pad(blanks) {
  const span = document.createElement("span");
  span.className = "pad";
  span.textContent = blanks;
  return span;
}

export class Log {
  constructor() {
    this.all = [];
    this.shown = 0;
    this.names = [];
    this.service = this.search = "";
    this.pending = [];
    this.settled = false;
    this.following = true;
    this.hand = -Infinity; // when a hand last did something that may scroll
    this.lastTop = 0;
    this.box = $("log");
    this.lines = $("lines");
    $("filter").addEventListener("change", (event) => { this.service = event.target.value; this.rebuild(); });
    let typing;
    $("search").addEventListener("input", () => { clearTimeout(typing); typing = setTimeout(() => this.look($("search").value), 120); });
    $("search").addEventListener("keydown", (event) => { if (event.key === "Escape") this.clear(); });
    $("clear").addEventListener("click", () => { this.clear(); $("search").focus(); });
    $("follow").addEventListener("change", () => this.follow($("follow").checked));
    $("newest").addEventListener("click", () => { this.follow(true); this.box.focus(); });
    addEventListener("keydown", (event) => {
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.target.matches?.("input, dialog *")) return;
      event.preventDefault();
      $("search").focus();
    });
    // Who scrolls up wants to read; who is back at the end wants to follow. A scroll without a hand behind it is the
    // browser's: the window or the rows have changed their size, and who follows stays at the end.
    for (const kind of ["wheel", "touchmove", "pointerdown", "keydown"]) {
      this.box.addEventListener(kind, () => { this.hand = performance.now(); }, { passive: true });
    }
    this.box.addEventListener("scroll", () => {
      const end = this.box.scrollHeight - this.box.clientHeight - this.box.scrollTop;
      const byHand = performance.now() - this.hand < 1500;
      if (this.following && byHand && end > 60 && this.box.scrollTop < this.lastTop) this.follow(false);
      else if (!this.following && end < 4) this.follow(true);
      else if (this.following && !byHand && end > 4) this.toEnd();
      this.lastTop = this.box.scrollTop;
    }, { passive: true });
    // Rows get their real height when they come into view.
    new ResizeObserver(() => this.toEnd()).observe(this.lines);
    new ResizeObserver(() => this.toEnd()).observe(this.box);
  }

  follow(on) {
    this.following = on;
    $("follow").checked = on;
    if (on) {
      $("newest").hidden = true;
      this.hand = -Infinity; // what it began, e.g. a smooth scroll to the top, is over
    }
    this.toEnd();
  }

  toEnd() {
    if (this.following) this.box.scrollTop = this.box.scrollHeight;
  }

  // services offers a choice of each.
  services(names) {
    if (names.join() === this.names.join()) return;
    this.names = names;
    this.width = Math.max(...names.map((n) => n.length));
    const all = $("filter").querySelector("label");
    $("filter").replaceChildren($("filter").querySelector("legend"), all, ...names.map((name) => {
      const label = all.cloneNode(true);
      const input = label.querySelector("input");
      input.value = name;
      input.checked = name === this.service;
      label.querySelector("span").textContent = name;
      return label;
    }));
    if (!names.includes(this.service)) { this.service = ""; all.querySelector("input").checked = true; }
    this.rebuild();
  }

  look(text) {
    if (text === this.search) return;
    this.search = text;
    this.rebuild();
  }

  clear() {
    $("search").value = "";
    this.look("");
  }

  // settle: the first lines have come, or there are none.
  settle() {
    if (this.settled) return;
    this.settled = true;
    this.tell();
  }

  // add takes new lines; they are shown with the next frame, all that came until then together.
  add(lines) {
    this.pending.push(...lines);
    if (this.frame) return;
    this.frame = setTimeout(() => requestAnimationFrame(() => this.flush()), 30);
  }

  flush() {
    this.frame = undefined;
    const lines = this.pending;
    this.pending = [];
    this.all.push(...lines);
    const shown = lines.filter((line) => this.matches(line));
    this.append(shown);
    if (shown.length > 0 && !this.following) $("newest").hidden = false;
    this.trim();
    this.tell();
    this.toEnd();
  }

  matches(line) {
    return (!this.service || line.service === this.service) &&
      (!this.search || line.text.toLowerCase().includes(this.search.toLowerCase()));
  }

  // trim forgets the oldest, whole blocks of rows at a time.
  trim() {
    if (this.all.length <= kept) return;
    this.all = this.all.slice(-kept);
    while (this.shown - (this.lines.firstElementChild?.childElementCount ?? 0) >= kept) {
      this.shown -= this.lines.firstElementChild.childElementCount;
      this.lines.firstElementChild.remove();
    }
  }

  rebuild() {
    this.lines.replaceChildren();
    this.shown = 0;
    $("newest").hidden = true;
    // An indent as wide as what is before the text: 12:34:56.789, two blanks, the name, two blanks.
    this.lines.style.setProperty("--hang", `${14 + (this.service ? 0 : this.width + 2)}ch`);
    this.append(this.all.filter((line) => this.matches(line)));
    this.tell();
    this.follow(true);
  }

  append(lines) {
    let block = this.lines.lastElementChild;
    for (const line of lines) {
      if (!block || block.childElementCount >= blockSize) {
        block = document.createElement("div");
        block.className = "block";
        this.lines.append(block);
      }
      block.append(this.row(line));
      this.shown++;
    }
  }

  row(line) {
    const row = document.createElement("div");
    row.className = `row ${line.stream}${line.text.startsWith("[stack] ") ? " note" : ""}`;
    const time = document.createElement("time");
    const at = new Date(line.time);
    const two = (n) => String(n).padStart(2, "0");
    time.dateTime = time.title = line.time;
    const fraction = document.createElement("span");
    fraction.className = "fraction";
    fraction.textContent = `.${String(at.getMilliseconds()).padStart(3, "0")}`;
    time.append(`${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`, fraction);
    row.append(time, " ", pad(" "));
    if (!this.service) {
      const name = document.createElement("span");
      name.className = `s${Math.max(0, this.names.indexOf(line.service)) % 6}`;
      name.textContent = line.service;
      row.append(name, " ", pad(" ".repeat(1 + this.width - line.service.length)));
    }
    appendText(row, line.text, this.search);
    if (line.cut) {
      const cut = document.createElement("span");
      cut.className = "cut";
      cut.textContent = ` … ${count(line.cut, "byte")} more`;
      row.append(cut);
    }
    return row;
  }

  // tell says how many lines there are, or why there are none.
  tell() {
    const total = this.all.length, filtered = this.search || this.service;
    const shown = Math.min(this.shown, total); // the oldest rows go by blocks
    $("count").textContent = filtered ? `${shown.toLocaleString("en")} of ${count(total, "line")}` : count(total, "line");
    $("empty").hidden = this.shown > 0;
    $("clear").hidden = !this.search;
    $("empty-text").textContent = !this.settled ? "Loading…"
      : this.search ? `No line${this.service ? ` of ${this.service}` : ""} holds “${this.search}”.`
      : this.service ? `${this.service} has not printed anything yet.`
      : "Nothing yet. What the services print appears here.";
  }
}

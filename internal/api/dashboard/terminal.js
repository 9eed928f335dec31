// The page of a terminal in a service. A message begins with a byte that says what it is.
import { Terminal } from "./vendor/xterm.mjs";
import { FitAddon } from "./vendor/addon-fit.mjs";
import { askForReading, headers, takeFromAddress, token } from "./token.js";

const kind = { stdin: 0, output: 1, failure: 3, result: 4, resize: 5 };
const $ = (id) => document.getElementById(id);
const service = new URLSearchParams(location.hash.slice(1)).get("service") ?? "";
takeFromAddress();
history.replaceState(null, "", `#service=${encodeURIComponent(service)}`);
document.title = `${service}: terminal`;
$("name").textContent = service;

const screen = new Terminal({
  cursorBlink: true, scrollback: 10_000, fontSize: 14, screenReaderMode: true,
  minimumContrastRatio: 4.5, // ls writes blue on green
  fontFamily: getComputedStyle(document.documentElement).getPropertyValue("--mono"),
  theme: { background: "#14181d", foreground: "#e4e8ed" },
});
const fit = new FitAddon();
screen.loadAddon(fit);
screen.open($("terminal"));
fit.fit();
new ResizeObserver(() => fit.fit()).observe($("terminal"));

const encode = (text) => new TextEncoder().encode(text);
let socket;

function send(type, bytes) {
  if (socket?.readyState !== WebSocket.OPEN) return;
  const message = new Uint8Array(1 + bytes.length);
  message[0] = type;
  message.set(bytes, 1);
  socket.send(message);
}

// What is pasted may be long: it goes in pieces that the server takes.
const pieceMax = 32 << 10;
function type(bytes) {
  for (let at = 0; at < bytes.length; at += pieceMax) send(kind.stdin, bytes.subarray(at, at + pieceMax));
}
screen.onData((text) => (socket ? type(encode(text)) : text === "\r" && connect()));
screen.onBinary((text) => type(Uint8Array.from(text, (c) => c.charCodeAt(0))));
screen.onResize(({ rows, cols }) => send(kind.resize, encode(JSON.stringify({ rows, columns: cols }))));

// link says how the connection is.
function link(state, text) {
  document.body.dataset.link = state;
  $("link").textContent = text;
}

// over says why there is no connection any more, below what the screen has.
function over(why) {
  if (!socket) return;
  socket.onclose = socket.onmessage = null;
  socket.close();
  socket = undefined;
  link("lost", "Ended");
  screen.write(`\r\n\x1b[2m[${why}; Enter opens another]\x1b[0m\r\n`);
}

async function connect() {
  link("connecting", "Connecting…");
  let project;
  try {
    project = await ask();
  } catch (error) {
    link("lost", "Disconnected");
    screen.write(`\r\n\x1b[2m[${error.message}; Enter tries again]\x1b[0m\r\n`);
    return;
  }
  const address = new URL(`api/v1/projects/${encodeURIComponent(project)}/services/${encodeURIComponent(service)}/terminal`, location.href);
  address.protocol = address.protocol.replace("http", "ws");
  address.search = new URLSearchParams({ rows: screen.rows, columns: screen.cols });
  socket = new WebSocket(address, ["stack", `token.${token()}`]);
  socket.binaryType = "arraybuffer";
  let opened = false;
  socket.onopen = () => { opened = true; link("live", "Live"); screen.focus(); };
  socket.onmessage = ({ data }) => {
    const message = new Uint8Array(data), text = message.subarray(1);
    if (message[0] === kind.output) screen.write(text);
    else if (message[0] === kind.failure) over(new TextDecoder().decode(text));
    else if (message[0] === kind.result) over(`the shell has ended with exit code ${JSON.parse(new TextDecoder().decode(text)).exitCode}`);
  };
  // Why a connection was refused, a page is not told: with the token it has it is asked for another.
  socket.onclose = async () => {
    socket = undefined;
    link("lost", "Disconnected");
    if (opened) return screen.write("\r\n\x1b[2m[disconnected; Enter opens another]\x1b[0m\r\n");
    await askForReading();
    connect();
  };
}

// ask is the name of the stack. Without a token, that is asked for first.
async function ask() {
  if (!token()) await askForReading();
  let response = await fetch("api/v1/projects", { headers: headers(), cache: "no-store" });
  for (; response.status === 401; response = await fetch("api/v1/projects", { headers: headers(), cache: "no-store" })) await askForReading();
  const body = await response.json();
  if (!response.ok) throw new Error(body.error.message);
  if (!body.projects[0].shell) throw new Error("terminals are turned off: the stack was started with --api-shell=false");
  return body.projects[0].name;
}

connect();

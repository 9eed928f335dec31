// The stream of events, over fetch: EventSource cannot send a token, and does not say when it tries again.

const silence = 15_000; // the server sends something every second; after this long the connection is dead
const sayEvery = 5_000; // the server ends the stream of a page that does not say that it is there
const firstWait = 500, longestWait = 5_000, longLife = 60_000;

// follow connects, again and again, and hands on events. It goes on after the last event that came.
export async function follow({ url, headers, link, retry, event, here }) {
  let lastID = "", wait = firstWait, said = Date.now();
  for (;;) {
    let why = "the stack has ended the connection";
    link("connecting");
    const abort = new AbortController();
    const begun = Date.now();
    let timer;
    const alive = () => { clearTimeout(timer); timer = setTimeout(() => abort.abort(), silence); };
    try {
      const address = await url();
      alive();
      const response = await fetch(address, { headers: { ...headers(), ...(lastID && { "Last-Event-ID": lastID }) }, signal: abort.signal, cache: "no-store" });
      if (!response.ok) throw new Error((await response.json()).error.message);
      for await (const message of messages(response.body, alive)) {
        link("live");
        if (Date.now() - said > sayEvery) { said = Date.now(); here(); } // not by a timer: those of hidden pages wait
        wait = firstWait;
        if (message.id) lastID = message.id;
        if (message.event === "failure") why = message.data.message;
        else event[message.event]?.(message.data);
      }
      if (Date.now() - begun > longLife) { clearTimeout(timer); continue; } // the server ends every stream some time
    } catch (error) {
      why = abort.signal.aborted || error instanceof TypeError || error.name === "TimeoutError" ? "the stack does not answer" : error.message;
    }
    clearTimeout(timer);
    abort.abort();
    await pause(wait, (seconds) => link("lost", `Disconnected: ${why}. Trying again ${seconds > 0 ? `in ${seconds} s` : "now"}…`), retry);
    wait = Math.min(longestWait, wait * 2);
  }
}

// pause waits, and says for how long; it ends early when somebody asks for it or the machine is online again.
function pause(wait, say, retry) {
  return new Promise((resolve) => {
    const end = Date.now() + wait;
    const tick = () => say(Math.ceil((end - Date.now()) / 1000));
    const timer = setInterval(() => (Date.now() >= end ? done() : tick()), 250);
    const done = () => { clearInterval(timer); removeEventListener("online", done); resolve(); };
    addEventListener("online", done);
    retry(done);
    tick();
  });
}

// messages reads server-sent events (HTML Living Standard, 9.2.6), as far as this server writes them.
async function* messages(body, alive) {
  let rest = "";
  for await (const chunk of chunks(body.pipeThrough(new TextDecoderStream()))) {
    alive();
    rest += chunk;
    for (let end; (end = rest.indexOf("\n\n")) >= 0; rest = rest.slice(end + 2)) {
      const message = {};
      for (const line of rest.slice(0, end).split("\n")) {
        const [, field, value] = /^([a-z]*): ?(.*)$/s.exec(line) ?? [];
        if (field) message[field] = value;
      }
      if (message.data !== undefined) yield { ...message, data: JSON.parse(message.data) };
    }
  }
}

async function* chunks(stream) {
  const reader = stream.getReader();
  for (let part; !(part = await reader.read()).done;) yield part.value;
}

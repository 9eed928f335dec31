// The dialog that asks before a restart.
import { busy } from "./services.js";
import { forget, headers, keep, token } from "./token.js";

const $ = (id) => document.getElementById(id);
const dialog = $("restart");
let service;

export function openRestart(chosen) {
  service = chosen;
  $("restart-title").textContent = `Restart ${service.service}?`;
  $("dependents").hidden = service.dependents.length === 0;
  $("dependents-text").textContent = `Restart what needs it, too: ${service.dependents.join(", ")}`;
  $("with-dependents").checked = false;
  $("token").value = "";
  problem("");
  dialog.showModal();
  (token() ? $("restart-yes") : $("token")).focus();
}

// problem shows what went wrong, and asks for the token where there is none.
function problem(text) {
  $("token-part").hidden = Boolean(token());
  $("token").required = !token();
  $("restart-error").textContent = text;
  $("restart-error").hidden = !text;
}

$("restart-no").addEventListener("click", () => dialog.close());
$("restart-form").addEventListener("submit", (event) => {
  event.preventDefault();
  if ($("token").value) keep($("token").value);
  dialog.close();
  restart(service, $("with-dependents").checked);
});

async function restart(service, withDependents) {
  const name = service.service;
  busy(name, true);
  notice(`Restarting ${name}…`);
  const { status, body } = await post(name, withDependents);
  busy(name, false);
  if (status === 200) return notice(body.message, 6000);
  notice("");
  if (status === 401) forget();
  if (!dialog.open) openRestart(service);
  problem(status === 401 ? "That is not the token of this stack." : body.error.message);
  if (status === 401) $("token").focus();
}

async function post(name, withDependents) {
  const project = $("project").textContent;
  try {
    const response = await fetch(`api/v1/projects/${encodeURIComponent(project)}/services/${encodeURIComponent(name)}/restart`, {
      method: "POST", headers: { ...headers(), "Content-Type": "application/json" }, body: JSON.stringify({ withDependents }),
    });
    return { status: response.status, body: await response.json() };
  } catch {
    return { status: 0, body: { error: { message: "The stack did not answer. The restart may be under way all the same." } } };
  }
}

let fading;
function notice(text, time) {
  clearTimeout(fading);
  $("notice").textContent = text;
  if (time) fading = setTimeout(() => notice(""), time);
}

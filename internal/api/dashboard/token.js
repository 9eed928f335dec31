// The token of the stack, kept for this tab alone.

const key = "stack-token";

export const token = () => sessionStorage.getItem(key) ?? "";
export const keep = (text) => sessionStorage.setItem(key, text.trim());
export const forget = () => sessionStorage.removeItem(key);
export const headers = () => (token() ? { Authorization: `Bearer ${token()}` } : {});

// takeFromAddress reads #token=…, which `up` prints, and removes it from the address and the history.
export function takeFromAddress() {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (!given) return;
  keep(given);
  history.replaceState(null, "", location.pathname + location.search);
}

// askForReading waits for the token of a stack that wants it for reading, too.
export function askForReading() {
  const dialog = document.getElementById("ask"), form = document.getElementById("ask-form"), input = document.getElementById("ask-token");
  document.getElementById("ask-error").hidden = !token();
  forget();
  input.value = "";
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  if (!dialog.open) dialog.showModal();
  return new Promise((resolve) => form.addEventListener("submit", (event) => {
    event.preventDefault();
    keep(input.value);
    dialog.close();
    resolve();
  }, { once: true }));
}

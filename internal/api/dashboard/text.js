// The text of a line: with its colours, with what was searched for marked, and never as HTML.

const escape = /\x1b(?:\[([\d;:]*)([@-~])|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_]|[()#][0-9A-Za-z])?/g;
const control = /[\x00-\x08\x0a-\x1f\x7f]/g;

// appendText appends a line's text to a row.
export function appendText(row, text, search) {
  const pieces = text.includes("\x1b") ? coloured(text) : [{ text: text.replace(control, ""), style: "" }];
  if (!search) return pieces.forEach((piece) => put(row, piece));
  // What was found may begin in one colour and end in another.
  const plain = pieces.map((p) => p.text).join("").toLowerCase(), wanted = search.toLowerCase();
  const found = [];
  for (let at = plain.indexOf(wanted); at >= 0; at = plain.indexOf(wanted, at + wanted.length)) found.push([at, at + wanted.length]);
  let offset = 0;
  for (const { text, style } of pieces) {
    let at = 0;
    for (const [from, to] of found) {
      const begin = Math.max(from - offset, at), end = Math.min(to - offset, text.length);
      if (begin >= end) continue;
      put(row, { text: text.slice(at, begin), style });
      const mark = document.createElement("mark");
      mark.textContent = text.slice(begin, end);
      row.append(mark);
      at = end;
    }
    put(row, { text: text.slice(at), style });
    offset += text.length;
  }
}

function put(row, { text, style }) {
  if (!text) return;
  if (!style) return row.append(text);
  const span = document.createElement("span");
  span.className = style;
  span.textContent = text;
  row.append(span);
}

// coloured reads the escape sequences for colours (ECMA-48, SGR) and drops all others.
function coloured(text) {
  const pieces = [];
  let style = new Map(), last = 0;
  const push = (part) => part && pieces.push({ text: part.replace(control, ""), style: [...style.values()].join(" ") });
  for (const match of text.matchAll(escape)) {
    push(text.slice(last, match.index));
    last = match.index + match[0].length;
    if (match[2] === "m") style = sgr(new Map(style), match[1]);
  }
  push(text.slice(last));
  return pieces;
}

function sgr(style, codes) {
  const list = codes.split(/[;:]/).map(Number);
  for (let i = 0; i < list.length; i++) {
    const n = list[i];
    if (n === 0) style.clear();
    else if (n === 38 || n === 48) i += list[i + 1] === 5 ? 2 : 4; // of 256 or more colours: not ours to make legible
    else if (n === 22) { style.delete("bold"); style.delete("dim"); }
    else if (n === 39) style.delete("colour");
    else if (n === 1) style.set("bold", "bold");
    else if (n === 2) style.set("dim", "dim");
    else if (n === 3) style.set("italic", "italic");
    else if (n === 4) style.set("under", "under");
    else if (n === 23) style.delete("italic");
    else if (n === 24) style.delete("under");
    else if (n >= 30 && n <= 37) style.set("colour", `c${n - 30}`);
    else if (n >= 90 && n <= 97) style.set("colour", `c${n - 82}`);
  }
  return style;
}

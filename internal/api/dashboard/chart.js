// A line of the last two minutes, from nothing to the limit.

const points = 120;
const svg = (name, attributes) => {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
};

export class Chart {
  constructor(element) {
    this.element = element;
    this.values = [];
    const picture = svg("svg", { viewBox: `0 0 ${points - 1} 100`, preserveAspectRatio: "none", "aria-hidden": "true" });
    this.area = svg("path", { class: "area" });
    this.edge = svg("path", { class: "edge" });
    picture.append(this.area, this.edge);
    element.append(picture);
  }

  // push adds a value; null is a gap, where nothing was measured.
  push(value, limit, label) {
    this.values.push(value);
    if (this.values.length > points) this.values.shift();
    const top = limit || 1.25 * Math.max(...this.values.map((v) => v ?? 0)) || 1;
    const left = points - this.values.length;
    let edge = "", area = "", from = -1;
    const close = (to) => { if (from >= 0) area += `L${to} 100L${from} 100Z`; from = -1; };
    this.values.forEach((v, i) => {
      const x = left + i;
      if (v === null) return close(x - 1);
      const y = (98 - 96 * Math.min(1, v / top)).toFixed(1); // the line's own width stays in the picture
      const move = from < 0 ? "M" : "L";
      if (from < 0) from = x;
      edge += `${move}${x} ${y}`;
      area += `${move}${x} ${y}`;
    });
    close(points - 1);
    this.edge.setAttribute("d", edge);
    this.area.setAttribute("d", area);
    this.element.setAttribute("aria-label", label);
  }
}

/** Questions to a page in a browser, as expressions; each answers a list of what is wrong. */

/** What reaches over the right edge of the screen; nothing may have to be scrolled sideways. */
export const OVERFLOWING = `(() => {
  const wide = document.scrollingElement.scrollWidth - document.documentElement.clientWidth;
  const over = [...document.querySelectorAll("body *")].filter((element) => {
    const box = element.getBoundingClientRect();
    return box.width > 0 && box.right > document.documentElement.clientWidth + 1;
  });
  const cut = [...document.querySelectorAll("body *")].filter((element) => element.namespaceURI.endsWith("xhtml") && element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).display !== "inline" && element.clientWidth > 1);
  return [...(wide > 0 ? ["the page is " + wide + " px too wide"] : []), ...[...over, ...cut].map((element) => element.outerHTML.slice(0, 160))];
})()`;

/** Labels of the pictures that lie over one another, by the boxes that the browser really sets them in. */
export const OVERLAPPING = `(() => {
  const found = [];
  for (const svg of document.querySelectorAll("svg.time-line")) {
    if (svg.getBoundingClientRect().width === 0) continue;
    const labels = [...svg.querySelectorAll("text")].filter((text) => !text.hasAttribute("transform"));
    const boxes = labels.map((text) => ({ text: text.textContent, box: text.getBoundingClientRect() }));
    for (const [at, one] of boxes.entries()) for (const other of boxes.slice(at + 1)) {
      const across = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
      const down = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top);
      if (across > 1 && down > 3) found.push(one.text + " | " + other.text);
    }
    const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
    if (scale < 0.99) found.push("shrunk to " + scale);
    const edge = svg.getBoundingClientRect();
    for (const text of svg.querySelectorAll("text")) {
      const box = text.getBoundingClientRect();
      if (box.right > edge.right + 1 || box.left < edge.left - 1 || box.top < edge.top - 1 || box.bottom > edge.bottom + 1) found.push("outside: " + text.textContent);
    }
    for (const slanted of svg.querySelectorAll("text[transform]")) {
      const height = slanted.getBoundingClientRect();
      const engine = [...svg.querySelectorAll("text.engine, text.about")].map((text) => text.getBoundingClientRect());
      if (engine.some((box) => box.bottom > height.top + 2 && box.top < height.bottom && box.right > height.left && box.left < height.right)) found.push("header: " + slanted.textContent);
    }
  }
  return found;
})()`;

/** Texts with less contrast than 4.5 to 1 (3 to 1 where they are large) against what is painted behind them. */
export const FAINT = `(() => {
  const parse = (text) => { const found = /rgba?\\(([^)]+)\\)/.exec(text); return found ? found[1].split(/[ ,/]+/).map(Number) : undefined; };
  const linear = (value) => { const part = value / 255; return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4; };
  const light = ([red, green, blue]) => 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
  const ratio = (one, other) => { const [high, low] = [light(one), light(other)].sort((a, b) => b - a); return (high + 0.05) / (low + 0.05); };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour && (colour[3] ?? 1) === 1) return colour;
    }
    return [255, 255, 255];
  };
  const under = (text) => {
    text.scrollIntoView({ block: "center" });
    const box = text.getBoundingClientRect();
    const here = document.elementsFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    const rect = here.find((element) => element.tagName === "rect" && element.closest("svg.time-line") && !(element.getAttribute("fill") ?? "").startsWith("url"));
    return rect ? parse(getComputedStyle(rect).fill) : behind(text.closest("svg").parentElement);
  };
  const found = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== "");
    const box = element.getBoundingClientRect();
    if (!own || box.width < 2 || ["SCRIPT", "title", "desc"].includes(element.tagName)) continue;
    const style = getComputedStyle(element);
    const drawn = element.closest("svg.time-line") !== null;
    const text = element.closest("text") ?? element;
    const colour = parse(drawn ? style.fill : style.color);
    const back = drawn ? under(text) : behind(element);
    const size = Number.parseFloat(style.fontSize);
    const least = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
    const found_ = ratio(colour, back);
    if (found_ < least) found.push(found_.toFixed(2) + " " + element.textContent.slice(0, 40) + " " + colour + " on " + back);
  }
  scrollTo(0, 0);
  return found;
})()`;

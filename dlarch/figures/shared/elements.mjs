// Elements of HTML and SVG, numbers that a test can read, and formulas.

const SVG_NAMESPACE = "http://www.w3.org/2000/svg";

function fill(element, attributes, children) {
  for (const [name, content] of Object.entries(attributes)) {
    if (content === undefined || content === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), content);
    else element.setAttribute(name, content === true ? "" : content);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return element;
}

function html(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG_NAMESPACE, tag), attributes, children);
}

const superscript = (exponent) =>
  [...String(exponent)].map((sign) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(sign)]).join("");

/** Fixed decimals with a real minus sign; very large or small numbers in powers of ten. */
function format(number, digits = 4) {
  if (number === undefined) return "–";
  if (!Number.isFinite(number)) return Number.isNaN(number) ? "undefined" : number > 0 ? "∞" : "−∞";
  const size = Math.abs(number);
  let text = number.toFixed(digits);
  if (size >= 1e6 || (digits > 0 && size > 0 && size < 0.5 * 10 ** -digits)) {
    const [mantissa, exponent] = number.toExponential(1).split("e");
    text = `${mantissa}·10${superscript(Number(exponent))}`;
  }
  if (/^-0(\.0*)?$/.test(text)) text = text.slice(1);
  return text.replace("-", "−");
}

/** A shown number: rounded for the eye, exact in `data-exact`, found by `data-value`. */
function value(name, number, { digits = 4, tone = "", text } = {}) {
  const attributes = number === undefined ? {} : { "data-value": name, "data-exact": String(number) };
  return html("span", { ...attributes, class: tone && `dla-${tone}` }, text ?? format(number, digits));
}

function svgValue(name, number, { digits = 3, text, ...attributes } = {}) {
  return svg("text", { "data-value": name, "data-exact": String(number), ...attributes }, text ?? format(number, digits));
}

/** Parts of a formula: strings such as "δ_{j} = g′(a_j)^2" become italic letters with scripts (longer words stay upright), nodes stay. */
function formula(...parts) {
  return html("span", {}, parts.flat(Infinity).map((part) => (typeof part === "string" ? typeset(part) : part)));
}

function typeset(text, italic = 1) {
  const nodes = [];
  const pattern = /[_^](\{[^}]*\}|.)|\p{L}+|[^\p{L}_^]+/gu;
  for (const [token, script] of text.matchAll(pattern)) {
    if (token[0] === "_" || token[0] === "^") {
      const content = typeset(script.replace(/^\{|\}$/g, ""), 2);
      const element = html(token[0] === "_" ? "sub" : "sup", {}, content);
      const last = nodes.at(-1);
      if (last instanceof Element && last.tagName === "SUP" && token[0] === "_") {
        nodes[nodes.length - 1] = html("span", { class: "dla-scripts" }, html("span", {}, ...last.childNodes), html("span", {}, content));
      } else nodes.push(element);
    } else if (/^\p{L}+$/u.test(token) && token.length <= italic) nodes.push(html("i", {}, token));
    else nodes.push(token);
  }
  return nodes;
}

function fraction(top, bottom) {
  return html("span", { class: "dla-fraction" }, html("span", {}, top), html("span", {}, bottom));
}

/** A line of facts: [[label, node, tone], …]. */
function facts(rows) {
  return rows.map(([label, node, tone]) => {
    const box = html("div", {}, html("span", {}, label), html("span", { class: tone && `dla-${tone}` }, node));
    if (tone) box.style.borderLeftColor = `var(--dla-${tone})`;
    return box;
  });
}

/** A table with a head of nodes and rows made by `html("tr", …)`. */
function dataTable(head, rows, attributes = {}) {
  return html("table", attributes,
    html("thead", {}, html("tr", {}, head.map((node) => html("th", { scope: "col" }, node)))),
    html("tbody", {}, rows));
}

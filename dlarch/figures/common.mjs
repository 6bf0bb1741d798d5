// Shared by every figure: dlarch.figures.base puts this text before a figure's own, so that each
// figure stays one ES module. Plain top-level names, no exports.

// ---------------------------------------------------------------- style

const STYLE = `
.dla {
  --dla-data: #1a66a8; --dla-prediction: #b25000; --dla-error: #bf2338;
  --dla-gradient: #7636b0; --dla-truth: #17713f; --dla-neutral: #5a6470;
  --dla-ink: #1d2329; --dla-soft: #5a6470; --dla-line: #d4d9de; --dla-faint: #eceff2;
  --dla-surface: #ffffff; --dla-panel: #f6f8fa;
  color-scheme: light; color: var(--dla-ink); background: var(--dla-surface);
  border: 1px solid var(--dla-line); border-radius: 10px; padding: 14px 16px 12px; margin: 0;
  box-sizing: border-box; width: 100%; min-width: 0; container-type: inline-size;
  font: 14px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  font-variant-numeric: tabular-nums; text-align: left;
}
[data-jp-theme-light="false"] .dla, html[data-theme="dark"] .dla {
  --dla-data: #74b6f5; --dla-prediction: #ffa657; --dla-error: #ff8590;
  --dla-gradient: #cba2ff; --dla-truth: #62d297; --dla-neutral: #a5afba;
  --dla-ink: #e9edf1; --dla-soft: #a5afba; --dla-line: #3c444d; --dla-faint: #2a3037;
  --dla-surface: #171b20; --dla-panel: #1f252b; color-scheme: dark;
}
@media print {
  .dla, [data-jp-theme-light="false"] .dla, html[data-theme="dark"] .dla {
    --dla-data: #1a66a8; --dla-prediction: #b25000; --dla-error: #bf2338;
    --dla-gradient: #7636b0; --dla-truth: #17713f; --dla-neutral: #5a6470;
    --dla-ink: #1d2329; --dla-soft: #5a6470; --dla-line: #d4d9de; --dla-faint: #eceff2;
    --dla-surface: #ffffff; --dla-panel: #f6f8fa; color-scheme: light;
    break-inside: avoid; print-color-adjust: exact;
  }
}
.dla *, .dla *::before { box-sizing: border-box; }
.dla p { margin: 0; }
.dla svg, .dla canvas { display: block; max-width: 100%; }
.dla svg { overflow: visible; width: 100%; }
.dla svg text { fill: var(--dla-ink); font-size: 12px; font-family: inherit; }
.dla svg .dla-soft { fill: var(--dla-soft); }
.dla svg .dla-halo { paint-order: stroke; stroke: var(--dla-surface); stroke-width: 5px; stroke-linejoin: round; }
.dla .dla-title { font-weight: 650; font-size: 15px; margin: 0 0 2px; }
.dla .dla-body { display: flex; flex-direction: column; gap: 12px; margin-top: 10px; }
.dla .dla-settings { display: grid; grid-template-columns: repeat(auto-fill, minmax(104px, 1fr)); gap: 9px 14px; }
.dla .dla-row { display: flex; flex-wrap: wrap; gap: 10px 18px; align-items: end; }
.dla .dla-columns { display: flex; flex-wrap: wrap; gap: 14px 20px; align-items: flex-start; }
.dla .dla-columns > * { flex: 1 1 280px; min-width: 0; }
.dla .dla-panel { background: var(--dla-panel); border-radius: 8px; padding: 10px 12px; min-width: 0; }
.dla .dla-caption { font-size: 12px; color: var(--dla-soft); }
.dla .dla-heading { font-weight: 600; font-size: 13px; }
.dla .dla-data { color: var(--dla-data); } .dla svg .dla-data { fill: var(--dla-data); }
.dla .dla-prediction { color: var(--dla-prediction); } .dla svg .dla-prediction { fill: var(--dla-prediction); }
.dla .dla-error { color: var(--dla-error); } .dla svg .dla-error { fill: var(--dla-error); }
.dla .dla-gradient { color: var(--dla-gradient); } .dla svg .dla-gradient { fill: var(--dla-gradient); }
.dla .dla-truth { color: var(--dla-truth); } .dla svg .dla-truth { fill: var(--dla-truth); }
.dla .dla-neutral { color: var(--dla-soft); } .dla svg .dla-neutral { fill: var(--dla-soft); }
.dla .dla-words { font-size: 13px; color: var(--dla-soft); border-top: 1px solid var(--dla-line); margin-top: 12px; padding-top: 8px; }
.dla .dla-words { margin-top: 12px; }
.dla .dla-buttons { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; }
@media print { .dla .dla-buttons { display: none; } }
.dla button {
  font: inherit; font-weight: 500; color: var(--dla-ink); background: var(--dla-panel);
  border: 1px solid var(--dla-line); border-radius: 7px; padding: 6px 13px; min-height: 34px;
  cursor: pointer; margin: 0;
}
.dla button:hover:not(:disabled) { border-color: var(--dla-neutral); }
.dla button:disabled { opacity: .45; cursor: default; }
.dla button.dla-primary { background: var(--dla-data); border-color: var(--dla-data); color: var(--dla-surface); }
.dla button[aria-pressed="true"] { border-color: var(--dla-ink); box-shadow: inset 0 0 0 1px var(--dla-ink); }
.dla :is(a, button, input, select, summary, [tabindex]):focus-visible {
  outline: 3px solid var(--dla-data); outline-offset: 2px; border-radius: 6px;
}
.dla .dla-field { display: flex; flex-direction: column; gap: 3px; font-size: 13px; min-width: 0; margin: 0; }
.dla .dla-field > span { color: var(--dla-soft); display: flex; justify-content: space-between; gap: 10px; }
.dla .dla-field > span > b { color: var(--dla-ink); font-weight: 600; white-space: nowrap; }
.dla .dla-slider { flex: 1 1 150px; max-width: 300px; }
.dla input[type="range"] { width: 100%; margin: 0; height: 26px; accent-color: var(--dla-data); cursor: pointer; }
.dla input[type="checkbox"] { width: 17px; height: 17px; accent-color: var(--dla-data); margin: 0; flex: none; }
.dla :is(select, input[type="number"]) {
  font: inherit; font-variant-numeric: tabular-nums; color: var(--dla-ink); background: var(--dla-surface);
  border: 1px solid var(--dla-neutral); border-radius: 6px; padding: 4px 7px; min-height: 34px; margin: 0; max-width: 100%;
}
.dla input[type="number"] { width: 86px; appearance: textfield; -moz-appearance: textfield; }
.dla .dla-settings :is(select, input[type="number"]) { width: 100%; }
.dla input[type="number"]::-webkit-inner-spin-button { opacity: .5; }
.dla .dla-check { display: flex; flex-direction: row; gap: 8px; align-items: center; font-size: 13px; min-height: 34px; margin: 0; cursor: pointer; }
.dla .dla-legend { display: flex; flex-wrap: wrap; gap: 3px 16px; font-size: 12.5px; color: var(--dla-ink); margin: 0; padding: 0; list-style: none; }
.dla .dla-legend > li { display: flex; align-items: center; gap: 6px; margin: 0; padding: 0; }
.dla .dla-legend svg { width: 26px; height: 12px; flex: none; }
.dla .dla-formula { font-family: "STIX Two Text", "Latin Modern Roman", "Cambria", "Liberation Serif", "Times New Roman", serif; font-size: 17px; line-height: 1.75; overflow-wrap: anywhere; }
.dla .dla-formula i { font-style: italic; padding-right: .04em; }
.dla sub, .dla sup { font-size: .72em; line-height: 0; }
.dla .dla-scripts { display: inline-flex; flex-direction: column; vertical-align: middle; font-size: .66em; line-height: 1.1; }
.dla .dla-fraction { display: inline-flex; flex-direction: column; text-align: center; vertical-align: middle; line-height: 1.25; margin: 0 .15em; font-size: .9em; }
.dla .dla-fraction > :first-child { border-bottom: 1.2px solid currentColor; padding: 0 .2em; }
.dla .dla-facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(130px, 1fr)); gap: 8px; margin: 0; }
.dla .dla-facts > div { background: var(--dla-panel); border-radius: 8px; padding: 7px 11px; border-left: 3px solid var(--dla-line); }
.dla .dla-facts > div > span { display: block; }
.dla .dla-facts > div > :first-child { font-size: 12px; color: var(--dla-soft); line-height: 1.3; }
.dla .dla-facts > div > :last-child { font-size: 18px; font-weight: 600; }
.dla .dla-table-box { overflow-x: auto; max-width: 100%; }
.dla table { border-collapse: collapse; font-size: 13px; margin: 0; width: auto; background: none; border: none; }
.dla :is(th, td) { padding: 3px 9px; text-align: right; border: none; border-bottom: 1px solid var(--dla-line); color: var(--dla-ink); background: none; white-space: nowrap; }
.dla th { font-weight: 600; color: var(--dla-soft); }
.dla summary { cursor: pointer; font-size: 13px; font-weight: 600; padding: 3px 0; }
.dla details { margin: 0; padding: 0; border: none; background: none; box-shadow: none; }
.dla .dla-matrix { display: inline-grid; gap: 2px; }
.dla .dla-matrix input[type="number"] { width: 46px; padding: 4px 2px; text-align: center; min-height: 36px; }
.dla .dla-matrix input[type="number"]::-webkit-inner-spin-button { display: none; }
@media (prefers-reduced-motion: no-preference) {
  .dla .dla-flow { stroke-dasharray: 7 6; animation: dla-flow 1s linear infinite; }
  .dla .dla-flow-back { stroke-dasharray: 7 6; animation: dla-flow-back 1s linear infinite; }
}
@keyframes dla-flow { to { stroke-dashoffset: -26; } }
@keyframes dla-flow-back { to { stroke-dashoffset: 26; } }
.dla [hidden] { display: none; }
@container (max-width: 430px) {
  .dla .dla-formula { font-size: 15.5px; }
  .dla .dla-facts { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .dla .dla-slider { flex-basis: 100%; max-width: none; }
}
`;

function adoptStyle(text) {
  if (document.adoptedStyleSheets.some((sheet) => sheet.dlaText === text)) return;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(text);
  sheet.dlaText = text;
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}

// ---------------------------------------------------------------- elements

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

// ---------------------------------------------------------------- numbers and formulas

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

// ---------------------------------------------------------------- the figure

/**
 * The root of a figure: a labelled group with its title, its body and its text alternative.
 * `read(defaults)` gives the traits now; `watch(names, react)` follows them; `onCleanup` collects what `cleanup` undoes;
 * `say(words)` sets the text alternative, `mention(words)` the same at most every four seconds.
 */
function createFigure({ model, el, name, title, label }) {
  adoptStyle(STYLE);
  const undo = [];
  const body = html("div", { class: "dla-body" });
  const words = html("p", { class: "dla-words", "aria-live": "polite", "data-words": "" });
  const root = html(
    "div",
    { class: "dla", role: "group", "aria-label": label, "data-figure": name },
    html("p", { class: "dla-title" }, title), body, words,
  );
  root.addEventListener("keydown", (event) => event.stopPropagation());
  el.replaceChildren(root);
  let spoken = -Infinity;
  const say = (text) => {
    spoken = performance.now();
    if (words.textContent !== text) words.textContent = text;
  };
  return {
    model, root, body, say,
    mention(text) {
      if (performance.now() - spoken > 4000) say(text);
    },
    read: (defaults) => Object.fromEntries(Object.keys(defaults).map((trait) => [trait, model.get(trait)])),
    set(changes) {
      for (const [trait, content] of Object.entries(changes)) model.set(trait, content);
      model.save_changes();
    },
    watch(names, react) {
      for (const trait of names) {
        model.on(`change:${trait}`, react);
        undo.push(() => model.off(`change:${trait}`, react));
      }
    },
    onCleanup(action) {
      undo.push(action);
    },
    cleanup() {
      for (const action of undo.splice(0)) action();
      root.remove();
    },
  };
}

/** Calls `draw` once for any number of changes made in one task. */
function batched(draw) {
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    queueMicrotask(() => {
      waiting = false;
      draw();
    });
  };
}

/** An SVG that is drawn again at the width it really has, so that its letters keep their size. */
function createChart(figure, { label, height, draw }) {
  const picture = svg("svg", { role: "img", "aria-label": label });
  let width = 0;
  const redraw = () => {
    if (!width) return;
    const tall = typeof height === "function" ? height(width) : height;
    picture.setAttribute("viewBox", `0 0 ${width} ${tall}`);
    picture.setAttribute("height", tall);
    picture.replaceChildren();
    draw(picture, width, tall);
  };
  const observer = new ResizeObserver(([entry]) => {
    const measured = Math.floor(entry.contentRect.width);
    if (measured && measured !== width) {
      width = measured;
      redraw();
    }
  });
  observer.observe(picture);
  figure.onCleanup(() => observer.disconnect());
  return { picture, redraw };
}

// ---------------------------------------------------------------- controls

const SHORTCUTS = { "data-lm-suppress-shortcuts": "true" };

/**
 * A slider for a number; with `log`, equal ways are equal factors, and `step` counts in powers of ten.
 * With `zero` as well, the lowest place stands for 0.
 */
function slider(figure, { trait, label, min, max, step, log = false, zero = false, show = (number) => format(number, 2) }) {
  const fromPlace = (place) => (zero && Number(place) <= Math.log10(min) ? 0 : Number((10 ** place).toPrecision(3)));
  const [inward, outward] = log ? [(number) => Math.log10(Math.max(number, min)), fromPlace] : [Number, Number];
  const input = html("input", { type: "range", min: inward(min), max: inward(max), step, "data-trait": trait, ...SHORTCUTS });
  const shown = html("b");
  const refresh = () => {
    input.value = inward(figure.model.get(trait));
    shown.textContent = show(figure.model.get(trait));
    input.setAttribute("aria-valuetext", shown.textContent);
  };
  input.addEventListener("input", () => figure.set({ [trait]: outward(input.value) }));
  figure.watch([trait], refresh);
  refresh();
  return html("label", { class: "dla-field dla-slider" }, html("span", {}, label, shown), input);
}

/** A number field; `read` and `write` let it stand for one entry of a list. */
function numberField(figure, { trait, label, name = trait, min, max, step = "any", read, write, bare = false }) {
  const get = read ?? (() => figure.model.get(trait));
  const put = write ?? ((number) => figure.set({ [trait]: number }));
  const input = html("input", {
    type: "number", step, min, max, "data-trait": name, "aria-label": bare ? label : undefined, ...SHORTCUTS,
  });
  const refresh = () => {
    if (Number(input.value) !== get() || input.value === "") input.value = get();
  };
  input.addEventListener("input", () => {
    const number = input.valueAsNumber;
    const allowed = Number.isFinite(number) && number >= (min ?? -Infinity) && number <= (max ?? Infinity);
    input.setAttribute("aria-invalid", String(!allowed));
    if (allowed) put(number);
  });
  input.addEventListener("blur", () => {
    input.setAttribute("aria-invalid", "false");
    refresh();
  });
  figure.watch([trait], refresh);
  refresh();
  return bare ? input : html("label", { class: "dla-field" }, html("span", {}, label), input);
}

/** A list of choices: options are [value, label]; `read` and `write` let it stand for one entry of a list. */
function choice(figure, { trait, label, options, name = trait, read, write, bare = false }) {
  const get = read ?? (() => figure.model.get(trait));
  const put = write ?? ((chosen) => figure.set({ [trait]: chosen }));
  const select = html(
    "select", { "data-trait": name, "aria-label": bare ? label : undefined, ...SHORTCUTS },
    options.map(([key, text]) => html("option", { value: JSON.stringify(key) }, text)),
  );
  const refresh = () => {
    select.value = JSON.stringify(get());
  };
  select.addEventListener("change", () => put(JSON.parse(select.value)));
  figure.watch([trait], refresh);
  refresh();
  return bare ? select : html("label", { class: "dla-field" }, html("span", {}, label), select);
}

function checkbox(figure, { trait, label }) {
  const input = html("input", { type: "checkbox", "data-trait": trait, ...SHORTCUTS });
  const refresh = () => {
    input.checked = figure.model.get(trait);
  };
  input.addEventListener("change", () => figure.set({ [trait]: input.checked }));
  figure.watch([trait], refresh);
  refresh();
  return html("label", { class: "dla-check" }, input, label);
}

function button(text, action, attributes = {}) {
  return html("button", { type: "button", onclick: action, ...SHORTCUTS, ...attributes }, text);
}

/** A matrix of number fields for a trait that is a list of lists. */
function matrixField(figure, { trait, label, min = -9, max = 9, onEdit = () => {} }) {
  const rows = figure.model.get(trait);
  const box = html("div", { class: "dla-matrix", role: "group", "aria-label": label });
  box.style.gridTemplateColumns = `repeat(${rows[0].length}, auto)`;
  rows.forEach((row, i) =>
    row.forEach((_, j) =>
      box.append(numberField(figure, {
        trait, name: `${trait}_${i}_${j}`, bare: true, min, max, label: `${label}, row ${i + 1}, column ${j + 1}`,
        read: () => figure.model.get(trait)[i][j],
        write: (number) => {
          const next = figure.model.get(trait).map((line) => [...line]);
          next[i][j] = number;
          figure.set({ [trait]: next });
          onEdit();
        },
      }))));
  return box;
}

/** A button that calls `step` again and again until it is pressed once more or `step` returns false. */
function player(figure, { label = "Run", step, interval, onStop = () => {} }) {
  let timer = null;
  const control = button(label, () => (timer === null ? start() : stop()), { "data-action": "run" });
  const show = () => {
    control.textContent = timer === null ? label : "Pause";
    control.setAttribute("aria-pressed", String(timer !== null));
  };
  const tick = () => {
    if (step() === false) stop();
    else timer = setTimeout(tick, typeof interval === "function" ? interval() : interval);
  };
  function start() {
    timer = setTimeout(tick, 0);
    show();
  }
  function stop() {
    if (timer === null) return;
    clearTimeout(timer);
    timer = null;
    show();
    onStop();
  }
  show();
  figure.onCleanup(() => clearTimeout(timer));
  return { control, stop, running: () => timer !== null };
}

/** Buttons for a trait that counts up to `last`: run, one for each of `ways` [text, count, action], reset. */
function counter(figure, { trait, last, label, interval, ways, onStop }) {
  const go = (count) => figure.set({ [trait]: Math.min(last, figure.model.get(trait) + count) });
  const run = player(figure, {
    label, interval, onStop,
    step: () => {
      go(1);
      return figure.model.get(trait) < last;
    },
  });
  const onward = ways.map(([text, count, action], i) => button(text, () => go(count), { class: i === 0 && "dla-primary", "data-action": action }));
  const reset = button("Reset", () => {
    run.stop();
    figure.set({ [trait]: 0 });
  }, { "data-action": "reset" });
  return { running: run.running, buttons: [run.control, ...onward, reset] };
}

/** Arrow keys and dragging on an element: `move(dx, dy, big)` for keys, `point(u, v)` in [0, 1] for the pointer. */
function steerable(element, { label, move, point }) {
  fill(element, { tabindex: 0, role: "application", "aria-label": label, ...SHORTCUTS }, []);
  const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  element.addEventListener("keydown", (event) => {
    if (!arrows[event.key]) return;
    event.preventDefault();
    move(...arrows[event.key], event.shiftKey);
  });
  const locate = (event) => {
    const box = element.getBoundingClientRect();
    point((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
  };
  element.style.touchAction = "none";
  element.style.cursor = "crosshair";
  element.addEventListener("pointerdown", (event) => {
    element.setPointerCapture(event.pointerId);
    locate(event);
  });
  element.addEventListener("pointermove", (event) => {
    if (element.hasPointerCapture(event.pointerId)) locate(event);
  });
}

// ---------------------------------------------------------------- charts

function ticks(min, max, count = 5) {
  const rough = (max - min) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough * 0.999);
  const first = Math.ceil(min / step - 1e-9);
  const last = Math.floor(max / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/**
 * Labelled axes. x and y: { min, max, label, ticks, log, show }. Returns the scales and the layer to draw in.
 * With `log`, min and max are positive and ticks are powers of ten.
 */
function axes(picture, { left = 48, right = 10, top = 12, bottom = 40, width, height, x, y }) {
  const scale = (axis, from, to) => {
    const transform = axis.log ? Math.log10 : (number) => number;
    const [low, high] = [transform(axis.min), transform(axis.max)];
    return (number) => from + ((transform(number) - low) / (high - low)) * (to - from);
  };
  const marks = (axis) => {
    if (axis.ticks) return axis.ticks;
    if (!axis.log) return ticks(axis.min, axis.max, axis.count);
    const [low, high] = [Math.ceil(Math.log10(axis.min) - 1e-9), Math.floor(Math.log10(axis.max) + 1e-9)];
    const stride = Math.max(1, Math.ceil((high - low) / 6));
    return Array.from({ length: Math.floor((high - low) / stride) + 1 }, (_, i) => 10 ** (low + i * stride));
  };
  const show = (axis) => axis.show
    ?? (axis.log ? (number) => `10${superscript(Math.round(Math.log10(number)))}` : (number) => String(number).replace("-", "−"));
  const toX = scale(x, left, width - right);
  const toY = scale(y, height - bottom, top);
  const grid = svg("g", { "aria-hidden": "true" });
  for (const mark of marks(y)) {
    grid.append(
      svg("line", { x1: left, x2: width - right, y1: toY(mark), y2: toY(mark), stroke: "var(--dla-faint)" }),
      svg("text", { x: left - 7, y: toY(mark) + 4, "text-anchor": "end", class: "dla-soft" }, show(y)(mark)),
    );
  }
  for (const mark of marks(x)) {
    grid.append(
      svg("line", { x1: toX(mark), x2: toX(mark), y1: height - bottom, y2: height - bottom + 4, stroke: "var(--dla-neutral)" }),
      svg("text", { x: toX(mark), y: height - bottom + 17, "text-anchor": "middle", class: "dla-soft" }, show(x)(mark)),
    );
  }
  grid.append(
    svg("line", { x1: left, x2: width - right, y1: height - bottom, y2: height - bottom, stroke: "var(--dla-neutral)" }),
    svg("text", { x: (left + width - right) / 2, y: height - bottom + 35, "text-anchor": "middle", class: "dla-soft" }, x.label),
    svg("text", {
      transform: `translate(12 ${(top + height - bottom) / 2}) rotate(-90)`, "text-anchor": "middle", class: "dla-soft",
    }, y.label),
  );
  const layer = svg("g");
  picture.append(grid, layer);
  return { x: toX, y: toY, layer, left, right: width - right, top, bottom: height - bottom };
}

/** A layer of which only the part inside the frame is seen. */
function clipped({ layer, left, right, top, bottom }) {
  const id = `dla-clip-${Math.random().toString(36).slice(2)}`;
  const inside = svg("g", { "clip-path": `url(#${id})` });
  layer.append(svg("clipPath", { id }, svg("rect", { x: left, y: top, width: right - left, height: bottom - top })), inside);
  return inside;
}

/** Where a field on a grid (row by row) crosses a level: line pieces in each square of neighbours (marching squares). */
function contour(field, columns, level, at) {
  const pieces = [];
  for (let r = 0; r + 1 < field.length / columns; r += 1) {
    for (let c = 0; c + 1 < columns; c += 1) {
      const corners = [[r, c], [r, c + 1], [r + 1, c + 1], [r + 1, c]];
      const crossings = corners.flatMap(([r0, c0], i) => {
        const [r1, c1] = corners[(i + 1) % 4];
        const [f0, f1] = [field[r0 * columns + c0] - level, field[r1 * columns + c1] - level];
        if ((f0 > 0) === (f1 > 0)) return [];
        const way = f0 / (f0 - f1);
        return [at(r0 + way * (r1 - r0), c0 + way * (c1 - c0))];
      });
      for (let i = 0; i + 1 < crossings.length; i += 2) pieces.push(`M${crossings[i].join(" ")}L${crossings[i + 1].join(" ")}`);
    }
  }
  return pieces.join("");
}

/** The cells of a field (row by row, filling the frame) whose `bandOf(number)` is 0, 1, …: an SVG path for each band. */
function bandPaths(field, columns, bandOf, { left, right, top, bottom }) {
  const rows = field.length / columns;
  const edges = (from, to, count) => Array.from({ length: count + 1 }, (_, i) => Math.round(from + (i * (to - from)) / count));
  const [xs, ys] = [edges(left, right, columns), edges(top, bottom, rows)];
  const bands = [];
  for (let r = 0; r < rows; r += 1) {
    for (let c = 0; c < columns;) {
      const [from, band] = [c, bandOf(field[r * columns + c])];
      while (c < columns && bandOf(field[r * columns + c]) === band) c += 1;
      bands[band] = `${bands[band] ?? ""}M${xs[from]} ${ys[r]}H${xs[c]}V${ys[r + 1]}H${xs[from]}z`;
    }
  }
  return Array.from(bands, (cells) => cells ?? "");
}

/** An SVG path through points [x, y] given in pixels. */
function path(points, attributes = {}) {
  const d = points.map(([x, y], i) => `${i ? "L" : "M"}${x.toFixed(2)} ${y.toFixed(2)}`).join("");
  return svg("path", { d, fill: "none", "stroke-width": 2, "stroke-linejoin": "round", "stroke-linecap": "round", ...attributes });
}

/** Legend entries: { text, tone, dash, mark } with mark one of line, area, ring, dot, square, triangle, cross. */
function legend(entries) {
  return html("ul", { class: "dla-legend" }, entries.map(({ text, tone, dash, mark = "line" }) => {
    const colour = `var(--dla-${tone})`;
    const shapes = {
      line: () => svg("line", { x1: 1, x2: 25, y1: 6, y2: 6, stroke: colour, "stroke-width": 2.5, "stroke-dasharray": dash }),
      ring: () => svg("circle", { cx: 13, cy: 6, r: 5, fill: "none", stroke: colour, "stroke-width": 2, "stroke-dasharray": dash }),
      area: () => svg("rect", { x: 1, y: 1, width: 24, height: 10, fill: colour, "fill-opacity": 0.25, stroke: colour }),
      ...Object.fromEntries(["dot", "square", "triangle", "cross"].map((kind) => [kind, () => marker(kind, 13, 6, 5, { fill: colour, stroke: colour })])),
    };
    return html("li", {}, svg("svg", { viewBox: "0 0 26 12", "aria-hidden": "true" }, shapes[mark]()), text);
  }));
}

/** Marks that differ in shape as well as in colour. */
function marker(kind, x, y, size, attributes = {}) {
  if (kind === "dot") return svg("circle", { cx: x, cy: y, r: size, ...attributes });
  if (kind === "square") return svg("rect", { x: x - size * 0.9, y: y - size * 0.9, width: 1.8 * size, height: 1.8 * size, ...attributes });
  if (kind === "cross") {
    return svg("path", { d: `M${x - size} ${y - size}L${x + size} ${y + size}M${x - size} ${y + size}L${x + size} ${y - size}`, "stroke-width": 2, ...attributes });
  }
  return svg("path", { d: `M${x} ${y - 1.1 * size}L${x + 1.1 * size} ${y + 0.9 * size}L${x - 1.1 * size} ${y + 0.9 * size}Z`, ...attributes });
}

/** A grey picture on a canvas: `pixels` in [0, 1], row by row, shown `scale` times larger without smoothing. */
function paintGrey(canvas, pixels, width, height) {
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height);
  for (let i = 0; i < width * height; i += 1) {
    const level = Math.round(255 * Math.min(1, Math.max(0, pixels[i])));
    image.data.set([level, level, level, 255], 4 * i);
  }
  context.putImageData(image, 0, 0);
}

/** The grey levels (0–255) of a PNG given as a data address. */
async function decodeGrey(address) {
  const picture = new Image();
  picture.src = address;
  await picture.decode();
  const canvas = html("canvas", { width: picture.naturalWidth, height: picture.naturalHeight });
  const context = canvas.getContext("2d", { colorSpace: "srgb", willReadFrequently: true });
  context.drawImage(picture, 0, 0);
  const { data, width, height } = context.getImageData(0, 0, canvas.width, canvas.height);
  return { width, height, levels: Uint8Array.from({ length: width * height }, (_, i) => data[4 * i]) };
}

// ---------------------------------------------------------------- random numbers and networks

/** mulberry32: uniform numbers in [0, 1) from a 32-bit seed. */
function uniformStream(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** Standard normal numbers by Box and Muller (cosine branch), two uniform numbers each. */
function normalStream(uniform) {
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

const sigmoid = (a) => (a >= 0 ? 1 / (1 + Math.exp(-a)) : Math.exp(a) / (1 + Math.exp(a)));
const softplus = (a) => Math.max(a, 0) + Math.log1p(Math.exp(-Math.abs(a)));

/** Activations g(a) and their derivative written with the activated value h = g(a). */
const ACTIVATIONS = {
  sigmoid: { g: sigmoid, slope: (h) => h * (1 - h) },
  tanh: { g: Math.tanh, slope: (h) => 1 - h * h },
  relu: { g: (a) => Math.max(0, a), slope: (h) => (h > 0 ? 1 : 0) },
  identity: { g: (a) => a, slope: () => 1 },
};

/** Fully connected layers: weights (in × out) drawn normal with standard deviation gain/√in, biases zero. */
function createLayers(sizes, activations, gain, normal) {
  return activations.map((activation, l) => {
    const [inputs, outputs] = [sizes[l], sizes[l + 1]];
    const w = Float64Array.from({ length: inputs * outputs }, () => (gain / Math.sqrt(inputs)) * normal());
    return { inputs, outputs, activation, w, b: new Float64Array(outputs) };
  });
}

/** Values of every layer for a batch x (N × in, row by row): [x, h₁, …, output]. */
function forwardLayers(layers, x, N) {
  const values = [x];
  for (const { inputs, outputs, activation, w, b } of layers) {
    const { g } = ACTIVATIONS[activation];
    const previous = values.at(-1);
    const h = new Float64Array(N * outputs);
    for (let n = 0; n < N; n += 1) {
      for (let j = 0; j < outputs; j += 1) {
        let a = b[j];
        for (let i = 0; i < inputs; i += 1) a += previous[n * inputs + i] * w[i * outputs + j];
        h[n * outputs + j] = g(a);
      }
    }
    values.push(h);
  }
  return values;
}

/** Gradients of the layers, and of x, from the gradient of the output. */
function backwardLayers(layers, values, outputGradient, N) {
  const gradients = new Array(layers.length);
  let upstream = outputGradient;
  for (let l = layers.length - 1; l >= 0; l -= 1) {
    const { inputs, outputs, activation, w } = layers[l];
    const { slope } = ACTIVATIONS[activation];
    const [x, h] = [values[l], values[l + 1]];
    const dw = new Float64Array(inputs * outputs);
    const db = new Float64Array(outputs);
    const dx = new Float64Array(N * inputs);
    for (let n = 0; n < N; n += 1) {
      for (let j = 0; j < outputs; j += 1) {
        const delta = upstream[n * outputs + j] * slope(h[n * outputs + j]);
        db[j] += delta;
        for (let i = 0; i < inputs; i += 1) {
          dw[i * outputs + j] += x[n * inputs + i] * delta;
          dx[n * inputs + i] += w[i * outputs + j] * delta;
        }
      }
    }
    gradients[l] = { w: dw, b: db };
    upstream = dx;
  }
  return { gradients, inputGradient: upstream };
}

/** Adam (Kingma and Ba 2015, algorithm 1) for the layers of one network. */
function createAdam(layers, { beta1 = 0.5, beta2 = 0.999, epsilon = 1e-8 } = {}) {
  const zeros = () => layers.map(({ w, b }) => ({ w: new Float64Array(w.length), b: new Float64Array(b.length) }));
  const [first, second] = [zeros(), zeros()];
  let t = 0;
  return (gradients, learningRate) => {
    t += 1;
    layers.forEach((layer, l) => {
      for (const part of ["w", "b"]) {
        const [m, v, gradient] = [first[l][part], second[l][part], gradients[l][part]];
        for (let i = 0; i < gradient.length; i += 1) {
          m[i] = beta1 * m[i] + (1 - beta1) * gradient[i];
          v[i] = beta2 * v[i] + (1 - beta2) * gradient[i] ** 2;
          layer[part][i] -= (learningRate * m[i]) / (1 - beta1 ** t) / (Math.sqrt(v[i] / (1 - beta2 ** t)) + epsilon);
        }
      }
    });
  };
}

// Activation functions g and their slopes g′ at a point that can be moved, and products of slopes through L layers.

export const defaults = { activation: "sigmoid", x: 1.0, depth: 10, leak: 0.1 };

const REACH = 6;

// g, its slope at a, formulas for both, the range, the largest slope, and whether the slope is undefined at 0.
const FUNCTIONS = {
  sigmoid: { title: "sigmoid σ", g: sigmoid, slope: (a) => sigmoid(a) * sigmoid(-a), law: "1/(1 + e^{−x})", derivative: "g(x) (1 − g(x))", range: "between 0 and 1", steepest: 0.25 },
  tanh: { title: "tanh", g: Math.tanh, slope: (a) => 4 * sigmoid(2 * a) * sigmoid(-2 * a), law: "tanh x", derivative: "1 − g(x)^2", range: "between −1 and 1", steepest: 1 },
  relu: { title: "ReLU", g: (a) => Math.max(0, a), slope: (a) => (a > 0 ? 1 : 0), law: "max(0, x)", derivative: "1 for x > 0, 0 for x < 0", range: "0 and above", steepest: 1, corner: true },
  threshold: { title: "hard threshold", g: (a) => (a >= 0 ? 1 : 0), slope: () => 0, law: "1 for x ≥ 0, 0 for x < 0", derivative: "0 for x ≠ 0", range: "0 or 1", steepest: 0, corner: true },
  identity: { title: "identity", g: (a) => a, slope: () => 1, law: "x", derivative: "1", range: "all numbers", steepest: 1 },
  leaky_relu: { title: "leaky ReLU", g: (a, leak) => (a > 0 ? a : leak * a), slope: (a, leak) => (a > 0 ? 1 : leak), law: (leak) => `x for x > 0, ${format(leak, 2)} x otherwise`, derivative: (leak) => `1 for x > 0, ${format(leak, 2)} for x < 0`, range: "all numbers", steepest: 1, corner: true },
  softplus: { title: "softplus", g: softplus, slope: sigmoid, law: "log(1 + e^x)", derivative: "σ(x)", range: "above 0", steepest: 1 },
};

/** A layer handing its output to the next, weight 1 and bias 0: points a_1 = x, a_2 = g(a_1), …, their slopes, and the products so far. */
function chainOf({ g, slope }, { x, depth, leak }) {
  const rows = [];
  let [a, product] = [x, 1];
  for (let l = 0; l < depth; l += 1) {
    const own = slope(a, leak);
    product *= own;
    rows.push({ a, slope: own, product });
    a = g(a, leak);
  }
  return rows;
}

function render({ model, el }) {
  const figure = createFigure({
    model, el, name: "activation_functions", title: "Activation functions and their slopes",
    label: "Activation functions: the curve, its derivative at a movable point, and products of slopes through many layers",
  });
  const read = () => figure.read(defaults);
  const grid = Array.from({ length: 601 }, (_, i) => -REACH + (2 * REACH * i) / 600);
  const chosen = () => FUNCTIONS[model.get("activation")];

  const chartOf = ({ label, axis, pick, tone, bounds, tangent }) => {
    let frame;
    const chart = createChart(figure, {
      label, height: 270,
      draw: (picture, width, height) => {
        const { x, leak, activation } = read();
        const [min, max] = bounds();
        frame = { ...axes(picture, { width, height, x: { min: -REACH, max: REACH, label: "x", count: 6 }, y: { min, max, label: axis, count: 5 } }), width };
        const clip = `dla-clip-${Math.random().toString(36).slice(2)}`;
        const inside = svg("g", { "clip-path": `url(#${clip})` });
        frame.layer.append(
          svg("clipPath", { id: clip }, svg("rect", { x: frame.left, y: frame.top - 4, width: frame.right - frame.left, height: frame.bottom - frame.top + 8 })),
          svg("line", { x1: frame.x(0), x2: frame.x(0), y1: frame.top, y2: frame.bottom, stroke: "var(--dla-line)" }), inside);
        const jumps = Math.abs(pick(-1e-9, leak) - pick(1e-9, leak)) > 1e-3;
        const pieces = jumps ? [[...grid.filter((a) => a < 0), -1e-9], [1e-9, ...grid.filter((a) => a > 0)]] : [grid];
        for (const piece of pieces) inside.append(path(piece.map((a) => [frame.x(a), frame.y(pick(a, leak))]), { stroke: `var(--dla-${tone})`, "stroke-width": 3 }));
        const [cx, y] = [frame.x(x), pick(x, leak)];
        inside.append(svg("line", { x1: cx, x2: cx, y1: frame.top, y2: frame.bottom, stroke: "var(--dla-neutral)", "stroke-dasharray": "2 3" }));
        if (tangent && slopeAt() !== undefined) {
          const rise = FUNCTIONS[activation].slope(x, leak);
          inside.append(path([-1.6, 1.6].map((way) => [frame.x(x + way), frame.y(y + way * rise)]), { stroke: "var(--dla-gradient)", "stroke-dasharray": "7 4", "stroke-width": 2.4 }));
        }
        if (tangent || slopeAt() !== undefined) inside.append(marker("dot", cx, frame.y(y), 5.5, { fill: `var(--dla-${tone})`, stroke: "var(--dla-surface)", "stroke-width": 1.5 }));
      },
    });
    const place = (x) => figure.set({ x: Number(Math.min(REACH, Math.max(-REACH, x)).toFixed(2)) });
    steerable(chart.picture, {
      label: `${label}; the arrow keys move x`,
      move: (dx, dy, big) => place(model.get("x") + dx * (big ? 1 : 0.1)),
      point: (u) => place(-REACH + (2 * REACH * (u * frame.width - frame.left)) / (frame.right - frame.left)),
    });
    return chart;
  };
  /** The slope at x, undefined at a corner or a jump. */
  const slopeAt = () => {
    const { x, leak } = read();
    return chosen().corner && x === 0 ? undefined : chosen().slope(x, leak);
  };
  const bounded = () => ["sigmoid", "tanh", "threshold"].includes(model.get("activation"));
  const curve = chartOf({
    label: "Curve of g with its tangent at x", axis: "g(x)", tone: "data", tangent: true,
    pick: (a, leak) => chosen().g(a, leak),
    bounds: () => (bounded() ? [-1.25, 1.25] : model.get("activation") === "identity" ? [-6, 6] : [-1.5, 6]),
  });
  const slopes = chartOf({ label: "Curve of the derivative of g", axis: "slope g′(x)", tone: "gradient", pick: (a, leak) => chosen().slope(a, leak), bounds: () => [-0.1, 1.15] });
  const laws = html("div", { class: "dla-columns" });
  const numbers = html("div", { class: "dla-facts" });
  const meaning = html("p");
  const table = html("div", { class: "dla-table-box" });
  const leakSlider = slider(figure, { trait: "leak", label: "slope below 0", min: 0, max: 1, step: 0.01 });
  figure.body.append(
    html("div", { class: "dla-row" },
      choice(figure, { trait: "activation", label: "activation g", options: Object.entries(FUNCTIONS).map(([key, { title }]) => [key, title]) }),
      slider(figure, { trait: "x", label: formula("point x"), min: -REACH, max: REACH, step: 0.05 }),
      slider(figure, { trait: "depth", label: formula("layers L"), min: 1, max: 30, step: 1, show: String }), leakSlider),
    laws,
    html("div", { class: "dla-columns" }, curve.picture, slopes.picture),
    numbers,
    html("div", { class: "dla-panel" }, meaning),
    html("details", {}, html("summary", {}, "The chain, layer by layer"), table),
  );

  const draw = () => {
    const state = read();
    const { x, depth, leak } = state;
    const own = chosen();
    const rule = (text) => (typeof text === "function" ? text(leak) : text);
    const [y, slope] = [own.g(x, leak), slopeAt()];
    const used = own.slope(x, leak);
    const chain = chainOf(own, state);
    const [power, run, best] = [used ** depth, chain.at(-1).product, own.steepest ** depth];
    leakSlider.hidden = state.activation !== "leaky_relu";
    laws.replaceChildren(
      html("p", { class: "dla-formula" }, formula(`g(x) = ${rule(own.law)};   `), formula(`g(${format(x, 2)}) = `), html("b", {}, value("g", y, { tone: "data" }))),
      html("p", { class: "dla-formula" }, formula(`g′(x) = ${rule(own.derivative)};   `), formula(`g′(${format(x, 2)}) = `),
        slope === undefined ? html("b", { class: "dla-gradient" }, "undefined") : html("b", {}, value("slope", slope, { tone: "gradient" }))));
    const times = (node) => html("span", {}, `${depth} layers${depth === 1 ? "" : ", each"} `, node);
    numbers.replaceChildren(...facts([
      [times(formula(`at this x: g′(x)^{${depth}}`)), value("power", power), "gradient"],
      [html("span", {}, "chain from x: slope of ", formula(`g(g(…x…)), L = ${depth}`)), value("chain", run), "gradient"],
      [formula(`at best: (largest slope)^{${depth}}`), value("best", best), "neutral"],
      ["largest slope", value("steepest", own.steepest, { digits: 2 })],
    ]));
    const layers = `${depth} such layer${depth === 1 ? "" : "s"}`;
    const verdict = used === 0 ? "The slope here is 0: no gradient passes a unit that sits at this point."
      : power > 0.5 ? `A gradient that comes back through ${layers} keeps ${format(100 * power, 0)} % of its size.`
        : `A gradient that comes back through ${layers} is multiplied by ${format(power)}${power < 0.01 ? ": what lies before them hardly learns" : ""}.`;
    const corner = slope === undefined ? ` At 0 there is no slope; programs use ${format(used, 2)}.` : "";
    meaning.textContent = `Going back through a layer multiplies the gradient by the slope (and by the weights, here 1). ${verdict}${corner}`;
    table.replaceChildren(dataTable(["layer l", "aₗ", "g′(aₗ)", "product so far"], chain.map((row, l) => html("tr", {}, html("th", { scope: "row" }, String(l + 1)),
      html("td", {}, value(`a_${l + 1}`, row.a)), html("td", {}, value(`slope_${l + 1}`, row.slope)), html("td", {}, value(`product_${l + 1}`, row.product))))));
    curve.redraw();
    slopes.redraw();
    figure.say(`${own.title}, values ${own.range}: at x = ${format(x, 2)} the value is ${format(y)} and the slope ${slope === undefined ? "is undefined" : format(slope)}. Through ${depth} layers at this point the product of slopes is ${format(power)}; in a chain of ${depth} layers that starts at x it is ${format(run)}; at best ${format(best)}. ${verdict}${corner}`);
  };
  figure.watch(Object.keys(defaults), batched(draw));
  draw();
  return figure.cleanup;
}

export default { render };

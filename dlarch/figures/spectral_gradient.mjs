// Two units without inputs, h_t = g(h_{t−1} U): the derivative of the last state by every state before it.

export const defaults = { radius: 0.95, turn: 20, bend: 1, steps: 40, activation: "linear" };

const START = [0.8, 0.1];
const KINDS = [["linear", "dot", undefined], ["tanh", "square", "7 4"]];
const LOWEST = 1e-16;

const product = ([a, b, c, d], [e, f, g, h]) => [a * e + b * g, a * f + b * h, c * e + d * g, c * f + d * h];

/** The largest singular value of a 2 × 2 matrix. */
function spectralNorm([a, b, c, d]) {
  const squares = a * a + b * b + c * c + d * d;
  const determinant = a * d - b * c;
  return Math.sqrt((squares + Math.sqrt(Math.max(0, squares * squares - 4 * determinant * determinant))) / 2);
}

/** U with eigenvalues radius · e^{± i turn}: a turn whose circles are ellipses, `bend` times as long as wide. */
function matrix({ radius, turn, bend }) {
  const [c, s] = [Math.cos((turn * Math.PI) / 180), Math.sin((turn * Math.PI) / 180)];
  return [radius * c, radius * bend * s, (-radius * s) / bend, radius * c];
}

/** The states h_0 … h_T, and the norms of ∂h_T/∂h_t for t = 0 … T. */
function unroll(u, steps, activation) {
  const g = activation === "tanh" ? Math.tanh : (a) => a;
  const slope = activation === "tanh" ? (h) => 1 - h * h : () => 1;
  const states = [START];
  for (let t = 0; t < steps; t += 1) {
    const [x, y] = states[t];
    states.push([g(x * u[0] + y * u[2]), g(x * u[1] + y * u[3])]);
  }
  const norms = new Array(steps + 1).fill(1);
  let back = [1, 0, 0, 1];
  for (let t = steps - 1; t >= 0; t -= 1) {
    const [first, second] = states[t + 1].map(slope);
    back = product([u[0] * first, u[1] * second, u[2] * first, u[3] * second], back);
    norms[t] = spectralNorm(back);
  }
  return { states, norms };
}

function render({ model, el }) {
  const figure = createFigure({
    model, el, name: "spectral_gradient", title: "How much of the gradient is left?",
    label: "Norm of the derivative of the last state by earlier states, by the spectral radius of the recurrent weights",
  });
  let runs = {};
  const read = () => figure.read(defaults);
  const chart = createChart(figure, {
    label: "Norm of the derivative of the last state by the state at each step, on a logarithmic scale; the table and the text below say the same",
    height: 280,
    draw: (picture, width, height) => {
      const { steps, activation } = read();
      const all = Object.values(runs).flatMap(({ norms }) => norms).filter((norm) => norm > LOWEST);
      const low = 10 ** Math.floor(Math.log10(Math.min(...all)) - 0.1);
      const high = 10 ** Math.ceil(Math.log10(Math.max(...all)) + 0.1);
      const frame = axes(picture, {
        width, height, left: 60, x: { min: 0, max: steps, label: "step t (the last one is T)", count: 6 },
        y: { min: Math.max(low, LOWEST), max: high, log: true, label: "norm of ∂h_T/∂h_t" },
      });
      for (const [kind, mark, dash] of KINDS) {
        const chosen = kind === activation;
        const colour = chosen ? "var(--dla-gradient)" : "var(--dla-neutral)";
        const points = runs[kind].norms.map((norm, t) => [frame.x(t), frame.y(Math.max(norm, LOWEST))]);
        const every = Math.ceil(steps / 12);
        frame.layer[chosen ? "append" : "prepend"](svg("g", { opacity: chosen ? 1 : 0.6 },
          path(points, { stroke: colour, "stroke-width": chosen ? 3 : 1.5, "stroke-dasharray": dash }),
          ...points.filter((_, t) => t % every === 0).map(([x, y]) => marker(mark, x, y, chosen ? 4.5 : 3.5, {
            fill: chosen ? colour : "var(--dla-surface)", stroke: colour, "stroke-width": 1.5,
          }))));
      }
    },
  });
  const plane = createChart(figure, {
    label: "The path of the state in the plane of the two units; the text below says where it ends", height: 280,
    draw: (picture, width, height) => {
      const { states } = runs[read().activation];
      // As far as the path goes, unless it explodes.
      const reach = Math.min(6, Math.max(1.2, 1.1 * Math.max(...states.flat().map(Math.abs))));
      const ticks = [-Math.floor(reach), 0, Math.floor(reach)];
      const frame = axes(picture, {
        width, height, x: { min: -reach, max: reach, label: "first unit", ticks },
        y: { min: -reach, max: reach, label: "second unit", ticks },
      });
      const points = states.map(([x, y]) => [frame.x(Math.max(-9, Math.min(9, x))), frame.y(Math.max(-9, Math.min(9, y)))]);
      clipped(frame).append(
        path(points, { stroke: "var(--dla-data)", "stroke-width": 1.5 }),
        ...points.map(([x, y], t) => marker("dot", x, y, t ? 3 : 6, { fill: "var(--dla-data)" })));
    },
  });
  const legendBox = html("div");
  const numbers = html("div", { class: "dla-facts" });
  const table = html("div", { class: "dla-table-box" });
  figure.body.append(
    html("div", { class: "dla-row" },
      slider(figure, { trait: "radius", label: formula("spectral radius ρ(U)"), min: 0.5, max: 1.6, step: 0.01 }),
      slider(figure, { trait: "turn", label: "turn at each step", min: 0, max: 180, step: 1, show: (degrees) => `${degrees}°` }),
      slider(figure, { trait: "bend", label: "circles stretched", min: 1, max: 5, step: 0.1, show: (bend) => `${format(bend, 1)} : 1` }),
      slider(figure, { trait: "steps", label: "steps T", min: 2, max: 60, step: 1, show: String }),
      choice(figure, { trait: "activation", label: "activation", options: [["linear", "none (linear)"], ["tanh", "tanh"]] })),
    numbers,
    html("div", { class: "dla-columns" }, html("div", {}, legendBox, chart.picture), html("div", {}, plane.picture)),
    html("details", {}, html("summary", {}, "Norm at every step"), table),
  );

  const draw = () => {
    const state = read();
    const u = matrix(state);
    runs = Object.fromEntries(KINDS.map(([kind]) => [kind, unroll(u, state.steps, kind)]));
    const { norms, states } = runs[state.activation];
    const largest = Math.max(...norms);
    const factor = norms[0] ** (1 / state.steps);
    legendBox.replaceChildren(legend(KINDS.map(([kind, mark]) => ({
      text: kind === state.activation ? html("b", {}, kind) : kind, mark, tone: kind === state.activation ? "gradient" : "neutral",
    }))));
    numbers.replaceChildren(...facts([
      [formula("spectral norm of U"), value("norm_u", spectralNorm(u), { digits: 3 })],
      ["norm after all steps", value("norm_first", norms[0], { digits: 4 }), "gradient"],
      ["largest on the way", value("norm_largest", largest, { digits: 3 })],
      ["factor per step, on average", value("factor", factor, { digits: 3 })],
    ]));
    table.replaceChildren(dataTable(["step t", "linear", "tanh"], norms.map((_, t) => html("tr", {},
      html("th", { scope: "row" }, String(t)),
      KINDS.map(([kind]) => html("td", {}, value(`norm_${kind}_${t}`, runs[kind].norms[t], { digits: 4 })))))));
    chart.redraw();
    plane.redraw();
    const fate = factor < 0.97 ? "the gradient vanishes" : factor > 1.03 ? "the gradient explodes" : "the gradient keeps about its size";
    const hump = largest > 1.5 * Math.max(1, norms[0]) ? ` On the way it is as large as ${format(largest, 3)}.` : "";
    const [x, y] = states.at(-1);
    figure.say(`${state.activation === "tanh" ? "With tanh" : "Linear"}, spectral radius ${format(state.radius, 2)}, ${state.steps} steps: the derivative of the last state by the first has the norm ${format(norms[0], 4)}, a factor of ${format(factor, 3)} for each step: ${fate}.${hump} The state ends at (${format(x, 3)}, ${format(y, 3)}).`);
  };
  figure.watch(Object.keys(defaults), batched(draw));
  draw();
  return figure.cleanup;
}

export default { render };

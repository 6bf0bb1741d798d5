// Norm of the error's gradient with respect to each layer's weights, in a deep network with random weights:
// really computed, by back-propagation, each time a control moves.

export const defaults = { depth: 12, activation: "sigmoid", gain: 1.0, width: 24, seed: 7 };

const LAYOUT = `
.dla .dla-depth-columns > :first-child { flex: 2 1 400px; }
.dla .dla-depth-columns > :last-child { flex: 1 1 200px; }
`;
const BATCH = 16;
const KINDS = [["sigmoid", "dot", undefined], ["tanh", "square", "7 4"], ["relu", "triangle", "2 4"]];

/** ‖∂E/∂W_l‖ for l = 1 … depth; E = mean over the batch of ½‖h_L − y‖², hidden layers and output of equal width. */
function gradientNorms({ depth, activation, gain, width, seed }) {
  const normal = normalStream(uniformStream(seed));
  const draw = (count) => Float64Array.from({ length: count }, normal);
  const [x, y] = [draw(BATCH * width), draw(BATCH * width)];
  const layers = createLayers(new Array(depth + 1).fill(width), new Array(depth).fill(activation), gain, normal);
  const values = forwardLayers(layers, x, BATCH);
  const outputGradient = values.at(-1).map((output, i) => (output - y[i]) / BATCH);
  const { gradients } = backwardLayers(layers, values, outputGradient, BATCH);
  return gradients.map(({ w }) => Math.hypot(...w));
}

function render({ model, el }) {
  adoptStyle(LAYOUT);
  const figure = createFigure({
    model, el, name: "gradient_norm_depth", title: "How much gradient reaches the first layer?",
    label: "Gradient norm of each layer of a deep network, by activation and initialisation scale",
  });
  let norms = {};
  const read = () => figure.read(defaults);
  const lowest = 1e-16;
  const chart = createChart(figure, {
    label: "Gradient norm by layer on a logarithmic scale; the table and the text below say the same", height: 300,
    draw: (picture, width, height) => {
      const { depth, activation } = read();
      const all = Object.values(norms).flat().filter((norm) => norm > lowest);
      const bound = (number, up) => 10 ** (up ? Math.ceil(Math.log10(number) + 0.15) : Math.floor(Math.log10(number) - 0.15));
      const frame = axes(picture, {
        width, height, left: 58,
        x: { min: 1, max: depth, label: "layer l (1 is next to the input)", ticks: ticks(1, depth, 8).filter((tick) => Number.isInteger(tick) && tick >= 1) },
        y: { min: Math.max(lowest, bound(Math.min(...all), false)), max: bound(Math.max(...all), true), log: true, label: "gradient norm ‖∂E/∂W⁽ˡ⁾‖" },
      });
      for (const [kind, mark, dash] of KINDS) {
        const chosen = kind === activation;
        const colour = chosen ? "var(--dla-gradient)" : "var(--dla-neutral)";
        const points = norms[kind].map((norm, i) => [frame.x(i + 1), frame.y(Math.max(norm, lowest))]);
        frame.layer[chosen ? "append" : "prepend"](svg("g", { opacity: chosen ? 1 : 0.6 },
          path(points, { stroke: colour, "stroke-width": chosen ? 3 : 1.5, "stroke-dasharray": dash }),
          ...points.map(([px, py]) => marker(mark, px, py, chosen ? 5 : 3.5, { fill: chosen ? colour : "var(--dla-surface)", stroke: colour, "stroke-width": 1.5 }))));
      }
    },
  });
  const legendBox = html("div");
  const numbers = html("div", { class: "dla-facts" });
  const table = html("div", { class: "dla-table-box" });
  figure.body.append(
    html("div", { class: "dla-row" },
      choice(figure, { trait: "activation", label: "activation", options: KINDS.map(([kind]) => [kind, kind === "relu" ? "ReLU" : kind]) }),
      slider(figure, { trait: "depth", label: "depth L", min: 2, max: 30, step: 1, show: String }),
      slider(figure, { trait: "gain", label: formula("initial scale s"), min: 0.25, max: 4, step: 0.05 })),
    html("div", { class: "dla-row" },
      html("div", { class: "dla-buttons" },
        button("s = 1 (Xavier)", () => figure.set({ gain: 1 }), { "data-action": "xavier" }),
        button("s = √2 (He)", () => figure.set({ gain: Math.SQRT2 }), { "data-action": "he" }),
        button("New weights", () => figure.set({ seed: model.get("seed") + 1 }), { "data-action": "reseed" })),
      html("p", { class: "dla-caption" }, formula("weights: normal, mean 0, standard deviation s/√D with D inputs per unit; biases 0"))),
    html("div", { class: "dla-depth-columns dla-columns" }, html("div", {}, legendBox, chart.picture), numbers),
    html("details", {}, html("summary", {}, "Norm of every layer"), table),
  );

  const draw = () => {
    const state = read();
    norms = Object.fromEntries(KINDS.map(([kind]) => [kind, gradientNorms({ ...state, activation: kind })]));
    const mine = norms[state.activation];
    const ratio = mine[0] / mine.at(-1);
    const factor = ratio ** (1 / (state.depth - 1));
    legendBox.replaceChildren(legend(KINDS.map(([kind, mark]) => ({
      text: kind === state.activation ? html("b", {}, kind) : kind, mark, tone: kind === state.activation ? "gradient" : "neutral",
    }))));
    numbers.replaceChildren(...facts([
      ["first layer", value("norm_first", mine[0], { digits: 5 }), "gradient"],
      ["last layer", value("norm_last", mine.at(-1), { digits: 5 }), "gradient"],
      ["factor per layer, going back", value("factor_per_layer", factor, { digits: 3 })],
      ["first : last", value("ratio", ratio, { digits: 5 })],
    ]));
    table.replaceChildren(html("table", {},
      html("thead", {}, html("tr", {}, html("th", { scope: "col" }, "layer"), KINDS.map(([kind]) => html("th", { scope: "col" }, kind)))),
      html("tbody", {}, mine.map((_, l) => html("tr", {}, html("th", { scope: "row" }, String(l + 1)),
        KINDS.map(([kind]) => html("td", {}, value(`norm_${kind}_${l + 1}`, norms[kind][l], { digits: 5 }))))))));
    chart.redraw();
    const verdict = factor < 0.8 ? "the gradient vanishes towards the input" : factor > 1.25 ? "the gradient explodes towards the input" : "the gradient keeps about its size";
    figure.say(`${state.activation}, ${state.depth} layers of ${state.width} units, scale ${format(state.gain, 2)}: the gradient's norm is ${format(mine.at(-1), 5)} at the last layer and ${format(mine[0], 5)} at the first, a factor of ${format(factor, 3)} per layer: ${verdict}.`);
  };
  figure.watch(Object.keys(defaults), batched(draw));
  draw();
  return figure.cleanup;
}

export default { render };

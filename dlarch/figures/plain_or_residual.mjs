// Training loss of plain and residual networks by depth: runs of benchmarks/plain_or_residual.py, kept here.

export const defaults = { depth: 18, show: "loss", residual: false };

const MEASURED = {"plain":{"6":{"losses":[[2.106,1.683,1.324,1.037],[1.995,1.663,1.333,1.018],[2.107,1.65,1.275,0.986]],"accuracies":[0.752,0.797,0.686],"norms":[0.0104,0.00885]},"10":{"losses":[[2.014,1.435,1.051,0.782],[2.067,1.517,1.104,0.803],[1.959,1.463,1.158,0.905]],"accuracies":[0.756,0.761,0.833],"norms":[0.0208,0.0176,0.0113,0.00746]},"14":{"losses":[[2.043,1.52,1.166,0.875],[2.059,1.519,1.13,0.814],[1.99,1.357,0.922,0.673]],"accuracies":[0.495,0.864,0.889],"norms":[0.0493,0.0407,0.0261,0.0173,0.0118,0.00727]},"18":{"losses":[[2.082,1.549,1.203,0.943],[2.026,1.594,1.198,0.877],[2.082,1.673,1.368,1.118]],"accuracies":[0.559,0.741,0.694],"norms":[0.0824,0.0661,0.0422,0.0277,0.0192,0.0124,0.00917,0.00686]},"22":{"losses":[[1.991,1.515,1.156,0.916],[2.044,1.683,1.369,1.115],[2.084,1.626,1.215,0.886]],"accuracies":[0.702,0.628,0.777],"norms":[0.146,0.119,0.0764,0.0503,0.0356,0.0238,0.0179,0.0135,0.0103,0.00704]},"26":{"losses":[[2.06,1.528,1.223,1.052],[2.081,1.666,1.334,1.068],[2.046,1.569,1.128,0.839]],"accuracies":[0.61,0.647,0.615],"norms":[0.275,0.222,0.142,0.0939,0.0677,0.0458,0.0342,0.0257,0.0189,0.0128,0.00944,0.0065]},"30":{"losses":[[2.114,1.855,1.676,1.484],[2.241,1.797,1.448,1.127],[2.047,1.54,1.187,0.975]],"accuracies":[0.452,0.387,0.467],"norms":[0.501,0.404,0.258,0.172,0.124,0.0835,0.0628,0.0479,0.0354,0.0242,0.0181,0.0127,0.0102,0.00655]},"34":{"losses":[[2.215,1.838,1.494,1.246],[2.187,1.779,1.485,1.169],[2.129,1.75,1.518,1.367]],"accuracies":[0.573,0.636,0.197],"norms":[0.724,0.6,0.384,0.254,0.183,0.126,0.0948,0.071,0.0528,0.0364,0.0266,0.0191,0.0155,0.0102,0.00805,0.00689]}},"residual":{"6":{"losses":[[2.105,1.61,1.171,0.898],[1.925,1.523,1.196,0.906],[2.093,1.613,1.225,0.933]],"accuracies":[0.669,0.794,0.721],"norms":[0.0127,0.00873]},"10":{"losses":[[1.791,1.129,0.78,0.557],[1.916,1.244,0.801,0.537],[1.736,1.076,0.746,0.537]],"accuracies":[0.788,0.749,0.76],"norms":[0.0207,0.0133,0.00859,0.00683]},"14":{"losses":[[1.896,1.185,0.732,0.476],[1.852,1.117,0.704,0.465],[1.697,0.823,0.493,0.338]],"accuracies":[0.811,0.755,0.86],"norms":[0.0338,0.0215,0.0136,0.0102,0.00784,0.00667]},"18":{"losses":[[1.926,0.933,0.54,0.362],[1.829,0.909,0.5,0.304],[1.67,0.884,0.518,0.326]],"accuracies":[0.7,0.928,0.775],"norms":[0.039,0.0245,0.0154,0.0116,0.00883,0.00763,0.0065,0.00612]},"22":{"losses":[[1.519,0.669,0.411,0.295],[1.537,0.601,0.348,0.25],[1.564,0.571,0.321,0.27]],"accuracies":[0.922,0.811,0.885],"norms":[0.0545,0.0338,0.0212,0.0157,0.0118,0.01,0.00832,0.00745,0.00697,0.00616]},"26":{"losses":[[1.659,0.672,0.382,0.264],[1.71,0.682,0.379,0.295],[1.429,0.651,0.414,0.3]],"accuracies":[0.844,0.742,0.575],"norms":[0.0632,0.0396,0.0248,0.0183,0.0137,0.0115,0.00954,0.00867,0.00794,0.00721,0.00674,0.00633]},"30":{"losses":[[1.868,0.93,0.556,0.389],[1.865,0.903,0.545,0.333],[1.479,0.627,0.367,0.248]],"accuracies":[0.769,0.923,0.921],"norms":[0.0821,0.0512,0.0319,0.0236,0.0177,0.0147,0.0124,0.0111,0.0101,0.00905,0.00811,0.00752,0.00687,0.00654]},"34":{"losses":[[1.528,0.621,0.355,0.278],[1.405,0.494,0.331,0.233],[1.451,0.587,0.375,0.304]],"accuracies":[0.781,0.762,0.886],"norms":[0.0862,0.0542,0.0339,0.0251,0.0188,0.0157,0.0131,0.0116,0.0106,0.00937,0.00854,0.00807,0.00729,0.00669,0.00641,0.00619]}}};

const DEPTHS = Object.keys(MEASURED.plain).map(Number);
const KINDS = [["plain", "error", "dot", "7 4"], ["residual", "data", "square", undefined]];
const mean = (numbers) => numbers.reduce((total, number) => total + number, 0) / numbers.length;
const finals = (kind, depth) => MEASURED[kind][depth].losses.map((run) => run.at(-1));

function render({ model, el }) {
  const figure = createFigure({
    model, el, name: "plain_or_residual", title: "Do more layers learn better?",
    label: "Plain or residual: training loss of networks of 6 to 34 layers, with and without shortcuts",
  });
  const shown = () => KINDS.filter(([kind]) => kind === "plain" || model.get("residual"));
  const lines = createChart(figure, {
    label: "Curves of the chosen depth; the numbers and the text below say the same", height: 230,
    draw: (picture, width, height) => {
      const depth = model.get("depth");
      if (model.get("show") === "loss") {
        const frame = axes(picture, {
          width, height, x: { min: 1, max: 4, ticks: [1, 2, 3, 4], label: "epoch" }, y: { min: 0, max: 2.4, label: "training loss (nats)" },
        });
        for (const [kind, tone, mark, dash] of shown()) {
          for (const run of MEASURED[kind][depth].losses) {
            const points = run.map((loss, i) => [frame.x(i + 1), frame.y(loss)]);
            frame.layer.append(path(points, { stroke: `var(--dla-${tone})`, "stroke-dasharray": dash, opacity: 0.7 }),
              ...points.map(([px, py]) => marker(mark, px, py, 3.5, { fill: `var(--dla-${tone})` })));
          }
        }
        return;
      }
      const blocks = MEASURED.plain[depth].norms.length;
      const frame = axes(picture, {
        width, height, left: 56, x: { min: 1, max: Math.max(blocks, 2), label: "block (1 is next to the image)", ticks: ticks(1, Math.max(blocks, 2), 6).filter(Number.isInteger) },
        y: { min: 1e-3, max: 10, log: true, label: "gradient before training" },
      });
      for (const [kind, tone, mark, dash] of shown()) {
        const points = MEASURED[kind][depth].norms.map((norm, i) => [frame.x(i + 1), frame.y(norm)]);
        frame.layer.append(path(points, { stroke: `var(--dla-${tone})`, "stroke-dasharray": dash }),
          ...points.map(([px, py]) => marker(mark, px, py, 4, { fill: `var(--dla-${tone})` })));
      }
    },
  });
  const byDepth = createChart(figure, {
    label: "Training loss after four epochs against depth; the table below has the numbers", height: 200,
    draw: (picture, width, height) => {
      const frame = axes(picture, {
        width, height, x: { min: DEPTHS[0], max: DEPTHS.at(-1), ticks: DEPTHS, label: "layers" }, y: { min: 0, max: 2.4, label: "loss at the end" },
      });
      const here = frame.x(model.get("depth"));
      frame.layer.append(svg("line", { x1: here, x2: here, y1: frame.top, y2: frame.bottom, stroke: "var(--dla-neutral)", "stroke-dasharray": "2 3" }));
      for (const [kind, tone, mark, dash] of shown()) {
        const means = DEPTHS.map((depth) => [frame.x(depth), frame.y(mean(finals(kind, depth)))]);
        frame.layer.append(path(means, { stroke: `var(--dla-${tone})`, "stroke-dasharray": dash }));
        for (const depth of DEPTHS) {
          for (const loss of finals(kind, depth)) frame.layer.append(marker(mark, frame.x(depth), frame.y(loss), 3.5, { fill: `var(--dla-${tone})` }));
        }
      }
    },
  });
  const legendBox = html("div");
  const numbers = html("div", { class: "dla-facts" });
  const table = html("div", { class: "dla-table-box" });
  figure.body.append(
    html("div", { class: "dla-row" },
      slider(figure, { trait: "depth", label: "layers", min: DEPTHS[0], max: DEPTHS.at(-1), step: DEPTHS[1] - DEPTHS[0], show: String }),
      choice(figure, { trait: "show", label: "above", options: [["loss", "loss while it trains"], ["gradient", "gradient before it trains"]] }),
      checkbox(figure, { trait: "residual", label: "show the networks with shortcuts" })),
    legendBox, lines.picture, byDepth.picture, numbers,
    html("details", {}, html("summary", {}, "Every depth"), table),
  );
  const draw = () => {
    const { depth, residual } = figure.read(defaults);
    legendBox.replaceChildren(legend(shown().map(([kind, tone, mark]) => ({ text: `${kind}, one ${model.get("show") === "loss" ? "line for each run" : "line: the runs' geometric mean"}`, tone, mark }))));
    numbers.replaceChildren(...facts(shown().flatMap(([kind, tone]) => {
      const { accuracies, norms } = MEASURED[kind][depth];
      return [
        [`${kind}: training loss`, value(`loss_${kind}`, mean(finals(kind, depth)), { digits: 2 }), tone],
        [`${kind}: right on other digits`, value(`accuracy_${kind}`, 100 * mean(accuracies), { text: `${format(100 * mean(accuracies), 0)} %` }), tone],
        [`${kind}: gradient, first : last block`, value(`ratio_${kind}`, norms[0] / norms.at(-1), { digits: 1 }), tone],
      ];
    })));
    table.replaceChildren(dataTable(["layers", ...shown().map(([kind]) => `${kind}: loss, mean (lowest–highest)`)], DEPTHS.map((row) => html("tr", {},
      html("th", { scope: "row" }, String(row)),
      ...shown().map(([kind]) => html("td", {}, value(`loss_${kind}_${row}`, mean(finals(kind, row)), { digits: 2 }),
        ` (${format(Math.min(...finals(kind, row)), 2)}–${format(Math.max(...finals(kind, row)), 2)})`))))));
    lines.redraw();
    byDepth.redraw();
    const plain = `${depth} plain layers end with a training loss of ${format(mean(finals("plain", depth)), 2)}, ${DEPTHS[0]} layers with ${format(mean(finals("plain", DEPTHS[0])), 2)}`;
    figure.say(residual
      ? `${plain}; with shortcuts ${depth} layers end with ${format(mean(finals("residual", depth)), 2)}.`
      : `${plain}. What will shortcuts do at this depth? Guess, then show them.`);
  };
  figure.watch(Object.keys(defaults), batched(draw));
  draw();
  return figure.cleanup;
}

export default { render };

// One hidden layer of sigmoid units in pairs: each pair is a bump, the sum of the bumps follows a function.

export const defaults = { target: "wave", bumps: 8, steepness: 200, bump: 3 };

const LAYOUT = `
.dla .dla-bumps > :first-child { flex: 2 1 420px; }
.dla .dla-bumps > :last-child { flex: 1 1 240px; }
`;

const TARGETS = {
  wave: { title: "a smooth wave", f: (x) => 0.5 - 0.3 * Math.cos(2 * Math.PI * x) + 0.12 * Math.cos(6 * Math.PI * x), law: "0.5 − 0.3 cos(2π x) + 0.12 cos(6π x)" },
  root: { title: "a root (steep at one point)", f: (x) => Math.sqrt(Math.abs(x - 0.3)), law: "√|x − 0.3|" },
  jump: { title: "a jump (not continuous)", f: (x) => (x < 0.62 ? 0.25 : 0.85), law: "0.25 for x < 0.62, else 0.85" },
};
const MOST = 60;
const POINTS = 2000;
const GRID = Float64Array.from({ length: POINTS + 1 }, (_, i) => i / POINTS);

/** The n bumps: left and right edge, middle, height. */
function bumpsOf(f, n) {
  return Array.from({ length: n }, (_, i) => ({
    left: i === 0 ? -1 : i / n, right: i === n - 1 ? 2 : (i + 1) / n, height: f((i + 0.5) / n),
  }));
}

const bumpAt = (x, { left, right, height }, s) => height * (sigmoid(s * (x - left)) - sigmoid(s * (x - right)));
const network = (bumps, s) => (x) => bumps.reduce((sum, bump) => sum + bumpAt(x, bump, s), 0);

/** The largest |network − f| on the points, and where it is. */
function supError(f, n, s, points = GRID) {
  const output = network(bumpsOf(f, n), s);
  let [error, at] = [-1, 0];
  for (const x of points) {
    const here = Math.abs(output(x) - f(x));
    if (here > error) [error, at] = [here, x];
  }
  return { error, at };
}

function render({ model, el }) {
  adoptStyle(LAYOUT);
  const figure = createFigure({
    model, el, name: "sum_of_bumps", title: "Bumps that add up to a function",
    label: "Sum of bumps: one hidden layer of steep sigmoid units approximates a function on the interval from 0 to 1",
  });
  const read = () => figure.read(defaults);
  const which = () => Math.min(model.get("bump"), model.get("bumps"));
  let [worst, curve] = [{ error: 0, at: 0 }, []];
  const sum = createChart(figure, {
    label: "Target, network, its bumps, and the place of the largest error; the text below says the same", height: 320,
    draw: (picture, width, height) => {
      const { target, bumps: n, steepness: s } = read();
      const { f } = TARGETS[target];
      const bumps = bumpsOf(f, n);
      const output = network(bumps, s);
      const frame = axes(picture, { width, height, x: { min: 0, max: 1, label: "x", count: 5 }, y: { min: 0, max: 1.1, label: "y", ticks: [0, 0.2, 0.4, 0.6, 0.8, 1] } });
      const shown = GRID.filter((_, i) => i % 2 === 0);
      const draw = (g, attributes, points = shown) => path(Array.from(points, (x) => [frame.x(x), frame.y(g(x))]), attributes);
      const coarse = shown.filter((_, i) => i % Math.ceil(n / 15) === 0);
      bumps.forEach((bump, i) => {
        if (i !== which() - 1) frame.layer.append(draw((x) => bumpAt(x, bump, s), { stroke: "var(--dla-neutral)", "stroke-width": 1.1, "stroke-opacity": 0.6 }, coarse));
      });
      const mine = bumps[which() - 1];
      const edge = draw((x) => bumpAt(x, mine, s));
      frame.layer.append(
        svg("path", { d: `${edge.getAttribute("d")}L${frame.right} ${frame.bottom}L${frame.left} ${frame.bottom}Z`, fill: "var(--dla-gradient)", "fill-opacity": 0.2, stroke: "var(--dla-gradient)", "stroke-width": 1.6 }));
      const breaks = target === "jump" ? [shown.filter((x) => x < 0.62), shown.filter((x) => x >= 0.62)] : [shown];
      for (const piece of breaks) frame.layer.append(draw(f, { stroke: "var(--dla-truth)", "stroke-width": 2.6, "stroke-dasharray": "7 5" }, piece));
      frame.layer.append(draw(output, { stroke: "var(--dla-prediction)", "stroke-width": 2.4 }));
      const [x, y0, y1] = [frame.x(worst.at), frame.y(f(worst.at)), frame.y(output(worst.at))];
      const end = worst.at > 0.7;
      frame.layer.append(
        svg("line", { x1: x, x2: x, y1: frame.top, y2: frame.bottom, stroke: "var(--dla-error)", "stroke-dasharray": "2 4" }),
        svg("line", { x1: x, x2: x, y1: y0, y2: y1, stroke: "var(--dla-error)", "stroke-width": 4 }),
        marker("dot", x, y0, 4.5, { fill: "var(--dla-truth)" }), marker("square", x, y1, 4.5, { fill: "var(--dla-prediction)" }),
        svgValue("error", worst.error, { digits: 4, x: x + (end ? -8 : 8), y: frame.top + 8, "text-anchor": end ? "end" : "start", class: "dla-error dla-halo", "font-weight": 700 }));
    },
  });
  const decay = createChart(figure, {
    label: "Largest error against the number of bumps, logarithmic scales", height: 320,
    draw: (picture, width, height) => {
      const frame = axes(picture, {
        width, height, left: 58, x: { min: 1, max: MOST, log: true, label: "number of bumps n", ticks: [1, 2, 5, 10, 20, 50], show: String },
        y: { min: 0.001, max: 1, log: true, label: "largest error", ticks: [0.001, 0.01, 0.1, 1], show: String },
      });
      const at = ({ n, error }) => [frame.x(n), frame.y(Math.min(1, Math.max(0.001, error)))];
      frame.layer.append(path(curve.map(at), { stroke: "var(--dla-error)", "stroke-opacity": 0.6 }), ...curve.map((point) => marker("dot", ...at(point), 2, { fill: "var(--dla-error)" })));
      const [x, y] = at({ n: model.get("bumps"), error: worst.error });
      frame.layer.append(marker("dot", x, y, 6, { fill: "var(--dla-surface)", stroke: "var(--dla-error)", "stroke-width": 2.5 }));
    },
  });
  const numbers = html("div", { class: "dla-facts" });
  const pair = html("div", { class: "dla-panel" });
  const bumpSlider = slider(figure, { trait: "bump", label: "look at bump", min: 1, max: MOST, step: 1, show: () => `${which()} of ${model.get("bumps")}` });
  figure.body.append(
    html("div", { class: "dla-row" },
      choice(figure, { trait: "target", label: "target f", options: Object.entries(TARGETS).map(([key, { title }]) => [key, title]) }),
      slider(figure, { trait: "bumps", label: formula("bumps n"), min: 1, max: MOST, step: 1, show: String }),
      slider(figure, { trait: "steepness", label: formula("steepness s"), min: 10, max: 2000, step: 0.05, log: true, show: (s) => format(s, s < 100 ? 1 : 0) })),
    legend([
      { text: "target f", tone: "truth", dash: "7 5" }, { text: "network: the sum", tone: "prediction" },
      { text: "its bumps", tone: "neutral" }, { text: "one bump", tone: "gradient", mark: "area" }, { text: "largest error", tone: "error", dash: "2 4" },
    ]),
    html("div", { class: "dla-columns dla-bumps" }, sum.picture, decay.picture),
    numbers,
    html("div", { class: "dla-columns" }, bumpSlider, pair),
  );

  let curveOf = "";
  const coarse = GRID.filter((_, i) => i % 5 === 0);
  const draw = () => {
    const { target, bumps: n, steepness: s } = read();
    const { f, law, title } = TARGETS[target];
    worst = supError(f, n, s);
    const key = `${target} ${s}`;
    if (key !== curveOf) curve = Array.from({ length: MOST }, (_, i) => i + 1).filter((m) => m < 20 || m % 4 === 0).map((m) => ({ n: m, ...supError(f, m, s, coarse) }));
    curveOf = key;
    const input = bumpSlider.querySelector("input");
    input.max = n;
    input.value = which();
    bumpSlider.querySelector("b").textContent = `${which()} of ${n}`;
    input.setAttribute("aria-valuetext", `${which()} of ${n}`);
    numbers.replaceChildren(...facts([
      ["largest error sup |y − f|", value("error", worst.error), "error"],
      ["where it is", html("span", {}, formula("x = "), value("error_at", worst.at)), "error"],
      ["there: target, network", html("span", {}, value("target_there", f(worst.at), { tone: "truth" }), ", ", value("network_there", network(bumpsOf(f, n), s)(worst.at), { tone: "prediction" }))],
      ["hidden units; parameters", html("span", {}, value("units", 2 * n, { digits: 0 }), "; ", value("parameters", 6 * n, { digits: 0 }))],
    ]));
    const mine = bumpsOf(f, n)[which() - 1];
    const edge = (number) => format(number, Number.isInteger(number) ? 0 : 4).replace("−", "− ");
    const shifted = (number) => (number < 0 ? `x + ${edge(-number)}` : `x − ${edge(number)}`);
    pair.replaceChildren(
      html("p", { class: "dla-formula" }, formula("f(x) = ", law)),
      html("p", { class: "dla-formula" }, formula(`bump ${which()}: `), value("height", mine.height, { tone: "gradient" }),
        formula(` [σ(${format(s, 0)}(${shifted(mine.left)})) − σ(${format(s, 0)}(${shifted(mine.right)}))]`)),
      html("p", { class: "dla-caption" }, "Two hidden units with opposite output weights switch on at the left edge and off at the right one; the height is the target in the middle of the interval. The outermost edges lie outside, at −1 and 2."));
    sum.redraw();
    decay.redraw();
    const soft = s / n < 8;
    const verdict = target === "jump"
      ? "The target jumps: no continuous network comes closer than half the jump, 0.3, however many bumps it has. The theorem speaks of continuous functions."
      : soft ? `A sigmoid rises over about 8/s = ${format(8 / s, 3)}, more than the width 1/n = ${format(1 / n, 3)} of a bump: neighbours run into each other, which smooths the steps.` : "The steps are sharp: the error is about how much the target changes over half a bump.";
    figure.say(`Target: ${title}. ${n} bumps made of ${2 * n} sigmoid units of steepness ${format(s, s < 100 ? 1 : 0)}: the largest error on ${POINTS + 1} points is ${format(worst.error)}, at x = ${format(worst.at)}. ${verdict}`);
  };
  figure.watch(Object.keys(defaults), batched(draw));
  draw();
  return figure.cleanup;
}

export default { render };

// Rosenblatt's perceptron in the plane, one labelled point after the other.
// Everything shown is a pure function of the traits: `step` counts the points visited.

export const defaults = { data: "separable", step: 0 };

const LAYOUT = `
.dla .dla-perceptron > :first-child { flex: 1 1 330px; }
.dla .dla-perceptron > :last-child { flex: 1 1 330px; }
.dla .dla-visit { border-left: 4px solid var(--tone); min-height: 248px; display: flex; flex-direction: column; gap: 5px; }
.dla .dla-visit > :last-child { font-size: 13.5px; margin-top: auto; padding-top: 6px; }
.dla .dla-perceptron > .dla-body { margin-top: 0; }
`;

// [x₁, x₂, y] in the order of the visits.
const SEPARABLE = [
  [2.5, 0.5, 1], [1, 1.5, 1], [-2.5, 1, -1], [1.5, 0.5, 1], [-3, -3, -1],
  [3, -2, -1], [2, 2, 1], [0.5, -3, -1], [-1, -1, -1], [3, 1.5, 1],
];
const DATA = {
  separable: { title: "separable", points: SEPARABLE },
  narrow: {
    title: "separable, narrow gap",
    points: [
      [3, -1.5, -1], [-1.5, 2, 1], [-3, 2.5, 1], [0, -1, -1], [-1, -1.5, -1],
      [3, -2.5, -1], [2, 1, 1], [2.5, -0.5, 1], [-2, 3, 1], [-3, 1, -1],
    ],
  },
  xor: { title: "XOR", points: [[1, 1, -1], [-1, -1, -1], [1, -1, 1], [-1, 1, 1]] },
  outlier: { title: "one outlier", points: SEPARABLE.map(([x1, x2, y]) => [x1, x2, x1 === 2 && x2 === 2 ? -y : y]) },
};
const CLASSES = { 1: ["data", "dot", "+"], "-1": ["prediction", "square", "−"] };

const dot = (u, v) => u.reduce((sum, entry, i) => sum + entry * v[i], 0);
const scoreOf = ({ w, b }, [x1, x2, y]) => y * (w[0] * x1 + w[1] * x2 + b);

/** One visit: the score with the parameters at hand, and the parameters after it. */
function visit({ w, b }, [x1, x2, y]) {
  const score = scoreOf({ w, b }, [x1, x2, y]);
  return { score, mistake: score <= 0, after: score <= 0 ? { w: [w[0] + y * x1, w[1] + y * x2], b: b + y } : { w, b } };
}

/** Solves M l = 1 for a symmetric M of up to three rows by Gaussian elimination; undefined where M is singular. */
function solveForOnes(M) {
  const rows = M.map((row) => [...row, 1]);
  for (let i = 0; i < rows.length; i += 1) {
    const pivot = rows.slice(i).reduce((best, row, r) => (Math.abs(row[i]) > Math.abs(rows[best][i]) ? r + i : best), i);
    [rows[i], rows[pivot]] = [rows[pivot], rows[i]];
    if (Math.abs(rows[i][i]) < 1e-9) return undefined;
    for (let r = 0; r < rows.length; r += 1) {
      if (r === i) continue;
      const factor = rows[r][i] / rows[i][i];
      rows[r] = rows[r].map((entry, c) => entry - factor * rows[i][c]);
    }
  }
  return rows.map((row, i) => row.at(-1) / row[i]);
}

/**
 * Largest margin γ of a plane through the origin for the points (x, 1): the distance of the origin from the convex
 * hull of y (x, 1), found by trying every one, two and three of them. 0 where no line separates the classes.
 */
function marginOf(points) {
  const z = points.map(([x1, x2, y]) => [y * x1, y * x2, y]);
  const indices = z.map((_, i) => i);
  const ones = indices.map((i) => [i]);
  const more = (sets) => sets.flatMap((set) => indices.filter((i) => i > set.at(-1)).map((i) => [...set, i]));
  for (const set of [ones, more(ones), more(more(ones))].flat()) {
    const weights = solveForOnes(set.map((i) => set.map((j) => dot(z[i], z[j]))));
    if (!weights || Math.min(...weights) < -1e-9) continue;
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const nearest = [0, 1, 2].map((c) => set.reduce((sum, i, k) => sum + (weights[k] / total) * z[i][c], 0));
    const squared = dot(nearest, nearest);
    if (z.every((entry) => dot(entry, nearest) >= squared - 1e-9)) return Math.sqrt(squared);
  }
  return 0;
}

/** The state after `step` visits, or after the last one needed. */
function replay(data, step) {
  const { points } = DATA[data];
  const N = points.length;
  let now = { w: [0, 0], b: 0 };
  let last;
  let [mistakes, inPass, quiet, i] = [0, 0, 0, 0];
  let repeated;
  const starts = new Map([["0 0 0", 1]]);
  for (; i < step && quiet < N; i += 1) {
    if (i % N === 0) inPass = 0;
    last = { before: now, point: points[i % N], index: i % N, ...visit(now, points[i % N]) };
    now = last.after;
    quiet = last.mistake ? 0 : quiet + 1;
    mistakes += last.mistake;
    inPass += last.mistake;
    if ((i + 1) % N === 0 && quiet < N && !repeated) {
      const key = `${now.w.join(" ")} ${now.b}`;
      if (starts.has(key)) repeated = { from: starts.get(key), to: (i + 1) / N + 1 };
      starts.set(key, (i + 1) / N + 1);
    }
  }
  const scores = points.map((point) => scoreOf(now, point));
  return { points, N, visits: i, pass: Math.max(1, Math.ceil(i / N)), now, last, mistakes, inPass, repeated, converged: quiet === N, scores, wrong: scores.filter((score) => score <= 0).length };
}

const short = (number) => format(number, [0, 1].find((digits) => Number.isInteger(number * 2 ** digits)) ?? 2);
const inBrackets = (number) => (number < 0 ? `(${short(number)})` : short(number));
const signed = (y) => (y > 0 ? "+1" : "−1");
const line = (...parts) => html("p", { class: "dla-formula" }, formula(...parts));
const shown = (name, number, tone) => html("b", {}, value(name, number, { text: short(number), tone }));

// ---------------------------------------------------------------- the plane

function drawPlane(picture, width, height, { points, now, last, scores }) {
  const [left, right, top, bottom] = [44, 10, 10, 40];
  const reachY = 3.7;
  const reachX = (reachY * (width - left - right)) / (height - top - bottom);
  const marks = [-3, -2, -1, 0, 1, 2, 3];
  const frame = axes(picture, {
    width, height, left, right, top, bottom,
    x: { min: -reachX, max: reachX, label: "x₁", ticks: marks }, y: { min: -reachY, max: reachY, label: "x₂", ticks: marks },
  });
  const inside = clipped(frame);
  const far = 30;
  const ends = ({ w, b }) => {
    const size = Math.hypot(...w);
    const foot = w.map((entry) => (-b * entry) / size ** 2);
    const along = [-w[1] / size, w[0] / size];
    return { foot, normal: w.map((entry) => entry / size), p: foot.map((f, i) => f - far * along[i]), q: foot.map((f, i) => f + far * along[i]) };
  };
  const at = ([x, y]) => [frame.x(x), frame.y(y)];
  const separator = (parameters, attributes) => {
    const { p, q } = ends(parameters);
    inside.append(path([at(p), at(q)], attributes));
  };
  const hasLine = ({ w }) => w.some((entry) => entry !== 0);
  if (hasLine(now)) {
    const { foot, normal, p, q } = ends(now);
    for (const sign of [1, -1]) {
      const corners = [p, q, ...[q, p].map((end) => end.map((entry, i) => entry + sign * far * normal[i]))];
      inside.append(svg("polygon", { points: corners.map((corner) => at(corner).join(",")).join(" "), fill: `var(--dla-${CLASSES[sign][0]})`, "fill-opacity": 0.12 }));
    }
    if (last.mistake && hasLine(last.before)) separator(last.before, { stroke: "var(--dla-neutral)", "stroke-dasharray": "6 5", "stroke-width": 1.8 });
    separator(now, { stroke: "var(--dla-ink)", "stroke-width": 2.6 });
    const tip = foot.map((entry, i) => entry + 0.9 * normal[i]);
    const barb = (turn) => tip.map((entry, i) => entry - 0.22 * normal[i] + turn * 0.11 * [-normal[1], normal[0]][i]);
    inside.append(path([at(foot), at(tip)], { stroke: "var(--dla-ink)" }),
      svg("polygon", { points: [tip, barb(1), barb(-1)].map((corner) => at(corner).join(",")).join(" "), fill: "var(--dla-ink)" }),
      svg("text", { x: frame.x(tip[0] + 0.2 * normal[0]), y: frame.y(tip[1] + 0.2 * normal[1]) + 4, "text-anchor": "middle", "font-style": "italic", "font-weight": 700, class: "dla-halo" }, "w"));
  } else if (now.b !== 0) {
    inside.append(svg("rect", { x: frame.left, y: frame.top, width: frame.right - frame.left, height: frame.bottom - frame.top, fill: `var(--dla-${CLASSES[Math.sign(now.b)][0]})`, "fill-opacity": 0.12 }));
  }
  points.forEach((point, n) => {
    const [x, y] = at(point);
    const [tone, kind, sign] = CLASSES[point[2]];
    if (scores[n] <= 0) frame.layer.append(svg("circle", { cx: x, cy: y, r: 12.5, fill: "none", stroke: "var(--dla-error)", "stroke-width": 2, "stroke-dasharray": "3 3" }));
    if (last?.index === n) frame.layer.append(svg("circle", { cx: x, cy: y, r: 16, fill: "none", stroke: "var(--dla-ink)", "stroke-width": 2.5 }));
    const label = svg("text", { x, y: y + 5, "text-anchor": "middle", "font-weight": 700 }, sign);
    label.style.fill = "var(--dla-surface)";
    label.style.fontSize = "15px";
    frame.layer.append(marker(kind, x, y, 8.5, { fill: `var(--dla-${tone})` }), label);
  });
}

// ---------------------------------------------------------------- the visit, in formulas and in words

function describe({ N, last, now, pass, mistakes, converged, repeated }) {
  const ending = converged
    ? `A whole pass without a mistake: it has converged, after ${mistakes} mistakes.`
    : repeated && `At the start of pass ${repeated.to} it had the same w and b as at the start of pass ${repeated.from}: from there everything repeats, so it never converges.`;
  if (!last) {
    return {
      tone: "neutral", title: "Start: no weights yet",
      lines: [line("w = (", shown("w_1", 0), ", ", shown("w_2", 0), "),   b = ", shown("b", 0)), line("score: y (w·x + b) = 0 for every point")],
      explain: "A score of 0 counts as a mistake; if it did not, nothing would ever change. Press Next.",
      words: "at the start w and b are zero, so every score is zero and counts as a mistake.",
    };
  }
  const { before: { w, b }, point: [x1, x2, y], index, score, mistake } = last;
  const lines = [
    line(`x = (${short(x1)}, ${short(x2)}),   y = ${signed(y)}`),
    line(`y (w·x + b) = ${signed(y)} · (${inBrackets(w[0])}·${inBrackets(x1)} + ${inBrackets(w[1])}·${inBrackets(x2)} + ${inBrackets(b)}) = `, shown("score", score, mistake ? "error" : "truth"), mistake ? "  ≤ 0" : "  > 0"),
  ];
  const sign = y > 0 ? "+" : "−";
  if (mistake) {
    lines.push(
      line(`w ← w + y x = (${short(w[0])}, ${short(w[1])}) ${sign} (${short(x1)}, ${short(x2)}) = (`, shown("w_1", now.w[0]), ", ", shown("w_2", now.w[1]), ")"),
      line(`b ← b + y = ${short(b)} ${sign} 1 = `, shown("b", now.b)));
  } else lines.push(line("w = (", shown("w_1", now.w[0]), ", ", shown("w_2", now.w[1]), "),   b = ", shown("b", now.b), "   stay"));
  const gain = x1 ** 2 + x2 ** 2 + 1;
  const after = mistake
    ? `The update raises this point's score by x·x + 1 = ${short(gain)}, from ${short(score)} to ${short(score + gain)}${score + gain > 0 ? "" : ": still wrong"}. Other points may become wrong.`
    : "This point lies on its side of the line; nothing changes.";
  return {
    tone: mistake ? "error" : "truth",
    title: `Pass ${pass}, point ${index + 1} of ${N}: ${mistake ? "a mistake" : "right"}`, lines, explain: ending ?? after,
    words: `pass ${pass}, point ${index + 1} of ${N}, x = (${short(x1)}, ${short(x2)}), label ${signed(y)}: score ${short(score)}, ${mistake ? `a mistake; now w = (${short(now.w[0])}, ${short(now.w[1])}) and b = ${short(now.b)}` : "right; nothing changes"}.${ending ? ` ${ending}` : ""}`,
  };
}

function render({ model, el }) {
  adoptStyle(LAYOUT);
  const figure = createFigure({
    model, el, name: "perceptron_stepper", title: "The perceptron learns from its mistakes",
    label: "Perceptron stepper: labelled points in the plane, a line, and one update for every mistake",
  });
  const read = () => replay(model.get("data"), model.get("step"));
  let state = read();
  const to = (step) => figure.set({ step: Math.max(0, step) });
  const next = () => {
    if (!state.converged) to(state.visits + 1);
    return !state.converged;
  };
  const toNextMistake = () => {
    let ahead = state;
    do ahead = replay(model.get("data"), ahead.visits + 1);
    while (!ahead.last.mistake && !ahead.converged);
    to(ahead.visits);
  };
  const card = html("div", { class: "dla-panel dla-visit" });
  const plane = createChart(figure, {
    label: "The points, the line and the direction of w; the text below says the same",
    height: (width) => Math.min(420, width - 4),
    draw: (picture, width, height) => drawPlane(picture, width, height, state),
  });
  const run = player(figure, { label: "Run", interval: 600, step: next });
  const back = button("◀ Back", () => to(state.visits - 1), { "data-action": "back" });
  const onward = [
    button("Next ▶", next, { class: "dla-primary", "data-action": "next" }),
    button("Next mistake", toNextMistake, { "data-action": "mistake" }),
    button("Whole pass", () => to((Math.floor(state.visits / state.N) + 1) * state.N), { "data-action": "pass" }),
  ];
  const numbers = html("div", { class: "dla-facts" });
  const bound = html("div", { class: "dla-panel" });
  const table = html("div", { class: "dla-table-box" });
  figure.body.append(
    legend([
      { text: formula("y = +1"), tone: "data", mark: "dot" }, { text: formula("y = −1"), tone: "prediction", mark: "square" },
      { text: "on the wrong side now", tone: "error", mark: "ring", dash: "3 3" }, { text: "point just visited", tone: "ink", mark: "ring" }, { text: "line", tone: "ink" }, { text: "line before the update", tone: "neutral", dash: "6 5" },
    ]),
    html("div", { class: "dla-columns dla-perceptron" },
      plane.picture,
      html("div", { class: "dla-body" },
        card,
        html("div", { class: "dla-buttons" }, back, ...onward, run.control,
          button("Reset", () => { run.stop(); to(0); }, { "data-action": "reset" })),
        choice(figure, { trait: "data", label: "points", options: Object.entries(DATA).map(([key, { title }]) => [key, title]) }))),
    numbers,
    bound,
    html("details", {}, html("summary", {}, "Every point and its score"), table),
  );

  let about = {};
  const draw = () => {
    state = read();
    const data = model.get("data");
    if (about.data !== data) about = { data, R: Math.max(...state.points.map(([x1, x2]) => Math.hypot(x1, x2, 1))), gamma: marginOf(state.points) };
    const { R, gamma } = about;
    const separable = gamma > 0;
    const { tone, title, lines, explain, words } = describe(state);
    figure.root.style.setProperty("--tone", `var(--dla-${tone})`);
    card.replaceChildren(html("p", { class: `dla-heading dla-${tone}` }, title), ...lines, html("p", {}, explain));
    back.disabled = state.visits === 0;
    for (const control of onward) control.disabled = state.converged;
    const limit = (R / gamma) ** 2;
    numbers.replaceChildren(...facts([
      ["mistakes = updates", value("mistakes", state.mistakes, { digits: 0 }), "error"],
      ["mistakes possible, at most", separable ? html("span", {}, value("bound", Math.floor(limit + 1e-9), { digits: 0 })) : "no bound", separable ? "truth" : "neutral"],
      [`mistakes in pass ${state.pass}`, value("mistakes_in_pass", state.inPass, { digits: 0 })],
      ["points on the wrong side now", html("span", {}, value("wrong", state.wrong, { digits: 0 }), ` of ${state.N}`), state.wrong ? "error" : "truth"],
    ]));
    bound.replaceChildren(
      separable
        ? line("(", fraction(formula("R"), formula("γ")), ")^2 = (", fraction(value("R", R, { digits: 3 }), value("gamma", gamma, { digits: 3 })), ")^2 = ", html("b", {}, value("bound_exact", limit, { digits: 2, tone: "truth" })))
        : html("p", { class: "dla-heading" }, "No line separates these points."),
      html("p", { class: "dla-caption" }, separable
        ? formula("With x̃ = (x, 1): R is the largest length of an x̃, γ the distance from the nearest x̃ to the best separating plane through the origin. The order of the points does not matter to the bound.")
        : "There is no margin γ and no bound; the updates go on for ever."));
    table.replaceChildren(dataTable(["point", "x₁", "x₂", "y", "score now"], state.points.map(([x1, x2, y], n) => html("tr", {}, html("th", { scope: "row" }, String(n + 1)),
      [short(x1), short(x2), signed(y)].map((text) => html("td", {}, text)),
      html("td", {}, value(`score_${n + 1}`, state.scores[n], { text: short(state.scores[n]), tone: state.scores[n] <= 0 ? "error" : "truth" }))))));
    plane.redraw();
    figure.say(`Points: ${DATA[data].title}. ${words[0].toUpperCase()}${words.slice(1)} ${state.mistakes} mistakes so far; ${separable ? `at most ${Math.floor(limit + 1e-9)} are possible` : "no line separates these points, so there is no bound"}. ${state.wrong} of ${state.N} points are on the wrong side now.`);
  };
  figure.watch(["step"], batched(draw));
  figure.watch(["data"], batched(() => {
    run.stop();
    figure.set({ step: 0 });
    draw();
  }));
  draw();
  return figure.cleanup;
}

export default { render };

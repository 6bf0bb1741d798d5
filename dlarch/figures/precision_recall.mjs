// A threshold on the scores of two classes: confusion matrix, precision, recall, F1, the precision–recall and ROC curves.

export const defaults = { threshold: 0, positive_share: 0.5, separation: 2, seed: 1 };

const LAYOUT = `
.dla .dla-threshold > :first-child { flex: 3 1 330px; }
.dla .dla-threshold > :last-child { flex: 2 1 230px; }
.dla .dla-confusion { width: 100%; }
.dla .dla-confusion :is(th, td) { padding: 6px 8px; text-align: center; white-space: normal; }
.dla .dla-confusion td { border: 1px solid var(--dla-line); font-size: 17px; font-weight: 600; }
.dla .dla-confusion thead td { border: none; }
.dla .dla-confusion td small { display: block; font-size: 11.5px; font-weight: 400; color: var(--dla-soft); }
`;

const TOTAL = 10_000;
const MOST = 9_900; // of one class
const REACH = 5;
const BIN = 0.5;

/** Scores of as many examples as a class can have, normal with standard deviation 1 around −separation/2 and +separation/2, to two decimals. */
function drawScores(separation, seed) {
  const normal = normalStream(uniformStream(seed));
  const draw = (mean) => Array.from({ length: MOST }, () => Math.round(100 * (mean + normal())) / 100);
  return { negative: draw(-separation / 2), positive: draw(separation / 2) };
}

/** The first scores of each class, as many as its share of 10,000 examples. */
function share({ negative, positive }, positives) {
  const P = Math.round(TOTAL * positives);
  return { negative: negative.slice(0, TOTAL - P), positive: positive.slice(0, P) };
}

const rates = (threshold, tp, fp, P, N) => ({
  threshold, tp, fp, fn: P - tp, tn: N - fp, recall: tp / P, falsePositiveRate: fp / N,
  precision: tp + fp ? tp / (tp + fp) : undefined, f1: (2 * tp) / (P + tp + fp), accuracy: (tp + N - fp) / (P + N),
});

/** Counts and rates at one threshold. */
function judge({ negative, positive }, threshold) {
  const above = (scores) => scores.filter((score) => score >= threshold).length;
  return rates(threshold, above(positive), above(negative), positive.length, negative.length);
}

/** A point for every score as threshold, highest first, and the areas: under the ROC curve by trapezoids, average precision by steps. */
function curvesOf({ negative, positive }) {
  const counts = new Map();
  for (const [scores, side] of [[negative, 0], [positive, 1]]) {
    for (const score of scores) {
      if (!counts.has(score)) counts.set(score, [0, 0]);
      counts.get(score)[side] += 1;
    }
  }
  const points = [rates(Infinity, 0, 0, positive.length, negative.length)];
  let [auc, averagePrecision] = [0, 0];
  for (const threshold of [...counts.keys()].sort((a, b) => b - a)) {
    const [last, [fp, tp]] = [points.at(-1), counts.get(threshold)];
    const point = rates(threshold, last.tp + tp, last.fp + fp, positive.length, negative.length);
    auc += (point.falsePositiveRate - last.falsePositiveRate) * (point.recall + last.recall) / 2;
    averagePrecision += (point.recall - last.recall) * point.precision;
    points.push(point);
  }
  return { points, auc, averagePrecision };
}

const UNIT = { min: 0, max: 1, ticks: [0, 0.25, 0.5, 0.75, 1] };

/** Histograms, class 0 upwards and class 1 downwards, each on a scale of its own so that a rare class is seen. */
function drawScoresOn(picture, width, height, { scores, threshold }) {
  const bins = Math.round((2 * REACH) / BIN);
  const count = (values) => {
    const bars = Array.from({ length: bins }, () => [0, 0]);
    for (const score of values) {
      const bin = Math.min(bins - 1, Math.max(0, Math.floor((score + REACH) / BIN)));
      bars[bin][score >= threshold ? 1 : 0] += 1;
    }
    return bars;
  };
  const [up, down] = [count(scores.negative), count(scores.positive)];
  const [highest, deepest] = [up, down].map((bars) => 1.05 * Math.max(...bars.map(([below, above]) => below + above)));
  const marks = (top) => ticks(0, top, 2).filter((mark) => mark > 0 && Number.isInteger(mark));
  const frame = axes(picture, {
    width, height, left: 54, x: { min: -REACH, max: REACH, label: "score", ticks: [-4, -2, 0, 2, 4] },
    y: {
      min: -1, max: 1, label: "examples (two scales)", ticks: [...marks(deepest).map((mark) => -mark / deepest), 0, ...marks(highest).map((mark) => mark / highest)],
      show: (place) => String(Math.round(place < 0 ? -place * deepest : place * highest)),
    },
  });
  const zero = frame.y(0);
  for (const [bars, scale, tone, wrong] of [[up, 1 / highest, "data", 1], [down, -1 / deepest, "prediction", 0]]) {
    bars.forEach((parts, i) => {
      let from = 0;
      for (const side of [1 - wrong, wrong]) {
        if (!parts[side]) continue;
        const [y1, y2] = [from, from + parts[side]].map((number) => frame.y(scale * number));
        from += parts[side];
        const isWrong = side === wrong;
        frame.layer.append(svg("rect", {
          x: frame.x(-REACH + i * BIN) + 0.75, width: Math.max(1, frame.x(BIN) - frame.x(0) - 1.5), y: Math.min(y1, y2), height: Math.abs(y2 - y1),
          fill: isWrong ? "var(--dla-error)" : `var(--dla-${tone})`, "fill-opacity": isWrong ? 0.85 : 0.6,
        }));
      }
    });
  }
  const at = frame.x(threshold);
  const text = (x, y, words, anchor) => svg("text", { x, y, "text-anchor": anchor, class: "dla-soft dla-halo" }, words);
  frame.layer.append(
    svg("line", { x1: frame.left, x2: frame.right, y1: zero, y2: zero, stroke: "var(--dla-neutral)" }),
    text(frame.left + 4, frame.top + 10, `class 0 ↑ ${scores.negative.length.toLocaleString("en")}`), text(frame.left + 4, frame.bottom - 6, `class 1 ↓ ${scores.positive.length.toLocaleString("en")}`),
    svg("line", { x1: at, x2: at, y1: frame.top, y2: frame.bottom, stroke: "var(--dla-ink)", "stroke-width": 2.4 }),
    marker("triangle", at, frame.bottom + 1, 6, { fill: "var(--dla-ink)" }));
}

function drawCurve(picture, width, height, { points, now, across, upward, labels, base }) {
  const frame = axes(picture, { width, height, left: 52, x: { ...UNIT, label: labels[0] }, y: { ...UNIT, label: labels[1] } });
  const pixel = (point) => [frame.x(point[across]), frame.y(point[upward])];
  const line = [];
  for (const [x, y] of points.filter((point) => point[upward] !== undefined).map(pixel)) {
    const [before, there] = line.at(-1) ?? [-1, -1];
    if (Math.abs(x - before) + Math.abs(y - there) > 0.4) line.push([x, y]);
  }
  frame.layer.append(
    path(base.map(([x, y]) => [frame.x(x), frame.y(y)]), { stroke: "var(--dla-neutral)", "stroke-dasharray": "2 4", "stroke-width": 1.6 }),
    path(line, { stroke: "var(--dla-ink)", "stroke-width": 2.2 }));
  if (now[upward] === undefined) return;
  frame.layer.append(marker("dot", ...pixel(now), 6.5, { fill: "var(--dla-ink)", stroke: "var(--dla-surface)", "stroke-width": 1.5 }));
}

function render({ model, el }) {
  adoptStyle(LAYOUT);
  const figure = createFigure({
    model, el, name: "precision_recall", title: "Where to put the threshold?",
    label: "A threshold on the scores of two classes: confusion matrix, precision, recall, F1, precision–recall and ROC curves",
  });
  let state = {};
  let drawn = {};
  const moveTo = (threshold) => figure.set({ threshold: Number(Math.min(REACH, Math.max(-REACH, threshold)).toFixed(2)) });
  const bars = createChart(figure, {
    label: "", height: 270, draw: (picture, width, height) => drawScoresOn(picture, width, height, state),
  });
  steerable(bars.picture, {
    label: "Scores of both classes with the threshold: left and right arrows move it by 0.1, with Shift by 0.5; the text below gives the counts",
    move: (dx, dy, big) => moveTo(model.get("threshold") + dx * (big ? 0.5 : 0.1)),
    point: (u) => {
      const width = Number(bars.picture.getAttribute("viewBox").split(" ")[2]);
      moveTo(REACH * (2 * ((u * width - 54) / (width - 64)) - 1));
    },
  });
  const recallCurve = createChart(figure, {
    label: "Precision against recall, with the point of the threshold; the text below gives the numbers", height: 250,
    draw: (picture, width, height) => drawCurve(picture, width, height, {
      ...state, across: "recall", upward: "precision", labels: ["recall", "precision"], base: [[0, state.positives], [1, state.positives]],
    }),
  });
  const rocCurve = createChart(figure, {
    label: "ROC curve: true positive rate against false positive rate, with the point of the threshold; the text below gives the numbers", height: 250,
    draw: (picture, width, height) => drawCurve(picture, width, height, {
      ...state, across: "falsePositiveRate", upward: "recall", labels: ["false positive rate", "recall (true positive rate)"], base: [[0, 0], [1, 1]],
    }),
  });
  const matrix = html("div", {});
  const numbers = html("div", { class: "dla-facts" });
  const [aboutRecall, aboutRoc] = [html("p", { class: "dla-heading" }), html("p", { class: "dla-heading" })];
  figure.body.append(
    html("div", { class: "dla-row" },
      slider(figure, { trait: "threshold", label: formula("threshold t"), min: -REACH, max: REACH, step: 0.05 }),
      slider(figure, { trait: "positive_share", label: "share of class 1", min: 0.01, max: 0.99, step: 0.01, show: (share) => `${format(100 * share, 0)} %` }),
      slider(figure, { trait: "separation", label: "distance of the classes", min: 0, max: 4, step: 0.25 })),
    html("div", { class: "dla-buttons" },
      button("Threshold of best F₁", () => moveTo(state.best.threshold), { "data-action": "best" }),
      button("Other scores", () => figure.set({ seed: model.get("seed") + 1 }), { "data-action": "reseed" }),
      button("Reset", () => figure.set(defaults), { "data-action": "reset" })),
    html("div", { class: "dla-columns dla-threshold" },
      html("div", {}, legend([
        { text: "class 0 (negative)", tone: "data", mark: "area" }, { text: "class 1 (positive)", tone: "prediction", mark: "area" }, { text: "on the wrong side", tone: "error", mark: "area" },
      ]), bars.picture),
      matrix),
    numbers,
    html("div", { class: "dla-columns" },
      html("div", {}, aboutRecall, recallCurve.picture),
      html("div", {}, aboutRoc, rocCurve.picture)),
    html("p", { class: "dla-caption" }, "Dotted: a classifier that guesses. The dot is the threshold above."),
  );

  const percent = (name, number) => value(name, number, { text: number === undefined ? "undefined" : format(number, 3) });
  const draw = () => {
    const [threshold, positives, kind] = [model.get("threshold"), model.get("positive_share"), `${model.get("separation")} ${model.get("seed")}`];
    if (drawn.kind !== kind) drawn = { kind, scores: drawScores(model.get("separation"), model.get("seed")) };
    const scores = share(drawn.scores, positives);
    const now = judge(scores, threshold);
    const { points, auc, averagePrecision } = curvesOf(scores);
    const best = points.reduce((highest, point) => (point.f1 > highest.f1 ? point : highest));
    state = { scores, threshold, positives, points, now, best };
    const cell = (name, words, tone) => html("td", { class: `dla-${tone}` }, value(name, now[name], { tone, text: now[name].toLocaleString("en") }), html("small", {}, words));
    matrix.replaceChildren(html("table", { class: "dla-confusion" },
      html("thead", {}, html("tr", {}, html("td", {}), html("th", { scope: "col" }, "called 0"), html("th", { scope: "col" }, "called 1"))),
      html("tbody", {},
        html("tr", {}, html("th", { scope: "row" }, "is 0"), cell("tn", "true negatives", "data"), cell("fp", "false positives", "error")),
        html("tr", {}, html("th", { scope: "row" }, "is 1"), cell("fn", "false negatives", "error"), cell("tp", "true positives", "prediction")))));
    numbers.replaceChildren(...facts([
      ["precision, TP / (TP + FP)", percent("precision", now.precision), "prediction"],
      ["recall, TP / (TP + FN)", percent("recall", now.recall), "truth"],
      [formula("F_1, their harmonic mean"), percent("f1", now.f1)],
      ["accuracy", percent("accuracy", now.accuracy), "neutral"],
    ]));
    aboutRecall.replaceChildren("Precision–recall: average precision ", percent("average_precision", averagePrecision));
    aboutRoc.replaceChildren("ROC: area under the curve ", percent("auc", auc));
    for (const chart of [bars, recallCurve, rocCurve]) chart.redraw();
    figure.say(`Threshold ${format(threshold, 2)}, class 1 is ${format(100 * positives, 0)} % of 10,000 examples: ${now.tp} true positives, ${now.fp} false positives, ${now.fn} false negatives, ${now.tn} true negatives. Precision ${now.precision === undefined ? "is undefined, for nothing is called positive" : format(now.precision, 3)}, recall ${format(now.recall, 3)}, F₁ ${format(now.f1, 3)}, accuracy ${format(now.accuracy, 3)}, false positive rate ${format(now.falsePositiveRate, 3)}. Average precision ${format(averagePrecision, 3)}, area under the ROC curve ${format(auc, 3)}.`);
  };
  figure.watch(Object.keys(defaults), batched(draw));
  draw();
  return figure.cleanup;
}

export default { render };

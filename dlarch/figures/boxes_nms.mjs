// Twelve detections of three objects: what non-maximum suppression keeps, which of it is right, and the average precision.

export const defaults = { suppression: 0.5, score: 0.1, match: 0.5 };

const SIDE = 64;
const TRUTHS = [[6, 8, 26, 34], [20, 12, 40, 38], [44, 38, 60, 60]];
// x1, y1, x2, y2, score, by falling score
const DETECTIONS = [
  [6, 9, 26, 35, 0.95], [2, 46, 18, 62, 0.92], [20, 12, 41, 38, 0.9], [45, 38, 61, 61, 0.85], [8, 8, 27, 33, 0.8],
  [22, 10, 42, 36, 0.71], [4, 6, 24, 33, 0.62], [43, 40, 58, 60, 0.55], [18, 14, 38, 40, 0.45], [13, 10, 33, 36, 0.4],
  [48, 44, 64, 64, 0.35], [46, 4, 60, 18, 0.25],
];
const FATES = {
  right: ["right", "prediction", undefined, 3],
  wrong: ["false", "error", "7 4", 2.5],
  dropped: ["dropped by a better box", "neutral", "2 4", 1.5],
  weak: ["score too low", "neutral", "1 7", 1],
};

/** Intersection over union of two boxes. */
function overlapOf([ax1, ay1, ax2, ay2], [bx1, by1, bx2, by2]) {
  const width = Math.max(0, Math.min(ax2, bx2) - Math.max(ax1, bx1));
  const height = Math.max(0, Math.min(ay2, by2) - Math.max(ay1, by1));
  const shared = width * height;
  return shared / ((ax2 - ax1) * (ay2 - ay1) + (bx2 - bx1) * (by2 - by1) - shared);
}

/** What becomes of each detection. */
function judge({ suppression, score, match }) {
  const kept = [];
  const claimed = new Set();
  return DETECTIONS.map((box) => {
    if (box[4] < score) return "weak";
    if (kept.some((other) => overlapOf(box, other) > suppression)) return "dropped";
    kept.push(box);
    const overlaps = TRUTHS.map((truth) => overlapOf(box, truth));
    const best = overlaps.indexOf(Math.max(...overlaps));
    if (overlaps[best] < match || claimed.has(best)) return "wrong";
    claimed.add(best);
    return "right";
  });
}

/** Precision and recall after each kept detection, and the average precision by three definitions. */
function curveOf(fates) {
  const hits = fates.filter((fate) => fate === "right" || fate === "wrong").map((fate) => fate === "right");
  let found = 0;
  const points = hits.map((hit, i) => {
    found += hit;
    return [found / TRUTHS.length, found / (i + 1)];
  });
  const best = points.map((_, i) => Math.max(...points.slice(i).map(([, precision]) => precision)));
  const sum = (of) => hits.reduce((total, hit, i) => total + (hit ? of(i) : 0), 0) / TRUTHS.length;
  const tenths = Array.from({ length: 11 }, (_, k) => Math.max(0, ...points.filter(([recall]) => recall > k / 10 - 1e-9).map(([, precision]) => precision)));
  return {
    points, best, found, all: sum((i) => best[i]), raw: sum((i) => points[i][1]),
    eleven: tenths.reduce((a, b) => a + b, 0) / 11,
  };
}

function render({ model, el }) {
  const figure = createFigure({
    model, el, name: "boxes_nms", title: "Which boxes stay?",
    label: "Twelve detections of three objects, thinned by non-maximum suppression, and their precision and recall",
  });
  const read = () => figure.read(defaults);
  let fates = judge(read());
  let curve = curveOf(fates);
  const canvas = createChart(figure, {
    label: "Three objects and the boxes of twelve detections; the table and the text below say the same", height: 330,
    draw: (picture, width, height) => {
      const scale = Math.min(width, height) / SIDE;
      const shift = (width - scale * SIDE) / 2;
      const box = ([x1, y1, x2, y2], attributes) => svg("rect", {
        x: shift + scale * x1, y: scale * y1, width: scale * (x2 - x1), height: scale * (y2 - y1), fill: "none", ...attributes,
      });
      picture.append(box([0, 0, SIDE, SIDE], { stroke: "var(--dla-line)" }));
      TRUTHS.forEach((truth) => picture.append(box(truth, { fill: "var(--dla-truth)", "fill-opacity": 0.18 })));
      for (const fate of ["weak", "dropped", "wrong", "right"]) {
        const [, tone, dash, stroke] = FATES[fate];
        DETECTIONS.forEach((detection, i) => {
          if (fates[i] !== fate) return;
          picture.append(box(detection, { stroke: `var(--dla-${tone})`, "stroke-width": stroke, "stroke-dasharray": dash }));
          if (fate === "right" || fate === "wrong") {
            picture.append(svg("text", {
              x: shift + scale * detection[0] + 3, y: scale * detection[1] + 14, fill: `var(--dla-${tone})`,
            }, String(i + 1)));
          }
        });
      }
    },
  });
  const chart = createChart(figure, {
    label: "Precision against recall after each kept detection, and the falling steps below which the area is taken", height: 330,
    draw: (picture, width, height) => {
      const frame = axes(picture, {
        width, height, x: { min: 0, max: 1, label: "recall" }, y: { min: 0, max: 1.05, label: "precision", ticks: [0, 0.5, 1] },
      });
      const { points, best } = curve;
      const steps = points.flatMap(([recall], i) => [[i ? points[i - 1][0] : 0, best[i]], [recall, best[i]]]);
      if (steps.length) {
        const corners = [...steps, [points.at(-1)[0], 0], [0, 0]].map(([x, y]) => [frame.x(x), frame.y(y)]);
        frame.layer.append(path(corners, { fill: "var(--dla-prediction)", "fill-opacity": 0.2, stroke: "none" }));
        frame.layer.append(path(steps.map(([x, y]) => [frame.x(x), frame.y(y)]), { stroke: "var(--dla-prediction)" }));
      }
      points.forEach(([x, y]) => frame.layer.append(marker("dot", frame.x(x), frame.y(y), 4.5, { fill: "var(--dla-data)" })));
    },
  });
  const numbers = html("div", { class: "dla-facts" });
  const table = html("div", { class: "dla-table-box" });
  figure.body.append(
    html("div", { class: "dla-row" },
      slider(figure, { trait: "suppression", label: "dropped above an overlap of", min: 0, max: 1, step: 0.02 }),
      slider(figure, { trait: "score", label: "lowest score", min: 0, max: 1, step: 0.02 }),
      slider(figure, { trait: "match", label: "right from an overlap of", min: 0.3, max: 0.95, step: 0.05 })),
    numbers,
    html("div", { class: "dla-columns" },
      html("div", {}, legend([
        { text: "object", tone: "truth", mark: "area" },
        ...["right", "wrong", "dropped"].map((fate) => ({ text: FATES[fate][0], tone: FATES[fate][1], dash: FATES[fate][2] })),
      ]), canvas.picture),
      html("div", {}, legend([
        { text: "after each box", tone: "data", mark: "dot" }, { text: "falling steps", tone: "prediction" },
      ]), chart.picture)),
    html("details", {}, html("summary", {}, "All detections"), table),
  );

  const draw = () => {
    const { suppression, score, match } = read();
    fates = judge({ suppression, score, match });
    curve = curveOf(fates);
    const count = (fate) => fates.filter((other) => other === fate).length;
    const kept = count("right") + count("wrong");
    const missed = TRUTHS.length - curve.found;
    numbers.replaceChildren(...facts([
      ["boxes kept", value("kept", kept, { text: String(kept) }), "data"],
      ["right", value("right", count("right"), { text: String(count("right")) }), "prediction"],
      ["false", value("wrong", count("wrong"), { text: String(count("wrong")) }), "error"],
      ["objects missed", value("missed", missed, { text: String(missed) }), "truth"],
      ["average precision, all points", value("ap_all", curve.all, { digits: 3 }), "prediction"],
      ["not interpolated", value("ap_raw", curve.raw, { digits: 3 })],
      ["eleven points", value("ap_eleven", curve.eleven, { digits: 3 })],
    ]));
    table.replaceChildren(dataTable(["box", "x₁", "y₁", "x₂", "y₂", "score", "fate"], DETECTIONS.map((detection, i) => html("tr", {},
      html("th", { scope: "row" }, String(i + 1)),
      ["x1", "y1", "x2", "y2", "score"].map((name, k) => html("td", {}, value(`${name}_${i}`, detection[k], { digits: 2 }))),
      html("td", {}, FATES[fates[i]][0])))));
    canvas.redraw();
    chart.redraw();
    figure.say(`Scores from ${format(score, 2)} on, dropped above an overlap of ${format(suppression, 2)}, right from ${format(match, 2)} on: of twelve boxes ${kept} stay, ${count("right")} right, ${count("wrong")} false; ${missed} of ${TRUTHS.length} objects are missed. The average precision is ${format(curve.all, 3)}.`);
  };
  figure.watch(Object.keys(defaults), batched(draw));
  draw();
  return figure.cleanup;
}

export default { render };

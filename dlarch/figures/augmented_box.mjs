// A picture is turned, stretched and moved: the box of the turned corners, and the box of what is in the picture.

export const defaults = { shape: "ellipse", angle: 30, scale: 1, shift: 0, flip: false };

const CENTRE = 32;
const POINTS = 720;
const around = (point) => Array.from({ length: POINTS }, (_, i) => point((2 * Math.PI * i) / POINTS));

/** Outlines about the middle of the picture, x to the right and y down. */
const SHAPES = {
  ellipse: around((t) => [9 * Math.cos(t), 16 * Math.sin(t)]),
  bar: [[-3, -17], [3, -17], [3, 17], [-3, 17]],
  triangle: [[0, -15], [12, 12], [-12, 12]],
};

const boxOf = (points) => {
  const [xs, ys] = [0, 1].map((axis) => points.map((point) => point[axis]));
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
};

const cornersOf = ([x1, y1, x2, y2]) => [[x1, y1], [x2, y1], [x2, y2], [x1, y2]];

/** Flip, stretch, turn and move a point. */
function transform([x, y], { angle, scale, shift, flip }) {
  const [c, s] = [Math.cos((angle * Math.PI) / 180), Math.sin((angle * Math.PI) / 180)];
  const [u, v] = [scale * (flip ? -x : x), scale * y];
  return [CENTRE + c * u - s * v + shift, CENTRE + s * u + c * v];
}

function overlapOf([ax1, ay1, ax2, ay2], [bx1, by1, bx2, by2]) {
  const width = Math.max(0, Math.min(ax2, bx2) - Math.max(ax1, bx1));
  const height = Math.max(0, Math.min(ay2, by2) - Math.max(ay1, by1));
  return (width * height) / ((ax2 - ax1) * (ay2 - ay1) + (bx2 - bx1) * (by2 - by1) - width * height);
}

function render({ model, el }) {
  const figure = createFigure({
    model, el, name: "augmented_box", title: "Where is the box now?",
    label: "A shape is turned, stretched, moved and flipped, with the box of its turned corners and the tight box",
  });
  const read = () => figure.read(defaults);
  let now = {};
  const chart = createChart(figure, {
    label: "The shape with two boxes; the numbers and the text below say the same", height: 360,
    draw: (picture, width, height) => {
      const scale = Math.min(width, height) / (2 * CENTRE);
      const shift = (width - 2 * CENTRE * scale) / 2;
      const place = ([x, y]) => [shift + scale * x, scale * y];
      const closed = (points, attributes) => path([...points, points[0]].map(place), attributes);
      picture.append(
        closed(cornersOf([0, 0, 2 * CENTRE, 2 * CENTRE]), { stroke: "var(--dla-line)" }),
        closed(now.outline, { fill: "var(--dla-data)", "fill-opacity": 0.25, stroke: "var(--dla-data)" }),
        closed(now.turned, { stroke: "var(--dla-neutral)", "stroke-dasharray": "2 4" }),
        closed(cornersOf(now.corners), { stroke: "var(--dla-prediction)", "stroke-dasharray": "8 4", "stroke-width": 2.5 }),
        closed(cornersOf(now.tight), { stroke: "var(--dla-truth)", "stroke-width": 2.5 }),
      );
    },
  });
  const numbers = html("div", { class: "dla-facts" });
  figure.body.append(
    html("div", { class: "dla-row" },
      choice(figure, { trait: "shape", label: "shape", options: Object.keys(SHAPES).map((shape) => [shape, shape]) }),
      slider(figure, { trait: "angle", label: "turned by", min: -90, max: 90, step: 1, show: (degrees) => `${degrees}°` }),
      slider(figure, { trait: "scale", label: "stretched by", min: 0.5, max: 1.3, step: 0.05 }),
      slider(figure, { trait: "shift", label: "moved to the right by", min: -12, max: 12, step: 1, show: String }),
      checkbox(figure, { trait: "flip", label: "flipped" })),
    legend([
      { text: "its old box, turned", tone: "neutral", dash: "2 4" }, { text: "box around that", tone: "prediction", dash: "8 4" },
      { text: "tight box", tone: "truth" },
    ]),
    chart.picture, numbers,
  );

  const draw = () => {
    const state = read();
    const outline = SHAPES[state.shape].map((point) => transform(point, state));
    const turned = cornersOf(boxOf(SHAPES[state.shape])).map((point) => transform(point, state));
    now = { outline, turned, corners: boxOf(turned), tight: boxOf(outline) };
    const overlap = overlapOf(now.corners, now.tight);
    const sides = ([x1, y1, x2, y2], name) => html("span", {},
      value(`${name}_width`, x2 - x1, { digits: 3 }), " × ", value(`${name}_height`, y2 - y1, { digits: 3 }));
    numbers.replaceChildren(...facts([
      ["box around the turned corners", sides(now.corners, "corners"), "prediction"],
      ["tight box", sides(now.tight, "tight"), "truth"],
      ["overlap of both", value("overlap", overlap, { digits: 3 })],
      ["left edge of the tight box", value("tight_left", now.tight[0], { digits: 3 }), "truth"],
    ]));
    chart.redraw();
    const verdict = overlap > 0.999 ? "Both boxes are the same." : overlap >= 0.75
      ? "The box of the corners is too large, and would still count at an overlap of 0.75."
      : overlap >= 0.5 ? "A detector that learns the box of the corners is false at an overlap of 0.75." : "A detector that learns the box of the corners is false even at an overlap of 0.5.";
    figure.say(`The ${state.shape}, turned by ${state.angle}°, stretched by ${format(state.scale, 3)}, moved by ${state.shift}${state.flip ? ", flipped" : ""}: the two boxes overlap by ${format(overlap, 3)}. ${verdict}`);
  };
  figure.watch(Object.keys(defaults), batched(draw));
  draw();
  return figure.cleanup;
}

export default { render };

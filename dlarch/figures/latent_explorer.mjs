// A latent plane to walk in: the image at z is the learner's own decoder's in JupyterLab (trait `image`, set by Python
// when z changes), and the nearest of a grid of decoded images where there is no kernel.
// `asset` is latent_explorer.png, made by benchmarks/latent_grid.py: 21×21 images of a VAE trained on MNIST.

export const defaults = { z: [0, -1.5], extent: 2.5, steps: 21, height: 28, width: 28, grid: "", image: "" };

const LAYOUT = `
.dla .dla-latent { display: grid; grid-template-columns: minmax(0, 1.35fr) minmax(0, 1fr); gap: 16px 22px; }
@container (max-width: 520px) { .dla .dla-latent { grid-template-columns: minmax(0, 1fr); } }
.dla .dla-plane { position: relative; line-height: 0; margin: 0 4px 34px 34px; border: 1px solid var(--dla-neutral); }
.dla .dla-plane canvas { width: 100%; height: auto; }
.dla .dla-plane > svg { position: absolute; inset: 0; height: 100%; pointer-events: none; }
.dla .dla-decoded { width: 100%; max-width: 300px; height: auto; image-rendering: pixelated; border: 3px solid var(--dla-prediction); border-radius: 4px; }
`;

const bytes = (encoded) => Uint8Array.from(atob(encoded), (sign) => sign.charCodeAt(0));
const digits = await decodeGrey(asset);

/** The grid as one picture: images row by row from z₂ = +extent down, column by column from z₁ = −extent. */
function spriteOf(model) {
  const [steps, height, width] = ["steps", "height", "width"].map((trait) => model.get(trait));
  if (!model.get("grid")) return digits.levels;
  const images = bytes(model.get("grid"));
  const sprite = new Uint8Array(images.length);
  for (let at = 0; at < steps * steps; at += 1) {
    const [row, column] = [Math.floor(at / steps), at % steps];
    for (let y = 0; y < height; y += 1) {
      sprite.set(images.subarray((at * height + y) * width, (at * height + y + 1) * width), ((row * height + y) * steps + column) * width);
    }
  }
  return sprite;
}

/** The point z over the plane, circles at distance 1 and 2, and the axes' marks. */
function drawPoint(picture, side, model) {
  const [z, steps, extent] = ["z", "steps", "extent"].map((trait) => model.get(trait));
  const half = (steps / (steps - 1)) * extent;
  const toX = (entry) => ((entry + half) / (2 * half)) * side;
  const toY = (entry) => side - toX(entry);
  const ring = (radius) => ["#000", "#fff"].map((stroke, i) => svg("circle", {
    cx: toX(0), cy: toY(0), r: toX(radius) - toX(0), fill: "none", stroke, "stroke-width": i ? 1.5 : 3.5, "stroke-dasharray": i ? "5 4" : undefined, "stroke-opacity": i ? 1 : 0.6,
  }));
  const cross = [["#000", 7], ["#ffa657", 3.5]].map(([stroke, wide]) => svg("path", {
    d: `M${toX(z[0]) - 15} ${toY(z[1])}h30M${toX(z[0])} ${toY(z[1]) - 15}v30`, stroke, "stroke-width": wide, "stroke-linecap": "round",
  }));
  const marks = ticks(-extent, extent, 5).flatMap((mark) => [
    svg("text", { x: toX(mark), y: side + 17, "text-anchor": "middle", class: "dla-soft" }, format(mark, Number.isInteger(mark) ? 0 : 1)),
    svg("text", { x: -7, y: toY(mark) + 4, "text-anchor": "end", class: "dla-soft" }, format(mark, Number.isInteger(mark) ? 0 : 1)),
  ]);
  picture.append(...ring(1), ...ring(2), ...cross, ...marks,
    svg("text", { x: side / 2, y: side + 33, "text-anchor": "middle", class: "dla-soft" }, "z₁"),
    svg("text", { x: -26, y: side / 2 + 4, "text-anchor": "middle", class: "dla-soft" }, "z₂"));
}

function render({ model, el }) {
  adoptStyle(LAYOUT);
  const figure = createFigure({
    model, el, name: "latent_explorer", title: "A walk through the latent plane",
    label: "Latent explorer: move z in the plane and see the image that the decoder makes of it",
  });
  const plane = html("canvas", { role: "img", "aria-label": "Decoded images over the plane" });
  const overlay = createChart(figure, {
    label: "Point z, and circles at distance 1 and 2 from the origin", height: (side) => side,
    draw: (picture, side) => drawPoint(picture, side, model),
  });
  const field = html("div", { class: "dla-plane" }, plane, overlay.picture);
  const decoded = html("canvas", { class: "dla-decoded", role: "img", "aria-label": "Image decoded at z" });
  const numbers = html("div", { class: "dla-facts" });
  const source = html("p", { class: "dla-caption" });
  const extent = () => model.get("extent");
  const go = (z) => figure.set({ z: z.map((entry) => Math.min(extent(), Math.max(-extent(), Number(entry.toFixed(4))))) });
  steerable(field, {
    label: "Point z in the plane: arrow keys move it by 0.25, with Shift by 1",
    move: (dx, dy, big) => go([model.get("z")[0] + (dx * (big ? 4 : 1)) / 4, model.get("z")[1] - (dy * (big ? 4 : 1)) / 4]),
    point: (u, v) => go([(2 * u - 1) * extent(), (1 - 2 * v) * extent()]),
  });
  const walk = player(figure, {
    label: "Walk a circle", interval: 120,
    step: () => {
      const [x, y] = model.get("z");
      const angle = Math.atan2(y, x) + Math.PI / 40;
      const radius = Math.hypot(x, y) > 0.3 ? Math.hypot(x, y) : 1.5;
      go([radius * Math.cos(angle), radius * Math.sin(angle)]);
    },
  });
  const entry = (i) => numberField(figure, {
    trait: "z", name: `z_${i + 1}`, label: formula(`z_${i + 1}`), step: 0.25, min: -extent(), max: extent(),
    read: () => model.get("z")[i], write: (number) => go(model.get("z").map((old, j) => (i === j ? number : old))),
  });
  figure.body.append(
    html("div", { class: "dla-latent" },
      field,
      html("div", { class: "dla-body" }, html("p", { class: "dla-heading dla-prediction" }, "decoded image"), decoded, source)),
    html("div", { class: "dla-row" }, entry(0), entry(1),
      html("div", { class: "dla-buttons" }, walk.control, button("Origin", () => { walk.stop(); go([0, 0]); }, { "data-action": "origin" }))),
    numbers,
  );

  let sprite = new Uint8Array();
  const drawPlane = () => {
    const [steps, height, width] = ["steps", "height", "width"].map((trait) => model.get(trait));
    sprite = spriteOf(model);
    paintGrey(plane, Float64Array.from(sprite, (level) => level / 255), steps * width, steps * height);
  };
  const draw = () => {
    const [z, steps, height, width, live] = ["z", "steps", "height", "width", "image"].map((trait) => model.get(trait));
    const cell = (2 * extent()) / (steps - 1);
    const column = Math.round((z[0] + extent()) / cell);
    const row = Math.round((extent() - z[1]) / cell);
    const at = live ? z : [column * cell - extent(), extent() - row * cell];
    const levels = live ? bytes(live) : Uint8Array.from({ length: height * width }, (_, i) =>
      sprite[((row * height + Math.floor(i / width)) * steps + column) * width + (i % width)]);
    paintGrey(decoded, Float64Array.from(levels, (level) => level / 255), width, height);

    overlay.redraw();
    const radius = Math.hypot(...z);
    const ink = levels.reduce((sum, level) => sum + level, 0) / (255 * levels.length);
    source.textContent = live ? "by your decoder, at exactly this z" : `decoded beforehand at the nearest of ${steps}×${steps} points`;
    numbers.replaceChildren(...facts([
      ["decoded at z₁, z₂", html("span", {}, value("decoded_z_1", at[0], { digits: 2 }), ", ", value("decoded_z_2", at[1], { digits: 2 })), "prediction"],
      ["prior density p(z)", value("prior_density", Math.exp(-0.5 * radius ** 2) / (2 * Math.PI), { digits: 4 }), "neutral"],
      ["prior samples farther out", value("farther_out", Math.exp(-0.5 * radius ** 2), { text: `${format(100 * Math.exp(-0.5 * radius ** 2), 1)} %` }), "neutral"],
      ["mean brightness", value("brightness", ink, { digits: 3 })],
    ]));
    figure.say(`z = (${format(z[0], 2)}, ${format(z[1], 2)}), at distance ${format(radius, 2)} from the origin; the prior puts ${format(100 * Math.exp(-0.5 * radius ** 2), 1)} % of its samples farther out. The image is decoded at (${format(at[0], 2)}, ${format(at[1], 2)}) and has mean brightness ${format(ink, 3)}. The rings lie at distance 1 and 2.`);
  };
  const changed = batched(draw);
  figure.watch(["z", "image"], changed);
  figure.watch(["grid", "steps", "height", "width", "extent"], () => {
    drawPlane();
    changed();
  });
  drawPlane();
  draw();
  return figure.cleanup;
}

export default { render };

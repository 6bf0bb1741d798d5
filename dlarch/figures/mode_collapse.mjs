// Eight Gaussians on a circle and a small generator, trained for real against a small discriminator:
// which of the eight does it cover? The discriminator may judge `packing` samples at once (PacGAN, Lin et al. 2018).

export const defaults = {
  k: 1, learning_rate_d: 0.002, learning_rate_g: 0.001, spread: 0.15, packing: 1, batch: 128, seed: 1,
};

const LAYOUT = `
.dla .dla-modes { display: grid; grid-template-columns: minmax(0, 1.25fr) minmax(0, 1fr); gap: 14px 20px; }
@container (max-width: 560px) { .dla .dla-modes { grid-template-columns: minmax(0, 1fr); } }
`;

const MODES = 8;
const RADIUS = 2;
const SHOWN = 400;
const CENTRES = Array.from({ length: MODES }, (_, c) => [RADIUS * Math.cos((2 * Math.PI * c) / MODES), RADIUS * Math.sin((2 * Math.PI * c) / MODES)]);

function createPlayers({ seed, packing, batch }) {
  if (batch % packing) {
    throw new Error(`mode_collapse: batch must be a multiple of packing, but ${batch} samples cannot be judged ${packing} at a time; choose another batch or packing`);
  }
  const uniform = uniformStream(seed);
  const normal = normalStream(uniform);
  const hidden = ["tanh", "tanh", "identity"];
  const generator = createLayers([2, 24, 24, 2], hidden, 1, normal);
  const discriminator = createLayers([2 * packing, 24, 24, 1], hidden, 1.5, normal);
  const watched = uniformStream(seed + 1000);
  return {
    uniform, normal, generator, discriminator, packing, updateG: createAdam(generator), updateD: createAdam(discriminator),
    shownNoise: Float64Array.from({ length: 2 * SHOWN }, normalStream(watched)), rounds: 0, lossD: undefined, lossG: undefined,
  };
}

const noise = (players, batch) => Float64Array.from({ length: 2 * batch }, players.normal);

function realPoints(players, batch, spread) {
  const points = new Float64Array(2 * batch);
  for (let n = 0; n < batch; n += 1) {
    const [x, y] = CENTRES[Math.floor(players.uniform() * MODES)];
    points[2 * n] = x + spread * players.normal();
    points[2 * n + 1] = y + spread * players.normal();
  }
  return points;
}

/** One round: k discriminator steps, one generator step (non-saturating loss). */
function playRound(players, { k, batch, spread, learning_rate_d, learning_rate_g }) {
  const rows = batch / players.packing;
  for (let i = 0; i < k; i += 1) {
    const real = realPoints(players, batch, spread);
    const fake = forwardLayers(players.generator, noise(players, batch), batch).at(-1);
    const x = new Float64Array(4 * batch);
    x.set(real);
    x.set(fake, 2 * batch);
    const values = forwardLayers(players.discriminator, x, 2 * rows);
    const a = values.at(-1);
    players.lossD = a.reduce((sum, logit, n) => sum + softplus(n < rows ? -logit : logit), 0) / rows;
    const upstream = a.map((logit, n) => (sigmoid(logit) - (n < rows ? 1 : 0)) / rows);
    players.updateD(backwardLayers(players.discriminator, values, upstream, 2 * rows).gradients, learning_rate_d);
  }
  const made = forwardLayers(players.generator, noise(players, batch), batch);
  const judged = forwardLayers(players.discriminator, made.at(-1), rows);
  const a = judged.at(-1);
  players.lossG = a.reduce((sum, logit) => sum + softplus(-logit), 0) / rows;
  const { inputGradient } = backwardLayers(players.discriminator, judged, a.map((logit) => (sigmoid(logit) - 1) / rows), rows);
  players.updateG(backwardLayers(players.generator, made, inputGradient, batch).gradients, learning_rate_g);
  players.rounds += 1;
}

/** How many of the shown samples lie within three standard deviations of each mode; a mode is covered from 2 % on. */
function coverage(points, spread) {
  const counts = new Array(MODES).fill(0);
  for (let n = 0; n < SHOWN; n += 1) {
    const distances = CENTRES.map(([x, y]) => Math.hypot(points[2 * n] - x, points[2 * n + 1] - y));
    const nearest = distances.indexOf(Math.min(...distances));
    if (distances[nearest] <= 3 * spread) counts[nearest] += 1;
  }
  return { counts, covered: counts.filter((count) => count >= 0.02 * SHOWN).length, close: counts.reduce((a, b) => a + b, 0) };
}

function render({ model, el }) {
  adoptStyle(LAYOUT);
  const figure = createFigure({
    model, el, name: "mode_collapse", title: "How many of the eight modes does the generator cover?",
    label: "Mode collapse: a generative adversarial network on eight Gaussians, trained live",
  });
  const read = () => figure.read(defaults);
  const packings = [1, 2, 4].filter((packing) => model.get("batch") % packing === 0);
  let players = null;
  let points = null;
  let found = null;
  let history = [];
  const plane = createChart(figure, {
    label: "Plane with the eight modes and the generator's samples; the text below gives the counts",
    height: (width) => Math.min(440, width),
    draw: (picture, width, height) => {
      const reach = 3.2;
      const frame = axes(picture, {
        width, height, left: 44, x: { min: -reach, max: reach, label: "x₁", ticks: [-2, 0, 2] }, y: { min: -reach, max: reach, label: "x₂", ticks: [-2, 0, 2] },
      });
      const spread = model.get("spread");
      const scaleX = frame.x(1) - frame.x(0);
      const scaleY = frame.y(0) - frame.y(1);
      CENTRES.forEach(([x, y], c) => {
        const hit = found.counts[c] >= 0.02 * SHOWN;
        frame.layer.append(
          svg("ellipse", { cx: frame.x(x), cy: frame.y(y), rx: 3 * spread * scaleX, ry: 3 * spread * scaleY, fill: "var(--dla-data)", "fill-opacity": hit ? 0.2 : 0.05, stroke: "var(--dla-data)", "stroke-width": hit ? 2 : 1.3, "stroke-dasharray": hit ? undefined : "3 3" }));
      });
      const cloud = svg("g", { fill: "var(--dla-prediction)", "fill-opacity": 0.75 });
      for (let n = 0; n < SHOWN; n += 1) {
        const [x, y] = [points[2 * n], points[2 * n + 1]];
        if (Math.abs(x) < reach && Math.abs(y) < reach) cloud.append(svg("circle", { cx: frame.x(x).toFixed(1), cy: frame.y(y).toFixed(1), r: 2 }));
      }
      frame.layer.append(cloud);
      CENTRES.forEach(([x, y], c) => {
        const away = 1 + (3 * spread + 0.38) / RADIUS;
        frame.layer.append(svgValue(`count_${c + 1}`, found.counts[c], {
          text: `${c + 1}: ${found.counts[c]}`, x: frame.x(x * away), y: frame.y(y * away) + 4, "text-anchor": "middle", "font-weight": 650, class: "dla-halo",
        }));
      });
    },
  });
  const chart = createChart(figure, {
    label: "Covered modes by round", height: 150,
    draw: (picture, width, height) => {
      const last = Math.max(200, history.at(-1)[0]);
      const frame = axes(picture, { width, height, x: { min: 0, max: last, label: "rounds", count: 4 }, y: { min: 0, max: 8, label: "modes covered", ticks: [0, 2, 4, 6, 8] } });
      const stairs = history.flatMap(([round, covered], i) => (i ? [[frame.x(round), frame.y(history[i - 1][1])], [frame.x(round), frame.y(covered)]] : [[frame.x(round), frame.y(covered)]]));
      frame.layer.append(path(stairs, { stroke: "var(--dla-prediction)" }));
    },
  });
  const numbers = html("div", { class: "dla-facts" });
  const speak = (say = figure.say) => say(`After ${players.rounds} rounds the generator covers ${found.covered} of 8 modes; ${found.close} of ${SHOWN} samples lie within 3σ of a mode. Samples per mode, counted anticlockwise from the right: ${found.counts.join(", ")}.`);
  const show = () => {
    points = forwardLayers(players.generator, players.shownNoise, SHOWN).at(-1);
    found = coverage(points, model.get("spread"));
    if (history.at(-1)?.[0] === players.rounds) history.pop();
    history.push([players.rounds, found.covered]);
    if (history.length > 600) history = history.filter((_, i) => i % 2 === 0 || i === history.length - 1);
    numbers.replaceChildren(...facts([
      ["round", value("rounds", players.rounds, { digits: 0 })],
      ["modes covered (≥ 2 % of samples)", html("span", {}, value("covered", found.covered, { digits: 0 }), " of 8"), "data"],
      ["samples within 3σ of a mode", html("span", {}, value("close", found.close, { digits: 0 }), ` of ${SHOWN}`), "prediction"],
      ["losses of D and G", html("span", {}, value("loss_d", players.lossD, { digits: 3 }), ", ", value("loss_g", players.lossG, { digits: 3 })), "gradient"],
    ]));
    plane.redraw();
    chart.redraw();
    speak(run.running() ? figure.mention : figure.say);
  };
  const reset = () => {
    run.stop();
    players = createPlayers(read());
    history = [];
    show();
  };
  const play = (rounds) => {
    for (let i = 0; i < rounds; i += 1) playRound(players, read());
    show();
  };
  const run = player(figure, {
    label: "Run", interval: 20, onStop: () => speak(),
    step: () => {
      const from = performance.now();
      const before = players.rounds;
      while (performance.now() - from < 25 && players.rounds - before < 10) playRound(players, read());
      show();
    },
  });
  const preset = (changes) => () => {
    run.stop();
    figure.set(changes);
    reset();
  };
  figure.body.append(
    html("div", { class: "dla-modes" },
      html("div", {}, legend([
        { text: "mode, 3σ (dashed: not covered)", tone: "data", mark: "area" }, { text: "sample of the generator", tone: "prediction", mark: "dot" },
      ]), plane.picture),
      html("div", { class: "dla-body" }, numbers, chart.picture)),
    html("div", { class: "dla-buttons" },
      run.control,
      button("1 round", () => play(1), { class: "dla-primary", "data-action": "round" }),
      button("100 rounds", () => play(100), { "data-action": "rounds" }),
      button("Reset", reset, { "data-action": "reset" }),
      button("Other start", () => figure.set({ seed: model.get("seed") + 1 }), { "data-action": "reseed" })),
    html("div", { class: "dla-buttons" }, html("span", { class: "dla-caption" }, "settings:"),
      button("both gentle", preset(PRESETS.gentle), { "data-action": "gentle" }),
      button("hasty generator", preset(PRESETS.hasty), { "data-action": "hasty" }),
      button("strong discriminator", preset(PRESETS.strong), { "data-action": "strong" }),
      button("strong, judging pairs", preset(PRESETS.packed), { "data-action": "packed", disabled: !packings.includes(2) })),
    html("div", { class: "dla-row" },
      slider(figure, { trait: "k", label: formula("D steps per round k"), min: 1, max: 10, step: 1, show: String }),
      choice(figure, { trait: "packing", label: "samples judged together", options: packings.map((n) => [n, String(n)]) }),
      numberField(figure, { trait: "learning_rate_d", label: "learning rate of D", min: 0, max: 0.1, step: 0.0005 }),
      numberField(figure, { trait: "learning_rate_g", label: "learning rate of G", min: 0, max: 0.1, step: 0.0005 }),
      slider(figure, { trait: "spread", label: html("span", {}, "width of each mode ", formula("σ")), min: 0.05, max: 0.3, step: 0.05 })),
  );
  figure.watch(["seed", "packing", "spread"], batched(reset));
  reset();
  return figure.cleanup;
}

const PRESETS = {
  gentle: { k: 1, learning_rate_d: 0.002, learning_rate_g: 0.001, packing: 1 },
  hasty: { k: 1, learning_rate_d: 0.001, learning_rate_g: 0.005, packing: 1 },
  strong: { k: 2, learning_rate_d: 0.005, learning_rate_g: 0.002, packing: 1 },
  packed: { k: 2, learning_rate_d: 0.005, learning_rate_g: 0.002, packing: 2 },
};

export default { render };

// A generative adversarial network on a line, trained for real: data density, generator density, discriminator,
// and the map z → x, after figure 1 of Goodfellow et al. (2014).
// G(z) = z + network(z), z ~ N(0, 1); D(x) = σ(network(x)). Both are trained by Adam on seeded mini-batches.

export const defaults = {
  data: "one", k: 3, learning_rate_d: 0.02, learning_rate_g: 0.005, batch: 128, loss: "non-saturating", seed: 1, x: 1.05,
};

const LAYOUT = `
.dla .dla-panels { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: 8px 12px; }
@container (max-width: 640px) { .dla .dla-panels { grid-template-columns: repeat(2, minmax(0, 1fr)); } }
.dla .dla-panels > figure { margin: 0; }
`;

const MIXTURES = { one: [[1.5, 0.6]], two: [[-1.6, 0.5], [1.6, 0.5]] };
const [LEFT, RIGHT, BINS] = [-5, 5, 100];
const NOTHING = 1e-3; // below this sum of densities D* is not drawn: there is nothing to tell apart
const BIN = (RIGHT - LEFT) / BINS;
const CENTRES = Array.from({ length: BINS }, (_, i) => LEFT + (i + 0.5) * BIN);

const gaussian = (x, mean, sigma) => Math.exp(-0.5 * ((x - mean) / sigma) ** 2) / (sigma * Math.sqrt(2 * Math.PI));
const dataDensity = (data, x) => MIXTURES[data].reduce((sum, [mean, sigma]) => sum + gaussian(x, mean, sigma), 0) / MIXTURES[data].length;

/** Two networks with random weights; first-layer biases put the bends of the units at points spread over the axis. */
function createPlayers(seed) {
  const uniform = uniformStream(seed);
  const normal = normalStream(uniform);
  const spread = ([first, ...rest], reach) => {
    first.b.forEach((_, j) => {
      first.b[j] = -first.w[j] * reach * (2 * uniform() - 1);
    });
    return [first, ...rest];
  };
  const generator = spread(createLayers([1, 16, 1], ["tanh", "identity"], 1, normal), 2);
  generator[1].w.forEach((w, i) => {
    generator[1].w[i] = 0.2 * w;
  });
  generator[1].b[0] = -1.5;
  const discriminator = spread(createLayers([1, 24, 1], ["tanh", "identity"], 1.5, normal), 4);
  return {
    uniform, normal, generator, discriminator, updateG: createAdam(generator), updateD: createAdam(discriminator),
    rounds: 0, stepsD: 0, stepsG: 0, lossD: undefined, lossG: undefined,
  };
}

function generate(players, z) {
  const values = forwardLayers(players.generator, z, z.length);
  return { values, x: values.at(-1).map((shift, n) => z[n] + shift) };
}

const logits = (players, x) => forwardLayers(players.discriminator, x, x.length).at(-1);

/** One discriminator step: −mean log D(x) − mean log(1 − D(G(z))) goes down. */
function stepD(players, { data, batch, learning_rate_d }) {
  const modes = MIXTURES[data];
  const real = Float64Array.from({ length: batch }, () => {
    const [mean, sigma] = modes[Math.floor(players.uniform() * modes.length)];
    return mean + sigma * players.normal();
  });
  const fake = generate(players, Float64Array.from({ length: batch }, players.normal)).x;
  const x = Float64Array.of(...real, ...fake);
  const values = forwardLayers(players.discriminator, x, 2 * batch);
  const a = values.at(-1);
  players.lossD = a.reduce((sum, logit, n) => sum + softplus(n < batch ? -logit : logit), 0) / batch;
  const upstream = a.map((logit, n) => (sigmoid(logit) - (n < batch ? 1 : 0)) / batch);
  players.updateD(backwardLayers(players.discriminator, values, upstream, 2 * batch).gradients, learning_rate_d);
  players.stepsD += 1;
}

/** One generator step: −mean log D(G(z)), or mean log(1 − D(G(z))), goes down. */
function stepG(players, { batch, learning_rate_g, loss }) {
  const { values, x } = generate(players, Float64Array.from({ length: batch }, players.normal));
  const judged = forwardLayers(players.discriminator, x, batch);
  const a = judged.at(-1);
  const saturating = loss === "saturating";
  players.lossG = a.reduce((sum, logit) => sum + (saturating ? -softplus(logit) : softplus(-logit)), 0) / batch;
  const upstream = a.map((logit) => (saturating ? -sigmoid(logit) : sigmoid(logit) - 1) / batch);
  const { inputGradient } = backwardLayers(players.discriminator, judged, upstream, batch);
  players.updateG(backwardLayers(players.generator, values, inputGradient, batch).gradients, learning_rate_g);
  players.stepsG += 1;
}

/** p_g on the bins: each of 2000 equal intervals of z in [−4, 4] spreads its mass evenly between the images of its ends. */
function generatorDensity(players) {
  const z = Float64Array.from({ length: 2001 }, (_, i) => -4 + 0.004 * i);
  const { x } = generate(players, z);
  const density = new Float64Array(BINS);
  for (let i = 0; i < 2000; i += 1) {
    const mass = 0.004 * gaussian(z[i] + 0.002, 0, 1);
    const low = Math.min(x[i], x[i + 1]);
    const high = Math.max(x[i], x[i + 1], low + 1e-9);
    const last = Math.min(BINS - 1, Math.floor((high - LEFT) / BIN));
    for (let bin = Math.max(0, Math.floor((low - LEFT) / BIN)); bin <= last; bin += 1) {
      const overlap = Math.min(high, LEFT + (bin + 1) * BIN) - Math.max(low, LEFT + bin * BIN);
      density[bin] += (mass * Math.max(0, overlap)) / (high - low) / BIN;
    }
  }
  return density;
}

/** Everything that is drawn of one moment. */
function snapshot(players, data, caption) {
  const pg = generatorDensity(players);
  const pd = Float64Array.from(CENTRES, (x) => dataDensity(data, x));
  const d = logits(players, Float64Array.from(CENTRES)).map(sigmoid);
  const best = pd.map((density, i) => density / (density + pg[i] + 1e-300));
  const part = (p, q) => (p > 0 ? p * Math.log((2 * p) / (p + q)) : 0);
  const jsd = 0.5 * BIN * pd.reduce((sum, density, i) => sum + part(density, pg[i]) + part(pg[i], density), 0);
  const z = Float64Array.from({ length: 17 }, (_, i) => -2 + 0.25 * i);
  return { caption, pd, pg, d, best, jsd, z, gz: generate(players, z).x, rounds: players.rounds };
}

function drawPanel(picture, width, height, { pd, pg, d, best, z, gz }, { small = false, cursor } = {}) {
  const strip = small ? 40 : 92;
  const margins = small ? { left: 4, right: 4, top: 6, bottom: 2 } : { left: 56, right: 10, top: 10, bottom: 4 };
  const frame = axes(picture, {
    ...margins, width, height: height - strip, x: { min: LEFT, max: RIGHT, label: "", ticks: [] },
    y: { min: 0, max: 1, label: small ? "" : "density; probability D", ticks: small ? [] : [0, 0.25, 0.5, 0.75, 1] },
  });
  const curve = (values) => CENTRES.map((x, i) => [frame.x(x), frame.y(Math.min(values[i], 1.04))]);
  const thin = small ? 0.65 : 1;
  const somewhere = CENTRES.map((_, i) => pd[i] + pg[i] > NOTHING);
  const [first, last] = [somewhere.indexOf(true), somewhere.lastIndexOf(true)];
  const area = curve(pd);
  frame.layer.append(
    svg("path", { d: `${path(area).getAttribute("d")}L${area.at(-1)[0]} ${frame.bottom}L${area[0][0]} ${frame.bottom}Z`, fill: "var(--dla-data)", "fill-opacity": 0.16 }),
    path(area, { stroke: "var(--dla-data)", "stroke-width": 2.4 * thin, "stroke-dasharray": "1.5 4" }),
    path(curve(best).slice(first, last + 1), { stroke: "var(--dla-truth)", "stroke-width": 2.2 * thin, "stroke-dasharray": "9 3 2 3" }),
    path(curve(d), { stroke: "var(--dla-gradient)", "stroke-width": 2.4 * thin, "stroke-dasharray": "7 4" }),
    path(curve(pg), { stroke: "var(--dla-prediction)", "stroke-width": 2.8 * thin }),
  );
  const [top, low] = [frame.bottom + (small ? 2 : 4), height - (small ? 4 : 40)];
  const lines = svg("g", { stroke: "var(--dla-prediction)", "stroke-width": 1.2 * thin });
  z.forEach((entry, i) => {
    const x = Math.min(RIGHT, Math.max(LEFT, gz[i]));
    lines.append(svg("line", { x1: frame.x(entry), y1: low, x2: frame.x(x), y2: top, "stroke-opacity": 0.35 + 0.6 * Math.exp(-0.5 * entry ** 2) }));
    if (!small) lines.append(svg("circle", { cx: frame.x(entry), cy: low, r: 2.2, fill: "var(--dla-prediction)" }), marker("triangle", frame.x(x), top + 3, 3, { fill: "var(--dla-prediction)", stroke: "none" }));
  });
  picture.append(lines);
  if (small) return;
  picture.append(
    svg("line", { x1: frame.left, x2: frame.right, y1: low, y2: low, stroke: "var(--dla-neutral)" }),
    ...ticks(-4, 4, 8).map((mark) => svg("text", { x: frame.x(mark), y: low + 16, "text-anchor": "middle", class: "dla-soft" }, String(mark).replace("-", "−"))),
    svg("text", { x: (frame.left + frame.right) / 2, y: low + 34, "text-anchor": "middle", class: "dla-soft" }, width < 430 ? "each line carries one z to x = G(z)" : "x above, z below: each line carries one z to x = G(z)"),
    svg("text", { x: frame.left - 7, y: top + 15, "text-anchor": "end", class: "dla-soft" }, "x"),
    svg("text", { x: frame.left - 7, y: low + 4, "text-anchor": "end", class: "dla-soft" }, "z"),
  );
  const cx = frame.x(CENTRES[cursor]);
  picture.append(svg("line", { x1: cx, x2: cx, y1: frame.top, y2: frame.bottom, stroke: "var(--dla-neutral)", "stroke-dasharray": "2 3" }),
    marker("square", cx, frame.y(Math.min(pg[cursor], 1.04)), 4.5, { fill: "var(--dla-prediction)" }),
    marker("dot", cx, frame.y(d[cursor]), 4.5, { fill: "var(--dla-gradient)" }),
    ...(somewhere[cursor] ? [marker("triangle", cx, frame.y(best[cursor]), 4.5, { fill: "var(--dla-truth)" })] : []));
}

function render({ model, el }) {
  adoptStyle(LAYOUT);
  const figure = createFigure({
    model, el, name: "gan_one_dimension", title: "Two players on a line",
    label: "One-dimensional generative adversarial network, trained live: densities, discriminator and the map from z to x",
  });
  const read = () => figure.read(defaults);
  let players = null;
  let now = null;
  let panels = [];
  const cursorBin = () => Math.min(BINS - 1, Math.max(0, Math.round((model.get("x") - LEFT) / BIN - 0.5)));
  const chart = createChart(figure, {
    label: "Data density, generator density, discriminator, best discriminator, and lines from z to x; the text below gives numbers",
    height: (width) => (width < 430 ? 340 : 390),
    draw: (picture, width, height) => drawPanel(picture, width, height, now, { cursor: cursorBin() }),
  });
  const captions = ["a", "b", "c", "d"].map(() => html("figcaption", { class: "dla-caption" }));
  const small = captions.map((_, i) => createChart(figure, {
    label: `Snapshot ${"abcd"[i]}`, height: 130,
    draw: (picture, width, height) => drawPanel(picture, width, height, panels[i], { small: true }),
  }));
  const numbers = html("div", { class: "dla-facts" });
  const [local, carried] = [html("p", { class: "dla-formula" }), html("p", { class: "dla-formula" })];
  const take = (i, caption) => {
    panels[i] = snapshot(players, model.get("data"), caption);
  };
  const turnD = (steps = 1) => {
    for (let i = 0; i < steps; i += 1) stepD(players, read());
    take(1, `(b) after D's last turn, round ${players.rounds}`);
  };
  const turnG = () => {
    stepG(players, read());
    take(2, `(c) after G's last turn, round ${players.rounds}`);
  };
  const round = () => {
    players.rounds += 1;
    turnD(model.get("k"));
    turnG();
  };
  const reset = () => {
    run.stop();
    players = createPlayers(model.get("seed"));
    panels = [];
    ["(a) the start", "(b) after D's last turn", "(c) after G's last turn", "(d) closest so far"].forEach((caption, i) => take(i, caption));
    show();
  };
  const run = player(figure, {
    label: "Run", interval: 40, onStop: () => speak(),
    step: () => {
      for (let i = 0; i < 2; i += 1) round();
      show();
    },
  });
  const act = (action) => () => {
    action();
    show();
  };
  figure.body.append(
    legend([
      { text: "data density", tone: "data", dash: "1.5 4" }, { text: "generator density", tone: "prediction" },
      { text: "discriminator D(x)", tone: "gradient", dash: "7 4" }, { text: "best discriminator D*(x)", tone: "truth", dash: "9 3 2 3" },
    ]),
    chart.picture,
    html("div", { class: "dla-buttons" },
      run.control,
      button("One round: k × D, then G", act(round), { class: "dla-primary", "data-action": "round" }),
      button("D step", act(() => turnD()), { "data-action": "step-d" }),
      button("D × 200", act(() => turnD(200)), { "data-action": "train-d" }),
      button("G step", act(turnG), { "data-action": "step-g" }),
      button("Reset", reset, { "data-action": "reset" })),
    numbers,
    html("div", { class: "dla-panel" }, slider(figure, { trait: "x", label: formula("look at x"), min: LEFT + BIN / 2, max: RIGHT - BIN / 2, step: BIN }), local, carried),
    html("div", { class: "dla-panels" }, small.map(({ picture }, i) => html("figure", {}, picture, captions[i]))),
    html("div", { class: "dla-row" },
      choice(figure, { trait: "data", label: "data", options: [["one", "one Gaussian"], ["two", "two Gaussians"]] }),
      choice(figure, { trait: "loss", label: "generator's loss", options: [["non-saturating", "−log D(G(z))"], ["saturating", "log(1 − D(G(z)))"]] }),
      slider(figure, { trait: "k", label: formula("D steps per round k"), min: 1, max: 20, step: 1, show: String }),
      numberField(figure, { trait: "learning_rate_d", label: "learning rate of D", min: 0, max: 1, step: 0.005 }),
      numberField(figure, { trait: "learning_rate_g", label: "learning rate of G", min: 0, max: 1, step: 0.005 })),
  );

  const speak = (say = figure.say) => {
    const at = cursorBin();
    say(`After ${players.rounds} rounds (${players.stepsD} discriminator and ${players.stepsG} generator steps) the Jensen–Shannon divergence between data and generator is ${format(now.jsd)} nats of at most ${format(Math.log(2))}. At x = ${format(CENTRES[at], 2)}: data density ${format(now.pd[at], 3)}, generator density ${format(now.pg[at], 3)}, D = ${format(now.d[at], 3)}, best D* = ${format(now.best[at], 3)}. z = −1, 0, 1 go to x = ${[4, 8, 12].map((i) => format(now.gz[i], 2)).join(", ")}.`);
  };
  const show = () => {
    now = snapshot(players, model.get("data"), "");
    if (now.jsd <= panels[3].jsd) panels[3] = { ...now, caption: `(d) closest so far, round ${players.rounds}` };
    const at = cursorBin();
    numbers.replaceChildren(...facts([
      ["round", value("rounds", players.rounds, { digits: 0 })],
      ["divergence JSD (nats)", value("jsd", now.jsd), "error"],
      ["value of the game at D*", value("game_value", 2 * now.jsd - Math.log(4)), "truth"],
      ["losses of D and G (last batch)", html("span", {}, value("loss_d", players.lossD, { digits: 3 }), ", ", value("loss_g", players.lossG, { digits: 3 })), "gradient"],
    ]));
    local.replaceChildren(formula("p_{data} = "), value("p_data", now.pd[at], { tone: "data" }), formula(",   p_g = "), value("p_g", now.pg[at], { tone: "prediction" }),
      formula(",   D = "), value("d", now.d[at], { tone: "gradient" }), formula(",   D^* = "), fraction(formula("p_{data}"), formula("p_{data} + p_g")), " = ", value("d_best", now.best[at], { tone: "truth" }));
    carried.replaceChildren(...["minus_1", "0", "1"].flatMap((name, i) => [
      formula(`${i ? ",   " : ""}G(${["−1", "0", "1"][i]}) = `), value(`g_${name}`, now.gz[4 + 4 * i], { tone: "prediction" }),
    ]));
    captions.forEach((caption, i) => {
      caption.textContent = panels[i].caption;
    });
    chart.redraw();
    for (const { redraw } of small) redraw();
    speak(run.running() ? figure.mention : figure.say);
  };
  figure.watch(["x"], batched(show));
  figure.watch(["data", "seed"], batched(reset));
  reset();
  return figure.cleanup;
}

export default { render };

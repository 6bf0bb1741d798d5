// Encodings of two or three inputs as Gaussians on a latent line: what their width σ does.
// The decoder is the best possible one: p(c|z) ∝ q(z|c), equal weights.

export const defaults = { classes: 2, sigma: 0.6, separation: 2.0 };

const LAYOUT = `.dla .dla-overlap > * { flex-basis: 320px; }`;
const CLASSES = [["A", "data", "dot", undefined], ["B", "prediction", "square", "9 4"], ["C", "gradient", "triangle", "3 4"]];

const density = (z, mean, sigma) => Math.exp(-0.5 * ((z - mean) / sigma) ** 2) / (sigma * Math.sqrt(2 * Math.PI));

/** ∫ f from a to b by Simpson's rule with `n` intervals (even). */
function integrate(f, a, b, n = 800) {
  const h = (b - a) / n;
  let sum = f(a) + f(b);
  for (let i = 1; i < n; i += 1) sum += f(a + i * h) * (i % 2 ? 4 : 2);
  return (sum * h) / 3;
}

/** P(Z ≤ x), Z standard normal. */
const normalBelow = (x) => (x > 8 ? 1 : x < -8 ? 0 : 0.5 + Math.sign(x) * integrate((z) => density(z, 0, 1), 0, Math.abs(x), 200));

const meansOf = (classes, separation) => Array.from({ length: classes }, (_, c) => separation * (c - (classes - 1) / 2));

/** Mean KL(q‖p) in nats, mean −log p(c|z) in nats, probability of decoding another class, prior mass beyond 2σ of every mean. */
function measure({ classes, sigma, separation }, intervals = 800) {
  const means = meansOf(classes, separation);
  const kls = means.map((mean) => 0.5 * (mean ** 2 + sigma ** 2 - 1 - Math.log(sigma ** 2)));
  const kl = kls.reduce((sum, entry) => sum + entry, 0) / classes;
  const surprise = means.map((mean) => integrate((z) => {
    const others = means.reduce((sum, other) => sum + Math.exp((0.5 * ((z - mean) ** 2 - (z - other) ** 2)) / sigma ** 2), 0);
    return density(z, mean, sigma) * Math.log(others);
  }, mean - 8 * sigma, mean + 8 * sigma, intervals));
  const reconstruction = surprise.reduce((sum, entry) => sum + entry, 0) / classes;
  const confusion = ((2 * (classes - 1)) / classes) * normalBelow(-separation / (2 * sigma));
  let [empty, reached] = [1, -Infinity];
  for (const mean of means) {
    const from = Math.max(reached, mean - 2 * sigma);
    reached = mean + 2 * sigma;
    empty -= normalBelow(reached) - normalBelow(from);
  }
  return { means, kls, kl, reconstruction, loss: kl + reconstruction, confusion, empty };
}

function render({ model, el }) {
  adoptStyle(LAYOUT);
  const figure = createFigure({
    model, el, name: "vae_overlap", title: "What σ does to the overlap in latent space",
    label: "Overlap in latent space: encodings as Gaussians, the width sigma, KL term and confusion",
  });
  const read = () => figure.read(defaults);
  const noise = (() => {
    const normal = normalStream(uniformStream(3));
    return CLASSES.map(() => Array.from({ length: 24 }, normal));
  })();
  let now = measure(read());
  let curve = [];
  const reach = 4.5;
  const lines = createChart(figure, {
    label: "Densities of the encodings and of the prior over z, with samples; the text below gives the numbers", height: 314,
    draw: (picture, width, height) => {
      const { sigma } = read();
      const strip = 68;
      const top = Math.max(0.45, 1.12 * density(0, 0, sigma));
      const frame = axes(picture, {
        width, height: height - strip, bottom: 4, x: { min: -reach, max: reach, label: "", ticks: [] },
        y: { min: 0, max: top, label: "density", count: 4 },
      });
      const grid = Array.from({ length: 361 }, (_, i) => -reach + (2 * reach * i) / 360);
      const bend = (mean, width_) => grid.map((z) => [frame.x(z), frame.y(density(z, mean, width_))]);
      const prior = bend(0, 1);
      frame.layer.append(svg("path", { d: `${path(prior).getAttribute("d")}Z`, fill: "var(--dla-neutral)", "fill-opacity": 0.14 }),
        path(prior, { stroke: "var(--dla-neutral)", "stroke-width": 1.5, "stroke-dasharray": "2 3" }));
      now.means.forEach((mean, c) => {
        const [name, tone, kind, dash] = CLASSES[c];
        const points = bend(mean, sigma);
        frame.layer.append(
          svg("path", { d: `${path(points).getAttribute("d")}Z`, fill: `var(--dla-${tone})`, "fill-opacity": 0.16 }),
          path(points, { stroke: `var(--dla-${tone})`, "stroke-dasharray": dash, "stroke-width": 2.5 }),
          svg("text", { x: frame.x(mean), y: Math.max(frame.y(density(0, 0, sigma)) - 5, 12), "text-anchor": "middle", "font-weight": 700, class: `dla-${tone} dla-halo` }, name));
        noise[c].forEach((epsilon) => {
          const z = mean + sigma * epsilon;
          const nearest = now.means.reduce((best, other, i) => (Math.abs(other - z) < Math.abs(now.means[best] - z) ? i : best), 0);
          const y = frame.bottom + 12 + 12 * c;
          if (Math.abs(z) > reach) return;
          frame.layer.append(nearest === c
            ? marker(kind, frame.x(z), y, 3.6, { fill: `var(--dla-${tone})`, "fill-opacity": 0.75 })
            : marker("cross", frame.x(z), y, 4, { stroke: "var(--dla-error)", "stroke-width": 2.4 }));
        });
      });
      const base = height - 30;
      picture.append(
        ...ticks(-4, 4, 8).map((z) => svg("text", { x: frame.x(z), y: base + 12, "text-anchor": "middle", class: "dla-soft" }, String(z).replace("-", "−"))),
        svg("text", { x: (frame.left + frame.right) / 2, y: base + 29, "text-anchor": "middle", class: "dla-soft" }, "latent variable z"));
    },
  });
  const trade = createChart(figure, {
    label: "KL term, reconstruction term and their sum against sigma", height: 300,
    draw: (picture, width, height) => {
      const { sigma } = read();
      const top = Math.min(6, Math.max(2.5, 1.15 * now.loss));
      const frame = axes(picture, {
        width, height, x: { min: 0, max: 2, label: "width of the encodings σ", count: 4 }, y: { min: 0, max: top, label: "nats", count: 5 },
      });
      const clip = `dla-clip-${Math.random().toString(36).slice(2)}`;
      frame.layer.append(svg("clipPath", { id: clip }, svg("rect", { x: frame.left, y: frame.top - 6, width: frame.right - frame.left, height: frame.bottom - frame.top + 6 })));
      const inside = svg("g", { "clip-path": `url(#${clip})` });
      const kinds = [["kl", "gradient", "7 4"], ["reconstruction", "error", "2 4"], ["loss", "ink", undefined]];
      for (const [key, tone, dash] of kinds) {
        inside.append(path(curve.map((point) => [frame.x(point.sigma), frame.y(point[key])]), { stroke: `var(--dla-${tone})`, "stroke-dasharray": dash, "stroke-width": 2.3 }));
      }
      const x = frame.x(sigma);
      inside.append(svg("line", { x1: x, x2: x, y1: frame.top, y2: frame.bottom, stroke: "var(--dla-neutral)", "stroke-dasharray": "2 3" }),
        ...kinds.map(([key, tone], i) => marker(["triangle", "square", "dot"][i], x, frame.y(now[key]), 5, { fill: `var(--dla-${tone})` })));
      frame.layer.append(inside);
      const best = curve.reduce((least, point) => (point.loss < least.loss ? point : least));
      const bx = frame.x(best.sigma);
      frame.layer.append(svg("path", { d: `M${bx} ${frame.y(best.loss) - 6}l-5 -9h10Z`, fill: "var(--dla-truth)" }),
        svg("text", { x: bx, y: frame.y(best.loss) - 20, "text-anchor": "middle", class: "dla-truth dla-halo" }, `least at σ ≈ ${format(best.sigma, 2)}`));
    },
  });
  const numbers = html("div", { class: "dla-facts" });
  const encodings = html("div");
  figure.body.append(
    html("div", { class: "dla-row" },
      choice(figure, { trait: "classes", label: "inputs", options: [[2, "two: A, B"], [3, "three: A, B, C"]] }),
      slider(figure, { trait: "sigma", label: formula("width σ"), min: 0.05, max: 2, step: 0.05 }),
      slider(figure, { trait: "separation", label: "distance between means", min: 0, max: 4, step: 0.1 })),
    numbers,
    html("div", { class: "dla-columns dla-overlap" },
      html("div", {}, encodings, lines.picture),
      html("div", {}, legend([
        { text: "KL term", tone: "gradient", dash: "7 4" }, { text: "reconstruction term", tone: "error", dash: "2 4" }, { text: "sum = −ELBO", tone: "ink" },
      ]), trade.picture)),
  );

  let drawnFor = "";
  const draw = () => {
    const state = read();
    now = measure(state);
    const key = `${state.classes} ${state.separation}`;
    if (key !== drawnFor) curve = Array.from({ length: 60 }, (_, i) => 0.04 + (1.98 * i) / 59).map((sigma) => ({ sigma, ...measure({ ...state, sigma }, 160) }));
    drawnFor = key;
    numbers.replaceChildren(...facts([
      ["KL term (mean, nats)", value("kl", now.kl), "gradient"],
      ["reconstruction −log p(x|z) (nats)", value("reconstruction", now.reconstruction), "error"],
      ["sum = −ELBO (nats)", value("negative_elbo", now.loss)],
      ["decoded as another input", value("confusion", now.confusion, { text: `${format(100 * now.confusion, 1)} %` }), "error"],
      ["prior samples near no encoding (> 2σ)", value("empty", now.empty, { text: `${format(100 * now.empty, 1)} %` }), "neutral"],
    ]));
    encodings.replaceChildren(legend([
      { text: formula("prior p(z)"), tone: "neutral", dash: "2 3" },
      ...CLASSES.slice(0, state.classes).map(([name, tone, , dash]) => ({ text: formula(`q(z|${name})`), tone, dash })),
      { text: "sample decoded as another input", mark: "cross", tone: "error" },
    ]));
    lines.redraw();
    trade.redraw();
    const verdict = now.confusion > 0.15 ? "the encodings overlap: the decoder confuses them" : now.empty > 0.3 ? "the encodings are apart, and leave holes where the prior puts samples" : "little confusion and few holes";
    figure.say(`${state.classes} encodings of width σ = ${format(state.sigma, 2)}, means ${now.means.map((mean) => format(mean, 2)).join(", ")}: KL ${now.kls.map((kl) => format(kl, 3)).join(", ")}, mean ${format(now.kl, 4)} nats; reconstruction ${format(now.reconstruction, 4)} nats; sum ${format(now.loss, 4)}; ${format(100 * now.confusion, 1)} % of the samples are decoded as another input; ${format(100 * now.empty, 1)} % of the prior's samples lie farther than 2σ from every mean: ${verdict}.`);
  };
  figure.watch(Object.keys(defaults), batched(draw));
  draw();
  return figure.cleanup;
}

export default { render };

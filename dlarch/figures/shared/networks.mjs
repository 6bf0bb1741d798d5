// Random numbers, and small networks that a figure trains.

/** mulberry32: uniform numbers in [0, 1) from a 32-bit seed. */
function uniformStream(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** Standard normal numbers by Box and Muller (cosine branch), two uniform numbers each. */
function normalStream(uniform) {
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

const sigmoid = (a) => (a >= 0 ? 1 / (1 + Math.exp(-a)) : Math.exp(a) / (1 + Math.exp(a)));
const softplus = (a) => Math.max(a, 0) + Math.log1p(Math.exp(-Math.abs(a)));

/** Activations g(a) and their derivative written with the activated value h = g(a). */
const ACTIVATIONS = {
  sigmoid: { g: sigmoid, slope: (h) => h * (1 - h) },
  tanh: { g: Math.tanh, slope: (h) => 1 - h * h },
  relu: { g: (a) => Math.max(0, a), slope: (h) => (h > 0 ? 1 : 0) },
  identity: { g: (a) => a, slope: () => 1 },
};

/** Fully connected layers: weights (in × out) drawn normal with standard deviation gain/√in, biases zero. */
function createLayers(sizes, activations, gain, normal) {
  return activations.map((activation, l) => {
    const [inputs, outputs] = [sizes[l], sizes[l + 1]];
    const w = Float64Array.from({ length: inputs * outputs }, () => (gain / Math.sqrt(inputs)) * normal());
    return { inputs, outputs, activation, w, b: new Float64Array(outputs) };
  });
}

/** Values of every layer for a batch x (N × in, row by row): [x, h₁, …, output]. */
function forwardLayers(layers, x, N) {
  const values = [x];
  for (const { inputs, outputs, activation, w, b } of layers) {
    const { g } = ACTIVATIONS[activation];
    const previous = values.at(-1);
    const h = new Float64Array(N * outputs);
    for (let n = 0; n < N; n += 1) {
      for (let j = 0; j < outputs; j += 1) {
        let a = b[j];
        for (let i = 0; i < inputs; i += 1) a += previous[n * inputs + i] * w[i * outputs + j];
        h[n * outputs + j] = g(a);
      }
    }
    values.push(h);
  }
  return values;
}

/** Gradients of the layers (with `delta`, the gradient of their weighted sums), and of x, from the gradient of the output. */
function backwardLayers(layers, values, outputGradient, N) {
  const gradients = new Array(layers.length);
  let upstream = outputGradient;
  for (let l = layers.length - 1; l >= 0; l -= 1) {
    const { inputs, outputs, activation, w } = layers[l];
    const { slope } = ACTIVATIONS[activation];
    const [x, h] = [values[l], values[l + 1]];
    const dw = new Float64Array(inputs * outputs);
    const db = new Float64Array(outputs);
    const dx = new Float64Array(N * inputs);
    const deltas = new Float64Array(N * outputs);
    for (let n = 0; n < N; n += 1) {
      for (let j = 0; j < outputs; j += 1) {
        const delta = upstream[n * outputs + j] * slope(h[n * outputs + j]);
        deltas[n * outputs + j] = delta;
        db[j] += delta;
        for (let i = 0; i < inputs; i += 1) {
          dw[i * outputs + j] += x[n * inputs + i] * delta;
          dx[n * inputs + i] += w[i * outputs + j] * delta;
        }
      }
    }
    gradients[l] = { w: dw, b: db, delta: deltas };
    upstream = dx;
  }
  return { gradients, inputGradient: upstream };
}

/** Adam (Kingma and Ba 2015, algorithm 1) for the layers of one network. */
function createAdam(layers, { beta1 = 0.5, beta2 = 0.999, epsilon = 1e-8 } = {}) {
  const zeros = () => layers.map(({ w, b }) => ({ w: new Float64Array(w.length), b: new Float64Array(b.length) }));
  const [first, second] = [zeros(), zeros()];
  let t = 0;
  return (gradients, learningRate) => {
    t += 1;
    layers.forEach((layer, l) => {
      for (const part of ["w", "b"]) {
        const [m, v, gradient] = [first[l][part], second[l][part], gradients[l][part]];
        for (let i = 0; i < gradient.length; i += 1) {
          m[i] = beta1 * m[i] + (1 - beta1) * gradient[i];
          v[i] = beta2 * v[i] + (1 - beta2) * gradient[i] ** 2;
          layer[part][i] -= (learningRate * m[i]) / (1 - beta1 ** t) / (Math.sqrt(v[i] / (1 - beta2 ** t)) + epsilon);
        }
      }
    });
  };
}

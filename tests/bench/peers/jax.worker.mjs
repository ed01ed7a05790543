// A peer in the browser: jax-js with its wasm backend, in a module worker. Its LSTM as its users would write it:
//   jitted   the loss over all steps, unrolled (there is no scan), its gradient by valueAndGrad, all in one jit
//   by-hand  a jit for the forward and one for the backward of a step, the products for the input and for the gradients of
//            weights once for all steps
// Takes {peer, hidden, layers, T, B, V, rate, passes, steps, inputs, targets} and answers as tfjs.worker.js does. Arrays of
// jax-js are used up by whoever takes them; `.ref` keeps one for another use.
/** The message that comes, before the library is there or after. @type {Promise<MessageEvent<Job>>} */
const job = new Promise((resolve) => {
  self.onmessage = resolve;
});
const { blockUntilReady, defaultDevice, init, jit, nn, numpy: np, tree, valueAndGrad } = await import(`${'/node_modules/'}@jax-js/jax/dist/index.js`);

/** @typedef {any} Values an array of jax-js */
/** @typedef {Record<string, Values>} Parameters */
/** @typedef {{peer: 'jitted'|'by-hand', hidden: number, layers: number, T: number, B: number, V: number, rate?: number, passes: number, steps?: number, inputs: number[], targets: number[]}} Job */
/** @typedef {(p: Parameters, x: Values, y: Values) => [Values, Parameters]} Both loss and gradients of parameters and one-hot inputs and targets, (T·B, V) with rows t·B + b */

const compiled = (/** @type {(...values: Values[]) => Values} */ f) => jit(f);

/** Adam (Kingma & Ba 2015) over named parameters. @param {Parameters} params @param {number} rate */
function adam(params, rate) {
  const zeros = () => tree.map((/** @type {Values} */ p) => np.zeros(p.shape), tree.ref(params));
  let mean = zeros(), square = zeros(), steps = 0;
  const update = compiled((p, m, v, g, scale, root) => {
    m = m.mul(0.9).add(g.ref.mul(0.1));
    v = v.mul(0.999).add(g.ref.mul(g).mul(0.001));
    return [p.sub(scale.mul(m.ref).div(np.sqrt(v.ref.mul(root)).add(1e-8))), m, v];
  });
  return (/** @type {Parameters} */ gradients) => {
    steps++;
    const scale = rate / (1 - 0.9 ** steps), root = 1 / (1 - 0.999 ** steps);
    for (const name of Object.keys(params))
      [params[name], mean[name], square[name]] = update(params[name], mean[name], square[name], gradients[name], np.array(scale), np.array(root));
    return blockUntilReady(tree.ref([params, mean, square])).then(tree.dispose);
  };
}

/** @param {Job} job */
function parameters({ hidden: H, layers, V }) {
  const uniform = (/** @type {number[]} */ ...shape) => {
    const values = Float32Array.from({ length: shape[0] * shape[1] }, () => (Math.random() * 2 - 1) / Math.sqrt(H));
    return np.array(values).reshape(shape);
  };
  /** @type {Parameters} */ const params = { wo: uniform(H, V), bo: np.zeros([1, V]) };
  for (let l = 0; l < layers; l++) Object.assign(params, { [`wx${l}`]: uniform(l ? H : V, 4 * H), [`wh${l}`]: uniform(H, 4 * H), [`b${l}`]: np.zeros([1, 4 * H]) });
  return params;
}

/** @param {Job} job @returns {Both} */
function jitted({ hidden: H, layers, T, B }) {
  const loss = (/** @type {Parameters} */ p, /** @type {Values} */ x, /** @type {Values} */ y) => {
    let rows = x;
    for (let l = 0; l < layers; l++) {
      const wh = p[`wh${l}`], z = np.split(np.matmul(rows, p[`wx${l}`]).add(p[`b${l}`]), T);
      let h = np.zeros([B, H]), c = np.zeros([B, H]);
      const all = [];
      for (let t = 0; t < T; t++) {
        const [i, f, g, o] = np.split(z[t].add(np.matmul(h, wh.ref)), 4, 1);
        c = nn.sigmoid(f).mul(c).add(nn.sigmoid(i).mul(np.tanh(g)));
        h = nn.sigmoid(o).mul(np.tanh(c.ref));
        all.push(h.ref);
      }
      tree.dispose([h, c, wh]);
      rows = np.concatenate(all);
    }
    const logits = np.matmul(rows, p.wo).add(p.bo);
    return nn.logSoftmax(logits).mul(y).sum().mul(-1 / (T * B));
  };
  return jit(valueAndGrad(loss));
}

/** @param {Job} job @returns {Both} */
function byHand({ hidden: H, layers, T, B }) {
  const input = compiled((x, wx, b) => np.matmul(x, wx).add(b));
  const forward = compiled((z, h, c, wh) => {
    const [i, f, g, o] = np.split(z.add(np.matmul(h, wh)), 4, 1);
    const gates = np.concatenate([nn.sigmoid(i), nn.sigmoid(f), np.tanh(g), nn.sigmoid(o)], 1);
    const [si, sf, tg, so] = np.split(gates.ref, 4, 1);
    const next = sf.mul(c).add(si.mul(tg));
    return [gates, so.mul(np.tanh(next.ref)), next];
  });
  const backward = compiled((gates, before, c, dh, dc, wh) => {
    const [i, f, g, o] = np.split(gates, 4, 1), squashed = np.tanh(c);
    const slope = (/** @type {Values} */ s) => s.ref.mul(np.array(1).sub(s));
    const d = dc.add(dh.ref.mul(o.ref).mul(np.array(1).sub(squashed.ref.mul(squashed.ref))));
    const dz = np.concatenate([
      d.ref.mul(g.ref).mul(slope(i.ref)), d.ref.mul(before).mul(slope(f.ref)),
      d.ref.mul(i).mul(np.array(1).sub(g.ref.mul(g))), dh.mul(squashed).mul(slope(o)),
    ], 1);
    return [dz.ref, np.matmul(dz, wh.transpose()), d.mul(f)];
  });
  const output = compiled((rows, wo, bo, y) => {
    const log = nn.logSoftmax(np.matmul(rows.ref, wo.ref).add(bo));
    const d = np.exp(log.ref).sub(y.ref).mul(1 / (T * B));
    return [log.mul(y).sum().mul(-1 / (T * B)), np.matmul(rows.transpose(), d.ref), d.ref.sum(0, { keepdims: true }), np.matmul(d, wo.transpose())];
  });
  const weights = compiled((x, h, dz) => [np.matmul(x.transpose(), dz.ref), np.matmul(h.transpose(), dz.ref), dz.sum(0, { keepdims: true })]);
  const below = compiled((dz, wx) => np.matmul(dz, wx.transpose()));
  return (p, x, y) => {
    const kept = [];
    let rows = x;
    for (let l = 0; l < layers; l++) {
      const z = np.split(input(rows.ref, p[`wx${l}`].ref, p[`b${l}`]), T);
      const h = [np.zeros([B, H])], c = [np.zeros([B, H])];
      /** @type {Values[]} */ const gates = [];
      for (let t = 0; t < T; t++) [gates[t], h[t + 1], c[t + 1]] = forward(z[t], h[t].ref, c[t].ref, p[`wh${l}`].ref);
      const above = np.concatenate([...h.slice(1, T).map((one) => one.ref), h[T]]);
      kept.push({ rows, h: np.concatenate(h.slice(0, T)), c, gates });
      rows = above;
    }
    /** @type {Parameters} */ const gradients = {};
    let loss, d_rows;
    [loss, gradients.wo, gradients.bo, d_rows] = output(rows, p.wo, p.bo, y);
    for (let l = layers - 1; l >= 0; l--) {
      const { rows, h, c, gates } = kept[l], d = np.split(d_rows, T);
      /** @type {Values[]} */ const dz = [];
      let dh = np.zeros([B, H]), dc = np.zeros([B, H]);
      for (let t = T - 1; t >= 0; t--) [dz[t], dh, dc] = backward(gates[t], c[t].ref, c[t + 1], dh.add(d[t]), dc, p[`wh${l}`].ref);
      tree.dispose([dh, dc, c[0], p[`wh${l}`]]);
      const all = np.concatenate(dz);
      if (l > 0) d_rows = below(all.ref, p[`wx${l}`]);
      else p.wx0.dispose();
      [gradients[`wx${l}`], gradients[`wh${l}`], gradients[`b${l}`]] = weights(rows, h, all);
    }
    return [loss, gradients];
  };
}

job.then(async ({ data }) => {
  try {
    await init('wasm');
    defaultDevice('wasm');
    const { B, T, V, rate = 0.003 } = data;
    const params = parameters(data), both = { jitted, 'by-hand': byHand }[data.peer](data), update = adam(params, rate);
    const byTime = (/** @type {number[]} */ ids) => nn.oneHot(np.array(Int32Array.from({ length: T * B }, (_, row) => ids[(row % B) * T + Math.floor(row / B)])), V);
    const step = async () => {
      const [loss, gradients] = both(tree.ref(params), byTime(data.inputs), byTime(data.targets));
      await update(gradients);
      return (await loss.data())[0];
    };
    if (data.steps) {
      const losses = [];
      for (let i = 0; i < data.steps; i++) losses.push(await step());
      postMessage({ losses });
      return;
    }
    await step();
    await step();
    const seconds = [];
    for (let pass = 0; pass < data.passes; pass++) {
      const start = performance.now();
      let steps = 0;
      do {
        await step();
        steps++;
      } while (performance.now() - start < 200);
      seconds.push((performance.now() - start) / 1000 / steps);
    }
    postMessage({ seconds });
  } catch (error) {
    postMessage({ error: error instanceof Error ? error.stack : String(error) });
  }
});

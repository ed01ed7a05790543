// Peers in the browser: TensorFlow.js with its wasm backend (SIMD, one thread), in a classic worker.
//   layers  its own recurrent layer: one-hot input, tf.layers.lstm/gru/simpleRNN, a dense softmax, trainOnBatch
//   tuned   an LSTM as an expert would write it on tf.*: one product for the input of all steps, explicit transposes in
//           the gradients of products (the backend is slow with transposed operands), fused softmax cross-entropy
// Takes {peer, cell, hidden, layers, T, B, V, passes, steps, inputs, targets}; with `steps` it trains so many steps on
// (inputs, targets) and tells the losses, else it tells the seconds of a training step, pass by pass.
const packages = '/node_modules/@tensorflow/';
importScripts(`${packages}tfjs/dist/tf.min.js`, `${packages}tfjs-backend-wasm/dist/tf-backend-wasm.min.js`);

/** A training step of tf.layers: returns the loss. */
function layersModel({ cell, hidden, layers, T, B, V, rate }) {
  const model = tf.sequential();
  const make = { lstm: tf.layers.lstm, gru: tf.layers.gru, rnn: tf.layers.simpleRNN }[cell];
  for (let l = 0; l < layers; l++)
    model.add(make({ units: hidden, returnSequences: true, ...(l ? {} : { inputShape: [T, V] }) }));
  model.add(tf.layers.dense({ units: V, activation: 'softmax' }));
  model.compile({ optimizer: tf.train.adam(rate), loss: 'categoricalCrossentropy' });
  return async (inputs, targets) => {
    const [x, y] = tf.tidy(() => [inputs, targets].map((ids) => tf.oneHot(tf.tensor2d(ids, [B, T], 'int32'), V).toFloat()));
    const loss = await model.trainOnBatch(x, y);
    tf.dispose([x, y]);
    return Number(loss);
  };
}

const product = tf.customGrad((a, b, save) => {
  save([a, b]);
  return {
    value: tf.matMul(a, b),
    gradFunc: (dy, [left, right]) => [tf.matMul(dy, tf.transpose(right)), tf.matMul(tf.transpose(left), dy)],
  };
});

/** Mean over rows of −log softmax(logits)[target]. */
const crossEntropy = (oneHot) =>
  tf.customGrad((logits, save) => {
    const p = tf.softmax(logits);
    save([p]);
    const rows = logits.shape[0];
    return {
      value: tf.neg(tf.sum(tf.mul(tf.log(tf.add(p, 1e-12)), oneHot))).div(rows),
      gradFunc: (dy, [saved]) => tf.mul(tf.sub(saved, oneHot), tf.div(dy, rows)),
    };
  });

/** A training step of an LSTM on tf.*; rows of the (T·B, …) tensors are t·B + b. */
function tunedModel({ hidden: H, layers, T, B, V, rate }) {
  const variable = (rows, columns) => tf.variable(tf.randomUniform([rows, columns], -1, 1).mul(1 / Math.sqrt(H)));
  const weights = [];
  for (let l = 0; l < layers; l++)
    weights.push({ wx: variable(l ? H : V, 4 * H), wh: variable(H, 4 * H), b: tf.variable(tf.zeros([4 * H])) });
  const wo = variable(H, V), bo = tf.variable(tf.zeros([V]));
  const optimizer = tf.train.adam(rate);
  const byTime = (ids) => {
    const rows = new Int32Array(T * B);
    for (let b = 0; b < B; b++) for (let t = 0; t < T; t++) rows[t * B + b] = ids[b * T + t];
    return tf.oneHot(tf.tensor1d(rows, 'int32'), V).toFloat();
  };
  return async (inputs, targets) => {
    const loss = tf.tidy(() => {
      const x = byTime(inputs), y = byTime(targets);
      const { value, grads } = tf.variableGrads(() => {
        let rows = x;
        for (const { wx, wh, b } of weights) {
          const z = tf.split(tf.add(product(rows, wx), b), T);
          let h = tf.zeros([B, H]), c = tf.zeros([B, H]);
          const all = [];
          for (let t = 0; t < T; t++) {
            const [i, f, g, o] = tf.split(tf.add(z[t], product(h, wh)), 4, 1);
            c = tf.add(tf.mul(tf.sigmoid(f), c), tf.mul(tf.sigmoid(i), tf.tanh(g)));
            h = tf.mul(tf.sigmoid(o), tf.tanh(c));
            all.push(h);
          }
          rows = tf.concat(all);
        }
        return crossEntropy(y)(tf.add(product(rows, wo), bo));
      });
      optimizer.applyGradients(grads);
      return value;
    });
    const number = (await loss.data())[0];
    loss.dispose();
    return number;
  };
}

self.onmessage = async ({ data }) => {
  try {
    tf.wasm.setWasmPaths(`${packages}tfjs-backend-wasm/dist/`);
    await tf.setBackend('wasm');
    const step = { layers: layersModel, tuned: tunedModel }[data.peer]({ rate: 0.003, ...data });
    if (data.steps) {
      const losses = [];
      for (let i = 0; i < data.steps; i++) losses.push(await step(data.inputs, data.targets));
      postMessage({ losses });
      return;
    }
    await step(data.inputs, data.targets);
    const seconds = [];
    for (let pass = 0; pass < data.passes; pass++) {
      const start = performance.now();
      let steps = 0;
      do {
        await step(data.inputs, data.targets);
        steps++;
      } while (performance.now() - start < 200);
      seconds.push((performance.now() - start) / 1000 / steps);
    }
    postMessage({ seconds });
  } catch (error) {
    postMessage({ error: String(error && error.stack || error) });
  }
};

// Peer for sampling: onnxruntime-web (wasm, SIMD, one thread) runs one character of an LSTM that torch exported
// (peers/torch_peer.py export). Takes {model, passes}; tells the seconds of a character, pass by pass.

/** @typedef {{model: string, hidden: number, V: number, passes: number}} Job */

self.onmessage = async (/** @type {MessageEvent<Job>} */ { data }) => {
  try {
    const place = '/node_modules/onnxruntime-web/dist/';
    const ort = await import(`${place}ort.wasm.bundle.min.mjs`);
    ort.env.wasm.numThreads = 1;
    ort.env.wasm.wasmPaths = place;
    const session = await ort.InferenceSession.create(data.model, { executionProviders: ['wasm'] });
    let h = new ort.Tensor('float32', new Float32Array(data.hidden), [1, 1, data.hidden]);
    let c = new ort.Tensor('float32', new Float32Array(data.hidden), [1, 1, data.hidden]);
    let id = 0;
    const write = async () => {
      const x = new Float32Array(data.V);
      x[id] = 1;
      const { p, h_next, c_next } = await session.run({ x: new ort.Tensor('float32', x, [1, 1, data.V]), h, c });
      h = h_next;
      c = c_next;
      let left = Math.random();
      id = 0;
      while (id < data.V - 1 && (left -= p.data[id]) > 0) id++;
    };
    const seconds = [];
    for (let pass = -1; pass < data.passes; pass++) {
      const start = performance.now();
      let characters = 0;
      while (performance.now() - start < 300) {
        await write();
        characters++;
      }
      if (pass >= 0) seconds.push((performance.now() - start) / 1000 / characters);
    }
    postMessage({ seconds });
  } catch (error) {
    postMessage({ error: String(error) });
  }
};

// Unroll's engine in node. Nothing happens at import.
import { readFile } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { LaneError } from './error.js';
import { Lane, usePlatform } from './lane.js';
import { chooseEngine, compiledOnce, isWasm, started } from './worker_port.js';

export { Lane, LaneError };

/** @param {any} source @returns {Promise<WebAssembly.Module>} */
async function compile(source) {
  if (source instanceof WebAssembly.Module) return source;
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) return WebAssembly.compile(/** @type {BufferSource} */ (source));
  const address = String(source?.href ?? source);
  try {
    const bytes = /^https?:/.test(address) ? await (await fetch(address)).arrayBuffer()
      : await readFile(/^file:/.test(address) ? new URL(address) : address);
    if (isWasm(bytes)) return await WebAssembly.compile(bytes);
  } catch (error) {
    throw new LaneError({ where: 'wasm', what: `${address}: ${error instanceof Error ? error.message : error}`, hint: 'give the path, the bytes or the compiled module of engine-simd.wasm' });
  }
  throw new LaneError({ where: 'wasm', what: `${address} is no WebAssembly`, hint: 'give engine-simd.wasm' });
}

/** @param {Worker} worker @returns {import('./connection.js').Port} */
function portOf(worker) {
  return {
    post: (data, transfer = []) => worker.postMessage(data, transfer),
    listen(receive, fail) {
      for (const type of ['message', 'error', 'exit']) worker.removeAllListeners(type);
      worker.on('message', receive);
      worker.on('error', (error) => fail(`its engine stopped: ${error.message}`));
      worker.on('exit', () => fail('its worker ended without a word'));
    },
    hold: (busy) => (busy ? worker.ref() : worker.unref()),
    end: () => worker.terminate(),
  };
}

usePlatform(async ({ engine: asked, wasm, worker }) => {
  const engine = chooseEngine(asked);
  const compiled = await (wasm !== undefined ? compile(wasm) : compiledOnce(engine, () =>
    compile(engine === 'relaxed' ? new URL('./engine-relaxed.wasm', import.meta.url) : new URL('./engine-simd.wasm', import.meta.url))));
  // Only now: a worker whose engine does not come would stay.
  return started(portOf(worker ? await worker() : new Worker(new URL('./node_worker.js', import.meta.url))), compiled);
});

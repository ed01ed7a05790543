// Unroll's engine in a browser. Nothing happens at import.
import { LaneError } from './error.js';
import { Lane, usePlatform } from './lane.js';
import { chooseEngine, compiledOnce, isWasm, started } from './worker_port.js';

export { Lane, LaneError };

/** @typedef {import('./lane.js').Experiment} Experiment */
/** @typedef {import('./training.js').Training} Training */
/** @typedef {import('./training.js').Metrics} Metrics */

/**
 * The code beside this file; where that is not found (a bundler or a CDN that moved this file alone), the copy that lies
 * in a script.
 * @param {URL} url
 */
async function compileOwn(url) {
  try {
    const response = await fetch(url);
    const bytes = await response.arrayBuffer();
    if (response.ok && isWasm(bytes)) return await WebAssembly.compile(bytes);
  } catch (error) {
    if (error instanceof WebAssembly.CompileError) throw error;
  }
  const { engine } = await import('./inline_engine.js');
  return WebAssembly.compile(await engine());
}

/** @param {any} source @returns {Promise<WebAssembly.Module>} */
async function compile(source) {
  if (source instanceof WebAssembly.Module) return source;
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) return WebAssembly.compile(/** @type {BufferSource} */ (source));
  const address = String(source?.href ?? source);
  const response = await fetch(address).catch(() => null);
  const bytes = await response?.arrayBuffer().catch(() => null);
  if (!response?.ok || !bytes || !isWasm(bytes)) {
    const what = !response ? 'did not come' : !response.ok ? `was answered with ${response.status}` : 'is no WebAssembly';
    throw new LaneError({ where: 'wasm', what: `${address} ${what}`, hint: 'give the address, the bytes or the compiled module of engine-simd.wasm' });
  }
  return WebAssembly.compile(bytes);
}

/** @param {Worker} worker @returns {import('./connection.js').Port} */
function portOf(worker) {
  return {
    post: (data, transfer = []) => worker.postMessage(data, transfer),
    listen(receive, fail) {
      worker.onmessage = ({ data }) => receive(data);
      worker.onerror = (event) => {
        event.preventDefault();
        fail(event.message || 'worker.js could not be loaded');
      };
    },
    hold() {},
    end: () => worker.terminate(),
  };
}

/** From a blob: for pages of another origin than this file, and where worker.js is not beside it. */
async function inlineWorker() {
  const { workerSource } = await import('./inline_worker.js');
  const url = URL.createObjectURL(new Blob([workerSource], { type: 'text/javascript' }));
  try {
    return new Worker(url);
  } finally {
    setTimeout(() => URL.revokeObjectURL(url), 10000);
  }
}

/** @param {WebAssembly.Module} module */
async function openWorker(module) {
  try {
    return await started(portOf(new Worker(new URL('./worker.js', import.meta.url), { type: 'module' })), module);
  } catch {
    try {
      return await started(portOf(await inlineWorker()), module);
    } catch (error) {
      throw new LaneError({
        what: `no worker could be started: ${error instanceof LaneError ? error.what : error}`,
        hint: 'the page\'s content security policy must allow worker.js where it lies, or blob: in worker-src; or give the option `worker`',
      });
    }
  }
}

usePlatform(async ({ engine: asked, wasm, worker }) => {
  const engine = chooseEngine(asked);
  const compiled = await (wasm !== undefined ? compile(wasm) : compiledOnce(engine, () =>
    compileOwn(engine === 'relaxed' ? new URL('./engine-relaxed.wasm', import.meta.url) : new URL('./engine-simd.wasm', import.meta.url))));
  // Only now: a worker whose engine does not come would stay.
  return worker ? started(portOf(await worker()), compiled) : openWorker(compiled);
});

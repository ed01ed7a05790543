// What the platforms share: which engine runs, and a worker that has said that it is there.
import { typeOf } from '../web/page/messages.mjs';
import { relaxedSimd, simd } from '../web/page/simd.mjs';
import { LaneError } from './error.js';

/** @typedef {import('./connection.js').Port} Port */

/**
 * @param {'simd'|'relaxed'|undefined} asked
 * @returns {'simd'|'relaxed'}
 */
export function chooseEngine(asked) {
  if (typeof WebAssembly === 'undefined')
    throw new LaneError({ what: 'there is no WebAssembly here', hint: 'a content security policy must allow \'wasm-unsafe-eval\'' });
  if (!simd()) throw new LaneError({ what: 'there is no WebAssembly SIMD here', hint: 'use Chrome or Edge 91, Firefox 89, Safari 16.4, node 20 or newer' });
  const best = relaxedSimd() ? 'relaxed' : 'simd';
  if (asked !== undefined && asked !== 'simd' && asked !== 'relaxed')
    throw new LaneError({ where: 'engine', what: `is ${JSON.stringify(asked)}`, hint: 'allowed: simd, relaxed' });
  if (asked === 'relaxed' && best !== 'relaxed')
    throw new LaneError({ where: 'engine', what: 'relaxed SIMD is not there', hint: 'allowed here: simd' });
  return asked ?? best;
}

/** Compiled once for all lanes. @type {Map<string, Promise<WebAssembly.Module>>} */
const modules = new Map();

/**
 * The package's own engine.
 * @param {string} engine @param {() => Promise<WebAssembly.Module>} compile
 */
export function compiledOnce(engine, compile) {
  let module = modules.get(engine);
  if (!module) {
    module = compile();
    module.catch(() => modules.delete(engine));
    modules.set(engine, module);
  }
  return module;
}

/** @param {any} bytes */
export function isWasm(bytes) {
  const view = bytes instanceof ArrayBuffer ? new Uint8Array(bytes) : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return view.length > 8 && view[0] === 0 && view[1] === 0x61 && view[2] === 0x73 && view[3] === 0x6d;
}

/**
 * Hands a new worker its engine.
 * @param {Port} port
 * @param {WebAssembly.Module} module
 * @returns {Promise<Port>} once it has said `ready`; rejects with what the worker failed by
 */
export function started(port, module) {
  return new Promise((resolve, reject) => {
    const fail = (/** @type {string} */ what) => {
      port.end();
      reject(new LaneError({ what }));
    };
    port.listen((data) => {
      if (data instanceof ArrayBuffer && typeOf(new Uint8Array(data)) === 'ready') resolve(port);
      else if (data?.ended) fail(data.ended);
    }, fail);
    port.post(module);
  });
}

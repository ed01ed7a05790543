// Asked for before the page's other modules are there, since everything waits for it: the engine that this browser runs
// fastest. (The front end's code is asked for even earlier, in start.js.)
import { relaxedSimd, simd } from './simd.mjs';

/** Null: this browser runs none. @type {'simd'|'relaxed'|null} */
export const engine = typeof WebAssembly === 'undefined' || !simd() ? null : relaxedSimd() ? 'relaxed' : 'simd';

const name = `engine-${engine}.wasm`;
if (engine && !import.meta.url.startsWith('data:')) {
  window.unrollEarly[name] = fetch(new URL(name, import.meta.url));
  window.unrollEarly[name].catch(() => {});  // main.mjs says it
}

// Starts the playground: finds out what this browser can do, loads engine, front end and assets side by side, and
// shows what is missing when something is.
import { Host } from './bridge.mjs';
import { assets, late } from './assets.mjs';
import { classicWorker } from './classic.mjs';
import { engine } from './early.mjs';
import { Embedding } from './embed.mjs';
import { Graphics } from './graphics.mjs';
import { jsonOf, recordOf } from './hash.mjs';
import { LanePool } from './lanes.mjs';
import { Missing, byId, fail, hold, messageOf, notice, release } from './page.mjs';

const newerBrowser = 'Use Chrome or Edge 91, Firefox 89 or Safari 16.4, or anything newer.';

/** @returns {'simd'|'relaxed'} the fastest engine that this browser runs */
function chosenEngine() {
  if (typeof WebAssembly === 'undefined' || typeof Worker === 'undefined')
    throw new Missing('This browser has no WebAssembly, or it is switched off.', newerBrowser);
  if (!engine) throw new Missing('This browser has no WebAssembly SIMD, with which Unroll computes.', newerBrowser);
  return engine;
}

/** Names of files that are on their way, for start.js. @type {Set<string>} */
const waiting = new Set();
window.unrollWaits = () => [...waiting];

/** @param {string} name @returns {Promise<Response>} */
async function get(name) {
  if (import.meta.url.startsWith('data:')) return window.unrollEarly[name];  // all is in one file
  const url = new URL(name, import.meta.url);
  const next = 'Check the connection and reload the page. On your own server: was the whole site folder copied?';
  /** @type {Response} */ let response;
  try {
    response = await (window.unrollEarly?.[name] ?? fetch(url));
  } catch {
    throw new Missing(`${name} could not be loaded: no answer from ${url.host}.`, next);
  }
  if (!response.ok) throw new Missing(`${name} could not be loaded: the server answered ${response.status}.`, next);
  return response;
}

/**
 * @template T
 * @param {string} name @param {(response: Response) => Promise<T>} read
 */
async function load(name, read) {
  waiting.add(name);
  const content = await read(await get(name));
  waiting.delete(name);
  return content;
}

/** @param {string} name @returns {Promise<WebAssembly.Module>} */
function compile(name) {
  return load(name, async (response) => {
    const streams = response.headers.get('content-type') === 'application/wasm';
    return streams ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await response.arrayBuffer());
  });
}

/** @returns {Promise<Map<string, Uint8Array<ArrayBuffer>>>} */
async function loadAssets() {
  const bytes = async (/** @type {Response} */ response) => new Uint8Array(await response.arrayBuffer());
  return new Map(await Promise.all(assets.map(async (name) =>
    /** @type {const} */ ([name, await load(`assets/${name}`, bytes)]))));
}

/**
 * A page without an origin of its own (a sandboxed frame) gets workers from blobs alone.
 * @param {string} engine @returns {Promise<string|undefined>}
 */
async function workerScript(engine) {
  if (self.origin !== 'null') return undefined;
  const text = (/** @type {Response} */ response) => response.text();
  const [worker, glue] = await Promise.all(['worker.mjs', `engine-${engine}.mjs`].map((name) => load(name, text)));
  return URL.createObjectURL(new Blob([classicWorker(worker, glue)], { type: 'text/javascript' }));
}

/**
 * The canvas's graphics. A browser whose graphics process has just ended refuses for a moment, so it is asked some times.
 * @param {HTMLCanvasElement} canvas
 */
async function openGraphics(canvas) {
  for (let asked = 0; asked < 6; ++asked) {
    const graphics = Graphics.open(canvas);
    if (graphics) return graphics;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Missing(
    'This browser does not offer WebGL 2, with which Unroll draws.',
    'Switch on hardware acceleration in the settings of the browser and reload, or use another browser.',
  );
}

/** Milliseconds that a lost graphics context may stay away before the page speaks of it. */
const patience = 15000;

/**
 * Goes on when the graphics context is back; a context that stays away is told, until it comes.
 * @param {Graphics} graphics @param {() => void} draw something changed @param {() => string} kept what a reload keeps
 */
function mindGraphics(graphics, draw, kept) {
  let timer = 0;
  const changed = (/** @type {boolean} */ there) => {
    clearTimeout(timer);
    release();
    if (!there)
      timer = window.setTimeout(() => hold(
        'The browser took the graphics away (WebGL) and has not given them back yet. The lanes go on meanwhile.',
        `This message goes when they are back. If it stays: close other tabs with graphics, or reload the page. ${kept()}`,
      ), patience);
    draw();
  };
  graphics.changed = changed;
  if (!graphics.there) changed(false);
}

/** The canvas's fonts for the DOM parts, too. @param {Map<string, Uint8Array<ArrayBuffer>>} files */
function addFonts(files) {
  for (const [family, name] of [['Unroll Sans', 'inter.ttf'], ['Unroll Mono', 'jetbrains-mono.ttf']]) {
    const bytes = files.get(name);
    if (bytes) document.fonts.add(new FontFace(family, bytes));
  }
}

/**
 * What the address asks for: the experiment in it, or what the tab remembers of it (address.mjs), else what it names.
 * @returns {Promise<{experiment: string|null, record: string}>}
 */
async function askedFor() {
  const record = recordOf(location.hash);
  try {
    const experiment = (record ? null : await jsonOf(location.hash)) ?? history.state?.experiment ?? window.unrollExperiment ?? null;
    return { experiment, record: experiment === null ? record : '' };
  } catch (error) {
    notice(`${messageOf(error)} The default experiment is shown.`);
    return { experiment: null, record: '' };
  }
}

/** How many lanes an experiment has, as far as can be seen. @param {string|null} json */
function lanesOf(json) {
  try {
    return JSON.parse(json ?? '').lanes.length;
  } catch {
    return 2;  // the default's
  }
}

async function start() {
  document.documentElement.classList.toggle('framed', self !== top);
  const engine = chosenEngine();
  /** @type {Host|null} */ let running = null;
  const stop = (/** @type {string} */ message) =>
    fail(`The engine stopped: ${message}.`, `Reload the page. ${running?.kept() ?? ''}`);
  const engineModule = compile(`engine-${engine}.wasm`);
  const [script, { experiment, record }] = await Promise.all([workerScript(engine), askedFor()]);
  const lanes = new LanePool(engine, engineModule, Math.min(2, lanesOf(experiment)), stop, script);
  const [files, module, { default: createPlayground }] = await Promise.all([
    loadAssets(), compile('playground.wasm'), import('./playground.mjs'), engineModule,
  ]);
  // Not earlier: where the graphics start slowly, this holds up the main thread, which workers need to start.
  const canvas = /** @type {HTMLCanvasElement} */ (byId('canvas'));
  const graphics = await openGraphics(canvas);
  addFonts(files);
  const host = running = new Host({ canvas, graphics, lanes, assets: files, late, experiment, record });
  const saved = window.unrollOpens;
  if (saved) host.files.push({ name: saved, bytes: await load(saved, async (response) => new Uint8Array(await response.arrayBuffer())), source: 'open' });
  mindGraphics(graphics, () => host.wakeNow(), () => host.kept());
  window.unroll = {
    state: () => JSON.parse(host.stateJson),
    widgets: () => host.widgets(),
    frames: () => host.frame.count,
    engine,
  };
  const program = await createPlayground({
    canvas,
    host,
    /** @param {WebAssembly.Imports} imports @param {(instance: WebAssembly.Instance) => void} done */
    instantiateWasm(imports, done) {
      WebAssembly.instantiate(module, imports).then(done);
      return {};
    },
    onAbort: stop,
  });
  host.start(program);
  new Embedding(host, engine);
  setTimeout(workOffline, 3000);  // what it fetches may wait until this page has begun
}

/**
 * A site that `./run dist` made keeps itself for visits without a network (offline.js). Not in a frame of another site's page, unless its
 * experiment asks that something be kept.
 */
function workOffline() {
  const script = document.documentElement.dataset.offline;
  if (!script || !('serviceWorker' in navigator) || !location.protocol.startsWith('http')) return;
  let foreign = false;
  try {
    foreign = window.top?.location.origin !== location.origin;
  } catch {
    foreign = true;
  }
  if (foreign && window.unroll.state().experiment.view?.keep !== 'on') return;
  // Where it is not allowed (storage that is blocked, a sandbox) the page goes without; while the server is away it is there already.
  try {
    navigator.serviceWorker.register(new URL(script, document.baseURI)).catch(() => {});
  } catch { /* a frame without an origin */ }
}

byId('notice-close').addEventListener('click', () => (byId('notice').hidden = true));
start().catch((error) => {
  if (!(error instanceof Missing)) console.error(error);
  const next = error instanceof Missing ? error.next : 'Reload the page. If it happens again, please report it.';
  fail(messageOf(error), next);
});

// Lanes in the browser: one plain Web Worker each, with its own instance of the engine. Workers are started ahead of
// need, and the engine's WebAssembly is compiled once and handed to them, so that the first lane answers early.

/**
 * @typedef {object} LaneWorker
 * @property {Worker} worker
 * @property {Uint8Array[]} events that wait for poll
 * @property {(soon: boolean) => void} wake
 * @property {boolean} trains it was heard of training since it was configured, reset, started or stopped
 */

/** The beginning of an event that only says how training goes on (engine/lane/protocol.h). */
const calm = ['{"type":"metrics"', '{"type":"written"'];
/** After these, training begins anew. */
const turns = ['{"type":"configured"', '{"type":"state"'];

/** Whether somebody waits for an event; also for the first sign of training. @param {Uint8Array} event @param {LaneWorker} lane */
function awaited(event, lane) {
  const start = String.fromCharCode(...event.subarray(4, 32));
  if (!calm.some((text) => start.startsWith(text))) {
    if (turns.some((text) => start.startsWith(text))) lane.trains = false;
    return true;
  }
  const first = !lane.trains;
  lane.trains = true;
  return first;
}

export class LanePool {
  /**
   * @param {'simd'|'relaxed'} engine which of the two engine modules
   * @param {Promise<WebAssembly.Module>} module its compiled code
   * @param {number} ahead workers to start now
   * @param {(message: string) => void} failed a worker cannot run at all
   */
  constructor(engine, module, ahead, failed) {
    this.engine = engine;
    this.module = module;
    this.failed = failed;
    /** @type {LaneWorker[]} */ this.spare = Array.from({ length: ahead }, () => this.start());
    /** @type {Map<number, LaneWorker>} */ this.open_ = new Map();
    this.lastId = 0;
  }

  /** @param {(soon: boolean) => void} wake called when an event arrives; `soon`: an answer @returns {number} */
  open(wake) {
    const lane = this.spare.shift() ?? this.start();
    lane.wake = wake;
    if (lane.events.length) wake(true);
    this.open_.set(++this.lastId, lane);
    return this.lastId;
  }

  /** @param {number} id @param {Uint8Array} command copied: it is a view of memory that goes on changing */
  send(id, command) {
    const { buffer } = command.slice();
    this.open_.get(id)?.worker.postMessage(buffer, [buffer]);
  }

  /** @param {number} id @returns {Uint8Array|null} */
  poll(id) {
    return this.open_.get(id)?.events.shift() ?? null;
  }

  /** @param {number} id */
  close(id) {
    this.open_.get(id)?.worker.terminate();
    this.open_.delete(id);
  }

  /** @returns {LaneWorker} */
  start() {
    // The worker learns from its name which engine to import, and starts with that before the code is compiled.
    const worker = new Worker(new URL('./worker.mjs', import.meta.url), { type: 'module', name: this.engine });
    /** @type {LaneWorker} */ const lane = { worker, events: [], wake: () => {}, trains: false };
    worker.onmessage = ({ data }) => {
      const event = new Uint8Array(data);
      lane.events.push(event);
      lane.wake(awaited(event, lane));
    };
    worker.onerror = (event) => {
      event.preventDefault();
      this.failed(event.message || 'worker.mjs or the engine could not be loaded');
    };
    this.module.then(
      (module) => worker.postMessage(module),
      () => worker.terminate(),  // main.mjs reports why
    );
    return lane;
  }
}

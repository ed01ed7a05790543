// Lanes in the browser: one plain Web Worker each, with its own instance of the engine. Workers are started ahead of
// need, and the engine's WebAssembly is compiled once and handed to them, so that the first lane answers early.
//
// What happens to a worker happens to its lane alone. Its end (an exception, memory that does not suffice, files that do
// not come, a browser that ends it without a word) reaches the front end as an event `ended` of that lane, and `revive`
// starts a new worker from the last state that was kept here, which nobody had to ask for: a checkpoint every
// quarter of a minute of training, where that is cheap.
import { Helpers } from './helpers.mjs';
import { eventOf, payloadOf, read, typeOf } from './messages.mjs';

/**
 * @typedef {object} LaneWorker
 * @property {Worker} worker
 * @property {Uint8Array[]} events that wait for poll
 * @property {(soon: boolean) => void} wake
 * @property {boolean} trains it was heard of training since it was configured, reset, started or stopped
 * @property {boolean} ready it was heard of at all
 * @property {boolean} ended
 * @property {ArrayBuffer[]} unheard the commands until it is ready, for another worker if this one never starts
 * @property {boolean} moved it made steps since the last state was asked for
 * @property {boolean} small its state is cheap to keep
 * @property {{step: number, file: Uint8Array}|null} state the last one
 * @property {boolean} revives the next answer is the one to `load`
 * @property {boolean} runs it trains
 * @property {Worker[]} helpers of its training (helpers.mjs)
 * @property {number} replaced how often these were
 */

/** Events that only say how training goes on (engine/lane/protocol.h), of which a newer one makes up for an older. */
const calm = ['metrics', 'written'];
/** After these, training begins anew. */
const turns = ['configured', 'revived', 'state'];
/** Events of a lane that may wait: about a minute of a fast lane's. Then the oldest calm ones go. */
const mostWaiting = 4000;

/** Milliseconds between two states that are kept of a lane that trains. */
const keepPeriod = 15000;
/** A state of more parameters than these is not kept: three floats each. */
const mostKept = 4e6;
/** The `id` of the pool's own saves; the front end's begin with 1. */
const ownId = 0;

const isCalm = (/** @type {Uint8Array} */ event) => calm.includes(typeOf(event));

/** Whether somebody waits for an event; also for the first sign of training. @param {Uint8Array} event @param {LaneWorker} lane */
function awaited(event, lane) {
  const type = typeOf(event);
  if (!calm.includes(type)) {
    if (turns.includes(type)) lane.trains = false;
    return true;
  }
  const first = !lane.trains;
  lane.trains = lane.moved = true;
  return first;
}

export class LanePool {
  /**
   * @param {'simd'|'relaxed'} engine which of the two engine modules
   * @param {Promise<WebAssembly.Module>} module its compiled code
   * @param {number} ahead workers to start now
   * @param {(message: string) => void} failed no worker can run at all
   * @param {string} [script] the address of a plain script that is worker.mjs and the engine in one (classic.mjs)
   */
  constructor(engine, module, ahead, failed, script) {
    this.engine = engine;
    this.module = new Promise((resolve) => {
      /** Hands the engine to the workers: after the first picture, which they would take the processor from. */
      this.begin = () => resolve(module);
    });
    this.failed = failed;
    this.script = script;
    /**
     * Checkpoints that were asked for, by the `held` of their events: they may be large, so they do not go through the front
     * end's memory. The front end says when one is not needed any more. @type {Map<number, Uint8Array>}
     */
    this.held = new Map();
    this.lastHeld = 0;
    this.works = false;  // some worker was heard of
    this.lastLock = 0;
    /** Its name among the figures of this origin. */ this.figure = Math.random().toString(36).slice(2);
    /** How a figure's lanes share the processor with others. @type {'first'|'spare'|'rest'|null} */ this.rank = null;
    /** @type {LaneWorker[]} */ this.spare = Array.from({ length: ahead }, () => this.create());
    /** @type {Map<number, LaneWorker>} */ this.open_ = new Map();
    this.lastId = 0;
    this.helpers = new Helpers(() => [...this.open_.values()], () => this.rank === null, () => this.createWorker());
    setInterval(() => this.keepStates(), keepPeriod);
    // A lane whose files did not come over a connection that was away tries again by itself.
    addEventListener('online', () => {
      for (const lane of this.open_.values()) if (lane.ended && !lane.ready) this.start(lane);
    });
  }

  /** @param {(soon: boolean) => void} wake called when an event arrives; `soon`: an answer @returns {number} */
  open(wake) {
    const lane = this.spare.shift() ?? this.create();
    lane.wake = wake;
    if (lane.events.length) wake(true);
    this.open_.set(++this.lastId, lane);
    if (this.rank) this.share(this.rank);
    return this.lastId;
  }

  /**
   * From now on the lanes share the processor with those of other figures of this origin (worker.mjs). A figure has the
   * same part of it however many lanes it has.
   * @param {'first'|'spare'|'rest'} rank
   */
  share(rank) {
    this.rank = rank;
    this.helpers.dealSoon();
    const turn = Math.max(60, 240 / Math.max(1, this.open_.size));
    for (const { worker, ended } of this.open_.values()) if (!ended) worker.postMessage({ share: { rank, turn, figure: this.figure } });
  }

  /** @param {number} id @param {Uint8Array} command copied: it is a view of memory that goes on changing */
  send(id, command) {
    const lane = this.open_.get(id);
    if (!lane) return;
    const { buffer } = /** @type {Uint8Array<ArrayBuffer>} */ (command.slice());
    if (['configure', 'load'].includes(typeOf(command))) {
      lane.state = null;
      lane.revives = false;
      if (!lane.ready) lane.unheard = [];
      if (lane.ended) this.start(lane);  // the old one is not needed for that
    }
    if (lane.ended) return;
    if (!lane.ready) lane.unheard.push(buffer.slice(0));
    lane.worker.postMessage(buffer, [buffer]);
  }

  /** @param {number} id @returns {Uint8Array|null} */
  poll(id) {
    return this.open_.get(id)?.events.shift() ?? null;
  }

  /** @returns {boolean} some event waits for poll */
  get waits() {
    return [...this.open_.values()].some((lane) => lane.events.length > 0);
  }

  /** @param {number} id */
  close(id) {
    const lane = this.open_.get(id);
    this.open_.delete(id);
    if (!lane) return;
    lane.ended = true;
    lane.worker.terminate();
    this.helpers.end(lane);
    this.helpers.dealSoon();
  }

  /**
   * A new worker where the lane's has ended.
   * @param {number} id
   * @returns {boolean} it goes on from the state that was kept: it answers with `revived`, which has the fields of
   *   `configured`. Else it knows nothing, and waits for a `configure`, or has all that was sent when it never started.
   */
  revive(id) {
    const lane = this.open_.get(id);
    if (!lane?.ended) return false;
    const { state, ready } = lane;
    this.start(lane);
    if (!ready && lane.unheard.length) return true;
    if (!state) return false;
    lane.revives = true;
    const command = eventOf({ type: 'load' }, state.file);
    lane.worker.postMessage(command.buffer, [command.buffer]);
    return true;
  }

  /** @returns {LaneWorker} */
  create() {
    const lane = /** @type {LaneWorker} */ (/** @type {unknown} */ ({ events: [], wake: () => {}, unheard: [], state: null, helpers: [], replaced: 0 }));
    this.start(lane);
    return lane;
  }

  /** @returns {Worker} whose engine comes as soon as it is compiled; what is sent before it gets to it first */
  createWorker() {
    // The worker learns from its name which engine to import, and starts with that before the code is compiled.
    const worker = this.script ? new Worker(this.script)
      : new Worker(new URL('./worker.mjs', import.meta.url), { type: 'module', name: this.engine });
    this.module.then(
      (module) => worker.postMessage(module),
      () => worker.terminate(),  // main.mjs reports why
    );
    return worker;
  }

  /** Gives a lane its worker, the first one or another. @param {LaneWorker} lane */
  start(lane) {
    const worker = this.createWorker();
    this.helpers?.end(lane);
    Object.assign(lane, { worker, trains: false, ready: false, ended: false, moved: false, small: false, revives: false, runs: false });
    worker.onmessage = ({ data }) => {
      if (lane.worker !== worker) return;
      if (data instanceof ArrayBuffer) this.receive(lane, new Uint8Array(data));
      else if (data.ended) this.end(lane, data.ended, data.hint);
      else if (data.left !== undefined) this.helpers.left(lane, data.left);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      if (lane.worker === worker) this.end(lane, event.message || 'worker.mjs or the engine could not be loaded');
    };
    this.watch(lane, worker);
    if (this.rank) this.share(this.rank);
    for (const command of lane.unheard) worker.postMessage(command);
  }

  /** A worker that ends without a word gives up the lock that it holds. @param {LaneWorker} lane @param {Worker} worker */
  watch(lane, worker) {
    const { locks } = navigator;  // not in pages that came without encryption, from another machine
    if (!locks || self.origin === 'null') return;  // nor in those without an origin
    const name = `unroll lane ${performance.timeOrigin} ${++this.lastLock}`;
    worker.postMessage({ lock: name });
    worker.addEventListener('message', ({ data }) => {
      if (data.locked !== name) return;
      const ended = () => lane.worker === worker &&
        this.end(lane, 'the browser ended its worker without a word', 'It may have needed the memory');
      locks.request(name, () => void setTimeout(ended, 300)).catch(() => {});  // first the worker's own last word
    });
  }

  /** @param {LaneWorker} lane @param {Uint8Array} event */
  receive(lane, event) {
    const type = typeOf(event);
    this.works = lane.ready = true;
    lane.unheard = [];
    if (type === 'checkpoint') {
      const header = read(event);
      const file = payloadOf(event);
      if (lane.small) {
        lane.state = { step: header.step, file };
        lane.moved = false;
      }
      if (header.id === ownId) return;
      this.held.set(++this.lastHeld, file);
      event = eventOf({ ...header, held: this.lastHeld });
    }
    if (type === 'onnx') {
      this.held.set(++this.lastHeld, payloadOf(event));
      event = eventOf({ ...read(event), held: this.lastHeld });
    }
    if (type === 'error' && read(event).id === ownId) return;
    if (type === 'state' || type === 'configured') this.helpers.trains(lane, type === 'state' && read(event).running);
    if (type === 'configured') {
      const header = read(event);
      lane.small = header.parameters <= mostKept;
      if (lane.helpers.length) this.helpers.give(lane, 0);  // another network: others are given, once it trains
      if (lane.revives) event = eventOf({ ...header, type: 'revived', experiment: undefined }, payloadOf(event));
      else lane.state = null;
      lane.revives = false;
    }
    this.queue(lane, event);
  }

  /** @param {LaneWorker} lane @param {Uint8Array} event */
  queue(lane, event) {
    lane.events.push(event);
    if (lane.events.length > mostWaiting) {
      const oldest = lane.events.findIndex(isCalm);
      lane.events.splice(Math.max(oldest, 0), 1);
    }
    lane.wake(awaited(event, lane));
  }

  /** @param {LaneWorker} lane @param {string} what @param {string} [hint] */
  end(lane, what, hint = '') {
    if (lane.ended) return;
    lane.ended = true;
    lane.trains = false;
    lane.worker.terminate();
    this.helpers.end(lane);
    this.helpers.dealSoon();
    const hope = this.works || [...this.spare, ...this.open_.values()].some((other) => !other.ended);
    if (!hope) return this.failed(what);
    const loads = !lane.ready && !navigator.onLine;
    this.queue(lane, eventOf({
      type: 'ended',
      what: loads ? 'its engine could not be loaded: there is no connection' : what,
      hint: loads ? 'It tries again when the connection is back' : hint,
      step: lane.state ? lane.state.step : -1,
    }));
  }

  keepStates() {
    for (const lane of this.open_.values()) {
      if (!lane.moved || !lane.small || lane.ended) continue;
      lane.moved = false;
      const command = eventOf({ type: 'save', id: ownId });
      lane.worker.postMessage(command.buffer, [command.buffer]);
    }
  }
}

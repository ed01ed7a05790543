// One lane in a Web Worker: hands commands to the engine and events back, and keeps it working in slices of a few
// milliseconds, between which messages get in. A message is the compiled engine, the name of a lock to hold for as long
// as the worker lives, a number to give back once there is nothing left to do, how it shares the processor, ports to its helpers,
// or a command. A worker that is given the port of a lane is a helper of that one (engine/lane/helper.h) instead. An engine that
// fails cannot go on: the worker says why, and ends.

/**
 * @typedef {object} Engine
 * @property {Uint8Array} HEAPU8
 * @property {() => void} _lane_create
 * @property {(length: number) => number} _lane_buffer  room for a command of that many bytes
 * @property {() => void} _lane_receive                the command in that room
 * @property {() => number} _lane_work                  1 while there is more to do
 * @property {() => number} _lane_answer                the same without training, which rests meanwhile
 * @property {() => number} _lane_waits                 1 while helpers are at work
 * @property {(helpers: number) => void} _lane_invite   so many other helpers are there now
 * @property {(helper: number) => void} _lane_helped    what it sent is in that room
 * @property {() => void} _helper_create                a helper instead
 * @property {() => number} _helper_receive             the same of what the lane sent; 0: it was no message of its engine
 *
 * @typedef {object} Sharing how the lanes of all figures of an origin share the processor
 * @property {'first'|'spare'|'rest'} rank first: it waits for its turn; spare: it trains on cores that nobody waits for; rest:
 *   not at all. Questions are answered whatever it is.
 * @property {number} turn milliseconds
 * @property {string} figure its name
 */

const imported = import(`./engine-${self.name}.mjs`);
/** @type {ArrayBuffer[]} */ const early = [];
/** @type {Engine|null} */ let engine = null;

// A message to oneself comes back after whatever waits already: unlike a timer, without a pause.
const loop = new MessageChannel();
let looping = false;
loop.port1.onmessage = go;
function go() {
  guarded(() => (looping = slice()));
  if (looping) loop.port2.postMessage(null);
  else if (waits()) watch ||= setTimeout(goAgain, watchPeriod);
  else for (const rest of rests.splice(0)) self.postMessage({ rest });
}
/** Unless it goes already. */
function wake() {
  if (looping) return;
  looping = true;
  loop.port2.postMessage(null);
}
/** Who waits until there is nothing to do. @type {number[]} */ const rests = [];

/** @returns {boolean} there is more to do now */
function slice() {
  if (!engine) return false;
  if (!sharing) return engine._lane_work() === 1;
  if (core && sharing.rank === 'rest') leaveCore(false);
  if (core && performance.now() >= core.until) leaveCore(true);
  if (core) {
    const more = engine._lane_work() === 1;
    if (!more && !waits()) leaveCore(false);
    return more;
  }
  if (engine._lane_answer() === 1) return true;
  awaitCore();  // there may be something to train
  return core !== null;
}

// --- Helpers ---------------------------------------------------------------------------------------------------------

/** Those of this lane. @type {MessagePort[]} */ let helpers = [];
/** The lane that this worker helps. @type {MessagePort|null} */ let helped = null;
/** Milliseconds between two looks whether a helper that has not answered is late. */
const watchPeriod = 50;
/** @type {ReturnType<typeof setTimeout>|undefined} */ let watch;

const waits = () => engine?._lane_waits() === 1;
function goAgain() {
  watch = undefined;
  if (waits()) wake();
}

/** Where the engine finds what was sent. @param {Engine} engine @param {Uint8Array} message */
function put(engine, message) {
  const at = engine._lane_buffer(message.length) >>> 0;
  engine.HEAPU8.set(message, at);
}

/**
 * What a lane and its helper send each other: the first `length` bytes of `room`, which goes to and fro between them. Weights
 * and gradients may be many megabytes, and fresh memory of that size costs as much as a copy of it.
 * @typedef {{room: ArrayBuffer, length: number}} Parcel
 */
/** Rooms that came with what was sent, for what is sent next. @type {WeakMap<MessagePort, ArrayBuffer>} */
const rooms = new WeakMap();

/** @param {Engine} engine @param {MessagePort} from @param {Parcel} parcel */
function take(engine, from, { room, length }) {
  put(engine, new Uint8Array(room, 0, length));
  rooms.set(from, room);
}

/** @param {MessagePort[]} ports */
function invite(ports) {
  for (const port of helpers) port.close();
  helpers = ports;
  if (!engine) return;
  const lane = engine;
  guarded(() => lane._lane_invite(ports.length));
  ports.forEach((port, helper) => {
    port.onmessage = ({ data }) => {
      guarded(() => {
        take(lane, port, data);
        lane._lane_helped(helper);
      });
      if (!looping && !sharing) go();
      else wake();
    };
  });
  wake();
}

/** @param {Engine} engine @param {MessagePort} lane */
function help(engine, lane) {
  lane.onmessage = ({ data }) => guarded(() => {
    take(engine, lane, data);
    if (engine._helper_receive() === 0) throw new Error('it was sent what no lane of this version sends');
  });
}

/**
 * @param {Engine} engine @param {number} to a helper; −1: the lane
 * @param {Uint32Array} places address and length of each piece; none: the helper is not counted on any more
 */
function post(engine, to, places) {
  if (places.length === 0) return self.postMessage({ left: to });
  const port = to < 0 ? helped : helpers[to];
  if (!port) return;
  let length = 0, at = 0;
  for (let i = 1; i < places.length; i += 2) length += places[i];
  const last = rooms.get(port), room = last && last.byteLength >= length ? last : new ArrayBuffer(length);
  rooms.delete(port);
  const message = new Uint8Array(room);
  for (let i = 0; i < places.length; at += places[i + 1], i += 2)
    message.set(engine.HEAPU8.subarray(places[i], places[i] + places[i + 1]), at);
  port.postMessage({ room, length }, [room]);
}

// --- Sharing the processor: a core is a Web Lock, which whoever trains holds for a turn -------------------------------

/** @type {Sharing|null} null: with nobody */ let sharing = null;
/** The core that this lane has now. @type {{until: number, leave: (more: boolean) => void}|null} */ let core = null;
let lastCore = 0, awaits = false;
const cores = globalThis.navigator?.hardwareConcurrency || 2;  // node 20 has no navigator
/** Milliseconds between two looks for a spare core. */
const lookPeriod = 300;

/** @param {boolean} more it wants to train on */
function leaveCore(more) {
  core?.leave(more);
  core = null;
}

/** @param {number} time milliseconds @param {(more: boolean) => void} leave */
function begin(time, leave) {
  core = { until: performance.now() + time, leave };
  wake();
}

/** @param {number} which @param {boolean} waits @returns {Promise<boolean>} it has that core now */
const takeCore = (which, waits) => new Promise((resolve, reject) => {
  navigator.locks.request(`unroll core ${which}`, { ifAvailable: !waits }, (lock) => {
    resolve(lock !== null);
    if (!lock) return undefined;
    lastCore = which;
    return new Promise((leave) => begin(sharing?.turn ?? 0, leave));
  }).catch(reject);
});

/** Any core that is free, the last one first; else the turn at one of them comes when others have had theirs. */
async function awaitCore() {
  if (turns) return turns.wait();
  if (awaits || core || sharing?.rank === 'rest') return;
  awaits = true;
  try {
    for (let n = 0; n < cores; ++n) if (await takeCore((lastCore + n) % cores, false)) return;
    if (sharing?.rank === 'first') await takeCore(Math.floor(Math.random() * cores), true);
    else setTimeout(awaitCore, lookPeriod);
  } catch {  // no locks here: a frame without an origin, or one of another site whose storage is blocked
    turns = new Turns();
    turns.wait();
  } finally {
    awaits = false;
  }
}

/**
 * What a lane says of itself to all of its origin. rest: it wants to train no more; turn: it trains in this one
 * @typedef {{lane: string, figure: string, rank: Sharing['rank'], turn?: number}} Word
 */

/** Milliseconds: of a turn; between two words of a lane that goes on wanting; until one that was not heard again is forgotten. */
const turnPeriod = 100, wordPeriod = 500, heardPeriod = 5000;

/**
 * Where there are no locks the clock cuts time into turns. Who wants to train says so, and each lane reckons by what it heard
 * whose turn it is: all come to the same.
 */
class Turns {
  lane = Math.random().toString(36).slice(2);
  /** Who wants to train, itself too. @type {Map<string, Word & {heard: number}>} */ wanting = new Map();
  /** @type {ReturnType<typeof setTimeout>|undefined} */ timer;
  /** @type {BroadcastChannel|null} null: it hears of nobody, and nobody of it */ others = null;

  constructor() {
    try {
      this.others = new BroadcastChannel('unroll lanes');
    } catch {
      return;
    }
    this.others.onmessage = ({ data }) => {
      const known = this.wanting.has(data.lane), own = this.wanting.get(this.lane);
      this.note(data);
      if (!known && own) this.say(own.rank);  // a newcomer has to hear of this one
    };
  }

  /** @param {Word} word */
  note(word) {
    if (word.rank === 'rest') this.wanting.delete(word.lane);
    else this.wanting.set(word.lane, { ...word, heard: performance.now() });
  }
  /** @param {Sharing['rank']} rank @param {number} [turn] */
  say(rank, turn) {
    const word = { lane: this.lane, figure: sharing?.figure ?? '', rank, turn };
    this.note(word);
    this.others?.postMessage(word);
  }

  /** For a turn. */
  wait() {
    clearTimeout(this.timer);
    if (core || !sharing) return;
    const { rank } = sharing, now = Date.now(), turn = Math.floor(now / turnPeriod), rest = (turn + 1) * turnPeriod - now;
    const own = this.wanting.get(this.lane);
    if (rank === 'rest') {
      if (own) this.say(rank);
      return;
    }
    if (own && this.having(turn).has(this.lane)) {
      this.say(rank, turn);
      return begin(rest, (more) => more || this.say('rest'));
    }
    if (own?.rank !== rank || performance.now() - own.heard > wordPeriod) this.say(rank);
    this.timer = setTimeout(() => this.wait(), rest);
  }

  /** The lanes that train in a turn: the figures' come round evenly, and spare ones where cores are left. @param {number} turn */
  having(turn) {
    /** @type {Set<string>} */ const having = new Set();
    for (const [lane, { heard }] of this.wanting) if (performance.now() - heard > heardPeriod) this.wanting.delete(lane);
    const words = [...this.wanting.values()].sort((a, b) => (a.lane < b.lane ? -1 : 1));
    for (const rank of ['first', 'spare']) {
      const ranked = words.filter((word) => word.rank === rank), figures = [...new Set(ranked.map(({ figure }) => figure))].sort();
      const free = cores - having.size, all = having.size + Math.min(free, ranked.length);
      for (let n = turn * free; having.size < all; ++n) {
        const lanes = ranked.filter(({ figure }) => figure === figures[n % figures.length]);
        having.add(lanes[Math.floor(n / figures.length) % lanes.length].lane);
      }
    }
    return having;
  }
}
/** @type {Turns|null} null: there are locks */ let turns = null;

/** @param {Sharing} now */
function share(now) {
  sharing = now;
  if (engine) wake();
}

self.onmessage = ({ data }) => {
  if (data instanceof WebAssembly.Module) start(data).catch(end);
  else if (data.share) share(data.share);
  else if (data.lock) hold(data.lock);
  else if (data.helpers) invite(data.helpers);
  else if (data.help) helped = data.help;
  else if (data.rest) looping || waits() ? rests.push(data.rest) : self.postMessage({ rest: data.rest });
  else if (engine) receive(engine, data);
  else early.push(data);
};

/** The bytes of memory that the browser refused last. */
let refused = 0;
const grow = WebAssembly.Memory.prototype.grow;
WebAssembly.Memory.prototype.grow = function (pages) {
  refused = this.buffer.byteLength + pages * 65536;
  const before = grow.call(this, pages);
  refused = 0;
  return before;
};

const megabytes = (/** @type {number} */ bytes) => Math.round(bytes / 2 ** 20);

/** @param {unknown} error */
function end(error) {
  looping = false;
  const message = error instanceof Error ? error.message : String(error);
  const what = message.replace(/\. Build with -sASSERTIONS.*$/s, '').replace(/\.+$/, '');  // Emscripten's word to programmers
  self.postMessage(refused
    ? { ended: `the browser gave no more memory than ${megabytes(engine ? engine.HEAPU8.length : 0)} MB`,
        hint: `${megabytes(refused)} MB were asked for; a smaller hidden size, batch or length needs less` }
    : { ended: `its engine stopped: ${what}` });
  self.close();
}

/** @param {() => void} work */
function guarded(work) {
  try {
    work();
  } catch (error) {
    end(error);
  }
}

/** Where storage is blocked there are no locks, and then nobody waits for this one. @param {string} name */
function hold(name) {
  navigator.locks.request(name, () => {
    self.postMessage({ locked: name });
    return new Promise(() => {});
  }).catch(() => {});
}

/** @param {WebAssembly.Module} module */
async function start(module) {
  const { default: createEngine } = await imported;
  /** @type {Engine} */
  const created = await createEngine({
    /** @param {WebAssembly.Imports} imports @param {(instance: WebAssembly.Instance) => void} done */
    instantiateWasm(imports, done) {
      WebAssembly.instantiate(module, imports).then(done);
      return {};
    },
    /** @param {Uint8Array} event a view of the engine's memory */
    send(event) {
      const { buffer } = event.slice();
      self.postMessage(buffer, { transfer: [buffer] });
    },
    /** @param {number} to @param {Uint32Array} places */
    post(to, places) {
      post(created, to, places);
    },
  });
  if (helped) {
    created._helper_create();
    return help(created, helped);
  }
  created._lane_create();
  engine = created;
  if (helpers.length) invite(helpers.splice(0));
  for (const command of early.splice(0)) receive(engine, command);
}

/** @param {Engine} engine @param {ArrayBuffer} command */
function receive(engine, command) {
  guarded(() => {
    put(engine, new Uint8Array(command));
    engine._lane_receive();
  });
  wake();
}

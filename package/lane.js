// A lane: one recurrent network that trains in a worker, and everything that can be asked of it.
import { Connection } from './connection.js';
import { LaneError } from './error.js';
import { Training, floatsOf } from './training.js';

/**
 * The experiment: what is learned, how, and by which networks; the same document as in the playground's links
 * and files. Every field may be missing but `data.text` (other tasks than text need none), and is checked; the error says what is allowed.
 * @typedef {object} Experiment
 * @property {{text?: string, valid?: number, task?: Record<string, unknown>}} [data] `text`; `valid`: the share at its end that is held out (0.1); `task`: another task, by name
 * @property {TrainSettings} [train]
 * @property {LaneSettings[]} [lanes] one is used: {@link CreateOptions.lane}
 * @property {string[]} [cells] cells of one's own, as texts of equations
 * @property {Record<string, unknown>} [view] of the playground; of no use here
 * @property {1} [unroll] the version of the document
 *
 * @typedef {object} TrainSettings
 * @property {number} [batch] sequences at a time (16)
 * @property {number} [seq_length] their characters (64)
 * @property {'sgd'|'rmsprop'|'adam'|'adamw'} [optimizer] (adam)
 * @property {number} [rate] learning rate (0.003)
 * @property {number} [momentum] of sgd (0.9)
 * @property {number} [beta1]
 * @property {number} [beta2]
 * @property {number} [weight_decay] (0)
 * @property {number} [clip] largest norm of the gradient (1); 0: none
 * @property {'constant'|'cosine'} [schedule] of the rate (constant)
 * @property {number} [warmup] steps in which the rate grows (0)
 * @property {number} [steps] after which training ends (0: never)
 * @property {number} [seed] (1) the same one gives the same network
 *
 * @typedef {object} LaneSettings
 * @property {string} [cell] 'rnn', 'lstm', 'gru' or another that ships, or one of `cells` ('lstm')
 * @property {number} [hidden] units (128)
 * @property {number} [layers] 1 to 4 (1)
 * @property {number} [embedding] size; 0: one-hot (0)
 * @property {number} [dropout] between layers (0)
 * @property {'tanh'|'relu'} [nonlinearity] of the rnn
 * @property {'uniform'|'orthogonal'} [init] (uniform)
 * @property {number|'torch'} [forget_bias] (1)
 * @property {number} [chrono] chrono initialisation with this span (0: without)
 * @property {number} [rate] this lane's own learning rate (0: that of `train`)
 * @property {string} [name]
 */

/**
 * Where the engine comes from, for places where its files are not beside the package's. Nothing of it is needed with
 * Vite, webpack, node, or the package's folder on any web server.
 * @typedef {object} EngineOptions
 * @property {'simd'|'relaxed'} [engine] which of the two; by default the faster one that runs here. Losses may differ in the last bits
 * @property {string|{href: string}|ArrayBuffer|ArrayBufferView|object} [wasm] address, bytes or compiled WebAssembly.Module of `engine-simd.wasm` or `engine-relaxed.wasm`
 * @property {() => any} [worker] makes the worker that runs `worker.js` (browser: a Worker; node: one of node:worker_threads)
 *
 * @typedef {object} CreateOptions
 * @property {number} [lane] which of the experiment's lanes (0)
 * @property {import('./training.js').Signal} [signal] gives up
 *
 * @typedef {object} LoadOptions
 * @property {string} [text] what the model learned, where its file only names a built-in text of the playground
 * @property {import('./training.js').Signal} [signal] gives up
 *
 * How characters are drawn. Temperature 0: the likeliest one always.
 * @typedef {object} SampleOptions
 * @property {number} [length] characters (200; at most 100000)
 * @property {number} [temperature] 0 to 5 (0.8)
 * @property {number} [topK] only from that many likeliest ones (0: all)
 * @property {number} [topP] only from as few likeliest ones as hold this probability (1: all)
 * @property {number} [seed] the same one gives the same text (1)
 *
 * @typedef {{symbol: string, probability: number}} Guess
 *
 * @typedef {object} Probe
 * @property {string[]} symbols the characters of the text that the model knows
 * @property {Float32Array} losses of each in nats; the first is NaN, for nothing predicts it
 * @property {Guess[][]} guesses the likeliest ones before each was read; none for the first
 * @property {string} unknown the characters that it does not know, left out
 *
 * @typedef {object} Activations
 * @property {string[]} symbols the characters that were read
 * @property {number} hidden units H
 * @property {Record<string, Float32Array>} values by name: (symbols, H), of a state as it is after each character
 *
 * @typedef {object} GradientFlow
 * @property {string[]} states of the cell
 * @property {number} lags K
 * @property {number} layers L
 * @property {Record<string, Float32Array>} norms by state: (L, K), at lag k of the state k + 1 characters before `position`
 * @property {Float32Array} input (K) norms by the character read there
 *
 * @typedef {object} Horizon
 * @property {number} characters how far back the network listens
 * @property {boolean} reached false: at least so far
 * @property {Float32Array} influence at each lag
 */

/** Of the platform: how workers are made. @type {(options: EngineOptions) => Promise<import('./connection.js').Port>} */
let openPort = () => Promise.reject(new LaneError({ what: 'no platform' }));
/** @param {typeof openPort} open */
export function usePlatform(open) {
  openPort = open;
}

const inside = Symbol('made by create or load');

/**
 * One recurrent network that trains in a worker of its own.
 *
 *     const lane = await Lane.create({ data: { text }, lanes: [{ cell: 'lstm', hidden: 64 }] });
 *     for await (const { step, loss } of lane.train({ steps: 500 })) console.log(step, loss);
 *     console.log(await lane.sample('Once ', { length: 200 }));
 *     lane.dispose();
 *
 * Everything may be asked while it trains. What is refused rejects with a {@link LaneError}, and the lane goes on as before.
 */
export class Lane {
  #connection;
  #configured;
  #experiment;
  #step;

  /** @private @param {symbol} key @param {Connection} connection @param {any} configured @param {Experiment} experiment */
  constructor(key, connection, configured, experiment) {
    if (key !== inside) throw new TypeError('Lanes are made by Lane.create(experiment) or Lane.load(bytes)');
    this.#connection = connection;
    this.#configured = configured;
    this.#experiment = experiment;
    this.#step = configured.step;
  }

  /**
   * Starts a worker and builds a new network in it, at step 0.
   * @param {Experiment} experiment
   * @param {CreateOptions & EngineOptions} [options]
   * @returns {Promise<Lane>}
   */
  static async create(experiment, { lane = 0, signal, ...engine } = {}) {
    if (typeof experiment !== 'object' || experiment === null)
      throw new TypeError('Lane.create takes an experiment: { data: { text }, lanes: [{ cell, hidden }] }');
    const document = { unroll: 1, ...experiment };
    return Lane.#open(engine, signal, 'configure', { experiment: document, lane }, undefined, /** @type {Experiment} */ (document));
  }

  /**
   * Starts a worker and goes on from a saved network, bit for bit where training stopped.
   * @param {Uint8Array|ArrayBuffer} bytes what {@link save}, the playground or the command line saved (safetensors)
   * @param {LoadOptions & EngineOptions} [options]
   * @returns {Promise<Lane>}
   */
  static async load(bytes, { text, signal, ...engine } = {}) {
    const file = bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes);
    return Lane.#open(engine, signal, 'load', text === undefined ? {} : { text }, file);
  }

  /**
   * @param {EngineOptions} engine @param {import('./training.js').Signal|undefined} signal
   * @param {string} type @param {object} fields @param {Uint8Array} [payload] @param {Experiment} [experiment]
   */
  static async #open(engine, signal, type, fields, payload, experiment) {
    if (signal?.aborted) throw signal.reason;
    const connection = new Connection(await openPort(engine));
    const abort = () => void connection.end(/** @type {any} */ (signal).reason);
    signal?.addEventListener('abort', abort);
    if (signal?.aborted) abort();
    try {
      const { header } = await connection.tell(type, fields, payload);
      return new Lane(inside, connection, header, experiment ?? header.experiment);
    } catch (error) {
      await connection.end(new LaneError({ what: 'the lane could not be made' }));
      throw error;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  /** Steps that are done, as far as is known here. */
  get step() {
    return this.#step;
  }
  /** Weights and biases. @returns {number} */
  get parameters() {
    return this.#configured.parameters;
  }
  /** The characters that it knows, sorted; none of a task without characters. @returns {string[]} */
  get vocabulary() {
    return [...this.#configured.vocabulary];
  }
  /** What was asked for and is done otherwise, as sentences; mostly none. @returns {string[]} */
  get notices() {
    return this.#configured.notices;
  }
  /** The document that it was made from. @returns {Experiment} */
  get experiment() {
    return this.#experiment;
  }

  /**
   * Trains: `for await (const metrics of lane.train({ steps: 500 }))` reads along, `await lane.train({ steps: 500 })`
   * gives the last metrics. Without `steps` and `until` it goes on until the loop is left, the signal, or the experiment's
   * own `train.steps`. An abort stops within one slice (16 ms, or one step where steps are longer) and rejects with the
   * signal's reason; the lane then is as if it had been told to train just so many steps. What diverges rejects.
   * @param {{steps?: number, until?: number, signal?: import('./training.js').Signal}} [options] `steps` more, or `until` so many are done
   * @returns {Training}
   */
  train({ steps, until, signal } = {}) {
    const command = steps !== undefined ? { type: 'step', count: steps } : until !== undefined ? { type: 'run', until } : { type: 'run' };
    return new Training(this.#connection, command, signal, this.#step, (step) => (this.#step = step));
  }

  /**
   * Lets it write on. The same seed gives the same text.
   * @param {string} prompt what it reads first; characters that it does not know are left out
   * @param {SampleOptions} [options]
   * @returns {Promise<string>} what it wrote after the prompt
   */
  async sample(prompt, { length = 200, temperature = 0.8, topK = 0, topP = 1, seed = 1 } = {}) {
    const { header } = await this.#ask('sample', { prompt, length, temperature, top_k: topK, top_p: topP, seed });
    return header.text;
  }

  /**
   * What it expects after a text.
   * @param {string} prefix
   * @returns {Promise<Guess[]>} every character, the likeliest first
   */
  async predict(prefix) {
    const { payload } = await this.#ask('predict', { prefix });
    const symbols = this.vocabulary;
    return [...floatsOf(payload)].map((probability, at) => ({ symbol: symbols[at], probability }))
      .sort((a, b) => b.probability - a.probability);
  }

  /**
   * How it reads a text: the loss at every character, and what it had expected instead.
   * @param {string} text at most 4096 characters
   * @param {{top?: number}} [options] how many guesses (3; at most 16)
   * @returns {Promise<Probe>}
   */
  async probe(text, { top = 3 } = {}) {
    const { header, payload } = await this.#ask('probe', { text, top });
    const symbols = [...header.text], known = this.vocabulary, n = symbols.length, k = header.top;
    const values = floatsOf(payload);
    const guess = (/** @type {number} */ at) => ({ symbol: known[values[n + at]], probability: values[n + n * k + at] });
    return {
      symbols,
      losses: values.slice(0, n),
      guesses: symbols.map((_, at) => (at ? Array.from({ length: k }, (_, i) => guess(at * k + i)) : [])),
      unknown: header.unknown,
    };
  }

  /**
   * The numbers in a layer while it reads a text: states, gates, any equation of its cell.
   * @param {string} text
   * @param {{layer?: number, which: string[]}} options `which`: up to 8 names (lstm: i, f, g, o, c, h)
   * @returns {Promise<Activations>}
   */
  async activations(text, { layer = 0, which }) {
    const { header, payload } = await this.#ask('activations', { text, layer, which });
    const symbols = [...header.text], size = symbols.length * header.hidden, values = floatsOf(payload);
    const of = (/** @type {number} */ row) => values.slice(row * size, (row + 1) * size);
    return {
      symbols,
      hidden: header.hidden,
      values: Object.fromEntries(header.which.map((/** @type {string} */ name, /** @type {number} */ row) => [name, of(row)])),
    };
  }

  /**
   * How the loss at one character reaches back through time.
   * @param {string} text
   * @param {{position: number, lags?: number}} options `position`: of the character, from 1; `lags`: 0: to the start
   * @returns {Promise<GradientFlow>}
   */
  async flow(text, { position, lags = 0 }) {
    const { header, payload } = await this.#ask('flow', { text, position, lags });
    const values = floatsOf(payload), size = header.layers * header.lags;
    const of = (/** @type {number} */ row) => values.slice(row * size, (row + 1) * size);
    return {
      states: header.states,
      lags: header.lags,
      layers: header.layers,
      norms: Object.fromEntries(header.states.map((/** @type {string} */ name, /** @type {number} */ row) => [name, of(row)])),
      input: values.slice(header.states.length * size),
    };
  }

  /**
   * Its memory horizon: how many characters back a loss still depends on what was read.
   * @param {{text?: string, lags?: number, positions?: number}} [options] without `text` on the held-out part; up to `lags` (200) characters back, a mean over `positions` (64)
   * @returns {Promise<Horizon>}
   */
  async horizon({ text, lags = 200, positions = 64 } = {}) {
    const { header, payload } = await this.#ask('horizon', { ...(text === undefined ? {} : { text }), lags, positions });
    return { characters: header.characters, reached: header.reached, influence: floatsOf(payload) };
  }

  /**
   * The losses of models that need no network, by which a loss is judged.
   * @returns {Promise<{name: string, value: number, about: string}[]>} of a text: uniform, unigram, bigram and the best n-gram, in nats
   */
  async baselines() {
    return (await this.#ask('baselines', {})).header.list;
  }

  /**
   * Changes what may change while it trains.
   * @param {{rate?: number, clip?: number}} settings
   * @returns {Promise<void>}
   */
  async tune(settings) {
    await this.#connection.tell('tune', settings);
  }

  /**
   * Everything: weights under the names and in the shapes of PyTorch, the experiment, the optimizer's and the random state.
   * @returns {Promise<Uint8Array>} a safetensors file
   */
  async save() {
    return (await this.#ask('save', {})).payload.slice();
  }

  /**
   * Any other question of the lane protocol (engine/lane/protocol.h in Unroll's sources) that is answered with an id.
   * @param {string} command such as 'spectrum' or 'weights'
   * @param {Record<string, unknown>} [fields] its own
   * @returns {Promise<{header: any, values: Float32Array}>}
   */
  async ask(command, fields = {}) {
    const { header, payload } = await this.#ask(command, fields);
    return { header, values: floatsOf(payload) };
  }

  /** @param {string} type @param {object} fields */
  async #ask(type, fields) {
    const event = await this.#connection.ask(type, fields);
    if (typeof event.header.step === 'number') this.#step = event.header.step;
    return event;
  }

  /**
   * Ends the worker and frees its memory. What is still waited for rejects; a second time does nothing.
   * @returns {Promise<void>} when it has ended
   */
  async dispose() {
    await this.#connection.end(new LaneError({ what: 'the lane was disposed of' }));
  }
}

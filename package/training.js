// One call of `Lane.train`: an asynchronous sequence of what training tells, and a promise of its end.
import { LaneError } from './error.js';

/**
 * What training tells, at most 25 times a second and once at its end.
 * @typedef {object} Metrics
 * @property {number} step steps done
 * @property {number} loss of the newest step (of the newest `stride` steps): of a character, a string of labels or a density in nats, of other numbers a squared error
 * @property {Float32Array} losses the loss of each step since the last ones; where there are more than 512, means of `stride` steps
 * @property {Float32Array} gradNorms the norm of the gradient before clipping, likewise
 * @property {number} first the step of the first of them
 * @property {number} stride
 * @property {number} epoch how often the data was gone through
 * @property {number} rate the learning rate
 * @property {number} charactersPerSecond
 * @property {number} seconds all time spent in training steps
 * @property {Validation} [valid] where the held-out part was measured since
 *
 * The network's score on the held-out part.
 * @typedef {object} Validation
 * @property {number} step after which step
 * @property {number} loss
 * @property {string} name of the task's score
 * @property {number|null} value
 * @property {string} unit
 * @property {'lower'|'higher'} better
 * @property {number} count of what was scored
 * @property {Record<string, number>} [others] further scores by name
 */

/**
 * What an AbortController's signal is; said in full so that the types need no DOM.
 * @typedef {object} Signal
 * @property {boolean} aborted
 * @property {any} reason
 * @property {(type: 'abort', listener: () => void) => void} addEventListener
 * @property {(type: 'abort', listener: () => void) => void} removeEventListener
 */

/** Events that wait for a slow reader; the lane itself thins them before (16). */
const mostWaiting = 64;

/**
 * Training under way, or still to begin: it begins when it is first read or awaited. `for await` gives {@link Metrics};
 * leaving the loop pauses. `await` trains to the end and gives the last ones.
 * @implements {PromiseLike<Metrics>}
 */
export class Training {
  #connection;
  #command;
  #signal;
  #before;
  #stepped;
  /** @type {AsyncGenerator<Metrics, void, void>|null} */ #sequence = null;

  /**
   * @param {import('./connection.js').Connection} connection
   * @param {{type: string}} command `run` or `step`
   * @param {Signal|undefined} signal
   * @param {number} step done before
   * @param {(step: number) => void} stepped how many are done now
   */
  constructor(connection, command, signal, step, stepped) {
    this.#connection = connection;
    this.#command = command;
    this.#signal = signal;
    this.#before = step;
    this.#stepped = stepped;
  }

  /** @returns {AsyncGenerator<Metrics, void, void>} */
  [Symbol.asyncIterator]() {
    this.#sequence ??= this.#run();
    return this.#sequence;
  }

  /**
   * @template [A=Metrics], [B=never]
   * @param {((last: Metrics) => A | PromiseLike<A>) | null} [resolved]
   * @param {((reason: any) => B | PromiseLike<B>) | null} [rejected]
   * @returns {Promise<A | B>}
   */
  then(resolved, rejected) {
    return this.#last().then(resolved, rejected);
  }

  async #last() {
    const empty = new Float32Array();
    /** @type {Metrics} */
    let last = { step: this.#before, loss: NaN, losses: empty, gradNorms: empty, first: this.#before + 1, stride: 1, epoch: 0, rate: NaN, charactersPerSecond: 0, seconds: 0 };
    for await (const metrics of this) last = metrics.valid || !last.valid ? metrics : { ...metrics, valid: last.valid };
    return last;
  }

  async *#run() {
    const connection = this.#connection, signal = this.#signal;
    if (signal?.aborted) throw signal.reason;
    if (connection.ended) throw connection.ended;
    if (connection.trained) throw new LaneError({ what: 'this lane is training already', hint: 'end the loop of the other train() first' });
    /** @type {Metrics[]} */ const waiting = [];
    let loss = NaN, stopped = false, over = false;
    /** @type {unknown} */ let fault = null;
    let wake = () => {};
    const news = () => new Promise((resolve) => (wake = () => resolve(undefined)));
    const finish = () => {
      over = true;
      wake();
    };
    connection.listen(({ header, payload }) => {
      this.#stepped(header.step);
      if (header.type === 'metrics') {
        const metrics = metricsOf(header, payload, loss);
        loss = metrics.loss;
        waiting.push(metrics);
        if (waiting.length > mostWaiting) waiting.shift();
      } else {
        stopped = true;
        if (header.reason === 'diverged') fault = new LaneError({ what: header.message, command: this.#command.type });
        connection.rest().then(finish);  // the held-out part may still be measured
      }
      wake();
    });
    connection.failed = (error) => {
      fault = error;
      finish();
    };
    const abort = () => {
      fault ??= /** @type {Signal} */ (signal).reason;
      connection.tell('pause', {}).then(finish, finish);
    };
    try {
      connection.send({ type: 'heard' });
      await connection.tell(this.#command.type, this.#command);
      signal?.addEventListener('abort', abort);
      if (signal?.aborted) abort();
      for (;;) {
        const next = waiting.shift();
        if (next && !(fault && signal?.aborted)) {
          yield next;
          if (!connection.ended) connection.send({ type: 'heard' });
        } else if (over) {
          break;
        } else {
          await news();
        }
      }
      if (fault) throw fault;
    } finally {
      signal?.removeEventListener('abort', abort);
      connection.failed = null;
      if (!stopped && !connection.ended) await connection.tell('pause', {}).catch(() => {});
      connection.listen(null);
    }
  }
}

/** @param {any} header @param {Uint8Array} payload (n, 2) losses and norms @param {number} before the last loss @returns {Metrics} */
function metricsOf(header, payload, before) {
  const pairs = floatsOf(payload);
  const losses = pairs.filter((_, at) => at % 2 === 0), gradNorms = pairs.filter((_, at) => at % 2 === 1);
  return {
    step: header.step,
    loss: losses.length ? losses[losses.length - 1] : before,
    losses,
    gradNorms,
    first: header.first,
    stride: header.stride,
    epoch: header.epoch,
    rate: header.rate,
    charactersPerSecond: header.chars_per_second,
    seconds: header.seconds,
    ...(header.valid ? { valid: header.valid } : {}),
  };
}

/** @param {Uint8Array} bytes @returns {Float32Array} a copy */
export function floatsOf(bytes) {
  return new Float32Array(bytes.slice().buffer);
}

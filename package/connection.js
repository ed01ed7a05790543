// The line to a lane's worker: commands out, events in (engine/lane/protocol.h in Unroll's sources). Commands with an id
// are answered by an event with that id, in any order; the others by `configured`, `state` or `error` in the order in
// which they were sent.
import { eventOf, payloadOf, read } from '../web/page/messages.mjs';
import { LaneError } from './error.js';

/**
 * What both kinds of worker have in common.
 * @typedef {object} Port
 * @property {(data: unknown, transfer?: ArrayBuffer[]) => void} post
 * @property {(receive: (data: any) => void, fail: (what: string) => void) => void} listen
 * @property {(busy: boolean) => void} hold whether somebody waits for it: node ends without waiting for others
 * @property {() => unknown} end
 *
 * @typedef {{header: any, payload: Uint8Array}} Event
 *
 * @typedef {object} Waiting
 * @property {string} command
 * @property {(event: Event) => void} resolve
 * @property {(error: LaneError) => void} reject
 */

export class Connection {
  /** Answers without an id that are due, the oldest first. @type {Waiting[]} */ #due = [];
  /** @type {Map<number, Waiting>} */ #asked = new Map();
  /** @type {Map<number, () => void>} */ #rests = new Map();
  #lastId = 0;
  #port;
  /** Why there is no worker any more. @type {LaneError|null} */ ended = null;
  /** Somebody wants the events of training. @type {((event: Event) => void)|null} */ trained = null;
  /** @type {((error: LaneError) => void)|null} */ failed = null;

  /** @param {Port} port of a worker that has said `ready` */
  constructor(port) {
    this.#port = port;
    port.listen((data) => this.#receive(data), (what) => this.end(new LaneError({ what })));
    this.#hold();
  }

  /**
   * A command that is answered by an event with its id.
   * @param {string} type @param {object} fields @returns {Promise<Event>}
   */
  ask(type, fields) {
    const id = ++this.#lastId;
    return this.#wait((waiting) => {
      this.#asked.set(id, waiting);
      this.send({ type, id, ...fields });
    }, type);
  }

  /**
   * A command that is answered without an id.
   * @param {string} type @param {object} fields @param {Uint8Array} [payload] @returns {Promise<Event>}
   */
  tell(type, fields, payload) {
    return this.#wait((waiting) => {
      this.#due.push(waiting);
      this.send({ type, ...fields }, payload);
    }, type);
  }

  /** Resolves once the lane has nothing left to do. @returns {Promise<void>} */
  rest() {
    const id = ++this.#lastId;
    return new Promise((resolve) => {
      this.#rests.set(id, resolve);
      if (this.ended) return resolve();
      this.#port.post({ rest: id });
      this.#hold();
    });
  }

  /** @param {object} header @param {Uint8Array} [payload] */
  send(header, payload) {
    const { buffer } = eventOf(header, payload);
    this.#port.post(buffer, [buffer]);
  }

  /** Whether the process waits for the lane follows from who waits for it. */
  #hold() {
    if (!this.ended) this.#port.hold(this.#due.length + this.#asked.size + this.#rests.size > 0 || this.trained !== null);
  }

  /** @param {((event: Event) => void)|null} listener of `metrics`, and of the `state` with which training ends */
  listen(listener) {
    this.trained = listener;
    this.#hold();
  }

  /** @param {(waiting: Waiting) => void} begin @param {string} command @returns {Promise<Event>} */
  #wait(begin, command) {
    return new Promise((resolve, reject) => {
      if (this.ended) return reject(this.ended);
      begin({ command, resolve, reject });
      this.#hold();
    });
  }

  /** @param {any} data */
  #receive(data) {
    if (this.ended) return;
    if (data.ended) return this.end(new LaneError({ what: data.ended, hint: data.hint }));
    if (data.rest) {
      this.#rests.get(data.rest)?.();
      this.#rests.delete(data.rest);
      return this.#hold();
    }
    if (!(data instanceof ArrayBuffer)) return;
    const bytes = new Uint8Array(data);
    const event = { header: read(bytes), payload: payloadOf(bytes) };
    const { type, id, command, reason } = event.header;
    if (type === 'error') {
      const error = new LaneError(event.header);
      const first = this.#due[0];
      if (id !== undefined) this.#take(id)?.reject(error);
      else if (first?.command === command) this.#due.shift()?.reject(error);
    } else if (id !== undefined) {
      this.#take(id)?.resolve(event);
    } else if (type === 'configured' || (type === 'state' && (reason === undefined || reason === 'asked'))) {
      if (reason) this.trained?.(event);
      this.#due.shift()?.resolve(event);
    } else if (type === 'state' || type === 'metrics') {
      this.trained?.(event);
    }
    this.#hold();
  }

  /** @param {number} id */
  #take(id) {
    const waiting = this.#asked.get(id);
    this.#asked.delete(id);
    return waiting;
  }

  /** Ends the worker; whoever waits is told why. @param {LaneError} why @returns {unknown} */
  end(why) {
    if (this.ended) return undefined;
    this.ended = why;
    const done = this.#port.end();
    for (const waiting of [...this.#due.splice(0), ...this.#asked.values()]) waiting.reject(why);
    this.#asked.clear();
    for (const resolve of this.#rests.values()) resolve();
    this.#rests.clear();
    this.failed?.(why);
    return done;
  }
}

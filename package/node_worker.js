// worker.js in node: gives it what a browser's worker has.
import { parentPort } from 'node:worker_threads';

const port = /** @type {import('node:worker_threads').MessagePort} */ (parentPort);
/** @type {any} */ const self = {
  postMessage: (/** @type {unknown} */ data, /** @type {{transfer?: ArrayBuffer[]}} */ { transfer = [] } = {}) => port.postMessage(data, transfer),
  close() {},  // who hears why it ended, ends it
};
// A port that posts to itself would have 1000 turns before any other message gets in; this lets them in after each.
class Turns {
  /** @type {{onmessage: (() => void)|null}} */ port1 = { onmessage: null };
  port2 = { postMessage: () => void setImmediate(() => this.port1.onmessage?.()) };
}
Object.assign(globalThis, { self, MessageChannel: Turns });
/** @type {unknown[]} */ const early = [];
port.on('message', (data) => (self.onmessage ? self.onmessage({ data }) : early.push(data)));
await import('./worker.js');
for (const data of early.splice(0)) self.onmessage({ data });

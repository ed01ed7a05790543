// The page's side of the lanes' workers, with workers that a test plays: what is kept, what is told, what is sent again.
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { LanePool } from '../../web/page/lanes.mjs';
import { eventOf, payloadOf, read, typeOf } from '../../web/page/messages.mjs';

/** @type {any[]} */ let workers = [];
/** @type {Record<string, () => void>} */ let listeners = {};
let keepStates = () => {};
const connection = { onLine: true };
Object.defineProperty(globalThis, 'navigator', { value: connection, configurable: true });
Object.assign(globalThis, {
  addEventListener: (/** @type {string} */ type, /** @type {() => void} */ listener) => (listeners[type] = listener),
  setInterval: (/** @type {() => void} */ call) => (keepStates = call),
  Worker: class {
    constructor() {
      /** @type {any[]} */ this.got = [];
      this.dead = false;
      workers.push(this);
    }
    /** @param {any} message */
    postMessage(message) {
      this.got.push(message === 'module' ? message : new Uint8Array(message));
    }
    terminate() {
      this.dead = true;
    }
    addEventListener() {}
    /** @param {object} header @param {Uint8Array} [payload] */
    says(header, payload) {
      /** @type {any} */ (this).onmessage({ data: eventOf(header, payload).buffer });
    }
    /** The types of what it got, without the engine's code. */
    types() {
      return this.got.filter((message) => message !== 'module').map(typeOf);
    }
  },
});

/** @type {LanePool} */ let pool;
/** @type {string[]} */ let failures;
beforeEach(() => {
  [workers, listeners, failures] = [[], {}, []];
  connection.onLine = true;
  pool = new LanePool('simd', Promise.resolve(/** @type {any} */ ('module')), 1, (what) => failures.push(what));
  pool.begin();
});
const drain = (/** @type {number} */ id) => {
  const headers = [];
  for (let event = pool.poll(id); event; event = pool.poll(id)) headers.push(read(event));
  return headers;
};
const command = (/** @type {string} */ type) => eventOf({ lane: 0, type });
function training() {
  const id = pool.open(() => {});
  pool.send(id, command('configure'));
  workers[0].says({ type: 'ready' });
  workers[0].says({ type: 'configured', parameters: 100 });
  workers[0].says({ type: 'metrics', step: 5 });
  return id;
}

test('a lane that ended is revived from the state that was kept, which nobody asked for', () => {
  const id = training();
  keepStates();
  assert.deepEqual(workers[0].types(), ['configure', 'save']);
  keepStates();  // nothing was learned since
  assert.deepEqual(workers[0].types(), ['configure', 'save']);
  workers[0].says({ type: 'checkpoint', id: 0, step: 5, file_name: 'own' }, new Uint8Array([1, 2, 3]));
  workers[0].says({ type: 'checkpoint', id: 9, step: 6, file_name: 'asked for' }, new Uint8Array([1, 2, 3, 4]));
  const told = drain(id);
  assert.deepEqual(told.map(({ type }) => type), ['ready', 'configured', 'metrics', 'checkpoint']);
  assert.equal(told[3].file_name, 'asked for');
  assert.deepEqual([...(pool.held.get(told[3].held) ?? [])], [1, 2, 3, 4], 'the front end knows where it is held');
  assert.equal(pool.held.size, 1);

  workers[0].onmessage({ data: { ended: 'boom', hint: 'why' } });
  assert.deepEqual(drain(id), [{ type: 'ended', what: 'boom', hint: 'why', step: 6 }]);
  assert.ok(workers[0].dead);
  assert.equal(pool.revive(id), true);
  assert.deepEqual(workers[1].types(), ['load']);
  assert.deepEqual([...payloadOf(workers[1].got[0])], [1, 2, 3, 4]);
  workers[1].says({ type: 'ready' });
  workers[1].says({ type: 'configured', step: 5, parameters: 100, experiment: { unroll: 1 } });
  assert.deepEqual(drain(id), [{ type: 'ready' }, { type: 'revived', step: 5, parameters: 100 }]);
});

test('without a state it has to be configured, which brings it back by itself; a large lane has none', () => {
  const id = training();
  workers[0].says({ type: 'configured', parameters: 5e7 });
  workers[0].says({ type: 'metrics', step: 5 });
  keepStates();
  assert.deepEqual(workers[0].types(), ['configure']);
  workers[0].onerror({ preventDefault() {}, message: 'boom' });
  assert.equal(drain(id).at(-1).step, -1);
  pool.send(id, command('configure'));
  assert.deepEqual(workers[1].types(), ['configure']);
  assert.equal(pool.revive(id), false);
});

test('what never started for want of a connection gets everything again when there is one', () => {
  const [first, id] = [training(), pool.open(() => {})];
  pool.send(id, command('configure'));
  pool.send(id, command('run'));
  connection.onLine = false;
  workers[1].onerror({ preventDefault() {}, message: '' });
  assert.match(drain(id)[0].what, /no connection/);
  connection.onLine = true;
  listeners.online();
  assert.deepEqual(workers[2].types(), ['configure', 'run']);
  assert.equal(drain(first).length, 3);
  assert.deepEqual(failures, []);
});

test('only when no worker at all comes to life is it the page that fails', () => {
  const ids = [pool.open(() => {}), pool.open(() => {})];
  workers[0].onerror({ preventDefault() {}, message: '' });
  assert.deepEqual(failures, []);
  workers[1].onerror({ preventDefault() {}, message: '' });
  assert.equal(failures.length, 1);
  assert.equal(drain(ids[0])[0].type, 'ended');
});

test('events that nobody takes are bounded, and what matters among them stays', () => {
  const id = training();
  for (let step = 0; step < 10000; ++step) workers[0].says({ type: 'metrics', step });
  workers[0].says({ type: 'state', step: 10000 });
  const events = drain(id);
  assert.equal(events.length, 4000);
  assert.deepEqual([events[0].type, events[1].type, events.at(-1).type], ['ready', 'configured', 'state']);
});

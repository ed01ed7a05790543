// Saving asks for its memory first: where the browser gives none, the lane says so and goes on. The worker's engine, in node.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { eventOf, payloadOf, read } from '../../web/page/messages.mjs';
import { root } from '../browser.mjs';

const site = process.env.UNROLL_SITE ?? `${root}/build/web/site`;

test('a checkpoint for which there is no memory is refused in words, and the lane trains on', async () => {
  const module = await WebAssembly.compile(await readFile(`${site}/engine-simd.wasm`));
  Object.assign(globalThis, { self: globalThis, location: { href: pathToFileURL(`${site}/`).href }, WorkerGlobalScope: Object });
  const { default: create } = await import(pathToFileURL(`${site}/engine-simd.mjs`).href);
  /** @type {{header: any, size: number}[]} */ const events = [];
  const engine = await create({
    /** @param {WebAssembly.Imports} imports @param {(instance: WebAssembly.Instance) => void} done */
    instantiateWasm(imports, done) {
      WebAssembly.instantiate(module, imports).then(done);
      return {};
    },
    send: (/** @type {Uint8Array} */ event) => events.push({ header: read(event), size: payloadOf(event).length }),
  });
  const send = (/** @type {object} */ header) => {
    const command = eventOf(header);
    const at = engine._lane_buffer(command.length) >>> 0;
    engine.HEAPU8.set(command, at);
    engine._lane_receive();
    while (engine._lane_work());
    return /** @type {{header: any, size: number}} */ (events.at(-1));
  };
  const found = (/** @type {string} */ type) => events.filter(({ header }) => header.type === type);
  engine._lane_create();
  send({ type: 'configure', lane: 0, experiment: {
    unroll: 1, data: { text: 'The quick brown fox jumps over the lazy dog. '.repeat(20), valid: 0 },
    train: { batch: 1, seq_length: 8 }, lanes: [{ cell: 'lstm', hidden: 700 }],
  } });
  send({ type: 'step', count: 1 });

  const grow = WebAssembly.Memory.prototype.grow;
  WebAssembly.Memory.prototype.grow = () => { throw new RangeError('refused by the test'); };
  send({ type: 'save', id: 1 });
  assert.equal(found('checkpoint').length, 0);
  assert.match(found('error')[0].header.what, /needs \d+ MiB more memory/);
  send({ type: 'step', count: 1 });
  assert.equal(found('state').at(-1)?.header.step, 2);

  WebAssembly.Memory.prototype.grow = grow;
  send({ type: 'save', id: 2 });
  assert.ok(found('checkpoint')[0].size > 12 * found('configured')[0].header.parameters);
});

// Lanes in real workers, without the front end: the page's own lanes.mjs, spoken to in the protocol of
// engine/lane/protocol.h, with both engines.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newVisitor, useSite } from './site.mjs';

const site = useSite();

const experiment = {
  unroll: 1,
  data: { text: 'The quick brown fox jumps over the lazy dog. '.repeat(60), valid: 0.1 },
  train: { batch: 4, seq_length: 16, rate: 0.01, seed: 3 },
  lanes: [
    { cell: 'rnn', hidden: 48 },
    { cell: 'lstm', hidden: 32 },
  ],
};

/**
 * A page with `window.openLane()`; a lane has send(header), until(condition) and all its events as {header, floats, at}.
 * @param {'simd'|'relaxed'} engine
 */
async function lanePage(engine) {
  const { page, problems } = await newVisitor(site);
  await page.route('**/favicon.ico', (route) => route.fulfill({ status: 204 }));
  await page.goto(`${site.address}style.css`); // any file of this server: same origin, same security policy
  await page.evaluate(async (engine) => {
    const { LanePool } = await import(`${location.origin}/lanes.mjs`);
    const module = WebAssembly.compileStreaming(fetch(`/engine-${engine}.wasm`));
    const pool = new LanePool(engine, module, 1, (/** @type {string} */ message) => console.error(message));
    pool.begin();
    Object.assign(window, {
      openLane() {
        /** @type {any[]} */ const events = [];
        const waiting = new Set();
        const id = pool.open(() => {
          for (let bytes = pool.poll(id); bytes; bytes = pool.poll(id)) {
            const length = new DataView(bytes.buffer).getUint32(0, true);
            const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
            const floats = [...new Float32Array(bytes.buffer, (4 + length + 3) & ~3)];
            events.push({ header, floats, at: performance.now() });
          }
          for (const check of waiting) check();
        });
        return {
          events,
          /** @param {object} header */
          send(header) {
            const json = new TextEncoder().encode(JSON.stringify(header));
            const bytes = new Uint8Array((4 + json.length + 3) & ~3);
            new DataView(bytes.buffer).setUint32(0, json.length, true);
            bytes.set(json, 4);
            pool.send(id, bytes);
          },
          /** @param {(header: any) => boolean} wanted @returns {Promise<any>} the first event like that */
          until(wanted) {
            return new Promise((resolve) => {
              const check = () => {
                const found = events.find((event) => wanted(event.header));
                if (found && waiting.delete(check)) resolve(found);
              };
              waiting.add(check);
              check();
            });
          },
          close: () => pool.close(id),
        };
      },
    });
  }, engine);
  return { page, problems };
}

for (const engine of /** @type {const} */ (['simd', 'relaxed']))
  test(`engine-${engine}: the loss falls, and pauses do not change the curve`, async () => {
    const { page, problems } = await lanePage(engine);
    const { isa, straight, disturbed } = await page.evaluate(async (experiment) => {
      const { openLane } = /** @type {any} */ (window);
      const curve = (/** @type {any} */ lane) =>
        lane.events.flatMap((/** @type {any} */ event) => (event.header.type === 'metrics' ? event.floats : []));
      const stopped = (/** @type {number} */ step) => (/** @type {any} */ header) =>
        header.type === 'state' && !header.running && header.step === step;

      const first = openLane();
      first.send({ type: 'configure', experiment, lane: 1 });
      first.send({ type: 'run', until: 90 });
      await first.until(stopped(90));

      const second = openLane();
      second.send({ type: 'configure', experiment, lane: 1 });
      second.send({ type: 'write', on: true, rate: 500 });
      for (let step = 9; step <= 90; step += 9) {
        second.send({ type: 'step', count: 9 });
        second.send({ type: 'predict', id: step, prefix: 'The qu' });
        await second.until(stopped(step));
        second.send({ type: 'probe', id: step, text: 'The quick brown' });
      }
      const ready = await second.until((/** @type {any} */ header) => header.type === 'ready');
      return { isa: ready.header.isa, straight: curve(first), disturbed: curve(second) };
    }, experiment);
    assert.match(isa, engine === 'relaxed' ? /relaxed|plain/ : /simd|plain/);
    assert.equal(straight.length, 180);
    assert.deepEqual(disturbed, straight);
    assert.ok(straight[178] < straight[0] * 0.8, `loss ${straight[0]} to ${straight[178]}`);
    assert.deepEqual(problems, []);
    });

test('two lanes train at the same time and answer while they do', async () => {
  const { page, problems } = await lanePage('relaxed');
  const { latencies, between, apart } = await page.evaluate(async (experiment) => {
    const { openLane } = /** @type {any} */ (window);
    const lanes = [openLane(), openLane()];
    lanes.forEach((lane, index) => lane.send({ type: 'configure', experiment, lane: index }));
    lanes.forEach((lane) => lane.send({ type: 'run' }));
    for (const lane of lanes) await lane.until((/** @type {any} */ header) => header.type === 'metrics');
    const reports = (/** @type {any} */ lane) =>
      lane.events.filter((/** @type {any} */ event) => event.header.type === 'metrics');
    const begin = performance.now();
    /** @type {number[]} */ const latencies = [];
    /** @type {number[]} */ const between = [];
    for (let id = 0; latencies.length < 60; ++id) {
      const lane = lanes[id % 2];
      const [asked, before] = [performance.now(), reports(lane).length];
      lane.send({ type: 'predict', id, prefix: 'The quick' });
      const answer = await lane.until((/** @type {any} */ header) => header.type === 'prediction' && header.id === id);
      latencies.push(answer.at - asked);
      between.push(reports(lane).length - before);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const end = performance.now();
    // The longest silence of each lane, as a share of all this time.
    const apart = lanes.map((lane) => {
      const times = [begin, ...reports(lane).map((/** @type {any} */ event) => event.at).filter((/** @type {number} */ at) => at > begin), end];
      return Math.max(...times.slice(1).map((time, i) => time - times[i])) / (end - begin);
    });
    lanes.forEach((lane) => lane.close());
    return { latencies, between, apart };
  }, experiment);
  for (const share of apart) assert.ok(share < 1 / 3, `a lane is silent for so much of the time: ${apart}`);
  const median = (/** @type {number[]} */ list) => list.sort((a, b) => a - b)[list.length >> 1];
  console.log(`answers while training: median ${median(latencies).toFixed(1)} ms, slowest ${latencies.at(-1)?.toFixed(1)} ms`);
  // It does not train on first: a lane tells its steps several times a second.
  assert.ok(median(between) <= 1, `told its steps so often before it answered: ${between}`);
  assert.deepEqual(problems, []);
});

test('commands sent before the engine is there are kept for it', async () => {
  const { page } = await lanePage('simd');
  const types = await page.evaluate(async (experiment) => {
    const { openLane } = /** @type {any} */ (window);
    openLane(); // takes the worker that was started ahead
    const late = openLane();
    late.send({ type: 'configure', experiment, lane: 0 });
    late.send({ type: 'nonsense' });
    await late.until((/** @type {any} */ header) => header.type === 'error');
    return late.events.map((/** @type {any} */ event) => event.header.type);
  }, experiment);
  assert.deepEqual(types, ['ready', 'configured', 'error']);
});

// The package in node: installed from its tarball into an empty folder.
import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { root } from '../browser.mjs';
import { fox, installed, run } from './installed.mjs';

/** @typedef {import('../../package/index.js').Lane} AnyLane */

/** @type {string} */ let folder;
/** @type {typeof import('../../package/index.js')} */ let unroll;
before(async () => {
  folder = await installed();
  unroll = await import(pathToFileURL(`${folder}/node_modules/unroll-rnn/node.js`).href);
});

/** Trains, and gives the loss of each step. @param {AnyLane} lane @param {Parameters<AnyLane['train']>[0]} options */
async function losses(lane, options) {
  /** @type {Map<number, number>} */ const found = new Map();
  for await (const { first, stride, losses } of lane.train(options)) {
    assert.equal(stride, 1);
    losses.forEach((loss, at) => found.set(first + at, loss));
  }
  return found;
}

test('thirty lines train a model: the example runs from a folder of its own, and the process ends by itself', async () => {
  const script = readFileSync(`${root}/examples/package/train.mjs`, 'utf8');
  assert.ok(script.trimEnd().split('\n').length <= 30);
  writeFileSync(`${folder}/train.mjs`, script);
  copyFileSync(`${root}/tests/cli/names.txt`, `${folder}/names.txt`);
  const { stdout } = await run(process.execPath, ['train.mjs', 'names.txt', '60'], { cwd: folder });
  assert.match(stdout, /^\d+ parameters[^]*step 50: \d\.\d+ nats \(bigram \d\.\d+\)[^]*\nOnce [^]{200}\n$/);
  const again = await unroll.Lane.load(readFileSync(`${folder}/model.safetensors`));
  assert.equal(again.step, 60);
  await again.dispose();
});

test('a lane that nobody waits for keeps no process, disposed of or not', async () => {
  writeFileSync(`${folder}/leave.mjs`, `import { Lane } from 'unroll-rnn';
    const lane = await Lane.create(${JSON.stringify(fox)});
    for await (const { step } of lane.train()) if (step > 3) break;
    console.log('left at', lane.step > 3);`);
  const { stdout } = await run(process.execPath, ['leave.mjs'], { cwd: folder, timeout: 60000 });
  assert.equal(stdout, 'left at true\n');
});

test('training gives every step, the validation and the end; awaited, the last metrics', async () => {
  const lane = await unroll.Lane.create(fox);
  const curve = await losses(lane, { steps: 60 });
  assert.deepEqual([...curve.keys()], Array.from({ length: 60 }, (_, at) => at + 1));
  assert.ok(Math.abs((curve.get(1) ?? 0) - Math.log(lane.vocabulary.length)) < 0.3);
  assert.ok((curve.get(60) ?? 9) < (curve.get(1) ?? 0));
  assert.equal(lane.step, 60);
  const last = await lane.train({ until: 75 });
  assert.equal(last.step, 75);
  assert.equal(last.valid?.step, 75);
  assert.ok((last.valid?.loss ?? 9) < 3);
  assert.equal((await lane.train({ until: 75 })).step, 75);
  await lane.dispose();
});

test('an abort stops at once with its reason, and the next steps are those without it', async (t) => {
  const straight = await unroll.Lane.create(fox);
  const lane = await unroll.Lane.create(fox);
  const control = new AbortController();
  const reason = new Error('enough');
  let aborted = 0;
  await assert.rejects(async () => {
    for await (const { step } of lane.train({ signal: control.signal })) {
      assert.equal(aborted, 0, 'nothing comes after the abort');
      if (step < 20) continue;
      aborted = performance.now();
      control.abort(reason);
    }
  }, reason);
  const took = performance.now() - aborted;
  t.diagnostic(`stopped ${took.toFixed(1)} ms after the abort`);
  assert.ok(took < 5000);  // 0.1 s where the machine has nothing else to do
  const at = lane.step;
  assert.ok(at >= 20);
  const expected = await losses(straight, { until: at + 12 });
  const after = await losses(lane, { steps: 12 });
  assert.equal(after.size, 12);
  for (const [step, loss] of after) assert.equal(loss, expected.get(step));
  assert.deepEqual(await lane.save(), await straight.save());
  await assert.rejects(lane.train({ signal: AbortSignal.abort(reason) }).then(), reason);
  assert.equal(lane.step, at + 12);
  await assert.rejects(unroll.Lane.create(fox, { signal: AbortSignal.abort(reason) }), reason);
  await Promise.all([lane.dispose(), straight.dispose()]);
});

test('a slow reader is told less, and the lane is neither held up nor heard without end', async () => {
  const lane = await unroll.Lane.create({ ...fox, data: { ...fox.data, valid: 0 } });
  let events = 0, steps = 0;
  for await (const { losses, stride } of lane.train({ steps: 400 })) {
    if (++events === 1) await new Promise((resolve) => setTimeout(resolve, 1500));
    steps += losses.length * stride;
  }
  assert.ok(steps >= 400);
  assert.ok(events < 400);
  await lane.dispose();
});

test('what it says of a text: guesses, losses, states, gradients, horizon, baselines', async () => {
  const lane = await unroll.Lane.create(fox);
  await lane.train({ steps: 150 });
  const text = await lane.sample('The ', { length: 40, temperature: 0 });
  assert.equal([...text].length, 40);
  assert.equal(await lane.sample('The ', { length: 40, temperature: 0 }), text);
  const guesses = await lane.predict('The q');
  assert.equal(guesses.length, lane.vocabulary.length);
  assert.ok(Math.abs(guesses.reduce((sum, { probability }) => sum + probability, 0) - 1) < 1e-5);
  assert.ok(guesses[0].probability >= guesses[1].probability);
  const probe = await lane.probe('The qé', { top: 2 });
  assert.deepEqual(probe.symbols, [...'The q']);
  assert.equal(probe.unknown, 'é');
  assert.ok(Number.isNaN(probe.losses[0]) && probe.losses[4] > 0);
  assert.equal(probe.guesses[4].length, 2);
  const next = (await lane.predict('The '))[0];
  assert.equal(probe.guesses[4][0].symbol, next.symbol);
  const { values, hidden } = await lane.activations('The quick', { which: ['c', 'f'] });
  assert.equal(hidden, 24);
  assert.equal(values.c.length, 9 * 24);
  assert.ok(values.f.every((gate) => gate > 0 && gate < 1));
  const flow = await lane.flow('The quick', { position: 6 });
  assert.deepEqual(flow.states, ['c', 'h']);
  assert.equal(flow.norms.c.length, flow.lags * flow.layers);
  assert.equal(flow.input.length, flow.lags);
  const horizon = await lane.horizon({ lags: 30 });
  assert.equal(horizon.influence.length, 30);
  assert.deepEqual((await lane.baselines()).map(({ name }) => name).slice(0, 3), ['uniform', 'unigram', 'bigram']);
  const { header, values: eigen } = await lane.ask('spectrum');
  assert.equal(eigen.length, 2 * header.gates.length);
  await lane.dispose();
});

test('everything may be asked while it trains', async () => {
  const lane = await unroll.Lane.create(fox);
  let asked = 0;
  for await (const { step } of lane.train()) {
    await lane.tune({ rate: 0.004 });
    assert.equal([...(await lane.sample('The ', { length: 10 }))].length, 10);
    if (++asked === 5) break;
    assert.ok(step > 0);
  }
  await assert.rejects(async () => {
    for await (const { step } of lane.train()) if (step) await lane.train({ steps: 1 });
  }, /training already/);
  await lane.dispose();
});

test('saved and loaded, it goes on bit for bit', async () => {
  const lane = await unroll.Lane.create(fox);
  await lane.train({ steps: 20 });
  const file = await lane.save();
  const again = await unroll.Lane.load(file);
  assert.equal(again.step, 20);
  assert.equal(again.experiment.lanes?.[0].hidden, 24);
  assert.deepEqual(await losses(again, { steps: 10 }), await losses(lane, { steps: 10 }));
  await assert.rejects(unroll.Lane.load(file.subarray(0, 500)), unroll.LaneError);
  await Promise.all([lane.dispose(), again.dispose()]);
});

test('what is wrong is said with its place and what is allowed, and the lane goes on', async () => {
  const { Lane, LaneError } = unroll;
  await assert.rejects(Lane.create({ ...fox, lanes: [{ hidden: 0 }] }),
    { name: 'LaneError', where: 'experiment.lanes[0].hidden', hint: /allowed/ });
  await assert.rejects(Lane.create(/** @type {any} */ ({ ...fox, colour: 'red' })), { where: 'experiment.colour' });
  await assert.rejects(Lane.create(/** @type {any} */ ('text')), TypeError);
  assert.throws(() => new (/** @type {any} */ (Lane))(), TypeError);
  const ports = () => process.getActiveResourcesInfo().filter((name) => /Port|Worker/.test(name)).length;
  const before = ports();
  await assert.rejects(Lane.create(fox, { wasm: new Uint8Array([0, 1, 2]) }), WebAssembly.CompileError);
  await assert.rejects(Lane.create(fox, { wasm: `${folder}/none.wasm` }), /none\.wasm/);
  await assert.rejects(Lane.create(fox, { engine: /** @type {any} */ ('fast') }), { where: 'engine' });
  assert.equal(ports(), before, 'no worker is left of what was refused');
  const lane = await Lane.create(fox, { wasm: `${folder}/node_modules/unroll-rnn/engine-simd.wasm` });
  await assert.rejects(lane.activations('The', { which: ['zz'] }), { where: 'which[0]', command: 'activations' });
  await assert.rejects(lane.tune({ rate: -1 }), { where: 'rate' });
  await assert.rejects(lane.train({ steps: 0 }).then(), { where: 'count' });
  await assert.rejects(lane.ask('sing'), LaneError);
  assert.equal((await lane.train({ steps: 2 })).step, 2);
  const waits = lane.sample('The ', { length: 100000 });
  await Promise.all([assert.rejects(waits, /disposed of/), lane.dispose()]);
  await assert.rejects(lane.sample('The '), /disposed of/);
  await assert.rejects(lane.train({ steps: 1 }).then(), /disposed of/);
  await lane.dispose();
});

test('a training that diverges rejects and says what to do', async () => {
  const lane = await unroll.Lane.create({ ...fox, train: { optimizer: 'sgd', rate: 10, clip: 0 },
    lanes: [{ cell: 'rnn', nonlinearity: 'relu', hidden: 64 }] });
  await assert.rejects(lane.train({ steps: 500 }).then(), /not finite[^]*[Ll]ower/);
  assert.equal([...(await lane.sample('The ', { length: 5 }))].length, 5);
  await lane.dispose();
});

test('fifty lanes made and disposed of leave nothing', async (t) => {
  const { Lane } = unroll;
  const memory = () => process.memoryUsage().rss / 2 ** 20;
  const resources = () => process.getActiveResourcesInfo().filter((name) => /Port|Worker/.test(name)).length;
  const cycle = async () => {
    const lane = await Lane.create(fox);
    await lane.train({ steps: 2 });
    await lane.dispose();
  };
  for (let n = 0; n < 10; ++n) await cycle();
  const before = [resources(), memory()];
  for (let n = 0; n < 40; ++n) await cycle();
  t.diagnostic(`${before[1].toFixed(0)} MB after 10, ${memory().toFixed(0)} MB after 50`);
  assert.equal(resources(), before[0]);
  assert.ok(memory() < before[1] + 300, `${before[1]} MB, then ${memory()} MB`);  // a lane has about 20 MB
});

// A lane leaves the page as an ONNX file, which predicts in onnxruntime what the page shows.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import * as ort from 'onnxruntime-web';
import { readOnnx } from '../cli/onnx_file.mjs';
import { Playground, everyLane } from './playground.mjs';
import { useSite } from './site.mjs';

const site = useSite();
ort.env.wasm.numThreads = 1;

const prefix = 'five dozen ';
const experiment = {
  unroll: 1,
  data: { text: 'Pack my box with five dozen liquor jugs. '.repeat(40) },
  train: { batch: 4, seq_length: 16, rate: 0.01, steps: 60 },
  lanes: [{ cell: 'gru', hidden: 12 }, { cell: 'peephole', hidden: 8, layers: 2 }],
  view: { prefix },
};

test('Save as ONNX: the file predicts what the page shows', async () => {
  const playground = await Playground.open(site, { experiment, options: { viewport: { width: 1280, height: 1200 } } });
  await playground.press('train');
  const state = await playground.until('trained and predicted', (state) => !state.running &&
    everyLane(state, (lane) => lane.step === 60 && lane.prediction.step === 60 && lane.prediction.prefix === prefix));
  for (const [number, lane] of state.lanes.entries()) {
    if (!(await playground.page.evaluate((id) => window.unroll.widgets()[id], `lane${number}.onnx`))) await playground.click(`lane${number}.fold`);
    const saving = playground.page.waitForEvent('download');
    await playground.click(`lane${number}.onnx`);
    const download = await saving;
    assert.match(download.suggestedFilename(), /^unroll-(gru-12|peephole-8)-step-60\.onnx$/);
    const bytes = await readFile(await download.path()), about = readOnnx(bytes);
    assert.equal(about.metadata.steps, '60');
    const vocabulary = [...about.metadata.vocabulary];
    const session = await ort.InferenceSession.create(bytes, { executionProviders: ['wasm'] });
    /** @type {Record<string, ort.Tensor>} */
    const feeds = { ids: new ort.Tensor('int64', BigInt64Array.from([...prefix], (symbol) => BigInt(vocabulary.indexOf(symbol))), [prefix.length, 1]) };
    for (const { name, shape } of about.inputs.filter(({ name }) => name !== 'ids')) {
      const size = shape.map((one) => (String(one) === 'batch' ? 1 : Number(one)));
      feeds[name] = new ort.Tensor('float32', new Float32Array(size.reduce((a, b) => a * b, 1)), size);
    }
    const { logits } = await session.run(feeds);
    const last = Array.from(/** @type {Float32Array} */ (logits.data)).slice(-vocabulary.length);
    const sum = last.reduce((all, logit) => all + Math.exp(logit), 0);
    assert.ok(lane.prediction.top.length > 5);
    for (const [symbol, probability] of lane.prediction.top) {
      const theirs = Math.exp(last[vocabulary.indexOf(symbol)]) / sum;
      assert.ok(Math.abs(theirs - probability) < 1e-5, `${symbol}: ${probability} here, ${theirs} in onnxruntime`);
    }
    await playground.click(`lane${number}.fold`);
  }
  playground.finish();
});

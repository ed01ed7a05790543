// `unroll export --onnx`: what onnxruntime computes from the file is what Unroll computes.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import * as ort from 'onnxruntime-web';
import { readCsv } from '../page/saved.mjs';
import { readOnnx } from './onnx_file.mjs';
import { at, fails, json, names, small, unroll } from './program.mjs';

ort.env.wasm.numThreads = 1;
const tolerance = 1e-5;

/** @param {string} model @param {...string} flags */
async function exported(model, ...flags) {
  const { status, stderr } = unroll('export', model, '--onnx', 'model.onnx', ...flags);
  assert.equal(status, 0, stderr);
  const bytes = readFileSync(at('model.onnx'));
  const about = readOnnx(bytes);
  assert.equal(about.producer, 'unroll');
  assert.deepEqual(about.opsets, [17]);
  return { about, session: await ort.InferenceSession.create(bytes, { executionProviders: ['wasm'] }) };
}

/** The states before anything was read. @param {ReturnType<typeof readOnnx>} about @param {number} batch @returns {Record<string, ort.Tensor>} */
function firstStates(about, batch) {
  const initial = JSON.parse(about.metadata.initial_states);
  return Object.fromEntries(about.inputs.filter(({ name }) => name.endsWith('_before')).map(({ name, shape }) => {
    const size = shape.map((/** @type {any} */ one) => (one === 'batch' ? batch : one));
    const values = new Float32Array(size.reduce((a, b) => a * b, 1)).fill(initial[name.replace('_before', '')]);
    return [name, new ort.Tensor('float32', values, size)];
  }));
}

/** @param {number[]} ids (T, B) @param {number} batch */
const idsOf = (ids, batch) => new ort.Tensor('int64', BigInt64Array.from(ids, BigInt), [ids.length / batch, batch]);

/** @param {ArrayLike<number>} logits */
function softmax(logits) {
  const most = Math.max(...Array.from(logits)), powers = Array.from(logits, (logit) => Math.exp(logit - most));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / sum);
}

/** A cell of one's own with every operation of the language, several heads, and a state that no input reaches. */
const own = `cell own  "All there is"
state c, h, m = 0.5, u
k = tanh(lin(x) + heads(2, lin(h[t-1])) + diag(u[t-1]))
q = norm(mat(x) + mat(h[t-1])) / 3 + bias
f = sigmoid(heads(2, mean(k * q)) - m[t-1])
c = f * c[t-1] + heads(2, outer(min(k, 0.25), q))
m = max(softplus(q), 1 - exp(-abs(k))) * cos(k)
u = bias + 2
h = sin(heads(2, times(c, k))) + relu(k) * sqrt(1 + abs(q)) - log(sum(1) + exp(m)) * 0.1 + mat(k * q) - lin(u)
`;

/** @param {string} cell @param {...string} flags of its training */
async function compare(cell, ...flags) {
  json(...small, '--hidden', '8', '--cell', cell, '--steps', '20', '--out', 'o.safetensors', ...flags);
  json('eval', '--model', 'o.safetensors', '--text', 'part.txt', '--predictions', 'p.csv');
  const { columns, rows } = readCsv(readFileSync(at('p.csv')));
  const { about, session } = await exported('o.safetensors');
  const vocabulary = [...about.metadata.vocabulary];
  assert.deepEqual(vocabulary, columns.slice(2), 'the symbols in the order of their ids');
  const ids = rows.map(([read]) => vocabulary.indexOf(read));
  const V = vocabulary.length;
  // Three streams: as it is, rotated by seven, and as it is; in two runs, the second from the states after the first.
  const streams = [ids, [...ids.slice(7), ...ids.slice(0, 7)], ids], B = streams.length, half = ids.length >> 1;
  let states = firstStates(about, B), worst = 0;
  for (const [from, to] of [[0, half], [half, ids.length]]) {
    const mixed = Array.from({ length: (to - from) * B }, (_, i) => streams[i % B][from + Math.floor(i / B)]);
    const out = await session.run({ ids: idsOf(mixed, B), ...states });
    assert.deepEqual(out.logits.dims, [to - from, B, V]);
    const logits = /** @type {Float32Array} */ (out.logits.data);
    for (let t = from; t < to; ++t)
      for (const b of [0, 2]) {
        const row = ((t - from) * B + b) * V;
        softmax(logits.subarray(row, row + V)).forEach((p, v) => (worst = Math.max(worst, Math.abs(p - Number(rows[t][2 + v])))));
      }
    states = Object.fromEntries(Object.keys(states).map((name) => [name, out[name.replace('_before', '_after')]]));
  }
  assert.ok(worst < tolerance, `${cell} ${flags.join(' ')}: ${worst}`);
  return about;
}

test('export --onnx: every cell that ships, and one of one\'s own, predicts in onnxruntime as here', async () => {
  writeFileSync(at('part.txt'), readFileSync(names, 'utf8').slice(0, 120));
  writeFileSync(at('own.cell'), own);
  const shipped = [...unroll('cells').stdout.matchAll(/^ {0,4}([a-z0-9_]+) {2,}/gm)].map((match) => match[1]);
  assert.ok(shipped.length >= 16, shipped.join(' '));
  for (const cell of [...shipped, 'own.cell']) {
    const { operators } = await compare(cell, '--layers', '1');
    const alone = { rnn: 'RNN', rnn_relu: 'RNN', lstm: 'LSTM', gru: 'GRU' }[cell] ?? 'Scan';
    assert.equal(operators.filter((one) => ['RNN', 'LSTM', 'GRU', 'Scan'].includes(one)).join(), alone, cell);
  }
  for (const cell of ['lstm', 'gru', 'mlstm', 'own.cell']) await compare(cell, '--layers', '2', '--embedding', '5');
});

test('export --onnx: a network that reads numbers, and says some, as its equations compute them', async () => {
  json('train', '--task', 'adding', '--cell', 'rnn', '--hidden', '4', '--batch', '2', '--steps', '20', '--out', 'a.safetensors');
  const { about, session } = await exported('a.safetensors');
  assert.equal(about.metadata.task, 'adding');
  const file = readFileSync(at('a.safetensors')), length = Number(file.readBigUInt64LE());
  const header = JSON.parse(file.toString('utf8', 8, 8 + length));
  const tensor = (/** @type {string} */ name) => {
    const [begin, end] = header[name].data_offsets.map((/** @type {number} */ offset) => 8 + length + offset);
    return Array.from({ length: (end - begin) / 4 }, (_, i) => file.readFloatLE(begin + 4 * i));
  };
  const [W, R, b, c, D, d] = ['rnn.weight_ih_l0', 'rnn.weight_hh_l0', 'rnn.bias_ih_l0', 'rnn.bias_hh_l0', 'decoder.weight', 'decoder.bias'].map(tensor);
  const T = 6, I = 2, H = 4, x = Array.from({ length: T * I }, (_, i) => Math.sin(i));
  const sum = (/** @type {number} */ n, /** @type {(i: number) => number} */ of) => Array.from({ length: n }, (_, i) => of(i)).reduce((p, q) => p + q, 0);
  let h = [0, 0, 0, 0];
  const right = [];
  for (let t = 0; t < T; ++t) {
    h = h.map((_, j) => Math.tanh(b[j] + c[j] + sum(I, (i) => W[j * I + i] * x[t * I + i]) + sum(H, (i) => R[j * H + i] * h[i])));
    right.push(d[0] + sum(H, (j) => D[j] * h[j]));
  }
  const out = await session.run({ x: new ort.Tensor('float32', Float32Array.from(x), [T, 1, I]), ...firstStates(about, 1) });
  assert.deepEqual(out.values.dims, [T, 1, 1]);
  right.forEach((value, t) => assert.ok(Math.abs(value - Number(out.values.data[t])) < tolerance, `${t}: ${value}, ${out.values.data[t]}`));
});

test('export --onnx: wrong uses are told', () => {
  json(...small, '--steps', '2', '--out', 'w.safetensors');
  fails(/--pytorch or --onnx is required/, 'export', 'w.safetensors');
  fails(/nowhere\/w\.onnx: cannot be written/, 'export', 'w.safetensors', '--onnx', 'nowhere/w.onnx');
  fails(/--onnx/, 'export', 'w.safetensors', '--onnx', 'w.safetensors');
  fails(/--predictions/, 'eval', '--model', 'w.safetensors', '--text', names, '--predictions', names);
});

// Checks that the peers of the benchmark really train: each sees the same batch of text again and again with Adam, and
// its loss must fall from about ln V (a uniform guess) to less than half of it.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { packages, root } from './chromium.mjs';

const B = 8, T = 32, steps = 60, hidden = 64;

function batch() {
  const text = [...readFileSync(`${root}/examples/story.txt`, 'utf8')];
  const symbols = [...new Set(text)].sort();
  const ids = text.map((symbol) => symbols.indexOf(symbol));
  const inputs = [], targets = [];
  for (let b = 0; b < B; b++) {
    inputs.push(...ids.slice(b * T, b * T + T));
    targets.push(...ids.slice(b * T + 1, b * T + T + 1));
  }
  return { inputs, targets, V: symbols.length };
}

/** The peers in the browser that train this cell, as workers of ./peers; see there. @param {string} cell */
export const trainers = (cell) => [
  ...(cell === 'lstm' ? ['layers', 'tuned'] : ['layers']).map((kind) => ({ name: `tfjs-${kind}`, script: 'peers/tfjs.worker.js', kind })),
  ...(cell === 'lstm' ? ['jitted', 'by-hand'] : []).map((kind) => ({ name: `jax-js-${kind}`, script: 'peers/jax.worker.mjs', kind })),
];

/** @param {import('./chromium.mjs').Browser} browser @returns {Promise<boolean>} every peer learned */
export async function learn(browser) {
  const data = batch();
  let all = true;
  /** @param {string} name @param {{losses?: number[], error?: string}} answer */
  const judge = (name, { losses, error }) => {
    const first = losses?.[0] ?? NaN, last = losses?.at(-1) ?? NaN;
    const learned = Math.abs(first - Math.log(data.V)) < 0.7 && last < first / 2;
    all &&= learned;
    const how = error ?? `loss ${first.toFixed(3)} → ${last.toFixed(3)} in ${steps} steps (uniform: ${Math.log(data.V).toFixed(3)})`;
    console.log(`${learned ? 'learns ' : 'DOES NOT LEARN'} ${name.padEnd(24)} ${how}`);
  };
  for (const cell of ['rnn', 'gru', 'lstm']) {
    const job = { ...data, cell, hidden, layers: 1, B, T, steps, rate: 0.01 };
    for (const { name, script, kind } of trainers(cell)) judge(`${name} ${cell}`, await browser.run(script, { ...job, peer: kind }));
    const words = ['--learn', cell, hidden, data.V, B, T, steps, job.rate, ...data.inputs, ...data.targets].map(String);
    const native = spawnSync(`${root}/build/native/bench/unroll_bench`, words, { encoding: 'utf8' });
    judge(`native ${cell}`, native.status === 0 ? JSON.parse(native.stdout) : { error: native.stderr });
    for (const module of ['unroll_bench', 'unroll_bench_relaxed']) {
      const { lines, error } = await browser.run('worker.mjs', { module: `/${module}.mjs`, words });
      judge(`${module} ${cell}`, error ? { error } : JSON.parse(lines.at(-1)));
    }
    const file = `${packages}/learn.json`;
    writeFileSync(file, JSON.stringify(job));
    const torch = spawnSync('/usr/bin/python3', [`${root}/tests/bench/peers/torch_peer.py`, 'learn', file], { encoding: 'utf8' });
    if (torch.status === 0) judge(`torch ${cell}`, JSON.parse(torch.stdout));
    else console.log(`PyTorch: left out (${torch.stderr.trim().split('\n').at(-1)})`);
  }
  return all;
}

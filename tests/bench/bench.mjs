// ./run bench: how fast Unroll is, natively and in Chromium, beside its peers, in one run on this machine.
//
//   bench.mjs [--only TEXT] [--passes N] [--no-peers] [--quick]   measures; writes build/bench.json and tests/bench/speed.svg
//   bench.mjs --cores [--only TEXT] [--passes N] [--profile]      how speed grows with threads, natively (cores.mjs)
//   bench.mjs --only "helped [SIZE]" [--passes N]                 what a helper brings to one lane in the tab (helped.mjs)
//   bench.mjs --learn                                             checks that every peer learns: its loss falls
//
// --only: cases whose name begins with TEXT ("train L"). --quick: short passes, no growth series, no peers.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { serve } from '../../tools/serve.mjs';
import { hashOf } from '../../web/page/hash.mjs';
import { openBrowser, packages, root } from './chromium.mjs';
import { cores, counts } from './cores.mjs';
import { helped } from './helped.mjs';
import { learn, trainers } from './learn.mjs';
import { plot } from './plot.mjs';

/**
 * @typedef {object} Line one line of unroll_bench
 * @property {string} case
 * @property {string} isa
 * @property {number} [gflops]
 * @property {number} [share_of_limit] of the limit as it was right before and after each pass
 * @property {number} [limit] the median of those, in GFLOP/s
 * @property {number} [gelements] 10⁹ elements per second
 * @property {number} [chars_per_second]
 * @property {number} [share_of_by_hand] of the speed of the same cell's passes by hand, beside each pass
 * @property {number} [share_of_lstm] of the lstm's speed, likewise
 * @property {number} seconds of one call, median over the passes
 * @property {number} spread half the distance between the quartiles, as a share of the median
 */
/**
 * @typedef {object} Entry one record of build/bench.json
 * @property {string} case
 * @property {string} where
 * @property {number} [chars_per_second]
 * @property {number} [gflops]
 * @property {number} [gelements]
 * @property {number} [share_of_limit]
 * @property {number} [share_of_by_hand]
 * @property {number} [share_of_lstm]
 * @property {number} [share_of_alone] of the speed that one lane has alone, right before and after
 * @property {number} [share_of_two] of what two lanes do together
 * @property {number} seconds
 * @property {number} [spread] where there were several passes
 */
/** @typedef {Omit<Entry, 'case'|'where'>} Figures */

const bench_folder = `${root}/build/native/bench`;
const web_folder = `${root}/build/web/bench`;
const python = '/usr/bin/python3';
const torch = `${root}/tests/bench/peers/torch_peer.py`;

/** @param {string[]} words */
function options(words) {
  const chosen = { only: '', passes: 5, peers: true, quick: false, learn: false, cores: false, profile: false };
  for (let i = 0; i < words.length; i++) {
    if (words[i] === '--only') chosen.only = words[++i] ?? '';
    else if (words[i] === '--passes') chosen.passes = Number(words[++i]);
    else if (words[i] === '--no-peers') chosen.peers = false;
    else if (words[i] === '--quick') chosen.quick = true;
    else if (words[i] === '--learn') chosen.learn = true;
    else if (words[i] === '--cores') chosen.cores = true;
    else if (words[i] === '--profile') chosen.profile = true;
    else {
      console.error(`unknown option ${words[i]}; known: --only TEXT, --passes N, --no-peers, --quick, --cores, --profile, --learn`);
      process.exit(1);
    }
  }
  if (chosen.quick) chosen.peers = false;
  return chosen;
}

const chosen = options(process.argv.slice(2));
/** @type {Entry[]} */ const entries = [];

/** Multiplications and additions of one character of training: 6 (G·H² per layer and input layer above the first, + H·V). */
const flops = (/** @type {string} */ size, /** @type {string} */ cell) => {
  const { H, layers } = sizes[size];
  return 6 * (gates[cell] * H * H * (2 * layers - 1) + H * 65);
};
/** @type {Record<string, {H: number, layers: number, T: number, B: number}>} */
const sizes = {
  S: { H: 128, layers: 1, T: 50, B: 1 },
  M: { H: 128, layers: 1, T: 64, B: 32 },
  L: { H: 256, layers: 1, T: 64, B: 32 },
  XL: { H: 512, layers: 2, T: 64, B: 32 },
};
/** @type {Record<string, number>} */ const gates = { rnn: 1, gru: 3, lstm: 4 };
/** GFLOP/s of fused multiply-adds on registers, by place. @type {Record<string, number>} */ const limits = {};

/** @param {number[]} values */
function median(values) {
  const sorted = values.toSorted((a, b) => a - b), n = sorted.length;
  return { median: sorted[n >> 1], spread: (sorted[n - 1 - (n >> 2)] - sorted[n >> 2]) / 2 / sorted[n >> 1] };
}

/** @param {Entry} entry */
function report(entry) {
  entries.push(entry);
  const speed = entry.chars_per_second
    ? `${Math.round(entry.chars_per_second).toLocaleString('en')} characters/s`
    : entry.gelements ? `${entry.gelements.toFixed(2)} G elements/s` : '';
  const work = entry.gflops ? `${entry.gflops.toFixed(1)} GFLOP/s` : '';
  const part = entry.share_of_limit ?? entry.share_of_alone ?? entry.share_of_two ?? entry.share_of_by_hand ?? entry.share_of_lstm;
  const share = part ? `${(100 * part).toFixed(0)}%` : '';
  console.log(
    `${entry.case.padEnd(28)} ${entry.where.padEnd(16)} ${speed.padStart(22)} ${work.padStart(15)} ` +
      `${share.padStart(5)}${entry.spread === undefined ? '' : `  ± ${(100 * entry.spread).toFixed(1)}%`}`,
  );
}

/**
 * Reports the lines of unroll_bench.
 * @param {string} where
 * @param {Line[]} lines
 * @param {number} [scale] GFLOP/s of the limit that counts to those of the limit of these lines
 */
function take(where, lines, scale = 1) {
  const found = lines.flatMap((line) => line.limit ?? []);
  if (found.length > 0) {
    const { median: gflops, spread } = median(found.map((limit) => limit * scale));
    limits[where] = gflops;
    report({ case: 'limit', where, gflops, seconds: 1e-9 / gflops, ...(found.length > 1 ? { spread } : {}) });
  }
  for (const { isa, limit, share_of_limit, ...figures } of lines)
    report({ ...figures, where, ...(share_of_limit ? { share_of_limit: share_of_limit / scale } : {}) });
}

/** @param {string} text @returns {any[]} */
const json_lines = (text) => text.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));

/** @param {string} name */
const wanted = (name) => name.startsWith(chosen.only);

/** Which cases, in which order: a run of unroll_bench for each. */
const series = chosen.only
  ? [chosen.only].filter((name) => !name.startsWith('helped'))  // which is the page's
  : ['gemm', 'pack', 'exp', 'tanh', 'sigmoid', 'lstm_gates', 'gru_gates', 'softmax', 'adam', 'squared_norm', 'train ',
     'sample', 'derived', 'cells', ...(chosen.quick ? [] : ['growth', 'length'])];
const pass_options = (passes = chosen.passes) => ['--passes', String(passes), '--seconds', chosen.quick ? '0.05' : '0.2'];

/** @param {string} isa */
function native(isa, threads = 1) {
  /** @type {Line[]} */ const lines = [];
  for (const only of series) {
    if (isa !== best_isa && !/^(gemm|train|sample|derived)/.test(only)) continue;
    if (threads > 1 && !only.startsWith('train')) continue;
    const words = ['--isa', isa, '--only', only, '--threads', String(threads), ...pass_options()];
    const result = spawnSync(`${bench_folder}/unroll_bench`, words, { encoding: 'utf8' });
    if (result.status !== 0) throw new Error(result.stderr);
    lines.push(...json_lines(result.stdout));
  }
  if (lines.length > 0) take(threads > 1 ? `native-${isa}-${threads}` : `native-${isa}`, lines);
}

/**
 * One run of unroll_bench in a worker.
 * @param {import('./chromium.mjs').Browser} browser @param {string} name @param {string} only
 * @param {number} [passes]
 * @returns {Promise<Line[]>}
 */
async function worker_lines(browser, name, only, passes = chosen.passes) {
  const module = name === 'relaxed' ? 'unroll_bench_relaxed' : 'unroll_bench';
  const words = ['--only', only, ...pass_options(passes)];
  const output = await browser.run('worker.mjs', { module: `/${module}.mjs`, words });
  return json_lines(output.lines.join('\n'));
}

/** @param {import('./chromium.mjs').Browser} browser @param {string} name */
async function chromium(browser, name) {
  if (series.length === 0) return;
  /** @type {Line[]} */ const lines = [];
  for (const only of series)
    if (name === 'relaxed' || /^(gemm|train|sample)/.test(only)) lines.push(...(await worker_lines(browser, name, only)));
  // Plain SIMD128 can at most multiply and add; the share that counts is that of what the processor could.
  take(`chromium-${name}`, lines, name === 'relaxed' ? 1 : await fused_to_plain(browser));
}

/** How much more a fused multiply-add does than a product and a sum. @param {import('./chromium.mjs').Browser} browser */
async function fused_to_plain(browser) {
  const gflops = async (/** @type {string} */ name) => (await worker_lines(browser, name, 'limit'))[0].gflops ?? NaN;
  const ratios = [];
  for (let i = 0; i < 3; i++) ratios.push((await gflops('relaxed')) / (await gflops('simd')));
  return median(ratios).median;
}

/**
 * Something that lanes do together: their speeds, beside that of one lane alone, measured right before and after.
 * @param {import('./chromium.mjs').Browser} browser
 * @param {string} what
 * @param {() => Promise<Figures[]>} together of each lane
 */
async function beside_alone(browser, what, together) {
  const alone = async () => (await worker_lines(browser, 'relaxed', 'train L lstm'))[0].chars_per_second ?? NaN;
  const before = await alone();
  const lanes = await together();
  const mean = (before + (await alone())) / 2;
  lanes.forEach((lane, i) => {
    const rate = lane.chars_per_second ?? NaN;
    report({ ...lane, case: `${what} L lstm, lane ${i + 1}`, where: 'chromium-relaxed', share_of_alone: rate / mean });
  });
}

/**
 * Two lanes in two workers at once. More passes than elsewhere: V8 compiles a module anew for a while, and where both
 * cores are busy this takes longer.
 * @param {import('./chromium.mjs').Browser} browser
 * @returns {Promise<Figures[]>}
 */
async function two_lanes(browser) {
  const passes = 4 * chosen.passes;
  const lanes = await Promise.all([1, 2].map(() => worker_lines(browser, 'relaxed', 'train L lstm', passes)));
  return lanes.map(([{ chars_per_second, gflops, seconds, spread }]) =>
    ({ chars_per_second, gflops, seconds, spread }));
}

/**
 * The same two lanes in the whole page, which draws what they do, and asks them to predict, to write and to validate
 * meanwhile: the steps that they get done in 20 s, and the tasks of the page's main thread that took over 50 ms.
 * @param {import('./chromium.mjs').Browser} browser
 * @returns {Promise<Figures[]>}
 */
async function whole_page(browser) {
  const { server, address } = await serve(`${root}/build/web/site`, 0);
  const page = await browser.newPage();
  const words = ['the', 'a', 'little', 'old', 'lantern', 'keeper', 'of', 'harbour', 'said', 'and', 'went', 'home', 'again'];
  const symbols = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz012345678,\n';  // V = 65 with those below
  const text = symbols + Array.from({ length: 40000 }, (_, i) => words[(i * i + 7 * i) % 13] + (i % 11 === 10 ? '.\n' : ' ')).join('');
  const lane = { cell: 'lstm', hidden: 256 };
  const experiment = { unroll: 1, data: { text }, train: { batch: 32, seq_length: 64 }, lanes: [lane, lane], view: { autoplay: true } };
  await page.goto(address + (await hashOf(JSON.stringify(experiment))));
  const { seconds, steps, tasks } = await page.evaluate(async () => {
    const rest = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));
    const done = () => window.unroll.state().lanes.map((/** @type {any} */ lane) => lane.step);
    /** When the page shows new steps. */
    const seen = async () => {
      for (const before = done().join(); ; await rest(10)) {
        const steps = done();
        if (steps.join() !== before) return { at: performance.now(), steps };
      }
    };
    await rest(4000);
    /** @type {number[]} */ const tasks = [];
    const observer = new PerformanceObserver((list) => tasks.push(...list.getEntries().map((entry) => entry.duration)));
    observer.observe({ type: 'longtask' });
    const begin = await seen();
    await rest(20000);
    const end = await seen();
    return { seconds: (end.at - begin.at) / 1000, steps: [0, 1].map((lane) => end.steps[lane] - begin.steps[lane]), tasks };
  });
  await page.close();
  server.close();
  console.log(`Tasks over 50 ms of the page's main thread meanwhile: ${tasks.length}, longest ${Math.round(Math.max(0, ...tasks))} ms`);
  const { batch, seq_length } = experiment.train;
  return steps.map((count) => {
    const rate = (count * batch * seq_length) / seconds;
    return { chars_per_second: rate, seconds: 1 / rate };
  });
}

/** @param {string} name of the case @param {string} where @param {number[]} passes seconds @param {number} characters */
function peer(name, where, passes, characters) {
  const { median: seconds, spread } = median(passes);
  const [, size, cell] = name.split(' ');
  const rate = characters / seconds;
  const work = sizes[size] ? { gflops: (rate * flops(size, cell)) / 1e9 } : {};
  const limit = where.startsWith('torch') ? limits[`native-${best_isa}`] : limits['chromium-relaxed'];
  const share = work.gflops && limit ? { share_of_limit: work.gflops / limit } : {};
  report({ case: name, where, chars_per_second: rate, ...work, ...share, seconds, spread });
}


const cells = ['rnn', 'gru', 'lstm'];

/** Runs torch_peer.py; null, and a sentence, where PyTorch is missing or no peer. */
function find_torch() {
  const env = { ...process.env, OPENBLAS_CORETYPE: process.env.OPENBLAS_CORETYPE ?? (best_isa === 'avx512' ? 'SkylakeX' : 'Haswell') };
  /** @param {string[]} words @param {number} threads @param {Record<string, string>} [more] @returns {any[]} */
  const once = (words, threads, more) => json_lines(spawnSync(python, [torch, ...words], {
    encoding: 'utf8', env: { ...env, OPENBLAS_NUM_THREADS: `${threads}`, MKL_NUM_THREADS: `${threads}`, OMP_NUM_THREADS: `${threads}`, ...more } }).stdout);
  /**
   * Threads that wait for each other awake are slower than one on some machines, asleep on others: the better counts.
   * @param {string[]} words @param {number} [threads]
   */
  const run = (words, threads = 1) => {
    const lines = once(words, threads);
    if (threads === 1) return lines;
    const asleep = once(words, threads, { OMP_WAIT_POLICY: 'passive' });
    return lines.map((line) => {
      const other = asleep.find((one) => one.case === line.case);
      return other && median(other.passes).median < median(line.passes).median ? other : line;
    });
  };
  if (spawnSync(python, ['-c', 'import torch']).status !== 0) {
    console.log(`PyTorch: not installed for ${python}, left out`);
    return null;
  }
  const [{ version, blas, reference }] = run(['about']);
  if (reference) {
    console.log(`PyTorch ${version} multiplies with the ${blas} here, ten times slower than with OpenBLAS: no peer, left out. ` +
      'On Debian, "apt-get install libopenblas0-pthread" mends that.');
    return null;
  }
  console.log(`PyTorch ${version}, ${blas}`);
  return run;
}

function torch_peers() {
  const run = find_torch();
  if (!run) return;
  for (const threads of counts())
    for (const line of run(['train', '3', String(threads), chosen.only], threads)) {
      const { T, B } = sizes[line.case.split(' ')[1]];
      peer(line.case, `torch-${threads}`, line.passes, T * B);
    }
  if (wanted('sample H 256 lstm')) for (const line of run(['sample', '3'])) peer(line.case, 'torch-1', line.passes, 1);
}

/**
 * What a peer's worker answered; one that fails is no reason to lose what the others did.
 * @param {string} name @param {string} where @param {{seconds: number[], error?: string}} answer @param {number} characters
 */
function browser_peer(name, where, { seconds, error }, characters) {
  if (error) console.log(`${where}, ${name}: left out, for it fails here: ${error.split('\n')[0]}`);
  else peer(name, where, seconds, characters);
}

/** @param {import('./chromium.mjs').Browser} browser */
async function browser_peers(browser) {
  const V = 65;
  for (const size of Object.keys(sizes))
    for (const cell of cells)
      for (const { name: where, script, kind } of trainers(cell)) {
        const name = `train ${size} ${cell}`;
        if (!wanted(name)) continue;
        const { H: hidden, layers, T, B } = sizes[size];
        const ids = Array.from({ length: T * B }, () => Math.floor(Math.random() * V));
        const job = { peer: kind, cell, hidden, layers, T, B, V, passes: 3, inputs: ids, targets: ids };
        browser_peer(name, where, await browser.run(script, job), T * B);
      }
  if (!wanted('sample H 256 lstm')) return;
  const file = `${packages}/lstm256.onnx`;
  if (spawnSync(python, [torch, 'export', file]).status !== 0) {
    console.log('onnxruntime-web: its model is exported by PyTorch, which is missing; left out');
    return;
  }
  const answer = await browser.run('peers/onnx.worker.mjs', { model: '/lstm256.onnx', hidden: 256, V, passes: 3 });
  browser_peer('sample H 256 lstm', 'onnxruntime-web', answer, 1);
}

/** Ratios of the fastest Unroll in the browser and natively to the peers there. */
function ratios() {
  const speed = (/** @type {string} */ name, /** @type {string} */ where) =>
    entries.find((entry) => entry.case === name && entry.where === where)?.chars_per_second;
  const pairs = [
    ...trainers('lstm').map(({ name }) => ['chromium-relaxed', name]), ['chromium-relaxed', 'onnxruntime-web'],
    ['chromium-relaxed', 'torch-1'], [`native-${best_isa}`, 'torch-1'],
    ...counts().slice(1).flatMap((threads) => [`torch-${threads}`, `native-${best_isa}`].map((other) => [`native-${best_isa}-${threads}`, other])),
  ];
  for (const name of new Set(entries.map((entry) => entry.case)))
    for (const [ours, theirs] of pairs) {
      const [a, b] = [speed(name, ours), speed(name, theirs)];
      if (a && b) console.log(`${name.padEnd(28)} ${ours} is ${(a / b).toFixed(1)} × ${theirs}`);
    }
}

const isas = spawnSync(`${bench_folder}/unroll_bench`, ['--list'], { encoding: 'utf8' }).stdout.trim().split('\n');
const best_isa = isas[0];
if (chosen.cores) {
  const run = chosen.peers ? find_torch() : null;
  cores(`${bench_folder}/unroll_bench`, chosen, (name, threads) => {
    const [line] = run?.(['train', '3', String(threads), name], threads) ?? [];
    const { T, B } = sizes[name.split(' ')[1]];
    return line && (T * B) / median(line.passes).median;
  });
  process.exit(0);
}
const browser = await openBrowser(web_folder);
try {
  if (chosen.learn) {
    process.exitCode = (await learn(browser)) ? 0 : 1;
  } else {
    console.log(`${os.cpus()[0].model}, ${os.cpus().length} cores, ${await browser.version()}, node ${process.version}`);
    const shapes = Object.entries(sizes).filter(([size]) => size !== 'S' && wanted(`helped ${size}`));
    for (const row of await helped(browser, Object.fromEntries(shapes), chosen.quick ? 1 : 3)) {
      const both = median(row.two).median;
      for (const [what, passes] of /** @type {[string, number[]][]} */ ([
        ['one lane', row.alone], ['two lanes together', row.two], [`one lane, ${row.cores} cores`, row.helped]])) {
        const { median: rate, spread } = median(passes);
        report({ case: `helped ${row.size} lstm, ${what}`, where: 'chromium-relaxed', chars_per_second: rate, seconds: 1 / rate, spread, share_of_two: rate / both });
      }
    }
    await chromium(browser, 'relaxed');
    await chromium(browser, 'simd');
    if (wanted('train L lstm')) {
      await beside_alone(browser, 'two lanes', () => two_lanes(browser));
      await beside_alone(browser, 'whole page', () => whole_page(browser));
    }
    for (const isa of isas.filter((name) => name !== 'plain')) native(isa);
    for (const threads of counts().slice(1)) native(best_isa, threads);
    if (chosen.peers) {
      torch_peers();
      await browser_peers(browser);
    }
    ratios();
    mkdirSync(`${root}/build`, { recursive: true });
    writeFileSync(`${root}/build/bench.json`, `${JSON.stringify(entries, null, 1)}\n`);
    console.log('Written: build/bench.json');
    if (!chosen.only && !chosen.quick) {
      writeFileSync(`${root}/tests/bench/speed.svg`, plot(entries));
      console.log('Drawn: tests/bench/speed.svg');
    }
  }
} finally {
  await browser.close();
}

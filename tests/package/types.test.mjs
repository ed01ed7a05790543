// The package's types: under every way of resolving modules, without the types of the DOM or of node.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { before, test } from 'node:test';
import { root } from '../browser.mjs';
import { installed } from './installed.mjs';

/** @type {string} */ let folder;
before(async () => {
  folder = await installed();
  writeFileSync(`${folder}/right.ts`, `
    import { Lane, LaneError, type Metrics, type Experiment } from 'unroll-rnn';
    declare const signal: { aborted: boolean; reason: any; addEventListener(t: 'abort', f: () => void): void; removeEventListener(t: 'abort', f: () => void): void };
    const experiment: Experiment = { data: { text: 'x' }, lanes: [{ cell: 'lstm', hidden: 64 }] };
    export async function train(bytes: Uint8Array): Promise<number> {
      const lane: Lane = await Lane.create(experiment, { lane: 0, signal });
      for await (const m of lane.train({ steps: 500, signal })) { const one: Metrics = m; one.losses.length; }
      const last: Metrics = await lane.train({ until: 3 });
      const text: string = await lane.sample('Once ', { length: 200, topK: 5 });
      const file: Uint8Array = await lane.save();
      const { guesses } = await (await Lane.load(bytes)).probe(text);
      const error: Error = new LaneError({ what: 'x' });
      await lane.dispose();
      return last.step + file.length + guesses[1][0].probability + error.message.length;
    }`);
  writeFileSync(`${folder}/wrong.ts`, `
    import { Lane } from 'unroll-rnn';
    export const a = Lane.create({ data: { txt: 'x' } });
    export const b = (lane: Lane) => lane.sample(5);
    export const c = (lane: Lane) => lane.train({ step: 5 });
    export const d = () => new Lane();
    export const e = Lane.create({ train: { optimizer: 'adagrad' } });`);
});

/** @param {string} file @param {string[]} flags @returns {Promise<string>} what the compiler says */
function compile(file, flags) {
  const all = [`${root}/node_modules/typescript/bin/tsc`, '--noEmit', '--strict', '--target', 'ES2022', '--lib', 'ES2022', ...flags, file];
  return new Promise((resolve) => execFile(process.execPath, all, { cwd: folder }, (_, stdout) => resolve(stdout)));
}

for (const [name, flags] of /** @type {[string, string[]][]} */ ([
  ['bundler', ['--module', 'ESNext', '--moduleResolution', 'bundler']],
  ['node16', ['--module', 'node16']],
  ['nodenext', ['--module', 'nodenext']],
]))
  test(`resolved as ${name}, right code compiles and wrong code does not`, async () => {
    assert.equal(await compile('right.ts', flags), '');
    const said = await compile('wrong.ts', flags);
    assert.deepEqual([...said.matchAll(/^wrong\.ts\((\d+)/gm)].map((match) => Number(match[1])), [3, 4, 5, 6, 7]);
  });

test('what the list of exports promises is in the package', () => {
  const own = `${folder}/node_modules/unroll-rnn`;
  const { exports } = JSON.parse(readFileSync(`${own}/package.json`, 'utf8'));
  for (const entry of Object.values(exports))
    for (const file of typeof entry === 'string' ? [entry] : Object.values(entry)) readFileSync(`${own}/${file}`);
  assert.deepEqual(Object.keys(exports['.']), ['types', 'node', 'default']);
});

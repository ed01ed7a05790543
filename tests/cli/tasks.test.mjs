// Tasks on the command line: listed, told, trained from their starts, scored, gone on with.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { labelledSentences, notice } from '../../tools/labelled_sentences.mjs';
import { at, fails, json, small, unroll } from './program.mjs';

/** Names of all tasks, in the order of the list. */
const names = () => [...unroll('tasks').stdout.matchAll(/^ {2}([a-z0-9_]+) {2,}/gm)].map((match) => match[1]);

test('tasks: families, names and a line each; one with its settings', () => {
  assert.match(unroll('tasks').stdout, /^Text\n {2}text {2,}Text: \p{L}.*\n/u);
  for (const name of names()) {
    const { status, stdout } = unroll('tasks', name);
    assert.equal(status, 0);
    assert.match(stdout, /^(Settings, for --set NAME=VALUE:|It has no settings\.)$/m, name);
  }
  fails(/"nothing": is no task \(.*allowed: text/, 'tasks', 'nothing');
});

test('train --task: from the start of each task to its score and its baselines', () => {
  for (const name of names().filter((each) => each !== 'text')) {
    const out = `${name}.safetensors`;
    const common = ['--hidden', '4', '--batch', '2'];
    const report = json('train', '--task', name, '--steps', '3', '--out', out, ...common);
    assert.equal(report.task, name);
    assert.equal(report.steps, 3);
    assert.ok(report.score.name, name);
    assert.ok(['lower', 'higher'].includes(report.score.better));
    assert.equal(report.valid_bits === null, ['adding', 'series'].includes(name), `${name}: only nats are told in bits`);
    assert.ok(Object.keys(report.baselines).length > 0, name);
    for (const value of Object.values(report.baselines)) assert.equal(typeof value, 'number', name);
    const measured = json('eval', '--model', out);
    assert.equal(measured.task, name);
    assert.equal(measured.score.value, report.score.value);
    assert.equal(json('train', '--resume', out, '--steps', '4').steps, 4);
  }
});

test('train: a text is told as every task, and keeps its own keys', () => {
  const report = json(...small, '--steps', '2');
  assert.equal(report.task, 'text');
  assert.deepEqual(report.score, { name: 'loss', value: report.valid_loss, better: 'lower' });
  assert.equal(report.baselines[`${report.baselines.best_order}-gram`], report.baselines.best);
});

test('train: mistakes with tasks are told', () => {
  fails(/--task: found "txet" \(did you mean "text"\?/, 'train', '--task', 'txet');
  fails(/--set: found "length" \(give NAME=VALUE/, ...small, '--set', 'length');
  fails(/--set length: unknown field of the task text/, ...small, '--set', 'length=3');
  fails(/--set/, 'train', '--resume', 'some.safetensors', '--set', 'length=3');
});

test('labelled sentences: made from the package as the reader wants them, found beside the program, and scored beside counting', () => {
  const folder = new URL('../../node_modules/sentiment', import.meta.url).pathname;
  const text = labelledSentences(folder);
  const lines = text.trimEnd().split('\n');
  const sentences = lines.filter((line) => !line.startsWith('#word\t'));
  assert.equal(sentences.length, 3000);
  for (const line of sentences) assert.match(line, /^[01]\t\S/);
  assert.ok(lines.length - sentences.length > 2000, 'the word list');
  assert.match(notice(folder), /Kotzias[^]*CC BY 4\.0[^]*sentiment 5\.0\.2[^]*MIT/);
  const report = json('train', '--task', 'sentiment', '--example', 'reviews', '--set', 'longest=8', '--valid', '0.1', '--hidden', '4', '--steps', '2');
  assert.ok(Math.abs(report.baselines.majority - 0.5) < 0.06);
  for (const [name, least, most] of /** @type {const} */ ([['word list', 0.66, 0.8], ['naive Bayes, words', 0.78, 0.88], ['naive Bayes, pairs', 0.78, 0.88]]))
    assert.ok(report.baselines[name] > least && report.baselines[name] < most, `${name} ${report.baselines[name]}`);
});

test('a series tells RMSE and MASE beside MAE, of networks and of what needs none', () => {
  const report = json('train', '--task', 'series', '--set', 'series=sunspots', '--hidden', '4', '--steps', '2', '--out', 'sunspots.safetensors');
  assert.ok(report.score.others.RMSE >= report.score.value);
  assert.ok(report.score.others.MASE > 0);
  assert.ok(Math.abs(report.further_baselines.RMSE['last value'] - 29.61) < 0.01);
  const measured = json('eval', '--model', 'sunspots.safetensors');
  assert.deepEqual(measured.score.others, report.score.others);
  assert.deepEqual(measured.further_baselines, report.further_baselines);
});

test('sample: of a model that translates the prompt is the source', () => {
  const report = json('train', '--task', 'sums', '--set', 'digits=1', '--hidden', '16', '--batch', '8', '--steps', '20', '--out', 'sums.safetensors');
  assert.equal(report.score.name, 'exact');
  assert.equal(typeof report.score.others['character error rate'], 'number');
  assert.equal(report.baselines['the rule'], 1);
  const told = json('sample', '--model', 'sums.safetensors', '--prompt', '3+4');
  assert.equal(told.prompt, '3+4');
  assert.match(told.text, /^[0-9]{0,2}$/);
  assert.equal(unroll('sample', '--model', 'sums.safetensors', '--prompt', '3+4').stdout, `${told.text}\n`);
  fails(/--prompt: is missing .*an addition/, 'sample', '--model', 'sums.safetensors');
  fails(/--prompt: has nothing that the model reads/, 'sample', '--model', 'sums.safetensors', '--prompt', 'three');
});

test("train --task pairs: pairs of a file, errors by its line, and a checkpoint that goes on with what it learned", () => {
  const colours = ['red', 'green', 'blue', 'black', 'white'], things = ['cat', 'car', 'door', 'sky'];
  const lines = things.flatMap((thing) => colours.map((colour) => `the ${colour} ${thing}\t${thing}, ${colour}.`));
  writeFileSync(at('pairs.txt'), lines.join('\n'));
  const flags = ['train', '--task', 'pairs', '--data', 'pairs.txt', '--cell', 'gru', '--hidden', '24', '--steps', '300', '--rate', '0.02'];
  const report = json(...flags, '--out', 'pairs.safetensors');
  assert.equal(report.score.name, 'exact');
  assert.ok(Number.isInteger(4 * report.score.value), 'four, a fifth of the sources, are held out');
  for (const name of ['word error rate', 'BLEU']) assert.equal(typeof report.score.others[name], 'number');
  assert.ok(report.further_baselines.BLEU['nearest source'] < 1);
  assert.equal(json('sample', '--model', 'pairs.safetensors', '--prompt', 'The RED cat').text, 'cat, red.');
  assert.deepEqual(json('eval', '--model', 'pairs.safetensors').score, report.score);
  writeFileSync(at('wrong.txt'), `${lines.join('\n')}\nnothing between\n`);
  fails(/line 21: has no tab .*a tab and the target/, 'train', '--task', 'pairs', '--data', 'wrong.txt', '--steps', '1');
});

// The built-in texts that are files: complete, and readable for a small model. (Those without end are the engine's:
// tests/engine/generators_test.cpp.) And the command line on a text without end.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { fails, json, unroll } from './program.mjs';

const folder = new URL('../../examples/', import.meta.url);
/** @param {string} file */
const read = (file) => new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(new URL(file, folder)));
/** @type {{ id: string, group: string, title: string, good_for: string, file: string, task?: string }[]} */
const all = JSON.parse(read('index.json'));
/** Texts; the data of other tasks is made by the build. */
const index = all.filter((entry) => !entry.task);

test('the index names every text once, and says what it is good for', () => {
  const files = readdirSync(folder).filter((name) => name.endsWith('.txt'));
  assert.deepEqual(index.map((entry) => entry.file).sort(), files.sort());
  assert.equal(new Set(all.map((entry) => entry.id)).size, all.length);
  for (const entry of all) {
    assert.deepEqual(Object.keys(entry), ['id', 'group', 'title', 'good_for', 'file', ...(entry.task ? ['task', 'source', 'notice'] : [])]);
    assert.ok(entry.good_for.split(/[:.]/)[0].length < 50, `${entry.id}: the menu shows what stands before the colon`);
    assert.match(entry.id, /^[a-z]+$/);
    assert.ok(entry.title.length > 3 && entry.title.length < 30, entry.title);
    assert.ok(entry.good_for.length > 60 && entry.good_for.length < 160, entry.good_for);
  }
});

test('every text has a size and symbols that a small model can learn', () => {
  for (const { id, file } of index) {
    const text = read(file);
    assert.ok(text.length > 5000 && text.length < 25000, `${id}: ${text.length} characters`);
    assert.ok(new Set(text).size <= (id === 'code' ? 96 : 80), `${id}: ${new Set(text).size} symbols`);
    assert.ok(!/[\r\t]| \n/.test(text), `${id}: no tabs, no spaces at the end of a line`);
    assert.ok(text.endsWith('\n'), id);
  }
});

const endless = ['train', '--example', 'recall', '--hidden', '16', '--batch', '8', '--seq-length', '32', '--rate', '0.01'];

test('a text without end: trained, scored by what memory decides, gone on with, measured', () => {
  const report = json(...endless, '--steps', '40', '--out', 'recall.safetensors');
  assert.equal(report.epochs, 0);
  assert.ok(report.valid_loss < report.baselines.unigram);
  assert.ok(Math.abs(report.baselines.chance - Math.log(8)) < 1e-9);
  assert.ok(Math.abs(report.score.others['decisive loss'] - Math.log(8)) < 0.5, 'near chance, so soon');
  const { stderr } = unroll(...endless, '--steps', '1');
  assert.match(stderr, /text {7}Recall one letter, without end, 16,384 to validate, 12 different ones/);
  assert.match(stderr, /chance 2\.079 for decisive loss/);

  json(...endless, '--steps', '15', '--out', 'half.safetensors');
  const resumed = json('train', '--resume', 'half.safetensors', '--steps', '40', '--out', 'half.safetensors');
  assert.equal(resumed.valid_loss, report.valid_loss);
  const measured = json('eval', '--model', 'recall.safetensors');
  assert.equal(measured.loss, report.valid_loss);
  assert.deepEqual(measured.score.others, report.score.others);
  fails(/--epochs: .*never comes to an end \(give --steps\)/, ...endless, '--epochs', '2');
});

test('tasks text names the texts without end, and only their own seed makes them others', () => {
  assert.match(unroll('tasks', 'text').stdout, /without end:\n {2}tale: .*\n {2}recall: /);
  const losses = ['1', '1', '2'].map((seed) => json(...endless, '--steps', '3', '--seed', seed).train_loss);
  assert.equal(losses[0], losses[1]);
  assert.notEqual(losses[0], losses[2]);
});

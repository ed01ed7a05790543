// The built-in texts: complete, readable for a model of at most 80 symbols, and the generated ones reproducible.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { generated } from '../../examples/make_examples.mjs';

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
  const groups = index.map((entry) => entry.group).filter((group, i, all) => group !== all[i - 1]);
  assert.deepEqual(groups, ['Writing', 'Rules', 'Long memory'], 'the members of a group stand together');
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

test('the generated texts are what their generator makes', () => {
  for (const [id, make] of Object.entries(generated)) assert.equal(make(), read(`${id}.txt`), id);
});

test('the generated texts keep their promises', () => {
  const linesOf = (/** @type {string} */ id) => read(`${id}.txt`).trimEnd().split('\n');
  for (const line of linesOf('brackets')) {
    let rest = line, before;
    do {
      before = rest;
      rest = rest.replace(/\(\)|\[\]|\{\}|<>/g, '');
    } while (rest !== before);
    assert.equal(rest, '', line);
  }
  for (const line of linesOf('arithmetic')) {
    const [, a, b, sum] = line.match(/^(\d+)\+(\d+)=(\d+)$/) ?? [];
    assert.equal(Number(a) + Number(b), Number(sum));
  }
  for (const line of linesOf('recall')) assert.match(line, /^([a-h])\{\.{1,60}\}\1$/);
  for (const line of linesOf('copy')) assert.match(line, /^([a-f]{1,12})\|\1$/);
  for (const line of linesOf('quotes')) assert.match(line, /^(["'*_~/])[a-z ]+\1$/);
  const names = linesOf('names');
  assert.equal(new Set(names).size, names.length);
});

// The labelled sentences as the build makes them from the npm package.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { labelledSentences, notice } from '../../tools/labelled_sentences.mjs';

const folder = fileURLToPath(new URL('../../node_modules/sentiment', import.meta.url));
const skip = existsSync(folder) ? false : 'node_modules/sentiment is not here';

test('3000 sentences with their labels, then the word list', { skip }, () => {
  const lines = labelledSentences(folder).trimEnd().split('\n');
  const sentences = lines.filter((line) => !line.startsWith('#word\t'));
  assert.equal(sentences.length, 3000);
  assert.ok(lines.slice(0, 3000).every((line) => /^[01]\t[^\t]+$/.test(line)), 'the label, a tab, the sentence');
  assert.equal(sentences.filter((line) => line.startsWith('1')).length, 1500);
  assert.equal(new Set(sentences.map((line) => line.slice(2).toLowerCase())).size, 2979, '21 come again');
  assert.equal(sentences[1], '1\tGood case, Excellent value.');
  const words = lines.slice(3000);
  assert.ok(words.length > 3000 && words.every((line) => /^#word\t[a-z']+\t-?[1-5]$/.test(line)));
  assert.ok(words.includes('#word\tawful\t-3'));
});

test('the notices of the sentences and of the package go with them', { skip }, () => {
  assert.match(notice(folder), /Kotzias.*CC BY 4\.0[^]*The MIT License[^]*Andrew Sliwinski[^]*WITHOUT WARRANTY/);
});

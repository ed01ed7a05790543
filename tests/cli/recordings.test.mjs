// Recordings on the command line: a folder of WAV files is learned, printed as lines, and what cannot be read is told with its file.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { before, test } from 'node:test';
import { glide } from '../wav.mjs';
import { at, fails, json, unroll } from './program.mjs';

before(() => {
  mkdirSync(at('words/up'), { recursive: true });
  for (const speaker of ['ann', 'bob'])
    for (let number = 0; number < 8; ++number) {
      const low = (speaker === 'ann' ? 500 : 350) + 10 * number;
      writeFileSync(at(`words/up/${speaker}_${number}.wav`), glide(low, 2 * low));
      writeFileSync(at(`words/down_${speaker}_${number}.WAV`), glide(2 * low, low, { rate: 44100 }));
    }
});

const flags = ['train', '--task', 'spoken', '--data', 'words', '--cell', 'gru', '--hidden', '16', '--steps', '150', '--rate', '0.01'];

test('train --task spoken: a folder of WAV files, by folder and by name; a speaker is held out, and is understood', () => {
  const report = json(...flags, '--set', 'held_out=speaker', '--set', 'speaker=bob', '--out', 'words.safetensors');
  assert.equal(report.score.name, 'recordings right');
  assert.equal(report.score.value, 1);
  assert.equal(report.baselines['most frequent'], 0.5);
  assert.ok(report.baselines.DTW >= 0.5);
  assert.deepEqual(json('eval', '--model', 'words.safetensors').score, report.score);
  assert.equal(json(...flags, '--set', 'held_out=first_five').score.value, 1);
  fails(/speaker: nobody is called "eve" \(allowed: ann, bob\)/, ...flags, '--set', 'held_out=speaker', '--set', 'speaker=eve');
});

test('hear: lines of a word, who says it, and what is heard; these can be given instead of the folder', () => {
  const { stdout } = unroll('hear', 'words');
  const lines = stdout.trimEnd().split('\n').map((line) => line.split('\t'));
  assert.equal(lines.length, 32);
  for (const [word, source, heard] of lines) {
    assert.ok(['up', 'down'].includes(word));
    assert.match(source, /^(ann|bob)_[0-7]$/);
    assert.equal(heard.length % 26, 0);
    const seconds = heard.length / 26 / 50;
    assert.ok(seconds > 0.38 && seconds < 0.6, `${seconds} s: the silence is left out`);
  }
  writeFileSync(at('words.txt'), stdout);
  const from = (/** @type {string} */ data) => json(...flags.map((flag) => (flag === 'words' ? data : flag)), '--steps', '20').train_loss;
  assert.equal(from('words.txt'), from('words'));
  assert.equal(unroll('hear', 'words/up/ann_0.wav').stdout, stdout.split('\n').find((line) => line.startsWith('up\tann_0'))?.replace('up\tann_0', 'ann\t0') + '\n');
});

test('what is no recording, is cut off, or holds no word, is told with its file', () => {
  mkdirSync(at('empty'), { recursive: true });
  fails(/empty: holds no WAV file/, 'hear', 'empty');
  fails(/nowhere: cannot be read/, 'hear', 'nowhere');
  mkdirSync(at('broken'), { recursive: true });
  const broken = (/** @type {Uint8Array|string} */ content) => writeFileSync(at('broken/one.wav'), content);
  broken('no sound');
  fails(/broken\/one\.wav: is no WAV file/, 'hear', 'broken');
  broken(glide(400, 500).slice(0, 5000));
  fails(/broken\/one\.wav: is cut off: 4956 bytes are there of 32000/, 'hear', 'broken');
  broken(glide(400, 500, { seconds: 4 }));
  fails(/broken\/one\.wav: what is said in it lasts 4 seconds .*up to 3/, 'hear', 'broken');
});

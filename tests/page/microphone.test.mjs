// The microphone on the page: words of one's own are dropped as files or said, learned, and recognised while one speaks; why nothing can be
// heard is said. Chromium's own false device plays a file.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';
import { hashOf } from '../../web/page/hash.mjs';
import { chromiumFlags, chromiumPath } from '../browser.mjs';
import { glide, joined } from '../wav.mjs';
import { Playground, everyLane } from './playground.mjs';
import { newVisitor, serveSite } from './site.mjs';

/** @type {Awaited<ReturnType<typeof serveSite>>} */ let site;
const folder = mkdtempSync(path.join(tmpdir(), 'unroll-sound-'));
before(async () => void (site = await serveSite()));
after(() => {
  site.close();
  rmSync(folder, { recursive: true });
});

/** A column of 26 bands, loudest in one of them. @param {number} peak */
const column = (peak) => Array.from({ length: 26 }, (_, band) => String.fromCharCode(60 + Math.max(0, 30 - 6 * Math.abs(band - peak)))).join('').replaceAll('\\', ']');
/** Two words to begin with, made by hand: one that rises, and one that falls. */
const lines = [0, 1, 2, 3].flatMap((shift) => ['up', 'down'].map((word) =>
  `${word}\thand_${shift}\t${Array.from({ length: 24 }, (_, n) => column((word === 'up' ? n : 23 - n) / 3 + 4 + shift / 2)).join('')}`)).join('\n');
const experiment = {
  unroll: 1,
  data: { task: { name: 'spoken' }, text: lines, valid: 0.25 },
  train: { batch: 8, rate: 0.01 },
  lanes: [{ cell: 'gru', hidden: 24 }],
};

/**
 * A visit with flags of the browser's own.
 * @param {string[]} flags @param {(playground: Playground) => Promise<void>} look @param {{permissions?: string[], wanted?: object}} [wishes]
 */
async function visit(flags, look, { permissions = [], wanted = experiment } = {}) {
  const browser = await chromium.launch({ executablePath: chromiumPath(), args: [...chromiumFlags, ...flags] });
  try {
    const playground = new Playground(await newVisitor({ browser }, { permissions }));
    await playground.page.goto(site.address + await hashOf(JSON.stringify(wanted)));
    await playground.until('the lane is configured', (state) => state.lanes?.length > 0 && everyLane(state, (lane) => lane.configured));
    await look(playground);
    playground.finish();
  } finally {
    await browser.close();
  }
}

test('from permission to verdict: files are learned beside the rest, a word is said and recognised while it sounds, and is taught', async () => {
  const file = path.join(folder, 'up.wav');
  writeFileSync(file, glide(420, 1260, { rate: 48000, before: 0.5, seconds: 0.4, after: 1.5 }));
  await visit(['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream', `--use-file-for-fake-audio-capture=${file}`], async (playground) => {
    for (const [n, low] of [400, 450, 500, 550].entries()) {
      await playground.drop(`up ${n}.wav`, glide(low, 3 * low));
      await playground.drop(`down ${n}.wav`, glide(3 * low, low, { rate: 44100 }));
    }
    const { experiment } = await playground.until('all are taken', (state) => state.experiment.data.text.trim().split('\n').length === 16 && !state.changed);
    assert.match(experiment.data.text, /\nup\t3\t[#-~]+\n/);
    await playground.until('they are learned', (state) => state.lanes[0].configured && !state.changed);
    await playground.press('train');
    await playground.until('it knows the words', (state) => state.lanes[0].step > 100 && state.lanes[0].score?.value === 1);
    await playground.press('train');
    await playground.untilRunning(false);

    await playground.click('sound.record');
    const told = await playground.until('a word was said', (state) => !state.answer.own.recording && state.answer.own.lanes[0]?.read === state.answer.own.text && state.answer.own.text !== '');
    assert.equal(told.answer.own.trouble, '');
    assert.match(told.answer.own.lanes[0].verdict, /^up, \d+%$/);
    assert.ok(told.answer.own.text.length / 26 / 50 < 0.8, 'the silence is left out');

    await playground.page.locator('[id="sound.name"]').fill('rise');
    await playground.until('the name', (state) => state.answer.own.sign === 'rise');
    await playground.click('sound.teach');
    const taught = await playground.until('it is taught', (state) => state.answer.own.known === 1 && !state.answer.own.recording);
    assert.match(taught.experiment.data.text, /\nrise\tme\t[#-~]+\n$/);
    await playground.click('drawings.rise');
    await playground.until('and forgotten', (state) => !state.experiment.data.text.includes('rise'));
  });
});

test('several words in one breath are read as a string, which half a second of silence does not end', async () => {
  const file = path.join(folder, 'string.wav');
  const [up, down] = [[420, 1260], [1260, 420]];
  const says = (/** @type {number[]} */ [from, to], after = 0.6) => glide(from, to, { rate: 48000, before: 0, seconds: 0.4, after });
  writeFileSync(file, joined(glide(0, 0, { rate: 48000, before: 0.5, seconds: 0, after: 0 }), says(up), says(down), says(down, 2)));
  await visit(['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream', `--use-file-for-fake-audio-capture=${file}`], async (playground) => {
    for (const low of [400, 450, 500, 550]) {
      await playground.drop(`up ${low}.wav`, glide(low, 3 * low));
      await playground.drop(`down ${low}.wav`, glide(3 * low, low));
    }
    await playground.until('all are learned', (state) => state.experiment.data.text.trim().split('\n').length === 16 && state.lanes[0].configured && !state.changed);
    await playground.press('train');
    await playground.until('it knows the words', (state) => state.lanes[0].score?.value < 0.02);
    await playground.press('train');
    await playground.untilRunning(false);
    await playground.click('sound.record');
    const { answer } = await playground.until('a string was said', (state) => !state.answer.own.recording && state.answer.own.text !== '' && state.answer.own.lanes[0]?.read === state.answer.own.text);
    assert.equal(answer.own.lanes[0].verdict, 'up down down');
    assert.ok(answer.own.text.length / 26 > 110, 'all of it is kept');
  }, { wanted: { ...experiment, data: { ...experiment.data, task: { name: 'strings', words: 3 } } } });
});

test('no microphone, and one that is refused, are told in a sentence with what to do', async () => {
  const trouble = async (/** @type {Playground} */ playground) => {
    await playground.click('sound.record');
    return (await playground.until('what is wrong', (state) => state.answer.own.trouble !== '' && !state.answer.own.recording)).answer.own.trouble;
  };
  await visit([], async (playground) => {
    assert.equal(await trouble(playground), 'No microphone is found here. Connect one and record again, or drop WAV files on the page.');
  }, { permissions: ['microphone'] });
  await visit(['--use-fake-device-for-media-stream', '--deny-permission-prompts'], async (playground) => {
    assert.equal(await trouble(playground), 'The browser does not let this page use the microphone. Allow it beside the address, then record again.');
  });
});

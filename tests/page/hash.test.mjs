import assert from 'node:assert/strict';
import test from 'node:test';
import { hashOf, jsonOf } from '../../web/page/hash.mjs';

const text = '{"unroll":1,"data":{"text":"' + 'Ein kurzer Text – with “quotes”, 漢字 & #%? 🎭. '.repeat(200) + '"}}';

test('an experiment comes back from its hash as it was', async () => {
  for (const json of ['{"unroll":1}', text, '{}']) assert.equal(await jsonOf(await hashOf(json)), json);
});

test('a hash is short and needs no escaping', async () => {
  const hash = await hashOf(text);
  assert.match(hash, /^#z=[A-Za-z0-9_-]+$/);
  assert.ok(hash.length < text.length / 10);
});

test('readable JSON is taken, escaped or not', async () => {
  assert.equal(await jsonOf('#{"unroll":1}'), '{"unroll":1}');
  assert.equal(await jsonOf('#' + encodeURIComponent(text)), text);
});

test('no hash, no experiment', async () => {
  assert.equal(await jsonOf(''), null);
  assert.equal(await jsonOf('#'), null);
});

test('a damaged hash is an error that says so', async () => {
  const hash = await hashOf(text);
  for (const bad of [hash.slice(0, 60), '#z=', '#z=!!', '#z=AAAA', '#%E0%A4%A', hash.replace('z=', 'z=x')])
    await assert.rejects(jsonOf(bad), /damaged or cut off/, bad.slice(0, 40));
});

test('a hash that unfolds to too much is refused', async () => {
  const bomb = await hashOf(' '.repeat(65 << 20));
  assert.ok(bomb.length < 200000);
  await assert.rejects(jsonOf(bomb), /damaged or cut off/);
});

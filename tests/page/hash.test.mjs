import assert from 'node:assert/strict';
import test from 'node:test';
import { hashOf, hashOfRecord, jsonOf, recordOf } from '../../web/page/hash.mjs';

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

test('a hash can name what is kept instead, and is no experiment then', async () => {
  const record = '0123456789abcdef01234567', hash = hashOfRecord(record);
  assert.equal(recordOf(hash), record);
  await assert.rejects(jsonOf(hash), /damaged or cut off/);
  assert.equal(hashOfRecord(''), '');
  for (const other of ['', '#', '#kept=', hash.slice(0, -1), `${hash}0`, hash.toUpperCase(), `${hash}\n`, await hashOf(text)]) assert.equal(recordOf(other), '');
});

test('a hash that unfolds to too much is refused', async () => {
  const bomb = await hashOf(' '.repeat(65 << 20));
  assert.ok(bomb.length < 200000);
  await assert.rejects(jsonOf(bomb), /damaged or cut off/);
});

test('whatever stands in an address is text, or an error that says so', async () => {
  let state = 12345;
  const below = (/** @type {number} */ n) => ((state = (Math.imul(state, 1103515245) + 12345) >>> 0) >>> 8) % n;
  const seeds = ['#z=', '#{"unroll":1}', '#%7B', await hashOf('{"unroll":1}'), await hashOf(text), `#${encodeURIComponent(text)}`,
    hashOfRecord('0123456789abcdef01234567')];
  const pieces = ['#', '%', '%E0', '=', '+', '/', '-', '_', 'z=', '\0', '\ud800', 'é', '{', '"', 'A'.repeat(50)];
  let read = 0, refused = 0;
  for (let tries = 0; tries < 3000; ++tries) {
    let hash = seeds[below(seeds.length)];
    for (let changes = 1 + below(4); changes > 0; --changes) {
      const at = below(hash.length + 1);
      const put = below(3) ? pieces[below(pieces.length)] : String.fromCharCode(below(256));
      hash = hash.slice(0, at) + put + hash.slice(at + below(5));
    }
    try {
      const json = await jsonOf(hash);
      assert.ok(json === null || typeof json === 'string');
      assert.match(recordOf(hash), /^$|^[0-9a-f]{24}$/);
      ++read;
    } catch (error) {
      assert.match(String(error), /^Error: The experiment in the address is damaged or cut off\. Ask for the link again\.$/);
      ++refused;
    }
  }
  assert.ok(read > 100 && refused > 100, `${read} read, ${refused} refused`);
});

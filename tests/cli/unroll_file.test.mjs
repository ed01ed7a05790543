// A .unroll file on the command line: a lane of it is resumed, measured, sampled and exported as its checkpoint is.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { before, test } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import { at, fails, json, names, small, unroll } from './program.mjs';

/** CRC-32 as its definition says it, bit by bit. @param {Uint8Array} bytes */
function crc32(bytes) {
  let value = ~0;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; ++bit) value = (value >>> 1) ^ (value & 1 ? 0xedb88320 : 0);
  }
  return ~value >>> 0;
}

/** A ZIP archive, by APPNOTE 6.3.10. @param {[string, Uint8Array|string][]} files @param {boolean} [packed] */
function zip(files, packed = false) {
  const parts = [], directory = [];
  let offset = 0;
  for (const [name, content] of files) {
    const bytes = Buffer.from(content), stored = packed ? deflateRawSync(bytes) : bytes;
    const facts = Buffer.alloc(26);
    facts.writeUInt16LE(20, 0);
    facts.writeUInt16LE(packed ? 8 : 0, 4);
    facts.writeUInt32LE(crc32(bytes), 10);
    facts.writeUInt32LE(stored.length, 14);
    facts.writeUInt32LE(bytes.length, 18);
    facts.writeUInt16LE(name.length, 22);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    directory.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), facts, tail, Buffer.from(name));
    parts.push(Buffer.from('PK\x03\x04', 'latin1'), facts, Buffer.from(name), stored);
    offset = parts.reduce((sum, part) => sum + part.length, 0);
  }
  const list = Buffer.concat(directory), end = Buffer.alloc(18);
  end.writeUInt16LE(files.length, 4);
  end.writeUInt16LE(files.length, 6);
  end.writeUInt32LE(list.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...parts, list, Buffer.from('PK\x05\x06', 'latin1'), end]);
}

/** @type {(lanes?: Buffer[]) => [string, Uint8Array|string][]} */
let files;
before(() => {
  json(...small, '--cell', 'rnn', '--steps', '20', '--out', 'one.safetensors');
  json(...small, '--cell', 'gru', '--steps', '30', '--out', 'two.safetensors');
  files = (lanes = ['one', 'two'].map((name) => readFileSync(at(`${name}.safetensors`)))) => [
    ['unroll.json', JSON.stringify({ unroll_file: 1, lanes: lanes.map((_, n) => ({ name: `lane ${n}`, step: 20,
      checkpoint: `lanes/${n + 1}.safetensors` })) })],
    ['experiment.json', JSON.stringify({ unroll: 1, data: { text: readFileSync(names, 'utf8') }, lanes: lanes.map(() => ({})) })],
    .../** @type {[string, Buffer][]} */ (lanes.map((bytes, n) => [`lanes/${n + 1}.safetensors`, bytes])),
  ];
  writeFileSync(at('both.unroll'), zip(files()));
});

test('a lane of a .unroll file is resumed, measured, sampled and exported as its checkpoint is', () => {
  for (const [lane, name] of [['0', 'one'], ['1', 'two']]) {
    json('train', '--resume', 'both.unroll', '--lane', lane, '--steps', '45', '--out', 'of-file.safetensors');
    json('train', '--resume', `${name}.safetensors`, '--steps', '45', '--out', 'alone.safetensors');
    assert.ok(readFileSync(at('of-file.safetensors')).equals(readFileSync(at('alone.safetensors'))), `lane ${lane}`);
    for (const command of [['eval', '--text', names], ['sample', '--length', '50', '--seed', '5']]) {
      const whole = unroll(...command, '--model', 'both.unroll', '--lane', lane);
      assert.equal(whole.status, 0, whole.stderr);
      assert.equal(whole.stdout, unroll(...command, '--model', `${name}.safetensors`).stdout);
    }
  }
  assert.equal(unroll('export', 'both.unroll', '--lane', '1', '--pytorch', 'two.py').status, 0);
  assert.match(readFileSync(at('two.py'), 'utf8'), /gru/);
});

test('what is no lane, or no whole file, is refused in words', () => {
  fails(/--lane: found 2 \(allowed for this file: 0 to 1\)/, 'sample', '--model', 'both.unroll', '--lane', '2');
  fails(/--lane: found 1, but one\.safetensors holds one lane/, 'sample', '--model', 'one.safetensors', '--lane', '1');
  const good = readFileSync(at('both.unroll'));
  const refused = (/** @type {RegExp} */ what, /** @type {Buffer} */ bytes) => {
    writeFileSync(at('bad.unroll'), bytes);
    fails(what, 'train', '--resume', 'bad.unroll', '--steps', '50');
  };
  refused(/bad\.unroll: its end is missing/, good.subarray(0, good.length - 3));
  const changed = Buffer.from(good);
  changed[good.length >> 1] ^= 4;
  refused(/bad\.unroll: "lanes\/\d\.safetensors" is damaged/, changed);
  refused(/is compressed \(pack the files as they are, as zip -0 does\)/, zip(files(), true));
  refused(/lane 0, tensor|lanes\/1\.safetensors/, zip(files([Buffer.from('no tensors'), Buffer.from('none')])));
  refused(/saved by a newer Unroll, in format 7; this one reads format 1/, zip([['unroll.json', '{"unroll_file":7}']]));
});

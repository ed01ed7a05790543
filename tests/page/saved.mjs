// Files that a card's save button gives: the way to them by pointer, and readers for them.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { inflateSync } from 'node:zlib';

/**
 * Saves through a card's menu.
 * @param {import('./playground.mjs').Playground} playground
 * @param {string} panel e.g. "curves"
 * @param {'png'|'csv'|'txt'|'training'} kind the last: a table of the view "Weights"
 */
export async function save(playground, panel, kind) {
  const entry = `${panel}.export.${kind}`;
  await playground.page.waitForFunction((entry) => !window.unroll.widgets()[entry], entry);  // an earlier menu is gone
  await playground.click(`${panel}.export`);
  const take = async () => {
    const saved = playground.page.waitForEvent('download');
    await playground.click(entry);
    return saved;
  };
  const download = await (kind === 'png' ? playground.seen(take) : take());
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}

/** Saves a lane as a checkpoint. @param {import('./playground.mjs').Playground} playground @param {number} lane */
export async function checkpoint(playground, lane) {
  if (!(await playground.page.evaluate((lane) => window.unroll.widgets()[`lane${lane}.save`], lane)))
    await playground.click(`lane${lane}.fold`);
  const saved = playground.page.waitForEvent('download');
  await playground.click(`lane${lane}.save`);
  return readFile(await (await saved).path());
}

/** Saves the whole experiment. @param {import('./playground.mjs').Playground} playground */
export async function saveWhole(playground) {
  const saved = playground.page.waitForEvent('download');
  await playground.press('save-file');
  const download = await saved;
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}

/** The lanes' checkpoints in a .unroll file, a ZIP archive of files as they are (docs/files.md). @param {Buffer} file */
export function lanesIn(file) {
  const end = file.length - 22, lanes = [];  // its end, and before that what it holds, by name and place
  assert.equal(file.toString('latin1', end, end + 4), 'PK\x05\x06');
  for (let entry = file.readUInt32LE(end + 16), n = file.readUInt16LE(end + 10); n > 0; --n) {
    const name = file.readUInt16LE(entry + 28), size = file.readUInt32LE(entry + 20), head = file.readUInt32LE(entry + 42);
    const begin = head + 30 + file.readUInt16LE(head + 26) + file.readUInt16LE(head + 28);
    if (/^lanes\/\d+\.safetensors$/.test(file.toString('latin1', entry + 46, entry + 46 + name))) lanes.push(file.subarray(begin, begin + size));
    entry += 46 + name + file.readUInt16LE(entry + 30) + file.readUInt16LE(entry + 32);
  }
  return lanes;
}

/** A .safetensors file with another header. @param {Buffer} bytes @param {(header: any) => void} change */
export function withHeader(bytes, change) {
  const length = Number(bytes.readBigUInt64LE());
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + length));
  change(header);
  const text = Buffer.from(JSON.stringify(header)), size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([size, text, bytes.subarray(8 + length)]);
}

/** A table of RFC 4180, without its header line. @param {Buffer} bytes @returns {{columns: string[], rows: string[][]}} */
export function readCsv(bytes) {
  const text = bytes.toString('utf8');
  assert.ok(text.endsWith('\r\n'), 'the last line ends');
  /** @type {string[][]} */ const rows = [[]];
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/y;
  while (cell.lastIndex < text.length) {
    const found = cell.exec(text);
    assert.ok(found, `row ${rows.length} is not RFC 4180`);
    rows[rows.length - 1].push(found[1]?.replaceAll('""', '"') ?? found[2]);
    if (found[3] !== ',' && cell.lastIndex < text.length) rows.push([]);
  }
  const [columns, ...rest] = rows;
  for (const row of rest) assert.equal(row.length, columns.length);
  return { columns, rows: rest };
}

/** The pixels of a PNG file as the encoder writes it (8 bits, RGB, no filter; a browser looks at the checksums). @param {Buffer} bytes */
export function readPng(bytes) {
  assert.equal(bytes.subarray(0, 8).toString('latin1'), '\x89PNG\r\n\x1a\n');
  let width = 0, height = 0;
  const data = [];
  for (let at = 8; at < bytes.length; ) {
    const size = bytes.readUInt32BE(at), type = bytes.toString('latin1', at + 4, at + 8);
    const chunk = bytes.subarray(at + 8, at + 8 + size);
    if (type === 'IHDR') [width, height] = [chunk.readUInt32BE(0), chunk.readUInt32BE(4)];
    if (type === 'IDAT') data.push(chunk);
    at += size + 12;
  }
  const lines = inflateSync(Buffer.concat(data));
  assert.equal(lines.length, height * (3 * width + 1));
  const colours = new Map();
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const colour = lines.readUIntBE(y * (3 * width + 1) + 1 + 3 * x, 3);
      colours.set(colour, (colours.get(colour) ?? 0) + 1);
    }
  return { width, height, colours };
}

/** The pixels of a picture as a browser makes it: 8 bits, RGB or RGBA, any filter. @param {Buffer} bytes */
export function readScreenshot(bytes) {
  let width = 0, height = 0, step = 3;
  const data = [];
  for (let at = 8; at < bytes.length; ) {
    const size = bytes.readUInt32BE(at), type = bytes.toString('latin1', at + 4, at + 8);
    const chunk = bytes.subarray(at + 8, at + 8 + size);
    if (type === 'IHDR') [width, height, step] = [chunk.readUInt32BE(0), chunk.readUInt32BE(4), chunk[9] === 6 ? 4 : 3];
    if (type === 'IDAT') data.push(chunk);
    at += size + 12;
  }
  const lines = inflateSync(Buffer.concat(data)), line = width * step;
  const pixels = Buffer.alloc(height * line);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < line; x++) {
      const at = y * line + x;
      const left = x >= step ? pixels[at - step] : 0, up = y ? pixels[at - line] : 0;
      const corner = x >= step && y ? pixels[at - line - step] : 0;
      const nearest = () => {  // Paeth's guess
        const guess = left + up - corner, [l, u, c] = [left, up, corner].map((value) => Math.abs(guess - value));
        return l <= u && l <= c ? left : u <= c ? up : corner;
      };
      const filter = lines[y * (line + 1)];
      const guess = filter === 1 ? left : filter === 2 ? up : filter === 3 ? (left + up) >> 1 : filter === 4 ? nearest() : 0;
      pixels[at] = lines[y * (line + 1) + 1 + x] + guess;
    }
  return {
    width, height,
    /** 0xRRGGBB @param {number} x @param {number} y */
    at: (x, y) => pixels.readUIntBE(y * line + x * step, 3),
  };
}

/** How many colours a part of it has. @param {ReturnType<typeof readScreenshot>} picture @param {number[]} part x, y, width, height */
export function coloursOf(picture, [x, y, width, height]) {
  const colours = new Set();
  for (let row = Math.ceil(y); row < Math.min(y + height, picture.height); ++row)
    for (let column = Math.ceil(x); column < Math.min(x + width, picture.width); ++column) colours.add(picture.at(column, row));
  return colours.size;
}

// The desktop program on a virtual screen, for its tests: started, looked at, clicked, ended.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before } from 'node:test';
import { promisify } from 'node:util';
import { root } from '../browser.mjs';

export const size = { width: 1280, height: 720 };

/** @type {string} */ let place;
/** @type {import('node:child_process').ChildProcess} */ let screen;
/** @type {string} */ let display;

/** A screen, and a folder for what the programs write, while the tests of a file run. */
export function useScreen() {
  before(async () => {
    place = await mkdtemp(path.join(tmpdir(), 'unroll-desktop-'));
    screen = spawn(
      'Xvfb',
      ['-displayfd', '3', '-screen', '0', `${size.width}x${size.height}x24`, '-fbdir', place, '-nolisten', 'tcp', '-noreset'],
      { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] },
    );
    const numbers = /** @type {import('node:stream').Readable} */ (screen.stdio[3]);
    display = await new Promise((resolve, reject) => {
      numbers.once('data', (text) => resolve(`:${String(text).trim()}`));
      screen.once('exit', (code) => reject(new Error(`Xvfb ended with ${code}`)));
    });
  });
  after(async () => {
    screen.kill();
    await rm(place, { recursive: true });
  });
}
export const folder = () => place;
export const rest = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));
export const env = () => ({ ...process.env, DISPLAY: display });

/**
 * What is on the screen: Xvfb keeps it as an X window dump (XWDFile.h: a header of big-endian 32-bit words, a colour
 * table of 12 bytes an entry, rows of 32-bit pixels).
 */
export async function screenshot() {
  const bytes = await readFile(path.join(place, 'Xvfb_screen0'));
  const word = (/** @type {number} */ index) => bytes.readUInt32BE(4 * index);
  const [start, width, height, bits, pitch] = [word(0) + 12 * word(19), word(4), word(5), word(11), word(12)];
  assert.deepEqual({ width, height, bits }, { ...size, bits: 32 });
  const counts = new Map();
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const colour = bytes.readUInt32LE(start + y * pitch + 4 * x) & 0xffffff;
      counts.set(colour, (counts.get(colour) ?? 0) + 1);
    }
  return { bytes: bytes.subarray(start), colours: counts.size, commonest: Math.max(...counts.values()) / (width * height) };
}

/** What a person does (person.py): clicks at these places, types. @param {(string|number)[][]} acts */
export const act = (...acts) => promisify(execFile)('python3', [`${root}/tests/desktop/person.py`, ...acts.map((one) => JSON.stringify(one))],
  { env: { ...process.env, DISPLAY: display } });

/** @param {object} document an experiment, or the bytes of a .unroll file @param {boolean} [keeps] what is kept stays for the next start that asks for it; else it has a place of its own @returns {Promise<{title(text: RegExp): Promise<string>, end(signal?: NodeJS.Signals): Promise<string>}>} */
export async function start(document, keeps = false) {
  const whole = document instanceof Uint8Array, file = path.join(place, whole ? 'experiment.unroll' : 'experiment.json');
  await writeFile(file, whole ? document : JSON.stringify(document));
  const data = keeps ? `${place}/data` : await mkdtemp(path.join(place, 'data-'));
  /** @type {NodeJS.ProcessEnv} */
  const env = { ...process.env, DISPLAY: display, LIBGL_ALWAYS_SOFTWARE: '1', XDG_RUNTIME_DIR: place, XDG_DATA_HOME: data };
  delete env.WAYLAND_DISPLAY;  // GLFW would prefer it
  const program = spawn(`${root}/build/native/unroll-desktop`, [file, '--size', `${size.width}x${size.height}`], { env, cwd: place });
  let said = '';
  program.stderr.on('data', (text) => (said += text));
  return {
    /** Waits for the window's title to match. */
    async title(text) {
      let tree = '';
      for (const end = Date.now() + 30000; Date.now() < end; ) {
        assert.equal(program.exitCode, null, `the program ended: ${said}`);
        ({ stdout: tree } = await promisify(execFile)('xwininfo', ['-root', '-tree'], { env }));
        const found = tree.match(/"(Unroll[^"]*)"/);
        if (found && text.test(found[1])) return found[1];
        await rest(100);
      }
      throw new Error(`no title like ${text} on the screen: ${tree}\n${said}`);
    },
    async end(signal) {
      program.kill(signal);
      await new Promise((resolve) => program.once('close', resolve));
      return said;
    },
  };
}

/** Waits until the window shows something. */
export async function drawn() {
  for (let end = Date.now() + 10000; ; ) {
    const picture = await screenshot();
    if (picture.colours > 100 || Date.now() > end) return picture;
    await rest(100);
  }
}

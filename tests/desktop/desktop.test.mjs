// The desktop program on a virtual screen: it starts, trains, says so in its title, and its window is not blank.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { promisify } from 'node:util';
import { root } from '../browser.mjs';

const size = { width: 1280, height: 720 };
const steps = 30;
const experiment = {
  unroll: 1,
  data: { text: 'the quick brown fox jumps over the lazy dog. '.repeat(40) },
  train: { batch: 4, seq_length: 16, steps },
  lanes: [{ cell: 'rnn', hidden: 32 }, { cell: 'lstm', hidden: 16 }],
};

/** @type {string} */ let folder;
/** @type {import('node:child_process').ChildProcess} */ let screen;
/** @type {string} */ let display;

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'unroll-desktop-'));
  screen = spawn(
    'Xvfb',
    ['-displayfd', '3', '-screen', '0', `${size.width}x${size.height}x24`, '-fbdir', folder, '-nolisten', 'tcp', '-noreset'],
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
  await rm(folder, { recursive: true });
});

/**
 * What is on the screen: Xvfb keeps it as an X window dump (XWDFile.h: a header of big-endian 32-bit words, a colour
 * table of 12 bytes an entry, rows of 32-bit pixels).
 */
async function screenshot() {
  const bytes = await readFile(path.join(folder, 'Xvfb_screen0'));
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
const act = (...acts) => promisify(execFile)('python3', [`${root}/tests/desktop/person.py`, ...acts.map((one) => JSON.stringify(one))],
  { env: { ...process.env, DISPLAY: display } });

/** @param {object} document @returns {Promise<{title(text: RegExp): Promise<string>, end(): Promise<string>}>} */
async function start(document) {
  const file = path.join(folder, 'experiment.json');
  await writeFile(file, JSON.stringify(document));
  /** @type {NodeJS.ProcessEnv} */
  const env = { ...process.env, DISPLAY: display, LIBGL_ALWAYS_SOFTWARE: '1', XDG_RUNTIME_DIR: folder };
  delete env.WAYLAND_DISPLAY;  // GLFW would prefer it
  const program = spawn(`${root}/build/native/unroll-desktop`, [file, '--size', `${size.width}x${size.height}`], { env, cwd: folder });
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
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      throw new Error(`no title like ${text} on the screen: ${tree}\n${said}`);
    },
    async end() {
      program.kill();
      await new Promise((resolve) => program.once('close', resolve));
      return said;
    },
  };
}

/** Waits until the window shows something. */
async function drawn() {
  for (let end = Date.now() + 10000; ; ) {
    const picture = await screenshot();
    if (picture.colours > 100 || Date.now() > end) return picture;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

test('it waits for the learner, and its window is not blank', async () => {
  const program = await start(experiment);
  await program.title(/Ready/);
  const picture = await drawn();
  assert.ok(picture.colours > 100, `${picture.colours} colours`);
  assert.ok(picture.commonest < 0.97, `${picture.commonest} of the picture has one colour`);
  assert.equal(await program.end(), '');
});

test('a directory or a file that is not there is named, and the exit code is 2', async () => {
  for (const [path, reason] of [[folder, /is a directory/], [`${folder}/nothing.txt`, /does not exist/]]) {
    const env = { ...process.env, DISPLAY: display };
    const { code, stderr } = await promisify(execFile)(`${root}/build/native/unroll-desktop`, [String(path)], { env })
      .catch((error) => error);
    assert.equal(code, 2, stderr);
    assert.match(stderr, /** @type {RegExp} */ (reason));
    assert.ok(stderr.includes(String(path)), stderr);
  }
});

test('it trains to the last step, and the picture follows', async () => {
  const waiting = await start(experiment);
  await waiting.title(/Ready/);
  const before = await drawn();
  await waiting.end();
  const program = await start({ ...experiment, view: { autoplay: true } });
  assert.match(await program.title(/Paused/), new RegExp(`at step ${steps}$`));
  const after = await drawn();
  assert.ok(!after.bytes.equals(before.bytes), 'the picture is the same as before training');
  assert.equal(await program.end(), '');
});

// Where things stand in a window of this size: as on the page, whose tests ask it (window.unroll.widgets()).
const places = { formula: [1070, 122], equations: [540, 400], train: [711, 158], save: [1234, 122], table: [1137, 186] };

test('a cell of one’s own is opened, edited by keyboard and trained; its table is in the words of the new equations', async () => {
  const program = await start({
    ...experiment,
    cells: ['cell mine\nstate h\nwas = lin(x) + diag(h[t-1])\nh = tanh(was)\n'],
    lanes: [{ cell: 'mine', hidden: 16 }],
    view: { tab: 'cell', theme: 'light' },
  });
  await program.title(/Ready/);
  await drawn();
  const table = async () => {
    await act(['click', ...places.save], ['click', ...places.table]);
    const file = path.join(folder, 'unroll-cell-step-0.csv');
    let text = '';
    for (const end = Date.now() + 20000; !text.endsWith('\r\n'); await new Promise((resolve) => setTimeout(resolve, 100))) {
      text = await readFile(file, 'utf8').catch(() => '');
      assert.ok(Date.now() < end, 'no table was saved');
    }
    await rm(file);
    return text.split('\r\n')[0].split(',');
  };
  assert.ok((await table()).includes('was'));
  await act(['click', ...places.formula], ['click', ...places.equations], ['chord', 'Control_L', 'a'],
    ['type', 'cell other\nstate h\nnow = lin(x) + diag(h[t-1])\nh = relu(now)\n'], ['click', ...places.train]);
  let names = await table();
  for (let i = 0; i < 20 && !names.includes('now'); ++i) names = await table();  // the lane is being set up
  assert.ok(names.includes('now') && !names.includes('was'), names.join());
  await act(['click', size.width / 2, size.height - 4], ['chord', 'space']);
  assert.match(await program.title(/Paused/), new RegExp(`at step ${steps}$`));
  assert.equal(await program.end(), '');
});

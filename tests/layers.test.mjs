// The layers (see README): each folder includes only what stands above it, and nothing of the engine knows a screen,
// a browser or a thread. Platform differences live in web/platform.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { root } from './browser.mjs';

/** C++ files below a folder, as paths from the root. @param {string} folder @returns {string[]} */
function sources(folder) {
  return readdirSync(`${root}/${folder}`, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(cpp|h)$/.test(name))
    .map((name) => `${folder}/${name}`);
}

/** @param {string} file */
function includes(file) {
  const text = readFileSync(`${root}/${file}`, 'utf8');
  return [...text.matchAll(/^\s*#\s*include\s*[<"]([^>"]+)[>"]/gm)].map((match) => match[1]);
}

const engine = ['base', 'document', 'kernels', 'cells', 'text', 'model', 'probes', 'lane'].map((room) => `engine/${room}`);
// The front end sends commands and draws events: of the engine it knows documents, texts, messages and names.
const known = ['engine/base', 'engine/document', 'engine/text/text.h', 'engine/cells/gates.h', 'engine/probes/measures.h',
  'engine/model/intervention_set.h', 'engine/lane/protocol.h'];
/**
 * The house: what each folder holds, and which folders (or single headers) of ours it may include besides its own.
 * The first row whose folder the file stands in counts.
 * @type {{ folder: string, uses: string[] }[]}
 */
const house = [
  { folder: 'engine/base', uses: [] },  // results, JSON, arrays, the random generator
  { folder: 'engine/document', uses: ['engine/base'] },  // the experiment: fields, ranges, validation
  { folder: 'engine/kernels', uses: [] },  // SIMD, matrix products, vector functions
  { folder: 'engine/cells', uses: ['engine/base', 'engine/document', 'engine/kernels'] },
  { folder: 'engine/text', uses: ['engine/base', 'engine/document'] },  // vocabulary, split, batches, n-gram baselines, patterns
  { folder: 'engine/model', uses: engine.slice(0, 5) },  // passes, optimizer, trainer, sampler, checkpoint
  { folder: 'engine/probes', uses: engine.slice(0, 6) },  // everything that only looks
  { folder: 'engine/lane', uses: engine.slice(0, 7) },  // a model as an actor
  { folder: 'web/cli', uses: engine },
  { folder: 'web/platform', uses: ['engine/base', 'engine/lane', 'web'] },
  { folder: 'web', uses: ['web', ...known] },
];

/** @param {string} file @param {string} place a folder or a header */
const within = (file, place) => file === place || file.startsWith(`${place}/`);

test('each layer includes only the layers above it', () => {
  const wrong = [];
  for (const file of [...sources('engine'), ...sources('web')]) {
    const row = house.find(({ folder }) => within(file, folder));
    for (const name of includes(file)) {
      if (/^(engine|web)\//.test(name) && !(row && [row.folder, ...row.uses].some((place) => within(name, place))))
        wrong.push(`${file} includes ${name}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test('our own headers are included by their path from the root', () => {
  const wrong = [];
  for (const file of [...sources('engine'), ...sources('web')]) {
    for (const name of includes(file)) {
      const beside = path.join(root, path.dirname(file), name);
      if (!/^(engine|web)\//.test(name) && readdirSync(path.dirname(path.join(root, file))).includes(path.basename(beside)))
        wrong.push(`${file} includes ${name}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test('the engine includes nothing of a screen, a browser or a thread', () => {
  const outside = /emscripten|imgui|implot|GL\/|GLES|GLFW|glfw|^thread$|^mutex$|^condition_variable$|^future$|pthread/i;
  const wrong = [];
  for (const file of sources('engine'))
    for (const name of includes(file)) if (outside.test(name)) wrong.push(`${file} includes ${name}`);
  assert.deepEqual(wrong, []);
});

test('only the platform files ask which platform it is', () => {
  const wrong = [...sources('engine'), ...sources('web')].filter(
    (file) =>
      !within(file, 'web/platform') &&
      /__EMSCRIPTEN__|<emscripten|EM_JS|EM_ASM|EMSCRIPTEN_KEEPALIVE/.test(readFileSync(`${root}/${file}`, 'utf8')),
  );
  assert.deepEqual(wrong, []);
});

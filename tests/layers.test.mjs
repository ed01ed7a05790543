// The layers (see README): each folder includes only what stands above it, and nothing of the engine knows a screen,
// a browser or a thread. Platform differences live in web/platform_*.cpp.
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

/** What of our own a folder may include, by the folder of the including file. First match counts. */
const allowed = [
  { from: /^engine\/kernels\//, to: /^engine\/kernels\// },
  { from: /^engine\/cells\//, to: /^engine\/(kernels|cells)\/|^engine\/(array|experiment|gates|result|random)\.h$/ },
  { from: /^engine\/lane\//, to: /^engine\// },
  { from: /^engine\//, to: /^engine\/(?!lane\/)/ },
  { from: /^web\/cli\//, to: /^(engine|web\/cli)\// },
  { from: /^web\/(worker|platform)/, to: /^(engine\/lane\/|engine\/result\.h|web\/)/ },
  // The front end sends commands and draws events: of the engine it knows documents, texts, messages and names.
  { from: /^web\//, to: /^web\/|^engine\/(text|experiment|result|array|json|gates|measures|intervention_set)\.h$|^engine\/lane\/protocol\.h$/ },
];

test('each layer includes only the layers above it', () => {
  const wrong = [];
  for (const file of [...sources('engine'), ...sources('web')]) {
    const rule = allowed.find(({ from }) => from.test(file));
    for (const name of includes(file)) {
      if (/^(engine|web)\//.test(name) && !rule?.to.test(name)) wrong.push(`${file} includes ${name}`);
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
      !/^web\/(platform_|worker)/.test(file) &&
      /__EMSCRIPTEN__|<emscripten|EM_JS|EM_ASM|EMSCRIPTEN_KEEPALIVE/.test(readFileSync(`${root}/${file}`, 'utf8')),
  );
  assert.deepEqual(wrong, []);
});

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

const engine = ['base', 'kernels', 'cells', 'document', 'generators', 'text', 'tasks', 'model', 'probes', 'lane'].map((room) => `engine/${room}`);
// The front end sends commands and draws events: of the engine it knows documents, texts, tables, messages and names.
const known = ['engine/base', 'engine/document', 'engine/text/text.h', 'engine/tasks/kinds.h', 'engine/tasks/batch.h', 'engine/tasks/loss.h', 'engine/tasks/series_time.h', 'engine/tasks/series_csv.h', 'engine/tasks/labelled_lines.h', 'engine/tasks/lines.h', 'engine/tasks/pair_lines.h', 'engine/tasks/pen_own.h', 'engine/tasks/pen_strokes.h',
  'engine/tasks/sound_features.h', 'engine/tasks/sound_lines.h', 'engine/tasks/sound_wav.h',
  'engine/generators/generator.h',
  'engine/cells/graph.h', 'engine/cells/language.h', 'engine/cells/node_names.h', 'engine/cells/shipped.h',
  'engine/cells/value_range.h', 'engine/probes/measures.h',
  'engine/model/intervention_set.h', 'engine/model/check_size.h', 'engine/model/checkpoint_document.h', 'engine/model/unroll_file.h',
  'engine/lane/protocol.h'];
// What every view may use, and no more: the App that all share, the interface, saving, and the kit that draws.
const shared = ['web/toolkit', 'web/session', 'web/lessons', 'web/platform/platform.h', 'web/app.h', 'web/export.h', 'web/views/view.h',
  'web/views/published.h', ...known];

/**
 * The house: each folder (or single file), what it may include of ours besides its own, and what it holds. The first row
 * in which a file stands counts.
 * @type {{ folder: string, uses: string[] }[]}
 */
const house = [
  // Results, JSON, arrays, UTF-8, the random generator.
  { folder: 'engine/base', uses: [] },
  // SIMD, matrix products, vector functions, fused gate passes: pointers and strides.
  { folder: 'engine/kernels', uses: [] },
  // Inside cells: the reader of their language, the making of plans, and the loops of rnn, lstm and gru by hand.
  { folder: 'engine/cells/language', uses: ['engine/base', 'engine/cells/graph.h', 'engine/cells/language.h'] },
  { folder: 'engine/cells/plan', uses: ['engine/base', 'engine/kernels', 'engine/cells/graph.h', 'engine/cells/plan.h'] },
  { folder: 'engine/cells/by_hand', uses: ['engine/base', 'engine/kernels'] },
  // Cells: their language, graph and double precision; the texts that ship; forward and backward over a sequence.
  { folder: 'engine/cells', uses: ['engine/base', 'engine/kernels', 'engine/cells'] },
  // The experiment: its fields with their ranges, its validation, and the table of the views that it can name. Of cells
  // it knows what their equations say, and no pass that runs them.
  { folder: 'engine/document', uses: ['engine/base', 'engine/cells/graph.h', 'engine/cells/language.h',
    'engine/cells/memory_gates.h', 'engine/cells/shipped.h', 'engine/tasks/kinds.h', 'engine/tasks/batch.h'] },
  // Texts that never end, made by rules.
  { folder: 'engine/generators', uses: ['engine/base'] },
  // Vocabulary, split, batches, n-gram baselines, patterns; generated texts as batches.
  { folder: 'engine/text', uses: ['engine/base', 'engine/document', 'engine/generators'] },
  // Tasks: sources, encoding, batches, scores and baselines. Of networks they know what these answer.
  { folder: 'engine/tasks', uses: ['engine/base', 'engine/document', 'engine/generators', 'engine/text'] },
  // The network and what changes it: passes, interventions, optimizer, trainer, sampler, checkpoint.
  { folder: 'engine/model', uses: engine.slice(0, 7) },
  // Everything that only looks: probes, gradient flow and check, spectrum, unit features, step record, block history.
  { folder: 'engine/probes', uses: engine.slice(0, 8) },
  // A model as an actor: commands in, events out.
  { folder: 'engine/lane', uses: engine.slice(0, 9) },

  // The command line: the engine without a front end.
  { folder: 'web/cli', uses: engine },
  // The window, the browser, files, the lanes' threads or workers: the one place that knows which platform it is.
  // What the desktop keeps is written as the command line writes its files.
  { folder: 'web/platform', uses: ['engine/base', 'engine/lane', 'web/toolkit', 'web/session/json_read.h', 'web/cli/output_file.h'] },
  // The drawing kit: controls, colours, fonts, icons, heatmaps, CSV, PNG. Knows no recurrent network and no session.
  { folder: 'web/toolkit', uses: ['engine/base', 'engine/text/text.h', 'web/platform/platform.h'] },
  // What the front end knows: the experiment as edited, the lanes with everything they told, the commands. No view; it
  // draws nothing, but asks the fonts for the characters of texts that come.
  { folder: 'web/session', uses: ['web/platform/platform.h', 'web/toolkit/fonts.h', 'web/toolkit/glyphs.h', 'web/toolkit/named_symbols.h', ...known] },
  // Lessons: their text, what they wait for in the published state, and where the learner stands. Knows no lane and no screen.
  { folder: 'web/lessons', uses: ['engine/base', 'engine/document/experiment.h'] },
  // One folder a view, with its state, its questions, its drawing, its tables and what it publishes …
  { folder: 'web/views/cell', uses: shared },
  { folder: 'web/views/curves', uses: shared },
  { folder: 'web/views/data', uses: shared },
  { folder: 'web/views/memory', uses: shared },
  { folder: 'web/views/predict', uses: shared },
  { folder: 'web/views/samples', uses: shared },
  { folder: 'web/views/timeline', uses: shared },
  { folder: 'web/views/weights', uses: shared },
  // … a step's blocks are read and drawn as the weights' are.
  { folder: 'web/views/gates', uses: shared },
  { folder: 'web/views/one_step', uses: [...shared, 'web/views/weights/blocks.h'] },
  // The small views, one file each; the interface (view.h), the table made into views (table.cpp).
  { folder: 'web/views', uses: shared },
  // What all views share, and how their cards are saved. Neither knows a view.
  ...['app', 'export'].flatMap((name) => ['h', 'cpp'].map((end) => (
    { folder: `web/${name}.${end}`, uses: ['web/toolkit', 'web/session', 'web/lessons', 'web/platform/platform.h', 'web/app.h', 'web/export.h', ...known] }))),
  // How the rooms are put together: the frame, the layout, the header, the help, the published state.
  { folder: 'web', uses: ['web/playground.h', 'web/layout.h', ...shared] },
];

/** @param {string} file @param {string} place a folder or a header */
const within = (file, place) => file === place || file.startsWith(`${place}/`);
/** @param {string} file */
const rowOf = (file) => house.find(({ folder }) => within(file, folder));

test('each layer includes only the layers above it', () => {
  const wrong = [];
  for (const file of [...sources('engine'), ...sources('web')]) {
    const row = rowOf(file);
    for (const name of includes(file)) {
      if (/^(engine|web)\//.test(name) && !(row && (rowOf(name) === row || row.uses.some((place) => within(name, place)))))
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
      if (/\.h$/.test(name) && !/^(engine|web)\//.test(name) && readdirSync(path.dirname(path.join(root, file))).includes(path.basename(beside)))
        wrong.push(`${file} includes ${name}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test('no two files define a type of one name: the linker would take the functions of either for both', () => {
  /** @type {Map<string, string>} */ const places = new Map();
  const wrong = [];
  for (const file of [...sources('engine'), ...sources('web')]) {
    /** @type {string[]} */ const spaces = [];
    for (const line of readFileSync(`${root}/${file}`, 'utf8').split('\n')) {
      const [opens, space] = line.match(/^namespace *([A-Za-z_:]*) *\{/) ?? [];
      if (opens) spaces.push(space);
      else if (/^\} +\/\/ namespace/.test(line)) spaces.pop();
      const [, type] = line.match(/^(?:struct|class|enum(?: class)?) +(\w+)(?: final)?(?: *: *[^:{][^{]*)? *\{/) ?? [];
      if (!type || spaces.includes('') || spaces.some((space) => space.includes('UNROLL_ISA'))) continue;
      const name = [...spaces, type].join('::');
      if (places.has(name)) wrong.push(`${name}: ${places.get(name)} and ${file}`);
      places.set(name, file);
    }
  }
  assert.deepEqual(wrong, []);
  assert.ok(places.size > 200 && places.has('unroll::Example'), 'types are found');
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

test('docs/cells.md shows a cell as it ships, and the limits of the reader', () => {
  const page = readFileSync(`${root}/docs/cells.md`, 'utf8');
  assert.ok(page.includes(`\n\`\`\`\n${readFileSync(`${root}/engine/cells/shipped/peephole.cell`, 'utf8')}\`\`\`\n`));
  const limits = readFileSync(`${root}/engine/cells/language.h`, 'utf8');
  const of = (/** @type {string} */ name) => limits.match(new RegExp(` ${name} = ([0-9e]+);`))?.[1];
  const row = ['bytes', 'equations', 'states', 'nodes', 'depth', 'name', 'title', 'heads', 'number'].map(of);
  assert.ok(page.includes(`| ${row.join(' | ').replace(`${of('name')} | `, `${of('name')}, `)} |`), row.join(' '));
  const listed = [...readFileSync(`${root}/engine/cells/shipped.h`, 'utf8').matchAll(/CELL\(([a-z0-9_]+)\)/g)].map((match) => match[1]);
  for (const name of listed) assert.match(page, new RegExp(`^\\| [^|]*\`${name}\``, 'm'));
});

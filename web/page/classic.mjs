// A lane's worker as one plain script. Where a page has no origin of its own (a sandboxed frame, a file) or the scripts
// come from elsewhere, browsers start workers from blobs alone, and such a worker can import nothing.

/** What worker.mjs says to import its engine. */
const imports = 'import(`./engine-${self.name}.mjs`)';

/**
 * @param {string} worker the source of worker.mjs
 * @param {string} glue that of engine-simd.mjs or engine-relaxed.mjs, as Emscripten writes them
 * @returns {string} a script without imports and exports; a module of it does the same
 */
export function classicWorker(worker, glue) {
  const name = /export default (\w+);?\s*$/.exec(glue)?.[1];
  const parts = worker.split(imports);
  if (!name || parts.length !== 2) throw new Error('worker.mjs or the engine is not of the kind that this was made for');
  const engine = glue.replace(/export default \w+;?\s*$/, '').replaceAll('import.meta.url', "''");
  return `'use strict';\n${parts[0]}Promise.resolve({ default: (() => { ${engine}\nreturn ${name}; })() })${parts[1]}`;
}

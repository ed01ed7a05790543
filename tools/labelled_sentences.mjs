// Writes the labelled sentences of the npm package `sentiment` as lines that Unroll reads (engine/tasks/labelled_lines.h), and
// the notices that go with them:  node tools/labelled_sentences.mjs PACKAGE_FOLDER OUT.txt NOTICE.txt
// The sentences are the UCI set of Kotzias et al. 2015, 3 × 1000; the word list is AFINN. None of it is in the repository.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The text: LABEL, a tab and the sentence, 3000 lines; then the word list, #word, a tab, the word, a tab, its number.
 * @param {string} folder of the package
 */
export function labelledSentences(folder) {
  /** @param {string} name */
  const read = (name) => JSON.parse(readFileSync(path.join(folder, name), 'utf8'));
  const lines = [];
  for (const name of ['amazon', 'imdb', 'yelp']) {
    for (const entry of read(`test/fixtures/${name}.json`)) {
      if (entry.class === null) continue; // the empty record at the end of each file
      lines.push(`${entry.class}\t${entry.text.replace(/\s+/g, ' ').trim()}`);
    }
  }
  for (const [word, value] of Object.entries(read('languages/en/labels.json')))
    if (/^[a-z']+$/.test(word)) lines.push(`#word\t${word}\t${value}`);
  return lines.join('\n') + '\n';
}

/** @param {string} folder */
export function notice(folder) {
  const { version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  return (
    'The labelled sentences: D. Kotzias, M. Denil, N. de Freitas, P. Smyth, "From Group to Individual Labels using Deep ' +
    'Features", KDD 2015; UCI Machine Learning Repository, CC BY 4.0. Taken, with the word list AFINN, from the npm package ' +
    `sentiment ${version}:\n\n` +
    readFileSync(path.join(folder, 'LICENSE.md'), 'utf8').trim() +
    '\n'
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder, text, notices] = process.argv.slice(2);
  mkdirSync(path.dirname(text), { recursive: true });
  writeFileSync(text, labelledSentences(folder));
  writeFileSync(notices, notice(folder));
}

// Writes the generated built-in texts beside this file: `node examples/make_examples.mjs`. The result is committed
// and always the same (a seeded generator, no clock), which a test checks. The other texts (story, verse, code) were
// written by hand.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * mulberry32 by Tommy Ettinger: 32 bits of state, public domain algorithm.
 * @param {number} state
 */
function makeRandom(state) {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * What a line is made with: whole numbers below n and between two ends, and one of a list.
 * @typedef {{ below: (n: number) => number, between: (low: number, high: number) => number,
 *   pick: <T>(list: T[]) => T }} Dice
 */

/**
 * As many lines as fit into `size` characters.
 * @param {number} seed
 * @param {number} size
 * @param {(dice: Dice) => string} makeLine
 */
function lines(seed, size, makeLine) {
  const random = makeRandom(seed);
  /** @type {Dice['below']} */
  const below = (n) => Math.floor(random() * n);
  /** @type {Dice} */
  const dice = { below, between: (low, high) => low + below(high - low + 1), pick: (list) => list[below(list.length)] };
  let text = '';
  for (;;) {
    const line = makeLine(dice) + '\n';
    if (text.length + line.length > size) return text;
    text += line;
  }
}

/** Balanced brackets of four kinds; each closing one is decided by its opening one, however far back. */
function brackets() {
  const kinds = ['()', '[]', '{}', '<>'];
  return lines(1, 16000, ({ below, between, pick }) => {
    let line = '';
    const open = [];
    for (let left = between(2, 28); left > 0 || open.length > 0; ) {
      if (left > 0 && (open.length === 0 || below(100) < 56)) {
        const kind = pick(kinds);
        line += kind[0];
        open.push(kind[1]);
        --left;
      } else {
        line += open.pop();
      }
    }
    return line;
  });
}

function arithmetic() {
  return lines(2, 18000, ({ between, pick }) => {
    const top = pick([9, 99, 99, 99]);
    const a = between(0, top), b = between(0, top);
    return `${a}+${b}=${a + b}`;
  });
}

/** Names of places that are on no map: all different, sorted by nothing. */
function names() {
  const starts = ['Alder', 'Ash', 'Bar', 'Bell', 'Birch', 'Black', 'Bram', 'Brook', 'Cold', 'Corn', 'Crow', 'Dun',
    'East', 'Elm', 'Fair', 'Fen', 'Fox', 'Gold', 'Gorse', 'Grim', 'Hare', 'Hazel', 'Heron', 'High', 'Hollow', 'Honey',
    'Kestrel', 'King', 'Lark', 'Lin', 'Long', 'Marrow', 'Marsh', 'Mill', 'Moss', 'North', 'Oak', 'Old', 'Otter',
    'Pen', 'Quill', 'Raven', 'Red', 'Rook', 'Salt', 'Sedge', 'Silver', 'Stone', 'Thistle', 'Thorn', 'Under', 'Wether',
    'Whin', 'Wild', 'Winter', 'Wren', 'Yar', 'Yew'];
  const ends = ['bourne', 'bridge', 'bury', 'combe', 'cote', 'dale', 'den', 'don', 'ern', 'fell', 'field', 'ford',
    'gate', 'ham', 'haven', 'holt', 'hurst', 'ing', 'ington', 'leigh', 'ley', 'low', 'mere', 'minster', 'mouth', 'ness',
    'over', 'port', 'rigg', 'sea', 'shaw', 'stead', 'stow', 'thorpe', 'ton', 'wath', 'well', 'wick', 'wold', 'worth'];
  const before = ['Great', 'Little', 'Upper', 'Nether', 'Saint', 'Market'];
  const after = ['on the Hill', 'by the Sea', 'in the Marsh', 'Magna', 'Parva', 'under Edge'];
  const seen = new Set();
  return lines(3, 10000, ({ below, pick }) => {
    for (;;) {
      const dice = below(12);
      let name = pick(starts) + pick(ends);
      if (dice === 0) name = `${pick(before)} ${name}`;
      if (dice === 1) name = `${name} ${pick(after)}`;
      if (seen.has(name) || /(.)\1\1/.test(name)) continue;
      seen.add(name);
      return name;
    }
  });
}

/** One letter to hold over a gap of dots, and to say again: nothing in the gap reminds of it. */
function recall() {
  return lines(4, 18000, ({ between, pick }) => {
    const letter = pick([...'abcdefgh']);
    return `${letter}{${'.'.repeat(between(1, 60))}}${letter}`;
  });
}

/** A whole word to hold and to say again. */
function copy() {
  return lines(5, 18000, ({ between, pick }) => {
    const word = Array.from({ length: between(1, 12) }, () => pick([...'abcdef'])).join('');
    return `${word}|${word}`;
  });
}

/** Sentences between two equal marks: the mark at the end is known from the very first character. */
function quotes() {
  const adjectives = ['old', 'red', 'small', 'quiet', 'wise', 'lost', 'bright', 'slow'];
  const nouns = ['fox', 'miller', 'heron', 'boat', 'queen', 'clock', 'road', 'lantern', 'goat', 'river'];
  const verbs = ['saw', 'followed', 'forgot', 'called', 'carried', 'waited for', 'dreamed of'];
  const links = ['and', 'while', 'because', 'until', 'before', 'so'];
  return lines(6, 20000, ({ below, between, pick }) => {
    const thing = () => `the ${below(2) ? pick(adjectives) + ' ' : ''}${pick(nouns)}`;
    const clause = () => `${thing()} ${pick(verbs)} ${thing()}`;
    const parts = [clause()];
    for (let more = between(0, 4); more > 0; --more) parts.push(pick(links), clause());
    const mark = pick(['"', "'", '*', '_', '~', '/']);
    return mark + parts.join(' ') + mark;
  });
}

export const generated = { brackets, arithmetic, names, recall, copy, quotes };

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [id, make] of Object.entries(generated)) {
    const text = make();
    writeFileSync(new URL(`${id}.txt`, import.meta.url), text);
    console.log(`${id}.txt  ${text.length} characters, ${text.split('\n').length - 1} lines`);
  }
}

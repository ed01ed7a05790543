// Writes docs/package.md, the reference of the npm package, from the comments in package/.   node tools/package_docs.mjs
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
const source = (/** @type {string} */ name) => readFileSync(`${root}/package/${name}`, 'utf8');

/**
 * The comments of a file with the line that each is about.
 * @param {string} text
 */
function comments(text) {
  return [...text.matchAll(/\/\*\*([^]*?)\*\/(?=\s*([^\n]*))/g)].map(([, body, line]) => ({
    lines: body.split('\n').map((each) => each.replace(/^\s*\* ?/, '').replace(/\s+$/, '')),
    line: line.trim(),
  }));
}

/** @param {string} text with {@link …} */
const plain = (text) => text.replace(/\{@link (?:\w+\.)?(\w+)\}/g, '`$1`');

/** Words that stand before the first tag, as Markdown. @param {string[]} lines */
function words(lines) {
  const end = lines.findIndex((line) => line.startsWith('@'));
  const all = (end < 0 ? lines : lines.slice(0, end)).join('\n').trim();
  return plain(all.replace(/(^|\n\n)((?: {4}.*(?:\n|$))+)/g, (_, before, code) => `${before}\`\`\`js\n${code.replace(/^ {4}/gm, '').trimEnd()}\n\`\`\`\n`));
}

/** A tag's braces, which may have others inside. @param {string} text that begins with '{' */
function braced(text) {
  let depth = 0;
  for (let at = 0; at < text.length; ++at) {
    if (text[at] === '{') ++depth;
    if (text[at] === '}' && --depth === 0) return { type: text.slice(1, at), rest: text.slice(at + 1).trim() };
  }
  throw new Error(`a brace is not closed: ${text}`);
}

/** @param {string} type */
const shown = (type) => `\`${type.replace(/import\('[^']*'\)\./g, '').replaceAll('|', '\\|')}\``;

/** `@param` and `@property` lines as rows. @param {string[]} lines @param {string} tag */
function rows(lines, tag) {
  return lines.filter((line) => line.startsWith(`@${tag} `)).map((line) => {
    const { type, rest } = braced(line.slice(tag.length + 2));
    const [, name, about] = /^(\[?\w+\]?)\s*([^]*)$/.exec(rest) ?? ['', rest, ''];
    return { name: name.replace(/[[\]]/g, ''), optional: name.startsWith('['), type, about: plain(about) };
  });
}

/** @param {ReturnType<typeof rows>} all */
const table = (all) => ['| | | |', '|---|---|---|', ...all.map(({ name, optional, type, about }) =>
  `| \`${name}${optional ? '?' : ''}\` | ${shown(type)} | ${about.replaceAll('|', '\\|')} |`)].join('\n');

/** The functions of a class, in their order. @param {string} text */
function members(text) {
  /** @type {string[]} */ const parts = [];
  for (const { lines, line } of comments(text)) {
    const found = /^(static )?(?:async )?(get )?([a-z]\w*)\(/.exec(line);
    if (!found || lines.some((each) => /@private|^@param \{symbol\}/.test(each)) || found[3] === 'constructor') continue;
    const [, isStatic, getter, name] = found;
    const given = rows(lines, 'param').map((each) => `${each.name}${each.optional ? '?' : ''}`).join(', ');
    const returned = lines.map((each) => /@returns (.*)$/.exec(each)?.[1]).find(Boolean);
    const result = returned ? braced(returned) : null;
    const title = `### ${isStatic ? 'Lane' : 'lane'}.${name}${getter ? '' : `(${given})`}`;
    const text = words(lines.map((each) => each.replace(/ @returns .*$/, '')));
    const what = rows(lines, 'param');
    parts.push([title, text, what.length ? table(what) : '', result ? `Gives ${shown(result.type)}${result.rest ? `: ${plain(result.rest)}` : ''}.` : ''].filter(Boolean).join('\n\n'));
  }
  return parts.join('\n\n');
}

/** The documents and options. @param {string} text */
function typedefs(text) {
  /** @type {string[]} */ const parts = [];
  for (const { lines } of comments(text)) {
    if (!lines.some((line) => line.startsWith('@typedef'))) continue;
    // Words stand before the typedef that they are about.
    /** @type {string[]} */ let about = [];
    /** @type {string[]} */ let tags = [];
    /** @type {string[]} */ let loose = [];
    let name = '', type = '';
    const flush = () => {
      if (name) parts.push([`### ${name}`, words(about), type === 'object' ? table(rows(tags, 'property')) : shown(type)].filter(Boolean).join('\n\n'));
      [about, tags, loose] = [loose, [], []];
    };
    for (const line of lines) {
      if (line.startsWith('@typedef')) {
        flush();
        ({ type, rest: name } = braced(line.slice(9)));
      } else {
        (line.startsWith('@property') ? tags : loose).push(line);
      }
    }
    flush();
  }
  return parts.join('\n\n');
}

export function packageDocs() {
  const lane = source('lane.js'), training = source('training.js'), error = source('error.js');
  const classes = comments(lane).find(({ line }) => line.startsWith('export class Lane'));
  const course = comments(training).find(({ line }) => line.startsWith('export class Training'));
  const fault = comments(error).find(({ line }) => line.startsWith('export class LaneError'));
  const faults = [...error.matchAll(/\/\*\* ([^\n]*) \*\/\n\s*this\.(\w+)/g)].map(([, about, name]) => `| \`${name}\` | ${about} |`);
  return `# The package unroll-rnn

<!-- Written by tools/package_docs.mjs from the comments in package/; change those. -->

The engine of Unroll for pages and programs of one's own: \`npm install unroll-rnn\`. An ES module for browsers and node from 20
on; \`./run package\` makes it. The npm name \`unroll\` belongs to another package; this one says what it unrolls.
[examples/package](../examples/package) has a program and a page.

${words(classes?.lines ?? [])}

| where | how |
|---|---|
| Vite, webpack 5 | as it is; other bundlers take the engine from a script of the package where they do not move files |
| a page without a bundler | the package's folder beside it, \`import { Lane } from './unroll-rnn/index.js'\`; from another origin, too, if that sends \`Access-Control-Allow-Origin\` |
| a security policy | \`script-src 'self' 'wasm-unsafe-eval'\` is enough; from another origin also \`worker-src blob:\` |
| a sandboxed frame | \`sandbox="allow-scripts"\` is enough, if the files come with \`Access-Control-Allow-Origin\` |
| node | any folder; a lane that nobody waits for lets the process end |

## Lane

${members(lane)}

## LaneError

${words(fault?.lines ?? [])}

| | |
|---|---|
${faults.join('\n')}

## Training

${words(course?.lines ?? [])}

## What is given and told

${typedefs(lane)}

${typedefs(training)}
`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) writeFileSync(`${root}/docs/package.md`, packageDocs());

// What an author pastes into a page, in the languages that pages are written in.

/**
 * @typedef {object} Figure
 * @property {string} address the playground's page, without a hash
 * @property {string} hash the experiment, with its '#'
 * @property {string} title what it is, for screen readers
 * @property {number} height CSS pixels
 * @property {boolean} follows the height follows what the figure wants at its width, where that can be
 */

const attribute = (/** @type {string} */ text) => text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
/** Beside the page stands the element's script. @param {string} address */
const scriptOf = (address) => new URL('unroll-playground.mjs', address).href;

/** @param {Figure} figure */
const iframe = ({ address, hash, title, height }) =>
  `<iframe src="${attribute(address + hash)}" title="${attribute(title)}" width="100%" height="${height}" loading="lazy" allow="clipboard-write; fullscreen"></iframe>`;

/** Each takes a figure and gives its text. @type {Record<string, {label: string, about: string, write: (figure: Figure) => string}>} */
export const snippets = {
  iframe: {
    label: 'iframe',
    about: 'For any page. Add style="border: 0" where your page does not do that.',
    write: iframe,
  },
  element: {
    label: 'Element',
    about: 'For pages that may run its script: it loads the figure when it comes near, follows its height, and has methods and events.',
    write: ({ address, hash, title, height, follows }) =>
      `<script type="module" src="${attribute(scriptOf(address))}"></script>\n` +
      `<unroll-playground title="${attribute(title)}" height="${follows ? 'auto' : height}" src="${attribute(address)}" experiment="${attribute(hash)}"></unroll-playground>`,
  },
  markdown: {
    label: 'Markdown, MDX',
    about: 'A line of its own, with an empty one before and after it. The site must let HTML in its Markdown through.',
    write: (figure) => `\n${iframe(figure)}\n`,
  },
  myst: {
    label: 'MyST',
    about: 'Save the poster beside the text: it stands there in print.',
    write: ({ address, hash, title }) => `:::{iframe} ${address}${hash}\n:width: 100%\n:placeholder: figure.png\n${title.replaceAll('\n', ' ')}\n:::`,
  },
};

/**
 * What an author should know of such an address before it is pasted; nothing: it works everywhere.
 * @param {Figure} figure @returns {string}
 */
export function warningOf({ address, hash }) {
  const { hostname } = new URL(address);
  if (/^(localhost|127\.|\[::1\])|\.localhost$/.test(hostname))
    return `${hostname} is this computer alone. Put Unroll on a web server (./run dist makes the folder) and write its address above.`;
  if (hash.length > 8000)
    return `The experiment makes an address of ${(address.length + hash.length).toLocaleString('en')} characters; some editors cut such ones. ` +
      'A built-in text, or a shorter one, makes it short.';
  return '';
}

// Draws what the canvas's own faces lack with the browser's fonts: all scripts, emoji, accents, as the browser shapes
// them.

/**
 * @typedef {object} Glyph
 * @property {number} width  of the picture in pixels; 0: nothing to be seen
 * @property {number} height
 * @property {number} left   of the picture's corner, from the pen on the baseline, y down
 * @property {number} top
 * @property {number} advance
 * @property {boolean} coloured  has colours of its own; else it is white
 * @property {Uint8ClampedArray} rgba
 */

/** Longest picture, in ems: a word of a cursive script, cut when somebody writes without spaces. */
const widest = 40;
/** A code point that is assigned to nothing: how it looks is how a missing character looks. */
const unassigned = '\u0378';

export class GlyphPainter {
  constructor() {
    const context = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    if (!context) throw new Error('This browser draws no text on a canvas.');
    this.context = context;
    /** How a missing character looks, by size. @type {Map<number, string>} */ this.blanks = new Map();
  }

  /** @param {string} text @param {number} em in pixels @returns {Glyph|null} null where no font has it */
  draw(text, em) {
    const glyph = this.paint(text, em);
    const first = String.fromCodePoint(text.codePointAt(0) ?? 0);
    const alone = first === text ? glyph : this.paint(first, em);
    if (!this.blanks.has(em)) this.blanks.set(em, looks(this.paint(unassigned, em)));
    return looks(alone) === this.blanks.get(em) ? null : glyph;
  }

  /** @param {string} text @param {number} em @returns {Glyph} */
  paint(text, em) {
    const { context } = this;
    const font = `${em}px "Unroll Mono", ui-monospace, monospace`;
    context.font = font;
    const measured = context.measureText(text);
    const left = Math.floor(-measured.actualBoundingBoxLeft) - 1;
    const top = Math.max(Math.floor(-measured.actualBoundingBoxAscent) - 1, Math.ceil(-3 * em));
    const right = Math.min(Math.ceil(measured.actualBoundingBoxRight) + 1, left + Math.ceil(widest * em));
    const bottom = Math.min(Math.ceil(measured.actualBoundingBoxDescent) + 1, Math.ceil(3 * em));
    const width = Math.max(1, right - left);
    const height = Math.max(1, bottom - top);
    const { canvas } = context;
    if (canvas.width < width || canvas.height < height) {
      canvas.width = Math.max(canvas.width, width);
      canvas.height = Math.max(canvas.height, height);
    }
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.font = font; // a new size forgets it
    context.fillStyle = '#fff';
    context.fillText(text, -left, -top);
    const { data } = context.getImageData(0, 0, width, height);
    let coloured = false;
    let seen = false;
    for (let i = 0; i < data.length; i += 4) {
      seen ||= data[i + 3] > 0;
      coloured ||= data[i + 3] > 64 && Math.min(data[i], data[i + 1], data[i + 2]) < 200;
    }
    const size = seen ? { width, height } : { width: 0, height: 0 };
    return { ...size, left, top, advance: measured.width, coloured, rgba: data };
  }
}

/** @param {Glyph} glyph */
function looks({ width, height, advance, rgba }) {
  let sum = 0;
  for (const value of rgba) sum = (Math.imul(sum, 31) + value) | 0;
  return `${width} ${height} ${advance} ${sum}`;
}

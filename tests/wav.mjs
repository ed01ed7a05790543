// Recordings for the tests: a tone that glides within silence, with a little noise, as a WAV file of 16 bits.

/**
 * @param {number} from @param {number} to hertz
 * @param {{rate?: number, before?: number, seconds?: number, after?: number}} [wishes] seconds of silence and of the tone
 * @returns {Uint8Array}
 */
export function glide(from, to, { rate = 16000, before = 0.3, seconds = 0.4, after = 0.3 } = {}) {
  const count = Math.round(rate * (before + seconds + after));
  const view = new DataView(new ArrayBuffer(44 + 2 * count));
  const word = (/** @type {number} */ at, /** @type {string} */ text) => [...text].forEach((letter, n) => view.setUint8(at + n, letter.charCodeAt(0)));
  word(0, 'RIFF');
  view.setUint32(4, 36 + 2 * count, true);
  word(8, 'WAVEfmt ');
  [[16, 16, 4], [20, 1, 2], [22, 1, 2], [24, rate, 4], [28, 2 * rate, 4], [32, 2, 2], [34, 16, 2]].forEach(([at, value, bytes]) =>
    (bytes === 4 ? view.setUint32(at, value, true) : view.setUint16(at, value, true)));
  word(36, 'data');
  view.setUint32(40, 2 * count, true);
  let phase = 0;
  for (let n = 0; n < count; ++n) {
    const share = (n / rate - before) / seconds;
    const sounds = share >= 0 && share < 1;
    if (sounds) phase += 2 * Math.PI * (from + (to - from) * share) / rate;
    const noise = ((n * 7919) % 101) / 101 - 0.5;
    view.setInt16(44 + 2 * n, Math.round(32767 * ((sounds ? 0.4 * Math.sin(phase) : 0) + 0.002 * noise)), true);
  }
  return new Uint8Array(view.buffer);
}

/**
 * One after the other, of one rate.
 * @param {...Uint8Array} files as glide() makes them
 */
export function joined(...files) {
  const size = files.reduce((sum, file) => sum + file.length - 44, 0);
  const whole = new Uint8Array(44 + size);
  whole.set(files[0].subarray(0, 44));
  let at = 44;
  for (const file of files) {
    whole.set(file.subarray(44), at);
    at += file.length - 44;
  }
  const view = new DataView(whole.buffer);
  view.setUint32(4, 36 + size, true);
  view.setUint32(40, size, true);
  return whole;
}

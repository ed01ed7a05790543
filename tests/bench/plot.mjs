// The README's picture of speed: training speed against the peers, how it grows with the hidden size, and with the cores that
// one lane has. An SVG that reads in light and dark.

/** @typedef {import('./bench.mjs').Entry} Entry */

const width = 900, height = 690;
const palette = ['#2a78d6', '#1b9e77', '#d95f02', '#7570b3', '#e7298a', '#888888', '#a6761d', '#e6ab02'];

/** @param {string} text */
const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
/** @param {number} x @param {number} y @param {string} text @param {string} [more] */
const label = (x, y, text, more = '') => `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${more}>${escaped(text)}</text>`;
/** @param {number} value */
const short = (value) =>
  value >= 1e6 ? `${+(value / 1e6).toPrecision(2)} M` : value >= 1e4 ? `${Math.round(value / 1e3)} k` : value >= 1e3 ? `${(value / 1e3).toFixed(1)} k` : `${Math.round(value)}`;

/** Bars: characters per second of LSTM training, log scale. @param {Entry[]} entries */
function bars(entries) {
  const places = [
    ['native, AVX-512', /^native-avx512$/], ['PyTorch, 1 thread', /^torch-1$/], ['Chromium, relaxed SIMD', /^chromium-relaxed$/],
    ['Chromium, SIMD', /^chromium-simd$/], ['jax-js, by hand', /^jax-js-by-hand$/], ['jax-js, jitted', /^jax-js-jitted$/],
    ['TensorFlow.js, tuned', /^tfjs-tuned$/], ['TensorFlow.js, its layer', /^tfjs-layers$/],
  ].filter(([, pattern]) => entries.some((e) => /** @type {RegExp} */ (pattern).test(e.where)));
  const left = 40, top = 50, wide = 400, high = 240, low = 2, high_power = 6;
  const y = (/** @type {number} */ v) => top + high - (high * (Math.log10(v) - low)) / (high_power - low);
  const parts = [label(left, 28, 'LSTM training, characters per second', 'class="title"')];
  for (let power = low; power <= high_power; power++) {
    const at = y(10 ** power);
    parts.push(`<line x1="${left}" x2="${left + wide}" y1="${at}" y2="${at}" class="grid"/>`);
    parts.push(label(left - 6, at + 4, short(10 ** power), 'text-anchor="end"'));
  }
  ['S', 'M', 'L', 'XL'].forEach((size, s) => {
    const at = left + 12 + (s * wide) / 4;
    places.forEach(([, pattern], p) => {
      const entry = entries.find((e) => e.case === `train ${size} lstm` && /** @type {RegExp} */ (pattern).test(e.where));
      if (!entry?.chars_per_second) return;
      const top_edge = y(Math.max(entry.chars_per_second, 10 ** low));
      parts.push(
        `<rect x="${(at + p * 11).toFixed(1)}" y="${top_edge.toFixed(1)}" width="9" height="${(top + high - top_edge).toFixed(1)}" fill="${palette[p]}">` +
          `<title>${places[p][0]}, ${size}: ${Math.round(entry.chars_per_second)} characters/s</title></rect>`,
      );
    });
    parts.push(label(at + 38, top + high + 18, size, 'text-anchor="middle"'));
  });
  places.forEach(([name], p) => {
    const x = left + (p % 2) * 200, line = top + high + 40 + Math.floor(p / 2) * 18;
    parts.push(`<rect x="${x}" y="${line - 9}" width="10" height="10" fill="${palette[p]}"/>`, label(x + 15, line, String(name)));
  });
  return parts.join('\n');
}

/** Lines: GFLOP/s against the hidden size in Chromium, one for each batch. @param {Entry[]} entries */
function growth(entries) {
  const left = 520, top = 50, wide = 350, high = 240;
  const points = entries
    .filter((e) => e.where === 'chromium-relaxed' && e.case.startsWith('growth lstm'))
    .map((e) => ({ B: Number(e.case.split(' ')[3]), H: Number(e.case.split(' ')[5]), gflops: e.gflops ?? 0 }));
  const limit = entries.find((e) => e.case === 'limit' && e.where === 'chromium-relaxed')?.gflops ?? 0;
  const most = Math.max(60, limit * 1.05);
  const x = (/** @type {number} */ H) => left + (wide * Math.log2(H / 64)) / 4;
  const y = (/** @type {number} */ g) => top + high - (high * g) / most;
  const parts = [label(left, 28, 'Chromium, relaxed SIMD: GFLOP/s by hidden size', 'class="title"')];
  for (let g = 0; g <= most; g += 10) {
    parts.push(`<line x1="${left}" x2="${left + wide}" y1="${y(g)}" y2="${y(g)}" class="grid"/>`);
    parts.push(label(left - 6, y(g) + 4, String(g), 'text-anchor="end"'));
  }
  for (const H of [64, 128, 256, 512, 1024]) parts.push(label(x(H), top + high + 18, String(H), 'text-anchor="middle"'));
  parts.push(`<line x1="${left}" x2="${left + wide}" y1="${y(limit)}" y2="${y(limit)}" class="limit"/>`);
  parts.push(label(left + wide, y(limit) - 5, `limit of 128-bit multiply-adds: ${limit.toFixed(0)}`, 'text-anchor="end"'));
  [...new Set(points.map((point) => point.B))].sort((a, b) => a - b).forEach((B, i) => {
    const line = points.filter((point) => point.B === B).sort((a, b) => a.H - b.H);
    parts.push(
      `<polyline points="${line.map((point) => `${x(point.H).toFixed(1)},${y(point.gflops).toFixed(1)}`).join(' ')}" fill="none" stroke="${palette[i]}" stroke-width="2"/>`,
      `<rect x="${left + i * 88}" y="${top + high + 31}" width="10" height="10" fill="${palette[i]}"/>`,
      label(left + i * 88 + 15, top + high + 40, `batch ${B}`),
    );
  });
  return parts.join('\n');
}

/**
 * What more cores bring to one lane: threads natively, helpers in the tab.
 * @param {Entry[]} entries
 * @returns {{size: string, where: string, points: {cores: number, times: number}[]}[]}
 */
function by_cores(entries) {
  const speed = (/** @type {string} */ name, /** @type {string} */ where) =>
    entries.find((e) => e.case === name && e.where === where)?.chars_per_second;
  return ['M', 'L', 'XL'].flatMap((size) => {
    const name = `train ${size} lstm`, alone = speed(`helped ${size} lstm, one lane`, 'chromium-relaxed');
    const threads = entries.flatMap((e) => {
      const found = e.case === name && e.where.match(/^(native-.*)-(\d+)$/), one = found && speed(name, found[1]);
      return one ? [{ cores: Number(found[2]), times: (e.chars_per_second ?? 0) / one }] : [];
    });
    const helped = entries.flatMap((e) => {
      const found = e.case.startsWith(`helped ${size} lstm, one lane, `) && e.case.match(/(\d+) cores$/);
      return found && alone ? [{ cores: Number(found[1]), times: (e.chars_per_second ?? 0) / alone }] : [];
    });
    const start = { cores: 1, times: 1 };
    return [{ size, where: 'natively', points: [start, ...threads] }, { size, where: 'in the tab', points: [start, ...helped] }];
  }).filter(({ points }) => points.length > 1);
}

/** Lines: how many times the speed of one core one lane has on more. @param {Entry[]} entries */
function cores(entries) {
  const rows = by_cores(entries);
  if (rows.length === 0) return '';
  const left = 40, top = 440, wide = 830, high = 200;
  const most = Math.max(2, ...rows.flatMap(({ points }) => points.map((point) => point.cores)));
  const parts = [label(left, top - 22, 'LSTM training, one lane on several cores: times the speed of one', 'class="title"')];
  const columns = rows.flatMap(({ size, where, points }) => points.slice(1).map((point) => ({ size, where, ...point })));
  const y = (/** @type {number} */ times) => top + high - (high * times) / most;
  for (let times = 0; times <= most; times += most > 8 ? 4 : most > 3 ? 1 : 0.5) {
    parts.push(`<line x1="${left}" x2="${left + wide}" y1="${y(times)}" y2="${y(times)}" class="grid"/>`);
    parts.push(label(left - 6, y(times) + 4, String(times), 'text-anchor="end"'));
  }
  const room = wide / columns.length, gap = Math.min(40, room / 3);
  columns.forEach(({ size, where, cores, times }, i) => {
    const at = left + gap / 2 + i * room;
    parts.push(
      `<rect x="${at.toFixed(1)}" y="${y(times).toFixed(1)}" width="${(room - gap).toFixed(1)}" height="${(top + high - y(times)).toFixed(1)}" fill="${palette[where === 'natively' ? 0 : 1]}">` +
        `<title>${size} ${where}, ${cores} cores: ${times.toFixed(2)} times the speed of one</title></rect>`,
      label(at + (room - gap) / 2, y(times) - 5, times.toFixed(2), 'text-anchor="middle"'),
      label(at + (room - gap) / 2, top + high + 18, `${size}, ${cores} cores`, 'text-anchor="middle"'),
    );
  });
  ['natively, threads', 'in the tab, helpers'].forEach((name, i) => {
    const x = left + i * 170, line = top + high + 40;
    parts.push(`<rect x="${x}" y="${line - 9}" width="10" height="10" fill="${palette[i]}"/>`, label(x + 15, line, name));
  });
  return parts.join('\n');
}

/** @param {Entry[]} entries */
export function plot(entries) {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">
<style>
  text { font: 12px Inter, system-ui, sans-serif; fill: #333 }
  .title { font-weight: 600; font-size: 14px }
  .grid { stroke: #8884; stroke-width: 1 }
  .limit { stroke: #d62728; stroke-width: 1.5; stroke-dasharray: 5 3 }
  @media (prefers-color-scheme: dark) { text { fill: #ddd } }
</style>
${bars(entries)}
${growth(entries)}
${cores(entries)}
</svg>
`;
}

// ./run bench --cores [--profile]: how the speed of one lane grows with the threads that share its work, natively, beside as
// many lanes of one thread each and beside PyTorch with as many, in one run. With --profile where the time goes, part by part.
import { spawnSync } from 'node:child_process';
import os from 'node:os';

const sizes = ['M', 'L', 'XL'];

/** Threads: 1, 2, 4, … and as many as there are processors. */
export function counts() {
  const all = os.availableParallelism(), list = [];
  for (let threads = 1; threads < all; threads *= 2) list.push(threads);
  return [...list, all];
}

/** @param {string} text @returns {any[]} */
const json_lines = (text) => text.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
const percent = (/** @type {number} */ share) => `${(100 * share).toFixed(0)}%`;
const speed = (/** @type {number} */ rate) => Math.round(rate).toLocaleString('en').padStart(10);

/**
 * @param {string} program unroll_bench
 * @param {{only: string, passes: number, profile: boolean}} chosen
 * @param {((name: string, threads: number) => number | undefined)} torch PyTorch's characters/s, where it counts as a peer
 */
export function cores(program, chosen, torch) {
  console.log('LSTM training, characters/s: one lane on N threads, × of one thread; its share of what N lanes of one thread do');
  console.log('together, of the limit of N threads (multiply-adds on registers), and how many times PyTorch with N threads.');
  for (const size of sizes) {
    const name = `train ${size} lstm`;
    if (!name.startsWith(chosen.only)) continue;
    let one = NaN;
    for (const threads of counts()) {
      const words = ['--only', name, '--threads', String(threads), '--passes', String(chosen.passes), ...(chosen.profile ? ['--profile'] : [])];
      const result = spawnSync(program, words, { encoding: 'utf8' });
      if (result.status !== 0) throw new Error(result.stderr);
      const [line, ...parts] = json_lines(result.stdout);
      if (threads === 1) one = line.chars_per_second;
      const peer = torch(name, threads);
      console.log(`${size.padEnd(3)} ${String(threads).padStart(2)} threads ${speed(line.chars_per_second)}  ` +
        `${(line.chars_per_second / one).toFixed(2)} ×  lanes ${percent(line.share_of_lanes ?? 1)}  limit ${percent(line.share_of_limit)}` +
        `${peer ? `  PyTorch ${speed(peer)}, ${(line.chars_per_second / peer).toFixed(1)} ×` : ''}  ± ${(100 * line.spread).toFixed(1)}%`);
      for (const { part, share, share_of_limit } of parts)
        console.log(`      ${part.padEnd(10)} ${percent(share).padStart(4)} of the time${share_of_limit ? `, ${percent(share_of_limit)} of the limit` : ''}`);
    }
  }
}

// Real windows without a screen: a virtual X display, and the browsers of other makers on it.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { once } from 'node:events';
import { chromium } from 'playwright-core';
import { chromiumPath } from '../browser.mjs';
import { patience } from './site.mjs';

const inPath = (/** @type {string} */ name) =>
  (process.env.PATH ?? '').split(':').map((folder) => `${folder}/${name}`).find((place) => existsSync(place));

/** The program's place, or undefined. @param {string[]} names */
export const program = (...names) => names.map((name) => (name.startsWith('/') ? existsSync(name) && name : inPath(name)) || undefined).find(Boolean);

/** A display of 1400 × 1000 pixels: its name for DISPLAY, and its end. */
export async function openDisplay() {
  const server = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1400x1000x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const [number] = await once(/** @type {import('node:stream').Readable} */ (server.stdio[3]), 'data');
  return { name: `:${String(number).trim()}`, close: () => void server.kill() };
}

/** What programs with windows need in their environment here. @param {string} display */
export const environment = (display) => ({ ...process.env, DISPLAY: display, LIBGL_ALWAYS_SOFTWARE: '1' });

/**
 * Chromium in a window, drawing as it chooses itself. Where there is no graphics processor it begins with one that it
 * takes the contexts away from after half a second, and draws in software from then on.
 * @param {string} display
 */
export const launchWindow = (display) => chromium.launch({
  executablePath: chromiumPath(), headless: false, env: environment(display), args: ['--no-sandbox', '--no-first-run'],
});

/**
 * Asks until the answer is there.
 * @template T
 * @param {string} what for the message when it does not come
 * @param {() => Promise<T|null|undefined|false>} ask @param {number} [timeout] milliseconds
 * @returns {Promise<T>}
 */
export async function until(what, ask, timeout = patience) {
  for (const end = Date.now() + timeout; ; await new Promise((resolve) => setTimeout(resolve, 100))) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`not within ${timeout} ms: ${what}`);
  }
}

/** Runs in a page: the state, as far as these tests look at it. */
export const look = `(() => {
  const state = window.unroll?.state() ?? {};
  const failure = document.getElementById('failure');
  return {
    ready: state.lanes?.length > 0 && state.lanes.every((lane) => lane.configured),
    running: state.running, steps: state.lanes?.map((lane) => lane.step) ?? [],
    losses: state.lanes?.map((lane) => lane.smooth) ?? [], text: state.experiment?.data?.text,
    prefixes: state.lanes?.map((lane) => lane.prediction.prefix) ?? [], problems: state.problems ?? [],
    lanes: state.lanes?.length, widgets: window.unroll?.widgets() ?? {}, frames: window.unroll?.frames() ?? 0,
    drawn: document.getElementById('canvas').classList.contains('drawn'),
    failure: failure.hidden ? '' : failure.textContent,
  };
})()`;

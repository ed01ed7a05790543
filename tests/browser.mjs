// What the tests in a browser share: Chromium as ./run test found it, and a folder served as ./run serves it.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { serve } from '../tools/serve.mjs';

/** The folder of the clone, without a slash at its end. */
export const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');

export function chromiumPath() {
  const places = [process.env.UNROLL_CHROMIUM, '/usr/bin/chromium', '/usr/bin/google-chrome'];
  return places.find((place) => place && existsSync(place));
}

/** Headless, drawing in software, quiet on the network. */
export const chromiumFlags = [
  '--headless', '--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--use-angle=swiftshader', '--enable-unsafe-swiftshader',
];
export async function launchChromium() {
  return chromium.launch({ executablePath: chromiumPath(), args: chromiumFlags });
}

/** Serves a folder of the clone on a free port. @param {string} folder e.g. "build/web/site" */
export function serveFolder(folder) {
  return serve(`${root}/${folder}`, 0);
}

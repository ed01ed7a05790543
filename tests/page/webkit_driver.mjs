// WebKit, Safari's engine, driven by WebDriver.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { environment, program, until } from './display.mjs';

const driver = program('WebKitWebDriver');
const window_ = program('MiniBrowser', '/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser', '/usr/lib/aarch64-linux-gnu/webkit2gtk-4.1/MiniBrowser');
/** Why there is no WebKit here; false: there is one. */
export const skip = driver && window_ ? (program('Xvfb') ? false : 'Xvfb is not there') : 'WebKitWebDriver is not there';

const freePort = () => new Promise((resolve) => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
    server.close(() => resolve(port));
  });
});

/** A session of the W3C WebDriver protocol. @param {string} display */
export async function openWebKit(display) {
  const port = await freePort();
  const server = spawn(/** @type {string} */ (driver), [`--port=${port}`, '--host=127.0.0.1'], {
    stdio: 'ignore', env: { ...environment(display), WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1' },
  });
  /** @param {string} method @param {string} path @param {object} [body] @returns {Promise<any>} */
  const ask = async (method, path, body) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, body: body && JSON.stringify(body) });
    const { value } = /** @type {any} */ (await response.json());
    if (value?.error) throw new Error(`${path}: ${value.error}: ${value.message}`);
    return value;
  };
  await until('the driver answers', () => ask('GET', '/status').catch(() => null));
  const { sessionId } = await ask('POST', '/session', { capabilities: { alwaysMatch: {
    'webkitgtk:browserOptions': { binary: window_, args: ['--automation'] },
  } } });
  const at = `/session/${sessionId}`;
  const actions = (/** @type {object[]} */ list) => ask('POST', `${at}/actions`, { actions: list });
  const Control = '\uE009';
  return {
    go: (/** @type {string} */ url) => ask('POST', `${at}/url`, { url }),
    size: (/** @type {number} */ width, /** @type {number} */ height) => ask('POST', `${at}/window/rect`, { width, height }),
    run: (/** @type {string} */ script) => ask('POST', `${at}/execute/sync`, { script: `return ${script}`, args: [] }),
    picture: async () => Buffer.from(await ask('GET', `${at}/screenshot`), 'base64'),
    click: (/** @type {number} */ x, /** @type {number} */ y) => actions([{ type: 'pointer', id: 'mouse', parameters: { pointerType: 'mouse' }, actions: [
      { type: 'pointerMove', x: Math.round(x), y: Math.round(y), duration: 50 }, { type: 'pause', duration: 100 },
      { type: 'pointerDown', button: 0 }, { type: 'pause', duration: 80 }, { type: 'pointerUp', button: 0 }] }]),
    keys: (/** @type {string} */ text) => actions([{ type: 'key', id: 'keys', actions: [...text].flatMap((value) =>
      [{ type: 'keyDown', value }, { type: 'keyUp', value }]) }]),
    chord: (/** @type {string} */ value) => actions([{ type: 'key', id: 'keys', actions: [
      { type: 'keyDown', value: Control }, { type: 'keyDown', value }, { type: 'keyUp', value }, { type: 'keyUp', value: Control }] }]),
    /** Puts a file into a file input, as its chooser does. @param {string} selector @param {string} file */
    async choose(selector, file) {
      const element = await ask('POST', `${at}/element`, { using: 'css selector', value: selector });
      await ask('POST', `${at}/element/${Object.values(element)[0]}/value`, { text: file });
    },
    async close() {
      await ask('DELETE', at).catch(() => {});
      server.kill();
    },
  };
}

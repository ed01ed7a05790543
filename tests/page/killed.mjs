// A Chromium of our own with a profile that stays, to be killed and started again: for tests of what is kept.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { chromiumFlags, chromiumPath } from '../browser.mjs';
import { patience, visitorOf } from './site.mjs';

export class MortalBrowser {
  constructor() {
    this.profile = mkdtempSync(join(tmpdir(), 'unroll-profile-'));
    /** @type {import('node:child_process').ChildProcess|null} */ this.child = null;
  }

  /** @param {string} address @returns {Promise<import('./site.mjs').Visitor>} a page there */
  async visit(address) {
    const child = spawn(/** @type {string} */ (chromiumPath()),
      [...chromiumFlags, '--remote-debugging-port=0', `--user-data-dir=${this.profile}`, 'about:blank'],
      { stdio: ['ignore', 'ignore', 'pipe'] });
    this.child = child;
    const endpoint = await new Promise((resolve, reject) => {
      let said = '';
      child.stderr?.on('data', (part) => {
        said += part;
        const found = /DevTools listening on (ws:\S+)/.exec(said);
        if (found) resolve(found[1]);
      });
      child.on('exit', () => reject(new Error(`Chromium ended:\n${said.slice(-2000)}`)));
    });
    const browser = await chromium.connectOverCDP(endpoint);
    const context = browser.contexts()[0];
    context.setDefaultTimeout(patience);
    const visitor = visitorOf(context.pages()[0] ?? (await context.newPage()));
    await visitor.page.goto(address);
    return visitor;
  }

  /** Its processes, the first one first (Linux: /proc). @returns {number[]} */
  processes() {
    /** @type {[number, number][]} */ const parents = [];
    for (const name of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');  // pid (name) state parent …
        parents.push([Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])]);
      } catch { /* it has ended */ }
    }
    const found = this.child?.pid ? [this.child.pid] : [];
    for (const one of found) found.push(...parents.filter(([, parent]) => parent === one).map(([pid]) => pid));
    return found;
  }

  /** As when the computer sleeps: nothing of it runs meanwhile. @param {number} milliseconds */
  async sleep(milliseconds) {
    const processes = this.processes();
    for (const pid of processes) process.kill(pid, 'SIGSTOP');
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    for (const pid of processes.reverse()) process.kill(pid, 'SIGCONT');
  }

  /** Without a word to anybody. */
  async kill() {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }

  async end() {
    await this.kill();
    for (let tries = 0; ; ++tries) {
      try {
        rmSync(this.profile, { recursive: true, force: true });
        return;
      } catch (error) {  // its other processes end in a moment
        if (tries === 50) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  }
}

// The package in Firefox and in WebKit: beside a page under a strict policy, and from another origin.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { before, test } from 'node:test';
import puppeteer from 'puppeteer-core';
import { openDisplay, program as found, until } from '../page/display.mjs';
import { openWebKit, skip as noWebKit } from '../page/webkit_driver.mjs';
import { emptyFolder, installed } from './installed.mjs';
import { files, html, program, strict } from './pages.mjs';

const firefox = found('firefox-esr', 'firefox');
const said = "document.getElementById('out')?.textContent ?? ''";
const right = /^step 30, 20 characters, loss [0-3]\./;

/** @type {string[]} */ let addresses;
before(async () => {
  const own = `${await installed()}/node_modules/unroll-rnn`;
  const elsewhere = await files(own, { 'Access-Control-Allow-Origin': '*' });
  const [beside, apart] = [emptyFolder(), emptyFolder()];
  cpSync(own, `${beside}/unroll-rnn`, { recursive: true });
  for (const [folder, from] of [[beside, './unroll-rnn/index.js'], [apart, `${elsewhere}index.js`]]) {
    writeFileSync(`${folder}/main.mjs`, program(from));
    writeFileSync(`${folder}/index.html`, html('main.mjs'));
  }
  addresses = [await files(beside, { 'Content-Security-Policy': strict }), await files(apart, {}, 'localhost')];
});

test('Firefox', { skip: firefox ? false : 'Firefox is not there' }, async () => {
  const profile = mkdtempSync(`${tmpdir()}/unroll-firefox-`);
  const browser = await puppeteer.launch({ browser: 'firefox', executablePath: firefox, headless: true, userDataDir: profile, timeout: 120000, protocolTimeout: 120000 });
  try {
    const page = await browser.newPage();
    for (const address of addresses) {
      await page.goto(address);
      assert.match(String(await until('a word of the page', () => page.evaluate(said))), right);
    }
  } finally {
    await browser.close();
    rmSync(profile, { recursive: true, force: true });
  }
});

test('WebKit', { skip: noWebKit }, async () => {
  const display = await openDisplay();
  const webkit = await openWebKit(display.name);
  try {
    for (const address of addresses) {
      await webkit.go(address);
      assert.match(String(await until('a word of the page', () => webkit.run(said))), right);
    }
  } finally {
    await webkit.close();
    display.close();
  }
});

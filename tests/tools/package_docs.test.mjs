import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { packageDocs } from '../../tools/package_docs.mjs';
import { root } from '../browser.mjs';

test('docs/package.md says what the comments of the package say', () => {
  assert.equal(readFileSync(`${root}/docs/package.md`, 'utf8'), packageDocs(), 'node tools/package_docs.mjs writes it anew');
});

// A static site generator: every .md file of a folder becomes a page.   node site.mjs FROM TO
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { marked } from 'marked';

const [from, to] = process.argv.slice(2);
for (const name of readdirSync(from).filter((name) => name.endsWith('.md'))) {
  const text = readFileSync(`${from}/${name}`, 'utf8');
  const title = /^# (.+)$/m.exec(text)?.[1] ?? name;
  writeFileSync(`${to}/${name.replace(/\.md$/, '.html')}`, `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title>
<link rel="icon" href="data:,"><link rel="stylesheet" href="tutorial.css"><script type="module" src="../unroll-playground.mjs"></script>
${marked.parse(text)}</html>\n`);
}

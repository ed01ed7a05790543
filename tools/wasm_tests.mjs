// Runs test programs that were built as wasm modules inside Chromium and passes their output and exit code on:
//
//   node tools/wasm_tests.mjs FOLDER MODULE… [-- OPTION…]
//
// FOLDER (below the clone) holds MODULE.mjs and MODULE.wasm; the options go to each program, e.g. -- -tc='GRU*'.
import { launchChromium, serveFolder } from '../tests/browser.mjs';

const words = process.argv.slice(2);
const split = words.indexOf('--');
const [folder, ...modules] = split < 0 ? words : words.slice(0, split);
const options = split < 0 ? [] : words.slice(split + 1);
if (!folder || modules.length === 0) {
  console.error('usage: node tools/wasm_tests.mjs FOLDER MODULE… [-- OPTION…]');
  process.exit(2);
}

const { server, address } = await serveFolder(folder);
const browser = await launchChromium();

/** All that a module prints, and whether all was well. @param {string} module */
async function run(module) {
  const context = await browser.newContext();  // a process of its own: the modules run side by side
  const page = await context.newPage();
  await page.goto(`${address}none`);  // "Not found" is page enough: same origin, same security policy
  const lines = [`\n${module} in Chromium ${browser.version()}`];
  page.on('console', (message) => lines.push(message.text()));
  // Lines come with a delay: all are there when the last one is.
  const ended = page.waitForEvent('console', { predicate: (line) => /^Exit code: \d+$/.test(line.text()), timeout: 0 });
  const code = await page.evaluate(
    async ([url, ...options]) => {
      const { default: create } = await import(url);
      const program = await create({ print: console.log, printErr: console.log });
      let code = 1;
      try {
        code = program.callMain(options);
      } catch (error) {
        console.log(`The program died: ${error}`);
      }
      console.log(`Exit code: ${code}`);
      return code;
    },
    [`${address}${module}.mjs`, '--no-colors', ...options],
  );
  await ended;
  await context.close();
  return { text: lines.join('\n'), fine: code === 0 };
}

let fine = true;
try {
  for (const result of await Promise.all(modules.map(run))) {
    console.log(result.text);
    fine &&= result.fine;
  }
} finally {
  await browser.close();
  server.close();
}
process.exit(fine ? 0 : 1);

// The first script, and a plain one: it runs where the modules cannot, and then says what is missing. It also asks for
// the front end's code before anything else is there (a <link rel=preload> would be loaded a second time by WebKit).
'use strict';

/** Answers on their way, which main.mjs takes instead of asking for them itself. */
window.unrollEarly = {};

(() => {
  const element = (id) => document.getElementById(id);
  const whole = 'Check the connection and reload the page. On your own server: was the whole site folder copied?';

  /** As page.mjs's fail, which may be what is missing. */
  function say(what, next) {
    if (document.readyState === 'loading') return document.addEventListener('DOMContentLoaded', () => say(what, next));
    if (!element('failure').hidden) return;
    element('loading').hidden = true;
    element('failure-what').textContent = what;
    element('failure-next').textContent = next;
    element('failure').hidden = false;
  }

  if (location.protocol === 'file:')
    return say('Unroll was opened as a file, from which a browser loads no modules.',
      'Serve its folder, for example with: python3 -m http.server 8000, and open http://localhost:8000/.');
  if (!('noModule' in HTMLScriptElement.prototype))
    return say('This browser has no JavaScript modules.', 'Use Chrome or Edge 91, Firefox 89 or Safari 16.4, or anything newer.');

  const name = 'playground.wasm';
  window.unrollEarly[name] = fetch(new URL(name, document.currentScript.src));
  window.unrollEarly[name].catch(() => {});  // main.mjs says it

  /** The page's own scripts, by what index.html asks for early. */
  const links = (rel) => [...document.querySelectorAll(`link[rel=${rel}]`)];

  /** @returns {Promise<string>} what is wrong with a file, or nothing */
  async function faultOf(name) {
    try {
      const response = await fetch(name, { cache: 'no-store' });
      if (!response.ok) return `${name} could not be loaded: the server answered ${response.status}.`;
      const type = response.headers.get('content-type') || 'nothing';
      return /javascript|css/.test(type) ? '' : `${name} came as ${type}, which a browser does not take for a script.`;
    } catch (error) {
      return `${name} could not be loaded: no answer from ${location.host}.`;
    }
  }

  // What does not come, itself or by the import of another, ends in an event at its element; what comes and is not what
  // was meant (of another version, say) in an event with a message.
  addEventListener('error', async (event) => {
    const at = event.target;
    if (self.origin === 'null' && at instanceof HTMLScriptElement) {
      say('This page stands in a frame that is sandboxed without an origin of its own, and its server does not allow that.',
        'Whoever made the frame: give it sandbox="allow-scripts allow-same-origin". Whoever runs the server: send Access-Control-Allow-Origin: *');
    } else if (at instanceof HTMLScriptElement || (at instanceof HTMLLinkElement && at.rel === 'stylesheet')) {
      const names = [...links('modulepreload'), ...links('stylesheet')].map((link) => link.getAttribute('href'));
      const faults = (await Promise.all(names.map(faultOf))).filter(Boolean);
      say(faults.join(' ') || 'A script of the page could not be loaded.', whole);
    } else if (event instanceof ErrorEvent && event.filename.startsWith(location.origin) && !element('loading').hidden) {
      say(`A script of the page does not work: ${event.message}.`, whole);
    }
  }, true);

  // "Loading…" does not stay without a word, nor with one that is no longer true.
  const tell = () => {
    if (element('loading').hidden) return;
    const here = new Set(performance.getEntriesByType('resource').map((entry) => entry.name));
    const waits = window.unrollWaits ? window.unrollWaits()
      : links('modulepreload').filter((link) => !here.has(link.href)).map((link) => link.getAttribute('href'));
    const words =
      `Still loading${waits.length ? `; ${waits.slice(0, 3).join(', ')} did not come yet` : ''}. If it stays so, check the connection and reload.`;
    if (element('loading').textContent !== words) element('loading').textContent = words;
    setTimeout(tell, 2000);
  };
  setTimeout(tell, 8000);
})();

// The microphone: asked for when somebody records and given back when that ends, so that the browser's sign for it is on no longer
// than that. Samples come as the device has them (some browsers refuse other rates) and as they are: what makes a call pleasant
// lifts a room's noise to speech. Why there is none is said in a sentence, with what to do.

/** Blocks that nobody took: five seconds. */
const mostWaiting = 125;

const inFrame = 'The page around this one does not let it use a microphone: its <iframe> needs allow="microphone".';

/** @param {unknown} error of getUserMedia @returns {string} */
function troubleOf(error) {
  const { name, message } = /** @type {Error} */ (error);
  switch (name) {
    case 'NotAllowedError':
    case 'SecurityError':
      return 'The browser does not let this page use the microphone. Allow it beside the address, then record again' +
        (self === top ? '.' : '; or the page around this one has to: its <iframe> needs allow="microphone".');
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'No microphone is found here. Connect one and record again, or drop WAV files on the page.';
    case 'NotReadableError':
    case 'AbortError':
      return 'The microphone cannot be opened: another program may have it, or the system keeps it off. Then record again.';
    default:
      return `The microphone cannot be used: ${message}. Drop WAV files on the page instead.`;
  }
}

/** Whether the frame's page forbids it; browsers that cannot say so ask, and refuse. */
function forbidden() {
  const policy = /** @type {any} */ (document).featurePolicy;
  return policy?.allowsFeature ? !policy.allowsFeature('microphone') : false;
}

export class Microphone {
  /** @param {() => void} wake called when something came */
  constructor(wake) {
    this.wake = wake;
    /** @type {'off'|'asking'|'on'} */ this.state = 'off';
    this.trouble = '';
    this.rate = 0;
    /** @type {Float32Array[]} */ this.heard = [];
    /** @type {MediaStream|null} */ this.stream = null;
    /** @type {AudioContext|null} */ this.context = null;
    this.asked = 0;
  }

  /** Within the user's event, where there is one. */
  async open() {
    if (this.state !== 'off') return;
    const asked = ++this.asked;
    this.trouble = '';
    this.heard = [];
    if (!self.isSecureContext || !navigator.mediaDevices)
      return this.fail('A microphone is there only for pages with https, or on localhost. Open this page so, or drop WAV files on it.');
    if (forbidden())
      return this.fail(self === top ? 'This page\'s server forbids the microphone (Permissions-Policy). Drop WAV files on the page instead.' : inFrame);
    if (import.meta.url.startsWith('data:'))
      return this.fail('This page is a single file, which hears no microphone. Open it in Unroll itself, or drop WAV files here.');
    this.state = 'asking';
    this.wake();
    try {
      const stream = await navigator.mediaDevices.getUserMedia({
        audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false, channelCount: { ideal: 1 } },
      });
      const context = new AudioContext();
      await context.audioWorklet.addModule(new URL('listener.js', import.meta.url));
      await context.resume();
      if (asked !== this.asked) {  // closed meanwhile
        stream.getTracks().forEach((track) => track.stop());
        return void context.close();
      }
      this.stream = stream;
      this.context = context;
      this.rate = context.sampleRate;
      const listener = new AudioWorkletNode(context, 'listener', { numberOfOutputs: 0 });
      listener.port.onmessage = ({ data }) => {
        if (this.state !== 'on' || asked !== this.asked) return;
        if (this.heard.length === mostWaiting) return this.close();  // nobody looks any more
        this.heard.push(data);
        this.wake();
      };
      context.createMediaStreamSource(stream).connect(listener);
      for (const track of stream.getTracks()) track.onended = () => this.fail('The microphone went away. Connect it and record again.');
      this.state = 'on';
      this.wake();
    } catch (error) {
      if (asked === this.asked) this.fail(troubleOf(error));
    }
  }

  close() {
    ++this.asked;
    this.stream?.getTracks().forEach((track) => {
      track.onended = null;
      track.stop();
    });
    this.context?.close();
    this.stream = this.context = null;
    this.heard = [];
    this.state = 'off';
  }

  /** @param {string} trouble */
  fail(trouble) {
    this.close();
    this.trouble = trouble;
    this.wake();
  }

  /** @returns {Float32Array|null} the oldest samples that were not taken yet */
  take() {
    return this.heard.shift() ?? null;
  }
}

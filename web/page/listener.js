// In the audio thread: hands what the microphone hears to the page, a twenty-fifth of a second at a time (microphone.mjs).
class Listener extends AudioWorkletProcessor {
  constructor() {
    super();
    this.block = new Float32Array(Math.round(sampleRate / 25));
    this.filled = 0;
  }

  /** @param {Float32Array[][]} inputs */
  process([channels]) {
    const samples = channels?.[0];
    for (let at = 0; samples && at < samples.length;) {
      const part = samples.subarray(at, at + this.block.length - this.filled);
      this.block.set(part, this.filled);
      this.filled += part.length;
      at += part.length;
      if (this.filled < this.block.length) break;
      this.port.postMessage(this.block.slice());
      this.filled = 0;
    }
    return true;
  }
}

registerProcessor('listener', Listener);

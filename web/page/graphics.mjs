// The WebGL 2 context of the canvas, made before the front end asks for it (which then gets this one), so that
// drawing never waits for the graphics processor. The browser may take the context away at any time (a laptop wakes, a
// phone's tab was in the background, the graphics process ended) and mostly gives it back a moment later: everything
// that was made in it is gone then, and is made again.

/** Counts how long a frame takes on the graphics processor, or on the one that stands in for it. */
export class Graphics {
  /** @param {HTMLCanvasElement} canvas @returns {Graphics|null} null where the browser has no WebGL 2 */
  static open(canvas) {
    const gl = canvas.getContext('webgl2', { alpha: false, depth: false, stencil: false, antialias: false });
    return gl && new Graphics(canvas, gl);
  }

  /** @param {HTMLCanvasElement} canvas @param {WebGL2RenderingContext} gl */
  constructor(canvas, gl) {
    this.gl = gl;
    /** Another number after each loss and each return: what was made under an earlier one is gone. */
    this.generation = 0;
    /** Called when the context went and when it is back. @type {(there: boolean) => void} */
    this.changed = () => {};
    /** @type {WebGLSync|null} */ this.fence = null;
    this.ends = gl.getExtension('WEBGL_lose_context');
    /** Nobody wants it now. */ this.freed = false;
    /** It is given back: asked for, and done. */ this.leaves = this.left = false;
    canvas.addEventListener('webglcontextlost', (event) => {
      event.preventDefault();  // else it never comes back
      ++this.generation;
      this.fence = null;
      if (!this.leaves) return this.changed(false);
      this.leaves = false;
      this.left = true;
      if (!this.freed) setTimeout(() => this.take(), 0);  // it was wanted again before it was gone
    });
    canvas.addEventListener('webglcontextrestored', () => {
      ++this.generation;
      this.left = false;
      this.changed(true);
      if (this.freed) this.give();
    });
    // Dear ImGui saves these around each frame and restores them after it, though nobody else draws. The browser has
    // to ask the graphics process for them, and waits until all earlier drawing is done: with software rendering
    // that took nearly half of the main thread's time. So they are answered here, with a context's first values.
    /** @type {Map<number, number>} */
    const initial = new Map([
      [gl.BLEND_SRC_RGB, gl.ONE],
      [gl.BLEND_SRC_ALPHA, gl.ONE],
      [gl.BLEND_DST_RGB, gl.ZERO],
      [gl.BLEND_DST_ALPHA, gl.ZERO],
      [gl.BLEND_EQUATION_RGB, gl.FUNC_ADD],
      [gl.BLEND_EQUATION_ALPHA, gl.FUNC_ADD],
    ]);
    const ask = gl.getParameter.bind(gl);
    gl.getParameter = (/** @type {number} */ name) => {
      if (name === gl.VIEWPORT || name === gl.SCISSOR_BOX)
        return new Int32Array([0, 0, gl.drawingBufferWidth, gl.drawingBufferHeight]);
      return initial.get(name) ?? ask(name);
    };
    // Dear ImGui's fragment shader takes texture coordinates as mediump, which are 16 bits on phones and in WebKit:
    // a step of a texel and more in an atlas of 2,048. Nothing here is drawn with less than highp.
    const setSource = gl.shaderSource.bind(gl);
    gl.shaderSource = (shader, source) => setSource(shader, source.replaceAll('mediump', 'highp'));
  }

  /**
   * Gives the context back while nobody sees the canvas: browsers have some sixteen for all figures of a site, and take them from
   * whoever had his longest. `take` brings it back.
   */
  give() {
    this.freed = true;
    if (!this.ends || !this.there) return;
    this.leaves = true;
    this.ends.loseContext();
  }
  take() {
    this.freed = false;
    if (!this.left) return;
    this.left = false;
    this.changed(false);
    this.ends?.restoreContext();
  }

  /** Can it be drawn now? */
  get there() {
    return !this.gl.isContextLost();
  }

  /** Is a frame still being drawn? */
  get busy() {
    return this.fence !== null;
  }

  /** Call it after the commands of a frame. @param {() => void} done called when all of it is drawn */
  finish(done) {
    const { gl } = this;
    const { generation } = this;
    const fence = this.fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
    gl.flush();
    const look = () => {
      if (generation !== this.generation) return;
      if (fence && this.there && gl.getSyncParameter(fence, gl.SYNC_STATUS) !== gl.SIGNALED) {
        setTimeout(look, 5);
        return;
      }
      gl.deleteSync(fence);
      this.fence = null;
      done();
    };
    setTimeout(look, 0);
  }
}

/**
 * What a lane, its engine or its worker refuses or cannot do. `message` says it all in a sentence; the other fields say
 * the same in parts.
 */
export class LaneError extends Error {
  /** @param {{what: string, where?: string, hint?: string, command?: string}} fault */
  constructor({ what, where = '', hint = '', command = '' }) {
    super(`${where ? `${where}: ` : ''}${what}${hint ? ` (${hint})` : ''}`);
    this.name = 'LaneError';
    /** What is wrong. */
    this.what = what;
    /** The path of the field that is wrong, as in `"lanes[0].hidden"`; else empty. */
    this.where = where;
    /** What is allowed, or what to do next; else empty. */
    this.hint = hint;
    /** The command that was refused; else empty. */
    this.command = command;
  }
}

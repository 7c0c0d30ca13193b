import { inspect } from 'node:util';

/**
 * Plaintext that cannot be printed by accident: every conversion to text gives `[secret]`. Holds the given bytes, not a copy,
 * so that `wipe` leaves none behind.
 */
export class Secret {
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** The raw bytes, for sealing and for the file or terminal that the user chose. */
  reveal(): Buffer {
    return this.#bytes;
  }

  /** Overwrites the bytes. Call it in a `finally`, right after the last use. */
  wipe(): void {
    this.#bytes.fill(0);
  }

  toString = shown;
  toJSON = shown;
  [Symbol.toPrimitive] = shown;
  [inspect.custom] = shown;
}

function shown(): string {
  return '[secret]';
}

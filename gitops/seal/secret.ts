import { inspect } from 'node:util';

/**
 * Plaintext that cannot be printed by accident: every way of showing it says so. Holds the bytes it was given, not a copy,
 * so that `wipe` leaves none behind.
 */
export class Secret {
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** The bytes themselves, for sealing and for the one file or terminal that was asked for. */
  reveal(): Buffer {
    return this.#bytes;
  }

  /** Overwrites the bytes. Call it as soon as the value is used, in a `finally`. */
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

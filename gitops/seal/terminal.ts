import { Problem } from '../../model/problem';
import { maxPlaintextBytes, withoutNewline } from './plaintext';

/** Standard input: a pipe, a file or a terminal. */
export interface SecretInput extends AsyncIterable<unknown> {
  readonly isTTY?: boolean;
  setRawMode?(isRaw: boolean): unknown;
  pause(): unknown;
}

/** Reads a pipe to its end. Prints what it is waiting for when nothing arrives for two seconds. */
export async function readPiped(input: SecretInput, key: string, say: (line: string) => void): Promise<Buffer> {
  const waiting = setTimeout(() => say(`Waiting for the value of ${key} on standard input …`), 2000);
  try {
    return await collected(input, (chunk, value) => {
      clearTimeout(waiting);
      value.add(chunk);
      return value.isFull;
    });
  } finally {
    clearTimeout(waiting);
  }
}

/**
 * Reads typed or pasted input without echo. Ctrl-D ends it, so a value may have several lines. Drops one trailing newline,
 * because people press Enter after a value.
 * @param whenCancelled the outcome to report after Ctrl-C, such as `nothing was sealed`
 * @throws Problem SECRET-INPUT on Ctrl-C
 */
export async function readHidden(
  input: SecretInput,
  key: string,
  say: (line: string) => void,
  whenCancelled = 'no value was given',
): Promise<Buffer> {
  try {
    // Before the prompt, because until then the terminal echoes the input.
    input.setRawMode?.(true);
    const keys = 'Ctrl-D to finish, Ctrl-U to clear, Ctrl-C to cancel';
    say(`Type or paste the value of ${key}; it is not shown. ${keys}. A final newline is dropped.`);
    const typed = await collected(input, (chunk, value) => {
      for (const byte of chunk) {
        if (byte === control.c)
          throw new Problem('SECRET-INPUT', `Cancelled: ${whenCancelled}`, { fix: 'run it again' });
        if (byte === control.d || value.isFull) return true;
        if (byte === control.u) value.wipe();
        else if (byte === control.backspace || byte === control.delete) value.removeCharacter();
        else value.add(Buffer.of(byte === control.enter ? control.newline : byte));
      }
      return false;
    });
    return withoutNewline(typed);
  } finally {
    input.setRawMode?.(false);
    input.pause();
  }
}

const control = { c: 0x03, d: 0x04, backspace: 0x08, newline: 0x0a, enter: 0x0d, u: 0x15, delete: 0x7f };

/** Collects input until `take` returns true. Overwrites every chunk. */
async function collected(input: SecretInput, take: (chunk: Buffer, value: ValueBuffer) => boolean): Promise<Buffer> {
  const value = new ValueBuffer();
  try {
    for await (const chunk of input) {
      // A stream gives buffers unless an encoding is set on it, which would alter the bytes.
      if (!Buffer.isBuffer(chunk)) throw new Error('expected bytes on standard input, found text');
      try {
        if (take(chunk, value)) break;
      } finally {
        chunk.fill(0);
      }
    }
    return value.copy();
  } finally {
    value.wipe();
  }
}

/** Collects bytes, up to one past the maximum; drops the rest. */
class ValueBuffer {
  readonly #bytes = Buffer.alloc(maxPlaintextBytes + 1);
  #length = 0;

  get isFull(): boolean {
    return this.#length === this.#bytes.length;
  }

  /** Appends the bytes and overwrites the originals. */
  add(more: Buffer): void {
    this.#length += more.copy(this.#bytes, this.#length);
    more.fill(0);
  }

  /** Removes the last character, up to four bytes in UTF-8. */
  removeCharacter(): void {
    const isContinuation = (byte = 0) => byte >= 0x80 && byte < 0xc0;
    while (this.#length > 0 && isContinuation(this.#bytes[this.#length - 1])) this.#length -= 1;
    this.#length = Math.max(0, this.#length - 1);
  }

  copy(): Buffer {
    return Buffer.from(this.#bytes.subarray(0, this.#length));
  }

  wipe(): void {
    this.#bytes.fill(0);
    this.#length = 0;
  }
}

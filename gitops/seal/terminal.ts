import { Problem } from '../../model/problem';
import { maxPlaintextBytes, withoutNewline } from './plaintext';

/** Standard input as a secret is read from it: a pipe, a file or a terminal. */
export interface SecretInput extends AsyncIterable<unknown> {
  readonly isTTY?: boolean;
  setRawMode?(isRaw: boolean): unknown;
  pause(): unknown;
}

/** Reads a pipe to its end. Says what it waits for when nothing comes for two seconds. */
export async function readPiped(input: SecretInput, key: string, say: (line: string) => void): Promise<Buffer> {
  const waiting = setTimeout(() => say(`Waiting for the value of ${key} on standard input …`), 2000);
  const value = new GrowingBuffer();
  try {
    for await (const chunk of input) {
      clearTimeout(waiting);
      value.add(bytesOf(chunk));
      if (value.length > maxPlaintextBytes) break;
    }
    return value.take();
  } finally {
    clearTimeout(waiting);
    value.wipe();
  }
}

/**
 * Reads what is typed or pasted, without showing it. Ctrl-D ends it, so that a value may have several lines; one newline at
 * the end is dropped, because a person who has typed a value presses Enter.
 * @param whenGivenUp what a person who gives up is told, such as `nothing was sealed`
 * @throws Problem SECRET-INPUT on Ctrl-C
 */
export async function readHidden(
  input: SecretInput,
  key: string,
  say: (line: string) => void,
  whenGivenUp = 'no value was given',
): Promise<Buffer> {
  const value = new GrowingBuffer();
  try {
    // Before anybody is asked to type: until then the terminal shows what is typed.
    input.setRawMode?.(true);
    say(
      `Type or paste the value of ${key}; it is not shown. Ctrl-D ends it (an Enter before that is dropped), Ctrl-U starts again, Ctrl-C gives up.`,
    );
    for await (const chunk of input) {
      if (typeInto(value, bytesOf(chunk), whenGivenUp) === 'end') break;
    }
    return withoutNewline(value.take());
  } finally {
    value.wipe();
    input.setRawMode?.(false);
    input.pause();
  }
}

function typeInto(value: GrowingBuffer, typed: Buffer, whenGivenUp: string): 'end' | 'more' {
  try {
    for (const byte of typed) {
      if (byte === control.c) throw new Problem('SECRET-INPUT', `Gave up: ${whenGivenUp}`, { fix: 'run it again' });
      if (byte === control.d || value.length > maxPlaintextBytes) return 'end';
      if (byte === control.u) value.wipe();
      else if (byte === control.backspace || byte === control.delete) value.removeCharacter();
      else value.add(Buffer.of(byte === control.enter ? control.newline : byte));
    }
    return 'more';
  } finally {
    typed.fill(0);
  }
}

const control = { c: 0x03, d: 0x04, backspace: 0x08, newline: 0x0a, enter: 0x0d, u: 0x15, delete: 0x7f };

/** Bytes that come in pieces. What it outgrows is overwritten. */
class GrowingBuffer {
  #bytes = Buffer.alloc(4096);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  add(more: Buffer): void {
    while (this.#length + more.length > this.#bytes.length) {
      const larger = Buffer.alloc(this.#bytes.length * 2);
      this.#bytes.copy(larger);
      this.#bytes.fill(0);
      this.#bytes = larger;
    }
    more.copy(this.#bytes, this.#length);
    this.#length += more.length;
    more.fill(0);
  }

  /** Takes back the last character, which is up to four bytes in UTF-8. */
  removeCharacter(): void {
    while (this.#length > 0 && isContinuation(this.#bytes[this.#length - 1])) this.#length -= 1;
    this.#length = Math.max(0, this.#length - 1);
  }

  /** A copy of the bytes so far, cut one byte after what may be sealed. */
  take(): Buffer {
    return Buffer.from(this.#bytes.subarray(0, Math.min(this.#length, maxPlaintextBytes + 1)));
  }

  wipe(): void {
    this.#bytes.fill(0);
    this.#length = 0;
  }
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x80 && byte < 0xc0;
}

function bytesOf(chunk: unknown): Buffer {
  if (Buffer.isBuffer(chunk)) return chunk;
  // A stream gives buffers unless somebody has set an encoding on it, which would alter the bytes.
  throw new Error('standard input gives text where bytes were expected');
}

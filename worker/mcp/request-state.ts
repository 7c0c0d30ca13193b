import { createHash, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import { isObject, parsed } from '../json';
import type { Members } from './protocol';

/** What a call leaves with its client when it ends in questions, for the call that brings the answers. */
export interface RequestState {
  /** The keys of the questions that are out. */
  readonly asked: readonly string[];
  /** What was answered before, by the key of its question. */
  readonly answered: Members;
}

/** What a state is good for: one tool with these arguments, called by this caller. */
export interface Binding {
  readonly tool: string;
  readonly args: unknown;
  /** Any JSON that tells callers apart. */
  readonly caller: unknown;
}

/** Why a state does not count. */
export type StateFault = 'changed' | 'expired' | 'caller' | 'call' | 'used';

export interface StateOptions {
  /** The time in milliseconds. @default - the clock */
  readonly now?: () => number;
  /** How long a person may take to answer, in milliseconds. @default - 10 minutes */
  readonly lifeMs?: number;
  /** How many states are remembered as used, the newest. @default - 10 000 */
  readonly rememberedAtMost?: number;
}

/** The longest state, in letters. It goes to the client and back, with what was answered in it. */
export const maxStateLength = 64 * 1024;

/**
 * Signs and reads request states. The server keeps none: whoever has the secret can read them, so every replica can. What it
 * keeps is which ones it has read itself, so that none counts twice here. Another replica cannot know that: there a state that has
 * been used counts once more until it expires, from the same caller, for the same call.
 */
export class RequestStates {
  readonly #signing: Buffer;
  readonly #keys: readonly Buffer[];
  readonly #used = new Map<string, number>();
  readonly #now: () => number;
  readonly #lifeMs: number;
  readonly #rememberedAtMost: number;

  /**
   * @param secrets what the replicas share, the one that signs first; those of before count too. Without any the states of this
   *   process count in this process alone
   */
  constructor(secrets: readonly string[], options: StateOptions = {}) {
    const { now = Date.now, lifeMs = 600_000, rememberedAtMost = 10_000 } = options;
    const [newest = randomBytes(32), ...older] = secrets;
    this.#signing = keyFrom(newest);
    this.#keys = [this.#signing, ...older.map(keyFrom)];
    this.#now = now;
    this.#lifeMs = lifeMs;
    this.#rememberedAtMost = rememberedAtMost;
  }

  /** @returns a state that only this caller can use, once, for this call. Undefined when it would be too long */
  sealed({ asked, answered }: RequestState, binding: Binding): string | undefined {
    const payload: Payload = {
      id: randomBytes(16).toString('base64url'),
      until: this.#now() + this.#lifeMs,
      caller: digestOf(binding.caller),
      call: digestOf([binding.tool, binding.args]),
      asked,
      answered,
    };
    const text = Buffer.from(JSON.stringify(payload)).toString('base64url');
    const state = `${text}.${macOf(text, this.#signing)}`;
    return state.length > maxStateLength ? undefined : state;
  }

  /** Reads a state and uses it up. Anything may be given: it comes from outside. */
  opened(state: string, binding: Binding): RequestState | StateFault {
    const payload = this.#payloadOf(state);
    if (payload === undefined) return 'changed';
    const now = this.#now();
    if (payload.until <= now) return 'expired';
    if (payload.caller !== digestOf(binding.caller)) return 'caller';
    if (payload.call !== digestOf([binding.tool, binding.args])) return 'call';
    if (this.#used.has(payload.id)) return 'used';
    this.#remember(payload.id, payload.until, now);
    return payload;
  }

  /** Undefined for all that was not signed here, letter by letter. */
  #payloadOf(state: string): Payload | undefined {
    if (state.length > maxStateLength) return undefined;
    const [text = '', mac = '', ...more] = state.split('.');
    if (more.length > 0 || !this.#keys.some((key) => isSame(macOf(text, key), mac))) return undefined;
    const payload = parsed(Buffer.from(text, 'base64url').toString());
    // What is signed was written above, by this version or by another one that runs beside it while a server is updated.
    return isPayload(payload) ? payload : undefined;
  }

  #remember(id: string, until: number, now: number): void {
    this.#used.set(id, until);
    for (const [oldest, end] of this.#used) {
      if (end > now && this.#used.size <= this.#rememberedAtMost) return;
      this.#used.delete(oldest);
    }
  }
}

interface Payload extends RequestState {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly until: number;
  readonly caller: string;
  readonly call: string;
}

function isPayload(value: unknown): value is Payload {
  if (!isObject(value)) return false;
  const { id, until, caller, call, asked, answered } = value;
  return (
    [id, caller, call].every((text) => typeof text === 'string') &&
    Number.isSafeInteger(until) &&
    Array.isArray(asked) &&
    asked.every((key) => typeof key === 'string') &&
    isObject(answered)
  );
}

/** A key for this alone: the worker's secret signs the engine's tokens, and one must never pass for the other. */
function keyFrom(secret: string | Buffer): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', 'mcp requestState 1', 32));
}

function macOf(text: string, key: Buffer): string {
  return createHmac('sha256', key).update(text).digest('base64url');
}

function isSame(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/** Of any JSON, whatever the order of its members: a client may write the arguments of the second call in another. */
function digestOf(value: unknown): string {
  const parts: string[] = [];
  writeOrdered(value, parts, 0);
  return createHash('sha256').update(parts.join('')).digest('base64url');
}

/** Into one list: texts that are joined at each depth would be copied as often as they are deep. */
function writeOrdered(value: unknown, parts: string[], depth: number): void {
  // No tool takes anything as deep, and whoever sends it must not exhaust the stack.
  if (depth > 500) parts.push('deeper');
  else if (isFlat(value)) parts.push(JSON.stringify(value) ?? 'null');
  else if (Array.isArray(value)) {
    parts.push('[');
    for (const item of value) {
      writeOrdered(item, parts, depth + 1);
      parts.push(',');
    }
    parts.push(']');
  } else if (isObject(value)) {
    parts.push('{');
    for (const name of Object.keys(value).sort()) {
      parts.push(`${JSON.stringify(name)}:`);
      writeOrdered(value[name], parts, depth + 1);
      parts.push(',');
    }
    parts.push('}');
  }
}

/** Whether there is nothing to order in a value. */
function isFlat(value: unknown): boolean {
  const isScalar = (each: unknown) => typeof each !== 'object' || each === null;
  return Array.isArray(value) ? value.every(isScalar) : isScalar(value);
}

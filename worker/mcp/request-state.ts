import { createHash, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import { isObject, parsed } from '../json';
import type { Members } from './protocol';

/** The state that the client keeps between a call that ends with questions and the call with the answers. */
export interface RequestState {
  /** The keys of the open questions. */
  readonly asked: readonly string[];
  /** Earlier answers, by the key of their question. */
  readonly answered: Members;
}

/** The call that a state is valid for: one tool with these arguments, called by this caller. */
export interface Binding {
  readonly tool: string;
  readonly args: unknown;
  /** Any JSON that identifies the caller. */
  readonly caller: unknown;
}

/** Why a state is rejected. */
export type StateFault = 'changed' | 'expired' | 'caller' | 'call' | 'used';

export interface StateOptions {
  /** The current time in milliseconds. @default - `Date.now` */
  readonly now?: () => number;
  /** How long a person may take to answer, in milliseconds. @default - 10 minutes */
  readonly lifeMs?: number;
  /** How many used states are remembered; the oldest are dropped first. @default - 10 000 */
  readonly maxUsed?: number;
}

/** The longest state, in characters. It carries the earlier answers to the client and back. */
export const maxStateLength = 64 * 1024;

/**
 * Signs and reads request states. The server stores none of them: every replica has the secret and so can read them.
 * Each replica only remembers which states it has read itself, to reject replays. Known limit: another replica accepts
 * a used state once more until it expires, from the same caller and for the same call.
 */
export class RequestStates {
  readonly #signing: Buffer;
  readonly #keys: readonly Buffer[];
  readonly #used = new Map<string, number>();
  readonly #now: () => number;
  readonly #lifeMs: number;
  readonly #maxUsed: number;

  /**
   * @param secrets the secrets shared by all replicas: the signing one first, then previous ones that are still accepted.
   *   When empty, states are valid only in this process
   */
  constructor(secrets: readonly string[], options: StateOptions = {}) {
    const { now = Date.now, lifeMs = 600_000, maxUsed = 10_000 } = options;
    const [newest = randomBytes(32), ...older] = secrets;
    this.#signing = keyFrom(newest);
    this.#keys = [this.#signing, ...older.map(keyFrom)];
    this.#now = now;
    this.#lifeMs = lifeMs;
    this.#maxUsed = maxUsed;
  }

  /** @returns a signed state that this caller can use once, for this call. Undefined when it would be too long */
  issue({ asked, answered }: RequestState, binding: Binding): string | undefined {
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

  /** Verifies a state and marks it as used. @param state untrusted text */
  redeem(state: string, binding: Binding): RequestState | StateFault {
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

  /** Undefined when the signature does not match. */
  #payloadOf(state: string): Payload | undefined {
    if (state.length > maxStateLength) return undefined;
    const [text = '', mac = '', ...more] = state.split('.');
    if (more.length > 0 || !this.#keys.some((key) => isSame(macOf(text, key), mac))) return undefined;
    const payload = parsed(Buffer.from(text, 'base64url').toString());
    // During a rolling update the signed payload may come from another version.
    return isPayload(payload) ? payload : undefined;
  }

  #remember(id: string, until: number, now: number): void {
    this.#used.set(id, until);
    for (const [oldest, end] of this.#used) {
      if (end > now && this.#used.size <= this.#maxUsed) return;
      this.#used.delete(oldest);
    }
  }
}

interface Payload extends RequestState {
  readonly id: string;
  /** Unix time in milliseconds. */
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

/** Derives a dedicated key: the worker's secret also signs the engine's tokens, and the two must not be interchangeable. */
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

/** A digest of any JSON that ignores member order: the client may order the arguments differently in the second call. */
function digestOf(value: unknown): string {
  const parts: string[] = [];
  writeOrdered(value, parts, 0);
  return createHash('sha256').update(parts.join('')).digest('base64url');
}

/** Appends to one list: joining strings at each level would copy them once per level. */
function writeOrdered(value: unknown, parts: string[], depth: number): void {
  // No tool accepts input this deep; the limit keeps a hostile caller from exhausting the stack.
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

/** Whether a value contains no objects to sort. */
function isFlat(value: unknown): boolean {
  const isScalar = (each: unknown) => typeof each !== 'object' || each === null;
  return Array.isArray(value) ? value.every(isScalar) : isScalar(value);
}

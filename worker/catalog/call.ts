import { type ContentBlock, contentError } from './content';
import type { CallContext, ToolContext } from './context';
import { badContent, badInput, badOutput, type Failed, raised, tooLong } from './failures';
import type { Reading } from './reader';

export type { Failure } from './failures';

/** The part of a tool that a call needs. */
export interface Callable {
  /** The name in source form, which error messages quote. */
  readonly name: string;
  readonly deprecated: string | undefined;
  /** Whether it may call `context.ask`. */
  readonly mayAsk: boolean;
  readInputs(inputs: unknown): Reading;
  /** Undefined when the tool declares no result. */
  readonly readResult: ((value: unknown) => Reading) | undefined;
  run(input: unknown, context: ToolContext): unknown;
}

/** The outcome of a call: everything that a route needs to respond. */
export type ToolOutcome = Succeeded | Failed;

interface Succeeded {
  readonly ok: true;
  /** JSON. Null becomes an empty string, and an undeclared result becomes `{}`, as on the Python server. */
  readonly value: unknown;
  /** The serialised value, if it has been serialised already. */
  readonly json?: string;
  readonly logs: readonly LogEntry[] | null;
  /** Additional content for MCP clients. @default - none */
  readonly content?: readonly ContentBlock[];
  /** Whether the run ended with questions instead of a value. @default - false */
  readonly isPaused?: boolean;
}

/** A tool's result with additional content blocks. */
export class WithContent {
  constructor(
    readonly value: unknown,
    readonly blocks: readonly ContentBlock[],
  ) {}
}

export interface LogEntry {
  readonly message: string;
  readonly level: 'warning';
  readonly subtype: 'deprecation';
}

/** The longest result, in bytes of JSON, for the engine and MCP clients: models read all of it. */
export const maxResultBytes = 1024 * 1024;

/**
 * Parses the inputs, runs the tool, parses the result. Any failure becomes an outcome.
 * @param inputs the parameters as the caller sent them
 * @returns the outcome, synchronously unless the tool returns a promise; the promise never rejects
 */
export function call(tool: Callable, inputs: unknown, context: CallContext): MaybePromise<ToolOutcome> {
  try {
    const read = tool.readInputs(inputs);
    if (!read.ok) return badInput(tool.name, read.issues);
    if (!tool.mayAsk) context.forbidAsking();
    const result = tool.run(read.value, context);
    if (isThenable(result)) return settled(tool, result, context);
    return context.isPaused ? paused : outcomeOf(tool, result);
  } catch (error) {
    return context.isPaused ? paused : raised(tool.name, error);
  }
}

/** A paused run ends this way even if the tool catches the error and returns a value: the answer has not arrived yet. */
const paused: ToolOutcome = { ok: true, value: null, logs: null, isPaused: true };

/**
 * Whether a result must be awaited: a promise, or the lazy query of a database client, which starts when `then` is called.
 * Reads `then` because `in` may not find it (Prisma 6).
 */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  if (value instanceof Promise) return true;
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return false;
  return typeof (value as { readonly then?: unknown }).then === 'function';
}

async function settled(tool: Callable, promised: PromiseLike<unknown>, context: CallContext): Promise<ToolOutcome> {
  try {
    const result = await promised;
    return context.isPaused ? paused : outcomeOf(tool, result);
  } catch (error) {
    return context.isPaused ? paused : raised(tool.name, error);
  }
}

function outcomeOf(tool: Callable, result: unknown): ToolOutcome {
  if (result instanceof WithContent) return outcomeWith(tool, result);
  const logs = tool.deprecated === undefined ? null : deprecation(tool.deprecated);
  if (tool.readResult === undefined) return { ok: true, value: {}, logs };
  const read = tool.readResult(result);
  if (!read.ok) return badOutput(tool.name, read.issues);
  const value = read.value ?? (result === null || result === undefined ? '' : null);
  // Only a possibly long value is serialised here; later steps reuse the text.
  const mayBeLong =
    typeof value === 'object' ? value !== null : typeof value === 'string' && value.length > shortLength;
  if (!mayBeLong) return { ok: true, value, logs };
  const json = JSON.stringify(value);
  const bytes = json.length * 3 > maxResultBytes ? Buffer.byteLength(json) : 0;
  return bytes > maxResultBytes ? tooLong(tool.name, bytes, maxResultBytes) : { ok: true, value, json, logs };
}

function outcomeWith(tool: Callable, { value, blocks }: WithContent): ToolOutcome {
  const wrong = contentError(blocks);
  if (wrong !== undefined) return badContent(tool.name, wrong);
  const outcome = outcomeOf(tool, value);
  return outcome.ok ? { ...outcome, content: blocks } : outcome;
}

/** A string of this many UTF-16 units is never too long: JSON needs at most six bytes for each. */
const shortLength = Math.floor(maxResultBytes / 6) - 2;

function deprecation(message: string): readonly LogEntry[] {
  return [{ message, level: 'warning', subtype: 'deprecation' }];
}

/** A value or a promise. Most tools return synchronously, and awaiting each step would cost as much as the call itself. */
export type MaybePromise<T> = T | Promise<T>;

/** Maps a value: synchronously if it is available, otherwise when its promise resolves. */
export function whenReady<T, Next>(value: MaybePromise<T>, next: (value: T) => Next): MaybePromise<Next> {
  return value instanceof Promise ? value.then(next) : next(value);
}

import { type ContentBlock, contentError } from './content';
import type { CallContext, ToolContext } from './context';
import { badContent, badInput, badOutput, type Failed, raised, tooLong } from './failures';
import type { Reading } from './reader';

export type { Failure } from './failures';

/** The part of a tool that a call needs. */
export interface Callable {
  /** The name in the source, which error texts quote. */
  readonly name: string;
  readonly deprecated: string | undefined;
  /** Whether its context may ask the person. */
  readonly mayAsk: boolean;
  readInputs(inputs: unknown): Reading;
  /** Undefined when the tool declares no result. */
  readonly readResult: ((value: unknown) => Reading) | undefined;
  run(input: unknown, context: ToolContext): unknown;
}

/** How a call ended: everything that either route needs to respond. */
export type ToolOutcome = Succeeded | Failed;

interface Succeeded {
  readonly ok: true;
  /** JSON. A null result is empty text and no declared result is `{}`, as the reference sends them. */
  readonly value: unknown;
  /** The value's text as JSON, if it has been written already. */
  readonly json?: string;
  readonly logs: readonly LogEntry[] | null;
  /** What MCP clients are shown beside the value. @default - nothing */
  readonly content?: readonly ContentBlock[];
  /** Whether the run has ended with questions instead of a value. @default - it has not */
  readonly isPaused?: boolean;
}

/** What a tool returns that shows more than its value. */
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

/** The longest result, in bytes of its JSON, for the engine and for MCP clients alike: models read it whole. */
export const maxResultBytes = 1024 * 1024;

/**
 * Reads the inputs, runs the tool, reads the result. Whatever goes wrong is an outcome.
 * @param inputs what the caller sent as an object of parameters
 * @returns the outcome, at once unless the tool promises its result; the promise never rejects
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

/** Whatever a tool made of it that its question goes out: even an author who catches everything does so before the answer. */
const paused: ToolOutcome = { ok: true, value: null, logs: null, isPaused: true };

/**
 * Whether a result has to be waited for: promises, and queries of database clients, which are no promises and begin only
 * when somebody waits. Their `then` may be hidden from `in` (Prisma 6), so it is read.
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
  // Only what may be long is written here, once for all who need its text.
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

/** A text of this many UTF-16 units is never too long, whatever JSON makes of them: at most six bytes of each. */
const shortLength = Math.floor(maxResultBytes / 6) - 2;

function deprecation(message: string): readonly LogEntry[] {
  return [{ message, level: 'warning', subtype: 'deprecation' }];
}

/** A value, or the promise of one. Most tools answer at once, and a turn of the queue for each step costs as much as the call. */
export type MaybePromise<T> = T | Promise<T>;

/** Goes on with a value: at once when it is there, later when it is promised. */
export function whenReady<T, Next>(value: MaybePromise<T>, next: (value: T) => Next): MaybePromise<Next> {
  return value instanceof Promise ? value.then(next) : next(value);
}

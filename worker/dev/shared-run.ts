import { isThenable } from '../catalog/call';
import { CallContext, type ToolContext } from '../catalog/context';
import type { DefinedTool } from '../catalog/define-tool';
import type { Clock } from '../catalog/fetch';

/** The outcome of a run, to replay it. */
type Ending = { readonly value: unknown } | { readonly error: unknown };

/**
 * One run of a tool for two callers. The second caller gets the outcome of the first run, with its progress and log. When the
 * tool used something that differs between the callers, it runs again instead.
 */
export class SharedRun {
  /** Whether the tool has asked the user, which only one of the callers supports. */
  hasAsked = false;
  #first: Ending | Promise<Ending> | undefined;
  #isOfOneCaller = false;
  readonly #replays: ((context: ToolContext) => void)[] = [];

  /**
   * @param isNamed whether both callers send the same user id
   * @param beforeRerun is called before the tool runs again
   */
  constructor(
    private readonly tool: DefinedTool,
    private readonly isNamed: boolean,
    private readonly beforeRerun: () => void,
  ) {}

  readonly run: DefinedTool['run'] = (input, context) => {
    if (this.#first !== undefined) return this.#again(this.#first, input, context);
    const first = endingOf(() => this.tool.run(input, this.#watched(context)));
    this.#first = first;
    return first instanceof Promise ? first.then(outOf) : outOf(first);
  };

  #again(first: Ending | Promise<Ending>, input: unknown, context: ToolContext): unknown {
    if (first instanceof Promise) return first.then((ending) => this.#again(ending, input, context));
    if (this.#isOfOneCaller) {
      this.beforeRerun();
      return this.tool.run(input, this.#watched(context));
    }
    for (const replay of this.#replays) replay(context);
    return outOf(first);
  }

  /** The context of a caller, which records what the tool uses. Its members are private, so each is read from the target itself. */
  #watched(context: ToolContext): ToolContext {
    const startedAt = performance.now();
    return new Proxy(context, {
      get: (target, key) => {
        if (key === 'ask') this.hasAsked = true;
        if (key === 'ask' || key === 'metadata' || (key === 'userId' && !this.isNamed)) this.#isOfOneCaller = true;
        if (key === 'fetch') return fetchOf(this.tool, target, startedAt);
        if (key !== 'progress' && key !== 'log') return Reflect.get(target, key, target);
        return (...args: unknown[]) => {
          const replay = (to: ToolContext) => Reflect.apply(to[key], to, args);
          this.#replays.push(replay);
          replay(target);
        };
      },
    });
  }
}

/** The same `fetch`, but it retries without waiting. */
function fetchOf(tool: DefinedTool, context: ToolContext, startedAt: number): ToolContext['fetch'] {
  const { token, secrets } = context;
  const channel = context instanceof CallContext ? { channel: () => context.channel } : {};
  const details = { token, secrets: secrets.entries, signal: () => context.signal, ...channel };
  return new CallContext({ ...details, startedAt, timeoutSeconds: tool.timeoutSeconds, clock: impatient() }).fetch;
}

/** A clock on which waiting takes no real time, although its time advances. */
function impatient(): Clock {
  let waitedMs = 0;
  return {
    now: () => performance.now() + waitedMs,
    async wait(ms, signal) {
      signal.throwIfAborted();
      waitedMs += ms;
    },
    timeout(ms) {
      const aborting = new AbortController();
      setTimeout(() => aborting.abort(new DOMException('No answer in time', 'TimeoutError')), ms).unref();
      return aborting.signal;
    },
  };
}

function endingOf(run: () => unknown): Ending | Promise<Ending> {
  try {
    const value = run();
    if (!isThenable(value)) return { value };
    return Promise.resolve(value).then(
      (resolved) => ({ value: resolved }),
      (error) => ({ error }),
    );
  } catch (error) {
    return { error };
  }
}

function outOf(ending: Ending): unknown {
  if ('error' in ending) throw ending.error;
  return ending.value;
}

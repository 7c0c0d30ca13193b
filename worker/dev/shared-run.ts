import { isThenable } from '../catalog/call';
import { CallContext, type ToolContext } from '../catalog/context';
import type { DefinedTool } from '../catalog/define-tool';
import type { Clock } from '../catalog/fetch';

/** How a run went, to be had again. */
type Ending = { readonly value: unknown } | { readonly error: unknown };

/**
 * One run of a tool for two callers. The second caller gets what the first run brought, and is told what was told in it;
 * unless the tool looked at what the callers do not have in common, for then it runs again.
 */
export class SharedRun {
  /** Whether the tool has asked a person, whom only one of the callers has. */
  hasAsked = false;
  #first: Ending | Promise<Ending> | undefined;
  #isOfOneCaller = false;
  readonly #told: ((context: ToolContext) => void)[] = [];

  /**
   * @param isNamed whether both callers say who calls
   * @param anew is called before the tool runs once more
   */
  constructor(
    private readonly tool: DefinedTool,
    private readonly isNamed: boolean,
    private readonly anew: () => void,
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
      this.anew();
      return this.tool.run(input, this.#watched(context));
    }
    for (const tell of this.#told) tell(context);
    return outOf(first);
  }

  /** The context of a caller. Its members are private to its class, so each is asked of the object itself. */
  #watched(context: ToolContext): ToolContext {
    const startedAt = performance.now();
    return new Proxy(context, {
      get: (target, key) => {
        if (key === 'ask') this.hasAsked = true;
        if (key === 'ask' || key === 'metadata' || (key === 'userId' && !this.isNamed)) this.#isOfOneCaller = true;
        if (key === 'fetch') return fetchOf(this.tool, target, startedAt);
        if (key !== 'progress' && key !== 'log') return Reflect.get(target, key, target);
        return (...said: unknown[]) => {
          const tell = (to: ToolContext) => Reflect.apply(to[key], to, said);
          this.#told.push(tell);
          tell(target);
        };
      },
    });
  }
}

/** The same `fetch`, except that it waits no time before it tries again. */
function fetchOf(tool: DefinedTool, context: ToolContext, startedAt: number): ToolContext['fetch'] {
  const { token, secrets } = context;
  const reach = context instanceof CallContext ? { reach: () => context.reach } : {};
  const details = { token, secrets: secrets.entries, signal: () => context.signal, ...reach };
  return new CallContext({ ...details, startedAt, timeoutSeconds: tool.timeoutSeconds, clock: impatient() }).fetch;
}

/** A clock on which waiting is over at once, and the time has passed all the same. */
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

import { isThenable } from '../catalog/call';
import type { ToolContext } from '../catalog/context';
import type { DefinedTool } from '../catalog/define-tool';

/** How a run went, to be had again. */
type Ending = { readonly value: unknown } | { readonly error: unknown };

/**
 * One run of a tool for two callers. The second caller gets what the first run brought, and is told what was told in it;
 * unless the tool looked at what the callers do not have in common, for then it runs again.
 */
export class SharedRun {
  #first: Ending | Promise<Ending> | undefined;
  #isOfOneCaller = false;
  readonly #told: ((context: ToolContext) => void)[] = [];

  /** @param isNamed whether both callers say who calls */
  constructor(
    private readonly tool: DefinedTool,
    private readonly isNamed: boolean,
  ) {}

  readonly run: DefinedTool['run'] = (input, context) => {
    if (this.#first !== undefined) return this.#again(this.#first, input, context);
    const first = endingOf(() => this.tool.run(input, this.#watched(context)));
    this.#first = first;
    return first instanceof Promise ? first.then(outOf) : outOf(first);
  };

  #again(first: Ending | Promise<Ending>, input: unknown, context: ToolContext): unknown {
    if (first instanceof Promise) return first.then((ending) => this.#again(ending, input, context));
    if (this.#isOfOneCaller) return this.tool.run(input, context);
    for (const tell of this.#told) tell(context);
    return outOf(first);
  }

  /** The context of the first caller. Its members are private to its class, so each is asked of the object itself. */
  #watched(context: ToolContext): ToolContext {
    return new Proxy(context, {
      get: (target, key) => {
        if (key === 'metadata' || (key === 'userId' && !this.isNamed)) this.#isOfOneCaller = true;
        const value: unknown = Reflect.get(target, key, target);
        if (key !== 'progress') return value;
        return (...report: Parameters<ToolContext['progress']>) => {
          this.#told.push((other) => other.progress(...report));
          target.progress(...report);
        };
      },
    });
  }
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

import { AsyncLocalStorage } from 'node:async_hooks';

/** Fakes for globals while a tool runs in an example or a test. */
export interface Fakes {
  /** Answers every `fetch` instead of the network. @default - the real `fetch` */
  readonly fetch?: ((request: Request) => Response | Promise<Response>) | undefined;
  /** The current time of `Date`, as Unix time in milliseconds. @default - the real time */
  readonly now?: number | undefined;
}

/**
 * Runs a function with fakes for the globals `fetch` and `Date`. Concurrent runs have separate fakes. A callback outside of any
 * run, such as that of a fake timer, gets the fakes if exactly one run is active.
 */
export async function withFakes<T>(fakes: Fakes, run: () => T | Promise<T>): Promise<T> {
  if (fakes.fetch === undefined && fakes.now === undefined) return run();
  if (running.size === 0) restore = install();
  // A copy, because the same object may be used by two concurrent runs.
  const own = { ...fakes };
  running.add(own);
  try {
    return await scope.run(own, run);
  } finally {
    running.delete(own);
    if (running.size === 0) restore();
  }
}

const scope = new AsyncLocalStorage<Fakes>();
const running = new Set<Fakes>();
let restore: () => void = () => {};

function current(): Fakes {
  const [first, second] = running;
  return scope.getStore() ?? (second === undefined ? first : undefined) ?? {};
}

function install(): () => void {
  const { fetch: realFetch, Date: RealDate } = globalThis;
  globalThis.fetch = async (input, init) => {
    const { fetch: stub } = current();
    if (stub === undefined) return realFetch(input, init);
    const request = new Request(input, init);
    request.signal.throwIfAborted();
    const response = await stub(request);
    // A real response has the URL, which error messages use.
    return Object.defineProperty(response, 'url', { value: request.url });
  };
  globalThis.Date = dateOf(RealDate);
  return () => Object.assign(globalThis, { fetch: realFetch, Date: RealDate });
}

/** A Date class with a fake current time. */
function dateOf(RealDate: DateConstructor): DateConstructor {
  const now = () => current().now ?? RealDate.now();
  return new Proxy(RealDate, {
    construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
    apply: () => new RealDate(now()).toString(),
    get: (target, key) => (key === 'now' ? now : Reflect.get(target, key)),
  });
}

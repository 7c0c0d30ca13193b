import { AsyncLocalStorage } from 'node:async_hooks';

/** What stands for the world while a tool runs in an example or a test. */
export interface Fakes {
  /** Answers every `fetch` in place of the network. @default - the real one */
  readonly fetch?: ((request: Request) => Response | Promise<Response>) | undefined;
  /** What `Date` says the time is, in milliseconds since 1970. @default - the real time */
  readonly now?: number | undefined;
}

/**
 * Runs something with stand-ins for the globals `fetch` and `Date`. Several may run at once: each has its own, except in
 * callbacks that belong to none of them, such as those of fake timers, which have them while only one runs.
 */
export async function withFakes<T>(fakes: Fakes, run: () => T | Promise<T>): Promise<T> {
  if (fakes.fetch === undefined && fakes.now === undefined) return run();
  if (running.size === 0) putBack = install();
  // A copy, because one and the same may run twice at once.
  const own = { ...fakes };
  running.add(own);
  try {
    return await scope.run(own, run);
  } finally {
    running.delete(own);
    if (running.size === 0) putBack();
  }
}

const scope = new AsyncLocalStorage<Fakes>();
const running = new Set<Fakes>();
let putBack: () => void = () => {};

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
    // As of a real response: tools name the service that failed.
    return Object.defineProperty(response, 'url', { value: request.url });
  };
  globalThis.Date = dateOf(RealDate);
  return () => Object.assign(globalThis, { fetch: realFetch, Date: RealDate });
}

/** The same class, in which it is now whatever the stand-in says. */
function dateOf(RealDate: DateConstructor): DateConstructor {
  const now = () => current().now ?? RealDate.now();
  return new Proxy(RealDate, {
    construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
    apply: () => new RealDate(now()).toString(),
    get: (target, key) => (key === 'now' ? now : Reflect.get(target, key)),
  });
}

import { z } from 'zod';
import { reasonOf } from '../../gitops/http/http-client';
import { contract } from '../../worker/contract';
import type { Outbound } from './outbound';
import type { WorkerRecord } from './worker-record';

const Tool = z.looseObject({
  name: z.string(),
  fully_qualified_name: z.string(),
  toolkit: z.looseObject({ name: z.string(), version: z.string().nullish() }),
  requirements: z
    .looseObject({
      authorization: z.looseObject({ provider_id: z.string().nullish(), id: z.string().nullish() }).nullish(),
      secrets: z.array(z.object({ key: z.string() })).nullish(),
    })
    .nullish(),
});

/** A tool as a worker lists it. Unknown members are kept. */
export type LoadedTool = z.output<typeof Tool>;

/** The tools that an engine has loaded from its workers. An unreachable worker has none; the log has the reason. */
export class ToolLists {
  readonly #freshMs: number;
  readonly #outbound: Outbound;
  readonly #log: (line: string) => void;
  readonly #lists = new Map<string, { readonly tools: Promise<readonly LoadedTool[]>; readonly at: number }>();

  /** @param freshMs how long a list is cached, in milliseconds */
  constructor(outbound: Outbound, log: (line: string) => void, freshMs = 2000) {
    this.#freshMs = freshMs;
    this.#outbound = outbound;
    this.#log = log;
  }

  /** The tools of a worker, cached. Empty for a worker that is disabled or unreachable. */
  of(worker: WorkerRecord): Promise<readonly LoadedTool[]> {
    if (!worker.enabled) return Promise.resolve([]);
    const known = this.#lists.get(worker.id);
    if (known !== undefined && performance.now() - known.at < this.#freshMs) return known.tools;
    const tools = this.#load(worker);
    this.#lists.set(worker.id, { tools, at: performance.now() });
    return tools;
  }

  /** Drops the cached list of a worker that was changed or removed. */
  forget(id: string): void {
    this.#lists.delete(id);
  }

  async #load(worker: WorkerRecord): Promise<readonly LoadedTool[]> {
    try {
      const { status, body } = await this.#outbound.call(worker, contract.paths.tools);
      if (status !== 200) {
        this.#log(`${worker.id}: no tools loaded, ${contract.paths.tools} answered ${status}`);
        return [];
      }
      return z.array(Tool).parse(JSON.parse(body));
    } catch (error) {
      const reason = error instanceof z.ZodError ? 'the catalogue has an unexpected shape' : reasonOf(error);
      this.#log(`${worker.id}: no tools loaded, ${reason}`);
      return [];
    }
  }
}

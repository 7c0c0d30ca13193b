import { z } from 'zod';

/** The defaults of the dashboard. */
const defaults = { timeout: 30, retry: 3 } as const;

const http = z.object({
  uri: z
    .string()
    .max(2048)
    .refine((uri) => URL.canParse(uri) && /^https?:$/.test(new URL(uri).protocol), 'must be an http or https URL'),
  secret: z.string().min(1).max(100),
  /** In seconds. */
  timeout: z.number().positive().max(300),
  retry: z.int().min(0).max(10),
});

/** The body of `POST /v1/workers`, with the limits of the dashboard (observed 2026-06). */
export const WorkerCreation = z.object({
  id: z.string().min(1).max(100),
  enabled: z.boolean().default(true),
  type: z.string().optional(),
  http: http.extend({
    timeout: http.shape.timeout.default(defaults.timeout),
    retry: http.shape.retry.default(defaults.retry),
  }),
});

/** The body of `PATCH /v1/workers/{id}`. Missing members stay unchanged. */
export const WorkerChange = z.object({ enabled: z.boolean().optional(), http: http.partial().optional() });

/** The body of `POST /v1/workers/test`, which has no secret and thus can only check health. */
export const WorkerTrial = z.object({ http: http.pick({ uri: true }) });

/** A worker as the engine stores it. */
export type WorkerRecord = Omit<z.output<typeof WorkerCreation>, 'type'> & {
  /** `static`: from the engine's file, reached without the guard. `project`: from its dashboard or API. */
  readonly binding: 'static' | 'project';
};

/** A worker as the API returns it: without its secret. */
export function shownWorker({ id, enabled, binding, http: { uri, timeout, retry } }: WorkerRecord) {
  const secret = { binding, editable: binding === 'project', exists: true };
  return {
    id,
    type: 'http',
    enabled,
    managed: false,
    binding: { id: binding, type: binding },
    http: { uri, timeout, retry, secret },
    requirements: { met: true },
  };
}

/** A page of a list, as the official client reads it (arcadejs 2.4.1). */
export function pageOf<T>(items: readonly T[], query: unknown) {
  const { limit, offset } = PageQuery.parse(query);
  const page = items.slice(offset, offset + limit);
  return { items: page, total_count: items.length, offset, limit, page_count: page.length };
}

const PageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(100).catch(25),
  offset: z.coerce.number().int().min(0).catch(0),
});

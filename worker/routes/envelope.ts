import { isUtf8 } from 'node:buffer';
import { z } from 'zod';
import { isObject, isTooDeep } from '../json';

const text = z.string().nullish();
const pairs = z.array(z.object({ key: z.string(), value: z.string() })).nullish();

/**
 * The body of a call as the engine sends it (arcade-mcp-server 1.26.0). Types are strict; unknown members are ignored.
 * A null context is treated as absent, whereas the Python server fails with 500.
 */
const Envelope = z.object({
  tool: z.object({ name: z.string(), toolkit: z.string(), version: text }),
  // z.record would copy the object and drop a member named __proto__.
  inputs: z.custom<Readonly<Record<string, unknown>>>(isObject).nullish(),
  context: z
    .object({
      user_id: text,
      authorization: z.object({ token: text, user_info: z.record(z.string(), z.unknown()).optional() }).nullish(),
      secrets: pairs,
      metadata: pairs,
    })
    .nullish(),
  execution_id: text,
  run_id: text,
  created_at: text,
});

export type Envelope = z.output<typeof Envelope>;

/**
 * Parses the body of a call. Ignores the content type.
 * @throws WorkerError BODY_MALFORMED when it is not JSON in UTF-8, ENVELOPE_INVALID that names every invalid member
 */
export function readEnvelope(body: unknown): Envelope {
  if (!Buffer.isBuffer(body) || body.length === 0) throw malformed('it is empty');
  const { success, data, error } = Envelope.safeParse(parsedBody(body));
  if (success) return data;
  const places = [...new Set(error.issues.map(({ path }) => path.join('.') || 'the whole body'))];
  throw new WorkerError('ENVELOPE_INVALID', `Cannot read the call: missing or of the wrong type: ${places.join(', ')}`);
}

/** Parses a body as JSON. @throws WorkerError BODY_MALFORMED when it is not JSON in UTF-8 */
export function parsedBody(body: Buffer): unknown {
  if (!isUtf8(body)) throw malformed('it is not UTF-8');
  if (isTooDeep(body)) throw malformed('it is nested too deeply');
  const content = body.toString();
  try {
    // The Python server accepts a byte order mark.
    return JSON.parse(content.charCodeAt(0) === 0xfeff ? content.slice(1) : content);
  } catch {
    // The parser's message quotes the body, which may contain secrets.
    throw malformed('it is not JSON');
  }
}

function malformed(reason: string): WorkerError {
  return new WorkerError('BODY_MALFORMED', `Cannot read the body: ${reason}`);
}

/** The errors that reject a call of the engine before any tool runs: the code for the log, and the status. */
const workerErrors = {
  BODY_MALFORMED: 400,
  BODY_ENCODED: 415,
  ENVELOPE_INVALID: 400,
  TOOL_UNKNOWN: 404,
} as const;

export type WorkerErrorCode = keyof typeof workerErrors;

/** An error for the caller of a worker route: code, status, and a message that becomes `detail`. */
export class WorkerError extends Error {
  override readonly name = 'WorkerError';
  readonly statusCode: number;

  constructor(
    readonly code: WorkerErrorCode,
    message: string,
  ) {
    super(message);
    this.statusCode = workerErrors[code];
  }
}

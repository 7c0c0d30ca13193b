import { randomUUID } from 'node:crypto';
import type { Failure } from '../catalog/call';
import {
  type DefinedTool,
  defineResource,
  defineTool,
  type Example,
  type ExampleContext,
} from '../catalog/define-tool';
import { detailsOf } from '../catalog/example';
import { withFakes } from '../catalog/fakes';
import { type Catalog, loadCatalog } from '../catalog/load';
import type { LogLine } from '../catalog/log-line';
import { type EngineAnswer, seenByEngine } from './as-engine';
import { type McpAnswer, type McpSeen, seenByClient } from './as-mcp-client';
import { type Asked, Person } from './person';
import { SharedRun } from './shared-run';

export type { EngineAnswer, McpAnswer };

/** The context of a test call. Secrets, tokens and metadata that are left out are missing for the tool. */
export interface CallOptions extends ExampleContext {
  /** Answers every `fetch` of the tool, such as `() => Response.json({ celsius: 21 })`. @default - a `fetch` fails the test */
  readonly fetch?: Example<unknown, unknown>['fetch'];
  /** The current time, as `Date` takes it. To skip waiting, use Jest's fake timers. @default - the real time */
  readonly now?: string | number | Date;
  /** The client's revision of MCP, such as `2025-06-18`. @default - 2026-07-28 */
  readonly revision?: string;
  /** Whether the client supports elicitation, so that the user can be asked. @default - true */
  readonly canBeAsked?: boolean;
  /** The name of the tool. @default - `tool` */
  readonly name?: string;
}

/** The result of a call, from every side. */
export interface SeenCall {
  /** The result as it is sent. For a tool that asks: the MCP client's, whose user can answer. @default - the call failed */
  readonly value: unknown;
  /** How the call failed. @default - it succeeded */
  readonly failure: Failure | undefined;
  /** The error that the tool threw, which callers never see. @default - none */
  readonly thrown: unknown;
  /** The response of `/worker/tools/invoke` to an engine. */
  readonly engine: EngineAnswer;
  /** The result of `tools/call` for an MCP client, after its user has answered every question. */
  readonly mcp: McpAnswer;
  /** The notifications to the MCP client before the result, such as progress. */
  readonly notifications: McpSeen['notifications'];
  /** The questions to the user, in order. A client of 2026-07-28 calls again with each answer, and the tool runs again. */
  readonly asked: readonly Asked[];
  /** What the tool logged with `context.log`, with its secrets hidden. */
  readonly log: readonly LogLine[];
  /** The requests that the tool made, in order; their bodies can still be read. */
  readonly requests: readonly Request[];
}

/**
 * Calls a tool in a test, as an engine and as an MCP client do. The worker's own code answers both, so it rejects here what it
 * rejects in production. The tool runs once for both callers. It runs twice only when it uses what differs between them (a user
 * to ask, metadata, or the user id when the test names none); `requests` are then those of the last run. The client may use the
 * given secrets and token, like a client of `npm run dev`.
 * @param input the parameters; values that JSON cannot express are left out
 * @throws Error for an invalid definition, an input that is not an object, and a `fetch` or a question without an answer
 */
export async function callTool(tool: DefinedTool, input: unknown = {}, options: CallOptions = {}): Promise<SeenCall> {
  const { name = 'tool', now, revision = '2026-07-28', userId, canBeAsked = true } = options;
  const { secrets, metadata, token } = detailsOf(options);
  const given = { secrets, metadata, token, userId, input, name };
  const network = new Network(options.fetch);
  const shared = new SharedRun(tool, userId !== undefined, () => network.requests.splice(0));
  const catalog = catalogWith(name, { ...tool, run: shared.run });
  const person = new Person(options.answers);
  const client = { ...given, revision, anonymous: randomUUID(), person: canBeAsked ? person : undefined };
  const fakes = { fetch: network.answer, now: now === undefined ? undefined : new Date(now).getTime() };
  // In parallel, so that one time limit ends both.
  const [ofEngine, ofClient] = await withFakes(fakes, () =>
    Promise.all([seenByEngine(catalog, given), seenByClient(catalog, client)]),
  );
  network.check();
  person.check();
  const isAsking = shared.hasAsked || (tool.confirm ?? false) !== false;
  const outcome = (isAsking ? ofClient.outcomes.at(-1) : undefined) ?? ofEngine.outcome;
  return {
    ...(outcome.ok
      ? { value: outcome.value, failure: undefined, thrown: undefined }
      : { value: undefined, failure: outcome.failure, thrown: outcome.cause }),
    engine: ofEngine.engine,
    mcp: ofClient.mcp,
    notifications: ofClient.notifications,
    asked: person.asked,
    log: ofClient.outcomes.length > 0 ? ofClient.log : ofEngine.log,
    requests: network.requests,
  };
}

function catalogWith(name: string, definition: DefinedTool): Catalog {
  // A call does not use the page, but the catalogue requires that it exists.
  const page = definition.ui === undefined ? [] : [[`resources/${definition.ui}`, stubPage] as const];
  const toolkit = { name: 'test', version: '1.0.0', description: 'A tool and its test.' };
  const tool = defineTool({ ...definition, examples: definition.examples as readonly Example<never, never>[] });
  return loadCatalog(toolkit, new Map([[name, tool], ...page]));
}

const stubPage = defineResource({ text: '<!doctype html><title>The page of the tool</title>' });

/** Records the requests of a tool, and answers them with the stub. */
class Network {
  readonly requests: Request[] = [];
  #unanswered: Error | undefined;

  constructor(private readonly stub: CallOptions['fetch']) {}

  readonly answer = async (request: Request): Promise<Response> => {
    this.requests.push(request.clone());
    if (this.stub !== undefined) return this.stub(request);
    this.#unanswered ??= new Error(
      `Cannot answer ${request.method} ${request.url}: the test gives no \`fetch\`; ` +
        'write callTool(tool, input, { fetch: () => Response.json({ … }) })',
    );
    throw this.#unanswered;
  };

  /** @throws Error for the first request without an answer, even when the tool handled that */
  check(): void {
    if (this.#unanswered !== undefined) throw this.#unanswered;
  }
}

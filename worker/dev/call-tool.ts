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

/** What a test gives a tool. A secret, a token or metadata that is not given is missing, as in a call that lacks it. */
export interface CallOptions extends ExampleContext {
  /** Answers every `fetch` of the tool, such as `() => Response.json({ celsius: 21 })`. @default - a `fetch` fails the test */
  readonly fetch?: Example<unknown, unknown>['fetch'];
  /** What the time is, as `Date` takes it. For waiting, Jest's fake timers. @default - the real time */
  readonly now?: string | number | Date;
  /** The revision of MCP that the client speaks, such as `2025-06-18`. @default - 2026-07-28 */
  readonly revision?: string;
  /** Whether the client shows forms, so that the person can be asked. @default - true */
  readonly canBeAsked?: boolean;
  /** The tool's name, which is its file's. @default - `tool` */
  readonly name?: string;
}

/** What became of a call. */
export interface SeenCall {
  /** The result, as it is sent. Undefined when the call failed. Of a tool that asks: the client's, whose person can answer. */
  readonly value: unknown;
  /** How the call failed. Undefined when it did not. */
  readonly failure: Failure | undefined;
  /** What the tool threw, which callers never see. @default - nothing */
  readonly thrown: unknown;
  /** The answer that an engine gets from `/worker/tools/invoke`. */
  readonly engine: EngineAnswer;
  /** The result that an MCP client gets from `tools/call`, after its person has answered what was asked. */
  readonly mcp: McpAnswer;
  /** What the MCP client was told before the result, such as progress. */
  readonly notifications: McpSeen['notifications'];
  /** What the person was asked, in its order. A client of 2026-07-28 calls again with each answer, and the tool runs again. */
  readonly asked: readonly Asked[];
  /** What the tool said by `context.log`, with its secrets hidden. */
  readonly log: readonly LogLine[];
  /** The requests that the tool made, in their order; each can still be read. */
  readonly requests: readonly Request[];
}

/**
 * Calls a tool for a test of its own, as an engine and as an MCP client do. The worker's own code answers both: what it refuses
 * is refused. The tool runs once and both are told of it; only when it looks at what the two do not have in common does it run
 * for each (a person to ask, metadata, or who calls when nobody is named), and then `requests` are those of the last run.
 * The client is one that may spend what is given, as that of `npm run dev`.
 * @param input the parameters; what JSON has no word for is left out
 * @throws Error for a definition that no worker loads, an input that is no object, and a `fetch` or a question without an answer
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
  // Both at once, so that one time limit ends both.
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
  // A page is nothing to a call, but the catalogue wants it to be there.
  const page = definition.ui === undefined ? [] : [[`resources/${definition.ui}`, stubPage] as const];
  const toolkit = { name: 'test', version: '1.0.0', description: 'A tool and its test.' };
  const tool = defineTool({ ...definition, examples: definition.examples as readonly Example<never, never>[] });
  return loadCatalog(toolkit, new Map([[name, tool], ...page]));
}

const stubPage = defineResource({ text: '<!doctype html><title>The page of the tool</title>' });

/** Takes down what a tool asks of the network. */
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

  /** @throws Error for the first request that had no answer, however the tool took it */
  check(): void {
    if (this.#unanswered !== undefined) throw this.#unanswered;
  }
}

import type { FastifyInstance, FastifyReply } from 'fastify';
import { CallContext } from '../catalog/context';
import type { Resource } from '../catalog/resource';
import type { Resources } from '../catalog/resources';
import { withinTime } from '../catalog/time-limit';
import { ToolError } from '../catalog/tool-errors';
import { contract } from '../contract';
import { atEndOfTurn, constantJson, isEncoded, isObject, plainOnly, sendConstant, sendJson } from '../json';
import type { Metrics } from '../telemetry/metrics';
import { parsedBody } from './envelope';

const { resourcesList: list, resourcesRead: read } = contract.paths;

/** The resources that an engine may have: it sends neither secrets nor tokens with a reading, and knows no variables. */
export function forEngine({ fixed }: Resources): readonly Resource[] {
  return fixed.filter(({ hasNeeds }) => !hasNeeds);
}

/**
 * How an engine lists and reads resources, as arcade-mcp-server 1.32.1 does it; 1.26 has neither path. A server with nothing to
 * show has neither as well.
 */
export function addResources(app: FastifyInstance, shown: readonly Resource[], { answers }: Metrics): void {
  const listed = JSON.stringify({ resources: shown.map(({ entry }) => entry) });
  const byUri = new Map(shown.map((resource) => [resource.uri, answerOf(resource)]));
  const send = (reply: FastifyReply, route: string, status: number, json: string) => {
    answers.cell({ route, status: String(status) }).count += 1;
    return sendJson(reply.code(status), json);
  };
  const refuse = (reply: FastifyReply, route: string, status: number, code: number, message: string) =>
    send(reply, route, status, JSON.stringify({ code, message }));

  app.post(list, ({ body, headers }, reply) => {
    const params = paramsOf(body, headers['content-encoding']);
    if (typeof params === 'string') return refuse(reply.headers(plainOnly), list, 400, invalidParams, params);
    const { cursor = null } = params;
    if (cursor === null || cursor === '') return send(reply, list, 200, listed);
    // There is one page, so no cursor is ours.
    const wrong = typeof cursor === 'string' ? 'Invalid cursor' : 'Invalid params: cursor is not text';
    return refuse(reply, list, 400, invalidParams, wrong);
  });
  const answered = answers.cell({ route: read, status: '200' });
  app.post(read, ({ body, headers }, reply) => {
    const params = paramsOf(body, headers['content-encoding']);
    if (typeof params === 'string') return refuse(reply.headers(plainOnly), read, 400, invalidParams, params);
    const { uri } = params;
    if (typeof uri !== 'string') return refuse(reply, read, 400, invalidParams, 'Invalid params: uri is not text');
    const known = byUri.get(uri);
    if (typeof known === 'function') return make(known, uri, reply);
    if (known === undefined) return refuse(reply, read, 404, notFound, `Resource not found: ${uri}`);
    answered.count += 1;
    atEndOfTurn(sendConstant, reply, known);
  });

  const make = async (maker: Maker, uri: string, reply: FastifyReply) => {
    try {
      const json = await maker();
      if (json !== undefined) return send(reply, read, 200, json);
      return refuse(reply, read, 404, notFound, `Resource not found: ${uri}`);
    } catch (error) {
      // What an author says on purpose, and the end of the time; anything else is a defect.
      if (error instanceof ToolError) return refuse(reply, read, 500, internal, error.message);
      throw error;
    }
  };
}

const [invalidParams, notFound, internal] = [-32602, -32002, -32603];

/** The members of a body, of which none is an empty one; or what is wrong with it. */
function paramsOf(body: unknown, encoding: string | undefined): Readonly<Record<string, unknown>> | string {
  if (!Buffer.isBuffer(body) || body.length === 0) return {};
  if (isEncoded(encoding)) return 'Invalid params: the request body is compressed; send it as it is';
  try {
    const params = parsedBody(body);
    if (isObject(params)) return params;
  } catch {
    // What is wrong with it is of no use to an engine.
  }
  return 'Invalid params: malformed request body';
}

/** Makes the answer to a reading, as JSON; undefined when the resource's own function has nothing. */
type Maker = () => Promise<string | undefined>;

/** The answer to a reading of a resource that does not change, written once, or what makes it each time. */
function answerOf(resource: Resource): string | Buffer | Maker {
  const { uri, contents, definition } = resource;
  if (contents !== undefined) return constantJson(JSON.stringify({ contents: [contents] }));
  const run = withinTime({ ...definition, run: (_input, context) => resource.read(uri, {}, context) });
  return async () => {
    const made = await run({}, new CallContext({}));
    return made === undefined ? undefined : JSON.stringify({ contents: [made] });
  };
}

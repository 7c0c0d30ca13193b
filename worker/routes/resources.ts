import type { FastifyInstance, FastifyReply } from 'fastify';
import { CallContext } from '../catalog/context';
import type { Resource } from '../catalog/resource';
import type { Resources } from '../catalog/resources';
import { withinTime } from '../catalog/time-limit';
import { ToolError } from '../catalog/tool-errors';
import { contract } from '../contract';
import { atEndOfTurn, constantJson, identityOnly, isEncoded, isObject, sendConstant, sendJson } from '../json';
import type { Metrics } from '../telemetry/metrics';
import { parsedBody } from './envelope';

const { resourcesList: list, resourcesRead: read } = contract.paths;

/** The resources that the engine can read: it sends no secrets or tokens with a read, and does not support templates. */
export function forEngine({ fixed }: Resources): readonly Resource[] {
  return fixed.filter(({ needsCredentials }) => !needsCredentials);
}

/**
 * Adds the routes on which the engine lists and reads resources, as in arcade-mcp-server 1.32.1 (1.26 has neither). A server
 * without such resources does not get them.
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
    if (typeof params === 'string') return refuse(reply.headers(identityOnly), list, 400, invalidParams, params);
    const { cursor = null } = params;
    if (cursor === null || cursor === '') return send(reply, list, 200, listed);
    // There is only one page, so every cursor is invalid.
    const wrong = typeof cursor === 'string' ? 'Invalid cursor' : 'Invalid params: cursor is not text';
    return refuse(reply, list, 400, invalidParams, wrong);
  });
  const answered = answers.cell({ route: read, status: '200' });
  app.post(read, ({ body, headers }, reply) => {
    const params = paramsOf(body, headers['content-encoding']);
    if (typeof params === 'string') return refuse(reply.headers(identityOnly), read, 400, invalidParams, params);
    const { uri } = params;
    if (typeof uri !== 'string') return refuse(reply, read, 400, invalidParams, 'Invalid params: uri is not text');
    const known = byUri.get(uri);
    if (typeof known === 'function') return generate(known, uri, reply);
    if (known === undefined) return refuse(reply, read, 404, notFound, `Resource not found: ${uri}`);
    answered.count += 1;
    atEndOfTurn(sendConstant, reply, known);
  });

  const generate = async (produce: Producer, uri: string, reply: FastifyReply) => {
    try {
      const json = await produce();
      if (json !== undefined) return send(reply, read, 200, json);
      return refuse(reply, read, 404, notFound, `Resource not found: ${uri}`);
    } catch (error) {
      // A ToolError is the author's message or a timeout. Anything else is a defect.
      if (error instanceof ToolError) return refuse(reply, read, 500, internal, error.message);
      throw error;
    }
  };
}

const [invalidParams, notFound, internal] = [-32602, -32002, -32603];

/** The members of a body (none if it is empty), or an error message. */
function paramsOf(body: unknown, encoding: string | undefined): Readonly<Record<string, unknown>> | string {
  if (!Buffer.isBuffer(body) || body.length === 0) return {};
  if (isEncoded(encoding)) return 'Invalid params: the request body is compressed; send it uncompressed';
  try {
    const params = parsedBody(body);
    if (isObject(params)) return params;
  } catch {
    // The engine has no use for the details.
  }
  return 'Invalid params: malformed request body';
}

/** Produces the response to a read as JSON. Undefined when the resource's function returns nothing. */
type Producer = () => Promise<string | undefined>;

/** The serialised response of a constant resource, or a function that produces the response for each read. */
function answerOf(resource: Resource): string | Buffer | Producer {
  const { uri, contents, definition } = resource;
  if (contents !== undefined) return constantJson(JSON.stringify({ contents: [contents] }));
  const run = withinTime({ ...definition, run: (_input, context) => resource.read(uri, {}, context) });
  return async () => {
    const produced = await run({}, new CallContext({}));
    return produced === undefined ? undefined : JSON.stringify({ contents: [produced] });
  };
}

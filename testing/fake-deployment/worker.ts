import { createSecretKey } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import jwt from 'jsonwebtoken';
import { contract } from '../../worker/contract';
import type { Certified } from '../authority';

/** A tool of the fake worker. */
export interface FakeTool {
  readonly name: string;
  /** @default - not declared */
  readonly isReadOnly?: boolean;
  /** @default - one text parameter, `message` */
  readonly parameters?: readonly object[];
  /** @default - none */
  readonly examples?: readonly object[];
  /** The response of a call. @default - success, with the inputs as value */
  readonly answer?: object;
}

/** How the fake worker behaves. */
export interface FakeWorkerOptions {
  readonly secret: string;
  /** @default - Echo, which is read-only, and Add, which does not declare it */
  readonly tools?: readonly FakeTool[];
  /** Tools that `/mcp` lists. @default - `tools` */
  readonly mcpTools?: readonly FakeTool[];
  /** Revisions that `/mcp` supports. @default - both */
  readonly eras?: readonly ('handshake' | 'modern')[];
  /** Whether it lists the tools without a token. @default - false */
  readonly isOpen?: boolean;
  /** Fixed responses by path. @default - none */
  readonly instead?: Readonly<Record<string, FixedResponse>>;
  /** The delay of each response, in milliseconds. @default - 0 */
  readonly delayMs?: number;
  /** @default - plain HTTP */
  readonly tls?: Certified | undefined;
}

/** A response that replaces the worker's. */
export interface FixedResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/**
 * Starts a server that implements the worker's contract over real HTTP, or violates it as a test requires: like a server at a
 * wrong address, behind a proxy or in an old image.
 * @returns its port on 127.0.0.1, the requests it received, and a function that stops it
 */
export async function fakeWorker(options: FakeWorkerOptions) {
  const app = fastify({ ...(options.tls === undefined ? {} : { https: options.tls }), forceCloseConnections: true });
  const asked: string[] = [];
  const tools = options.tools ?? [{ name: 'Echo', isReadOnly: true }, { name: 'Add' }];
  app.addHook('onRequest', async (request, reply) => {
    asked.push(`${request.method} ${request.url}`);
    if (options.delayMs !== undefined) await new Promise((resolve) => setTimeout(resolve, options.delayMs));
    const fixed = options.instead?.[request.url] ?? options.instead?.['*'];
    if (fixed !== undefined)
      return reply
        .code(fixed.status)
        .headers(fixed.headers ?? {})
        .send(fixed.body ?? '');
  });
  app.get(contract.paths.health, () => ({ status: 'ok', tool_count: String(tools.length) }));
  app.get(contract.paths.tools, (request, reply) =>
    isAdmitted(options, request) ? tools.map(catalogueEntry) : refuse(reply),
  );
  app.post<{ Body: { tool: { name: string }; inputs: unknown } }>(contract.paths.invoke, (request, reply) => {
    if (!isAdmitted(options, request)) return refuse(reply);
    const { answer } = tools.find(({ name }) => name === request.body.tool.name) ?? {};
    return answer ?? { success: true, duration: 0.1, output: { value: request.body.inputs, error: null } };
  });
  app.post<{ Body: Message }>(contract.paths.mcp, (request, reply) => answerMcp(options, tools, request.body, reply));
  await app.listen({ host: '127.0.0.1', port: 0 });
  // The address of a TCP listener is an object; only that of a pipe is a string.
  const { port } = app.server.address() as AddressInfo;
  return { port, asked, close: () => app.close() };
}

interface Message {
  readonly id?: number;
  readonly method: string;
  readonly params?: { readonly _meta?: object };
}

function answerMcp(
  { eras = ['handshake', 'modern'], mcpTools }: FakeWorkerOptions,
  tools: readonly FakeTool[],
  { id, method, params }: Message,
  reply: FastifyReply,
) {
  if (id === undefined) return reply.code(202).send();
  const era = params?._meta === undefined ? 'handshake' : 'modern';
  if (!eras.includes(era)) {
    return reply.code(400).send({ jsonrpc: '2.0', id, error: { code: -32600, message: 'no such revision' } });
  }
  const capabilities = { tools: {} };
  const listed = { tools: (mcpTools ?? tools).map(mcpEntry) };
  const results: Readonly<Record<string, object>> =
    era === 'handshake'
      ? { initialize: { protocolVersion: '2025-11-25', capabilities }, 'tools/list': listed }
      : {
          'server/discover': { supportedVersions: ['2026-07-28'], capabilities, resultType: 'complete' },
          'tools/list': { ...listed, resultType: 'complete' },
        };
  return { jsonrpc: '2.0', id, result: results[method] };
}

function isAdmitted({ secret, isOpen = false }: FakeWorkerOptions, { headers }: FastifyRequest): boolean {
  if (isOpen) return true;
  try {
    const { algorithm, audience, version } = contract.token;
    const [, token = ''] = headers.authorization?.split(' ') ?? [];
    const claims = jwt.verify(token, createSecretKey(secret, 'utf8'), { algorithms: [algorithm], audience });
    return typeof claims === 'object' && claims.ver === version;
  } catch {
    // Every rejected token gets the same response.
    return false;
  }
}

function refuse(reply: FastifyReply) {
  return reply.code(401).send({ detail: 'Invalid token. Error: Signature verification failed' });
}

function catalogueEntry({ name, isReadOnly, parameters }: FakeTool) {
  const text = { name: 'message', required: true, description: 'Text.', value_schema: { val_type: 'string' } };
  return {
    name,
    fully_qualified_name: `Fake.${name}`,
    description: 'A fake tool.',
    toolkit: { name: 'Fake', description: null, version: '1.0.0' },
    input: { parameters: parameters ?? [text] },
    output: { description: 'Text.', available_modes: ['value', 'error'], value_schema: { val_type: 'string' } },
    requirements: { authorization: null, secrets: null, metadata: null },
    deprecation_message: null,
    metadata: isReadOnly === undefined ? null : { behavior: { read_only: isReadOnly } },
  };
}

function mcpEntry({ name, isReadOnly, examples }: FakeTool) {
  return {
    name: `Fake_${name}`,
    inputSchema: { type: 'object', ...(examples === undefined ? {} : { examples }) },
    annotations: isReadOnly === undefined ? {} : { readOnlyHint: isReadOnly },
  };
}

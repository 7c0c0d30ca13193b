import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ResourceServer } from '../oauth/resource-server';

/**
 * Serves `/.well-known/` to everyone, including web pages of any origin: the metadata document if callers must sign in,
 * otherwise a 404 that pages can read. Pages look for metadata at several paths, with headers that require a preflight.
 * If the preflight failed, a page could not distinguish a missing document from a network error.
 * Register it outside every guarded scope.
 * @param sendUnknown responds to an unknown path
 */
export function wellKnownRoutes(
  app: FastifyInstance,
  metadata: { readonly of: ResourceServer; readonly resourceName: string } | undefined,
  sendUnknown: (request: FastifyRequest, reply: FastifyReply) => unknown,
): void {
  const text = metadata && JSON.stringify(metadata.of.metadata(metadata.resourceName));
  const sendText = (_request: FastifyRequest, reply: FastifyReply) =>
    reply
      .header('content-type', 'application/json')
      .header('cache-control', 'max-age=3600')
      .send(Buffer.from(text ?? ''));
  serve('/.well-known/*', sendUnknown);
  for (const path of metadata?.of.metadataPaths ?? []) serve(path, sendText);

  function serve(url: string, send: (request: FastifyRequest, reply: FastifyReply) => unknown): void {
    app.route({
      method: [...app.supportedMethods],
      url,
      handler(request, reply) {
        reply.headers(anyOrigin);
        if (request.method === 'OPTIONS') return reply.code(204).headers(preflight).send();
        if (request.method === 'GET' || request.method === 'HEAD' || send === sendUnknown) return send(request, reply);
        return reply.code(405).header('allow', methods).send();
      },
    });
  }
}

const methods = 'GET, HEAD, OPTIONS';

const anyOrigin = { 'access-control-allow-origin': '*' } as const;

/** `*` covers every header except Authorization (Fetch standard). Some proxies and older browsers require names. */
const preflight = {
  'access-control-allow-methods': methods,
  'access-control-allow-headers': '*, Authorization, Accept, Content-Type, MCP-Protocol-Version',
  'access-control-max-age': '86400',
} as const;

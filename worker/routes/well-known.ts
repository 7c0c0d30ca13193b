import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ResourceServer } from '../oauth/resource-server';

/**
 * Serves `/.well-known/`, to everyone and to web pages of any origin: the metadata document where callers have to sign in,
 * and everywhere else a 404 that a page may read. A page that looks for metadata asks at several paths, with headers that
 * need a preflight; without one that passes it cannot tell "there is none" from "there is no network".
 * Register it outside every guarded scope.
 * @param sendUnknown responds to a path that has nothing
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
        reply.headers(forEveryPage);
        if (request.method === 'OPTIONS') return reply.code(204).headers(preflight).send();
        if (request.method === 'GET' || request.method === 'HEAD' || send === sendUnknown) return send(request, reply);
        return reply.code(405).header('allow', methods).send();
      },
    });
  }
}

const methods = 'GET, HEAD, OPTIONS';

const forEveryPage = { 'access-control-allow-origin': '*' } as const;

/** The star stands for every header but this one (Fetch standard). Some proxies and older browsers want names. */
const preflight = {
  'access-control-allow-methods': methods,
  'access-control-allow-headers': '*, Authorization, Accept, Content-Type, MCP-Protocol-Version',
  'access-control-max-age': '86400',
} as const;

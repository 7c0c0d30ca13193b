import { readFileSync } from 'node:fs';
import fastify from 'fastify';
import type { BaselineRoute } from './scenarios';

// The minimum cost of any Fastify server: it routes, parses the same body and sends constant bytes. It checks, computes,
// serializes and logs nothing. The custom serializer avoids adding a charset, which costs a sixth of a small response
// (Fastify 5.12.8, 2026-11).
const [, , routesFile = ''] = process.argv;
// The benchmark has just written this file, so its form is known.
const routes = JSON.parse(readFileSync(routesFile, 'utf8')) as readonly BaselineRoute[];

const passThrough = (body: unknown) => String(body);

const app = fastify();

for (const { method, path, body } of routes) {
  app.route({
    method,
    url: path,
    handler: (_, reply) => reply.header('content-type', 'application/json').serializer(passThrough).send(body),
  });
}
void app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) });

import { readFileSync } from 'node:fs';
import fastify from 'fastify';
import type { FloorRoute } from './cells';

// The least that any Fastify server costs: it routes, parses the same body and sends finished bytes. Nothing is checked,
// computed, serialized or logged. The serializer of its own spares Fastify the charset, which made
// a small answer a sixth dearer (Fastify 5.12.8, 2026-11).
const [, , routesFile = ''] = process.argv;
// The benchmark has just written the file.
const routes = JSON.parse(readFileSync(routesFile, 'utf8')) as readonly FloorRoute[];

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

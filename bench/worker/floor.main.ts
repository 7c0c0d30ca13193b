import { readFileSync } from 'node:fs';
import fastify from 'fastify';

/** One route of the floor: what it is asked for, and the bytes that our worker answered. */
export interface FloorRoute {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body: string;
}

// The least that any Fastify server costs: it routes, parses the same body and sends finished bytes. Nothing is checked,
// computed, serialized or logged. The serializer of its own spares Fastify the charset, which costs a sixth of a request.
const [, , routesFile = ''] = process.argv;
// The benchmark has just written the file.
const routes = JSON.parse(readFileSync(routesFile, 'utf8')) as readonly FloorRoute[];

const asItIs = (body: unknown) => String(body);

const app = fastify();
for (const { method, path, body } of routes) {
  app.route({
    method,
    url: path,
    handler: (_, reply) => reply.header('content-type', 'application/json').serializer(asItIs).send(body),
  });
}
void app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) });

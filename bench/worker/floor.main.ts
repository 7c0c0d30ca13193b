import { createSecretKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fastify, { type onRequestHookHandler } from 'fastify';
import jwt from 'jsonwebtoken';
import { contract } from '../../worker/contract';
import type { FloorRoute } from './cells';

// The least that any Fastify server costs: it routes, parses the same body and sends finished bytes. Nothing is checked,
// computed, serialized or logged. The serializer of its own spares Fastify the charset, which made
// a small answer a sixth dearer (Fastify 5.12.8, 2026-11).
const [, , routesFile = ''] = process.argv;
// The benchmark has just written the file.
const routes = JSON.parse(readFileSync(routesFile, 'utf8')) as readonly FloorRoute[];

const asItIs = (body: unknown) => String(body);

const app = fastify();
const key = createSecretKey(process.env.SECRET ?? '', 'utf8');
/** What any server pays that leaves tokens to jsonwebtoken. */
const verify: onRequestHookHandler = ({ headers: { authorization = '' } }, _reply, done) => {
  jwt.verify(authorization.slice('Bearer '.length), key, {
    algorithms: [contract.token.algorithm],
    audience: contract.token.audience,
  });
  done();
};

for (const { method, path, body, verifies } of routes) {
  app.route({
    method,
    url: path,
    onRequest: verifies ? verify : [],
    handler: (_, reply) => reply.header('content-type', 'application/json').serializer(asItIs).send(body),
  });
}
void app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) });

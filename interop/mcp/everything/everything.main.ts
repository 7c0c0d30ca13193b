import fastify from 'fastify';
import { mcpLimits } from '../../../worker/mcp/dispatcher';
import { McpEndpoint } from '../../../worker/mcp/endpoint';
import { hostRules } from '../../../worker/routes/hosts';
import { mcpRoute } from '../../../worker/routes/mcp';
import { everything } from './service';
import { sessions } from './sessions';

// The conformance suite's counterpart: `/mcp` through the product's route, and `/sessions` through the SDK's.
async function main(): Promise<void> {
  const app = fastify();
  sessions(app, '/sessions');
  const endpoint = await McpEndpoint.start(everything, {
    ...mcpLimits,
    onDefect: (error) => process.stderr.write(`${error}\n`),
  });
  await app.register(
    mcpRoute({
      endpoint,
      rules: hostRules({ boundTo: '127.0.0.1', allowedHosts: [], allowedOrigins: [] }),
      requestsPerMinute: 0,
      isLate: () => false,
      isStopping: () => false,
      onEnd: () => undefined,
    }),
  );
  await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) });
}

void main();

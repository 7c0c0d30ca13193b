import fastify from 'fastify';
import { McpDispatcher } from '../../../worker/mcp/dispatcher';
import { mcpLimits } from '../../../worker/mcp/service';
import { hostRules } from '../../../worker/routes/hosts';
import { mcpRoute } from '../../../worker/routes/mcp';
import { everything } from './service';
import { sessions } from './sessions';

// The everything server: `/mcp` uses the product's route, `/sessions` the SDK's transport.
async function main(): Promise<void> {
  const app = fastify();
  sessions(app, '/sessions');
  const dispatcher = new McpDispatcher(everything, {
    ...mcpLimits,
    onDefect: (error) => process.stderr.write(`${error}\n`),
  });
  await app.register(
    mcpRoute({
      dispatcher,
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

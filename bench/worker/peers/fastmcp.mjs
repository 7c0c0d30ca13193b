// fastmcp, stateless and with JSON responses: its fastest mode for many clients (fastmcp 4.20).
import { FastMCP } from 'fastmcp';
import { z } from 'zod';

const server = new FastMCP({ name: 'peer', version: '1.0.0' });

server.addTool({
  name: 'echo',
  description: 'Send the given text back unchanged.',
  parameters: z.object({ message: z.string() }),
  execute: async ({ message }) => message,
});

await server.start({
  transportType: 'httpStream',
  httpStream: {
    host: '127.0.0.1',
    port: Number(process.env.PORT),
    endpoint: '/mcp',
    stateless: true,
    enableJsonResponse: true,
  },
});

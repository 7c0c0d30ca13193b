import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { recordedName } from '../../testing/exchanges/recorded';

/** The way to an endpoint of the official SDK's client, version 1. */
export function overHttp(url: string): Transport {
  // The class declares `sessionId` without undefined, which exactOptionalPropertyTypes tells apart (SDK 1.32.2).
  return new StreamableHTTPClientTransport(new URL(url)) as Transport;
}

/** Connects, uses the client and closes it. */
export async function connected<T>(transport: Transport, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ name: 'sdk-1', version: '1.0.0' });
  await client.connect(transport);
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}

/** The names of the tools, and what Echo answers. */
export function listAndEcho(transport: Transport) {
  return connected(transport, async (client) => {
    // Asking for the list first makes the client hold each result against the tool's output schema.
    const { tools } = await client.listTools();
    const { structuredContent } = await client.callTool({ name: `${recordedName}_Echo`, arguments: { message: 'hi' } });
    return { tools: tools.map(({ name }) => name), echo: structuredContent };
  });
}

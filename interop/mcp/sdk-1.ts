import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { getDefaultEnvironment, StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { recordedName } from '../../testing/exchanges/recorded';
import type { Recipe } from '../../testing/processes/server';

/** A transport of the official SDK client, version 1, to an endpoint. */
export function overHttp(url: string): Transport {
  // The SDK declares `sessionId` without undefined, which exactOptionalPropertyTypes rejects (1.32.2).
  return new StreamableHTTPClientTransport(new URL(url)) as Transport;
}

/** A transport to a worker that the client starts. */
export function overStdio({ command: [command = '', ...args], environment }: Recipe): Transport {
  const env = { ...getDefaultEnvironment(), ...environment(0) };
  return new StdioClientTransport({ command, args: [...args], env, stderr: 'ignore' });
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

/** Calls a tool that elicits input, and answers every question with `action`. @returns the questions and the result */
export async function elicited(transport: Transport, tool: string, action: 'accept' | 'decline') {
  const client = new Client({ name: 'sdk-1', version: '1.0.0' }, { capabilities: { elicitation: {} } });
  const questions: string[] = [];
  client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
    questions.push(params.message);
    return action === 'accept' ? { action, content: {} } : { action };
  });
  await client.connect(transport);
  try {
    const { isError, structuredContent } = await client.callTool({ name: tool });
    return { questions, isError, result: structuredContent };
  } finally {
    await client.close();
  }
}

/** The names of the tools, and the result of Echo. */
export function listAndEcho(transport: Transport) {
  return connected(transport, async (client) => {
    // After listing, the client validates each result against the tool's output schema.
    const { tools } = await client.listTools();
    const { structuredContent } = await client.callTool({ name: `${recordedName}_Echo`, arguments: { message: 'hi' } });
    return { tools: tools.map(({ name }) => name), echo: structuredContent };
  });
}

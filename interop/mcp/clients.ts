import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { root } from '../../cli/root';
import type { Peers } from './peers';
import { lastWords, runProgram } from './program';
import { expectSame, failStep, type Step } from './step';

const toolNames = ['ArcadeEvalRef_Add', 'ArcadeEvalRef_Echo', 'ArcadeEvalRef_Whoami'];

/** The official SDK's client of line 1, over HTTP and as the one that starts our worker itself. */
export function lineOneClients(
  mcpUrl: string,
  everythingUrl: string,
  workerCommand: readonly string[],
): readonly Step[] {
  const [command = '', ...args] = workerCommand;
  return [
    { name: 'SDK line 1: connect, list, call, close', run: () => useTools(() => overHttp(mcpUrl)) },
    { name: 'SDK line 1: progress', run: () => hearProgress(everythingUrl) },
    {
      name: 'SDK line 1: over stdio',
      run: () => useTools(() => new StdioClientTransport({ command, args, stderr: 'ignore' })),
    },
  ];
}

/** The official SDK's client of line 2, in its three ways of finding out what a server speaks. */
export function lineTwoClient(peers: Peers, mcpUrl: string): Step {
  return {
    name: 'SDK line 2: automatic, pinned, by default',
    async run() {
      const script = join(root, 'interop', 'mcp', 'clients', 'line-2.mjs');
      const entry = peers.file('@modelcontextprotocol/client/dist/index.mjs');
      const ending = await runProgram(peers.node, [script, entry, mcpUrl]);
      if (ending.code !== 0) failStep(lastWords(ending));
      const tools = { tools: toolNames, sum: { result: 5 } };
      expectSame('what the client saw', JSON.parse(ending.stdout), {
        auto: { era: 'modern', version: '2026-07-28', ...tools },
        pinned: { era: 'modern', version: '2026-07-28', ...tools },
        byDefault: { era: 'legacy', version: '2025-11-25', ...tools },
      });
      return '2026-07-28, 2026-07-28, 2025-11-25';
    },
  };
}

/** The Inspector's command line. */
export function inspector(peers: Peers, mcpUrl: string): readonly Step[] {
  const inspect = async (...args: readonly string[]) => {
    const program = peers.file('@modelcontextprotocol/inspector/clients/launcher/build/index.js');
    const ending = await runProgram(peers.node, [program, '--cli', mcpUrl, '--transport', 'http', ...args]);
    if (ending.code !== 0) failStep(`exit ${ending.code}\n${lastWords(ending)}`);
    return ending;
  };
  const namesIn = (stdout: string) => JSON.parse(stdout).tools.map(({ name }: { name: string }) => name);
  return ['legacy', 'modern'].flatMap((era) => [
    {
      name: `Inspector, ${era}: tools/list --strict`,
      async run() {
        const { stdout, stderr } = await inspect('--protocol-era', era, '--method', 'tools/list', '--strict');
        expectSame('the tools', namesIn(stdout), toolNames);
        expectSame('what --strict says of their schemas', stderr.trim(), '');
        return `${toolNames.length} tools, nothing to complain of`;
      },
    },
    {
      name: `Inspector, ${era}: tools/call`,
      async run() {
        const call = [
          '--method',
          'tools/call',
          '--tool-name',
          'ArcadeEvalRef_Add',
          '--tool-arg',
          'a=2',
          '--tool-arg',
          'b=3',
        ];
        const { stdout } = await inspect('--protocol-era', era, ...call);
        expectSame('the sum', JSON.parse(stdout).structuredContent, { result: 5 });
        return '2 + 3 = 5';
      },
    },
  ]);
}

/** mcp-remote, which local clients use to reach servers that speak HTTP. */
export function mcpRemote(peers: Peers, mcpUrl: string): Step {
  const program = peers.file('mcp-remote/dist/proxy.js');
  const args = [program, mcpUrl, '--allow-http', '--transport', 'http-only'];
  return {
    name: 'mcp-remote, driven by SDK line 1',
    run: () => useTools(() => new StdioClientTransport({ command: peers.node, args, stderr: 'ignore' })),
  };
}

async function useTools(transport: () => Transport): Promise<string> {
  const client = await connected(transport());
  try {
    const { tools } = await client.listTools();
    expectSame(
      'the tools',
      tools.map(({ name }) => name),
      toolNames,
    );
    // Asking for the list first makes the client hold each result against the tool's output schema.
    const { structuredContent } = await client.callTool({ name: 'ArcadeEvalRef_Echo', arguments: { message: 'hi' } });
    expectSame('the echo', structuredContent, { result: 'hi' });
    return `${tools.length} tools, echo came back`;
  } finally {
    await client.close();
  }
}

async function hearProgress(url: string): Promise<string> {
  const client = await connected(overHttp(url));
  try {
    const heard: number[] = [];
    await client.callTool({ name: 'test_tool_with_progress' }, undefined, {
      onprogress: ({ progress }) => heard.push(progress),
    });
    expectSame('the reports', heard, [0, 50, 100]);
    return heard.join(', ');
  } finally {
    await client.close();
  }
}

function overHttp(url: string): Transport {
  // The class declares `sessionId` without undefined, which exactOptionalPropertyTypes tells apart (SDK 1.32.2).
  return new StreamableHTTPClientTransport(new URL(url)) as Transport;
}

async function connected(transport: Transport): Promise<Client> {
  const client = new Client({ name: 'line-1', version: '1.0.0' });
  await client.connect(transport);
  return client;
}

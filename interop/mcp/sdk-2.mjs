// Typical use of the official SDK client, version 2. Arguments: the package's folder, the name of a tool that adds, then the
// URL of an endpoint, or a program and its arguments.
// Prints one JSON line with the results; exits with 1 on any error.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [folder, adding, target, ...args] = process.argv.slice(2);
const load = (file) => import(pathToFileURL(join(folder, 'dist', file)).href);
const { Client, StreamableHTTPClientTransport } = await load('index.mjs');
const { StdioClientTransport } = await load('stdio.mjs');

async function connect(options) {
  const client = new Client({ name: 'sdk-2', version: '1.0.0' }, options);
  const isUrl = target.startsWith('http');
  const stdio = () => new StdioClientTransport({ command: target, args, stderr: 'ignore' });
  await client.connect(isUrl ? new StreamableHTTPClientTransport(new URL(target)) : stdio());
  return client;
}

const seen = {};
const modes = {
  auto: { versionNegotiation: { mode: 'auto' } },
  pinned: { versionNegotiation: { mode: { pin: '2026-07-28' } } },
  byDefault: {},
};
for (const [mode, options] of Object.entries(modes)) {
  const client = await connect(options);
  const { tools } = await client.listTools();
  const sum = await client.callTool({ name: adding, arguments: { a: 2, b: 3 } });
  const failed = await client.callTool({ name: adding, arguments: { a: 'two', b: 3 } });
  const unknown = await client.callTool({ name: `${adding}x`, arguments: {} }).catch(({ code }) => ({ code }));
  seen[mode] = {
    era: client.getProtocolEra?.(),
    version: client.getNegotiatedProtocolVersion?.(),
    tools: tools.map(({ name }) => name),
    sum: sum.structuredContent,
    failed: failed.isError,
    unknown: unknown.code,
  };
  await client.close();
}
console.log(JSON.stringify(seen));

// The official SDK's client of version 2, as its users write it. Arguments: the package's entry, the URL of an
// endpoint, the name of a tool that adds.
// Prints one JSON line with what it has seen; ends with 1 when anything is thrown.
import { pathToFileURL } from 'node:url';

const [entry, url, adding] = process.argv.slice(2);
const { Client, StreamableHTTPClientTransport } = await import(pathToFileURL(entry).href);

async function connect(options) {
  const client = new Client({ name: 'sdk-2', version: '1.0.0' }, options);
  await client.connect(new StreamableHTTPClientTransport(new URL(url)));
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
  seen[mode] = {
    era: client.getProtocolEra?.(),
    version: client.getNegotiatedProtocolVersion?.(),
    tools: tools.map(({ name }) => name),
    sum: sum.structuredContent,
  };
  await client.close();
}
console.log(JSON.stringify(seen));

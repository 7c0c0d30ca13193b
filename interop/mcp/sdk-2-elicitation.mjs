// The official SDK client, version 2, with elicitation: calls a tool that asks for confirmation, accepting and declining, in
// both eras. Arguments: the package's folder, the tool's name, the URL of an endpoint.
// Prints one JSON line with the results; exits with 1 on any error.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [folder, tool, url] = process.argv.slice(2);
const { Client, StreamableHTTPClientTransport } = await import(pathToFileURL(join(folder, 'dist/index.mjs')).href);

const modes = { pinned: { versionNegotiation: { mode: { pin: '2026-07-28' } } }, byDefault: {} };
const seen = {};
for (const [mode, options] of Object.entries(modes)) {
  const answers = {};
  for (const action of ['accept', 'decline']) {
    const capabilities = { elicitation: { form: {} } };
    const client = new Client({ name: 'sdk-2', version: '1.0.0' }, { capabilities, ...options });
    const questions = [];
    client.setRequestHandler('elicitation/create', ({ params }) => {
      questions.push(params.message);
      return action === 'accept' ? { action, content: {} } : { action };
    });
    await client.connect(new StreamableHTTPClientTransport(new URL(url)));
    const { isError, structuredContent } = await client.callTool({ name: tool, arguments: {} });
    answers[action] = { questions, isError, result: structuredContent };
    answers.version = client.getNegotiatedProtocolVersion?.();
    await client.close();
  }
  seen[mode] = answers;
}
console.log(JSON.stringify(seen));

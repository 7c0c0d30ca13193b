import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Catalog } from '../catalog/load';
import { retriesOf, timeLimitOf } from '../catalog/time-limit';
import type { Tool } from '../catalog/tool';
import { contract } from '../contract';

/**
 * A page at `/` for people: what this server is, its tools with their parameters and results, and how to connect.
 * Without `text/html` in `Accept` the response is 404, as on the Python server (arcade-mcp-server 1.26.0).
 */
export function pageRoute(
  app: FastifyInstance,
  catalog: Catalog,
  sendUnknown: (request: FastifyRequest, reply: FastifyReply) => FastifyReply,
): void {
  const tools = catalog.tools.map(describeTool).join('');
  app.route({
    method: ['GET', 'HEAD'],
    url: '/',
    handler(request, reply) {
      reply.header('vary', 'accept');
      if (!request.headers.accept?.includes('text/html')) return sendUnknown(request, reply);
      return reply
        .headers({ 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache', ...securityHeaders })
        .send(pageOf(catalog, tools, ownUrl(request)));
    },
  });
}

/** The address that the browser used, for copying. Only if it has safe characters. */
function ownUrl({ protocol, host }: FastifyRequest): string {
  return /^https?$/.test(protocol) && /^[\w.[\]:-]{1,200}$/.test(host)
    ? `${protocol}://${host}`
    : `http://localhost:${contract.port}`;
}

function pageOf({ toolkit, tools, serverName, resources }: Catalog, list: string, url: string): string {
  const endpoint = `${url}${contract.paths.mcp}`;
  const count = tools.length === 1 ? 'one tool' : `${tools.length} tools`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escaped(toolkit.name)}</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<header>
<h1>${escaped(toolkit.name)} <small>${escaped(toolkit.version)}</small></h1>
<p>${escaped(toolkit.description)}</p>
<p>This is a tool server with ${count}. MCP clients connect to <code>${endpoint}</code>; register <code>${url}</code>
and its worker secret in the Arcade engine.</p>
</header>
<main>
<section aria-labelledby="connect">
<h2 id="connect">Connect</h2>
<details open><summary>Claude Code</summary>
${code(`claude mcp add --transport http ${serverName} ${endpoint}`)}</details>
<details><summary>VS Code, in <code>.vscode/mcp.json</code></summary>
${code(JSON.stringify({ servers: { [serverName]: { type: 'http', url: endpoint } } }, null, 2))}</details>
<details><summary>Cursor, in <code>.cursor/mcp.json</code></summary>
${code(JSON.stringify({ mcpServers: { [serverName]: { url: endpoint } } }, null, 2))}</details>
<details><summary>A client that supports only stdio, such as older desktop clients</summary>
${code(JSON.stringify({ mcpServers: { [serverName]: { command: 'npx', args: ['mcp-remote', endpoint] } } }, null, 2))}</details>
<details><summary>MCP Inspector, to list the tools from a command line</summary>
${code(`npx @modelcontextprotocol/inspector --cli ${endpoint} --transport http --method tools/list`)}</details>
</section>
<section aria-labelledby="tools">
<h2 id="tools">Tools</h2>
${list}</section>
${resourcesOf(resources)}</main>
</body>
</html>
`;
}

function resourcesOf({ fixed, templates }: Catalog['resources']): string {
  const rows = [...fixed, ...templates].map(
    ({ uri, name, definition: { title, description }, entry, needsCredentials }) =>
      `<tr><th scope="row"><code>${escaped(uri)}</code></th><td>${escaped(String(entry.mimeType))}</td>` +
      `<td>${escaped([title ?? name, description].filter(Boolean).join(': '))}` +
      `${needsCredentials ? ' <span class="note">Requires callers to sign in.</span>' : ''}</td></tr>\n`,
  );
  if (rows.length === 0) return '';
  return `<section aria-labelledby="resources">
<h2 id="resources">Resources</h2>
<table>
<thead><tr><th scope="col">URI</th><th scope="col">Type</th><th scope="col">Description</th></tr></thead>
<tbody>
${rows.join('')}</tbody>
</table>
</section>
`;
}

function describeTool(tool: Tool): string {
  const { definition, mcp, wireName, needsCredentials } = tool;
  const notes = [
    definition.deprecated === undefined ? '' : `Deprecated: ${definition.deprecated}`,
    needsCredentials ? 'Requires a secret or an authorization, so callers must sign in.' : '',
  ].filter(Boolean);
  return `<article aria-labelledby="${escaped(wireName)}">
<h3 id="${escaped(wireName)}">${escaped(wireName)} <small><code>${escaped(mcp.name)}</code></small></h3>
<p>${escaped(definition.description)}</p>
${notes.map((note) => `<p class="note">${escaped(note)}</p>\n`).join('')}${parameterTable(tool)}
<p>Returns: ${escaped(resultOf(tool))}</p>
<p>${timeOf(tool)}</p>
${definition.examples.map(exampleOf).join('')}<details><summary>Schemas</summary>
${code(JSON.stringify({ input: mcp.inputSchema, output: mcp.outputSchema }, null, 2))}</details>
</article>
`;
}

function parameterTable({ engine }: Tool): string {
  const { parameters } = engine.input;
  if (parameters.length === 0) return '<p>No parameters.</p>';
  const rows = parameters.map(
    ({ name, value_schema, required, description }) =>
      `<tr><th scope="row"><code>${escaped(name)}</code></th><td>${escaped(typeText(value_schema))}</td>` +
      `<td>${required ? 'required' : 'optional'}</td><td>${escaped(description ?? '')}</td></tr>\n`,
  );
  return `<table>
<thead><tr><th scope="col">Parameter</th><th scope="col">Type</th><th scope="col"></th><th scope="col">Description</th></tr></thead>
<tbody>
${rows.join('')}</tbody>
</table>`;
}

type ValueSchema = Tool['engine']['input']['parameters'][number]['value_schema'];

function typeText({ val_type, inner_val_type, enum: values }: ValueSchema): string {
  const type = inner_val_type === null ? val_type : `list of ${inner_val_type}`;
  return values === null ? type : `${type}: ${values.join(', ')}`;
}

function resultOf({ engine: { output } }: Tool): string {
  if (output.value_schema === null) return 'nothing';
  const type = typeText(output.value_schema) + (output.available_modes.includes('null') ? ' or nothing' : '');
  return output.description === 'No description provided.' ? type : `${type}. ${output.description}`;
}

function timeOf({ definition }: Tool): string {
  const retries = retriesOf(definition);
  const again = retries === 0 ? 'is not retried' : `may be retried up to ${retries} times`;
  return `A call takes at most ${timeLimitOf(definition) / 1000} s and ${again}.`;
}

function exampleOf(example: Tool['definition']['examples'][number]): string {
  const caller = example.context?.userId === undefined ? '' : ` as ${example.context.userId}`;
  const outcome = 'fails' in example ? `fails with ${example.fails}` : JSON.stringify(example.output);
  return `<p class="example"><code>${escaped(JSON.stringify(example.input))}</code>${escaped(caller)} → <code>${escaped(outcome)}</code></p>\n`;
}

function code(text: string): string {
  return `<pre tabindex="0"><code>${escaped(text)}</code></pre>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

const style = `
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 18%, transparent); }
body { font: 16px/1.55 system-ui, sans-serif; max-width: 54rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1 { margin: 0; font-size: 1.9rem; } h2 { margin: 2.5rem 0 .75rem; font-size: 1.3rem; } h3 { margin: 0; font-size: 1.1rem; }
small { font-weight: 400; font-size: .85rem; opacity: .7; }
code, pre { font: .9em/1.45 ui-monospace, monospace; }
p code, small code { overflow-wrap: anywhere; }
pre { background: color-mix(in srgb, currentColor 6%, transparent); padding: .75rem 1rem; border-radius: .5rem; overflow-x: auto; margin: .5rem 0; }
article, details { border: 1px solid var(--line); border-radius: .6rem; padding: 1rem 1.1rem; margin: 0 0 1rem; }
details { padding: .55rem .9rem; margin: 0 0 .5rem; } summary { cursor: pointer; }
table { border-collapse: collapse; width: 100%; margin: .75rem 0; }
th, td { text-align: left; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
thead th { font-weight: 400; opacity: .7; }
.note { font-style: italic; } .example { margin: .25rem 0; overflow-wrap: anywhere; }
`;

/** Blocks all loading, scripts, framing and forms. The page's own style is allowed by its hash. */
const securityHeaders = {
  'content-security-policy':
    `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; img-src data:; ` +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};
